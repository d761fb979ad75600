/** Whether the link may go to other brokers: only where one of them answers, and not while the present ones are lost, because then all would be. */

export interface BrokerChange {
  readonly wanted: readonly string[];
  readonly present: readonly string[];
  /** A layer in force, or the file, still names the present ones. */
  readonly held: boolean;
}

export interface BrokerChangePorts {
  /** Why a broker cannot be reached, or `null`. */
  readonly unreachable: (url: string) => Promise<string | null>;
  /** Whether the link to the present broker stands. */
  readonly connected: () => boolean;
}

export function sameBrokers(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Why not, or `null`. Of none at all nobody can be asked: to that only a technician leads, or it was so before. */
export async function whyNotChange(change: BrokerChange, ports: BrokerChangePorts): Promise<string | null> {
  const { wanted, present, held } = change;
  if (wanted.length === 0 || sameBrokers(wanted, present)) return null;
  const problems = await Promise.all(wanted.map(ports.unreachable));
  if (problems.every((problem) => problem !== null)) return `no new broker answers: ${problems[0]}`;
  return held && present.length > 0 && !ports.connected() ? "the present broker is not connected" : null;
}
