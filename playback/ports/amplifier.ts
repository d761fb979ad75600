/**
 * An amplifier: power through a relay, a mute line, and where wired a fault and a sense input. A driver moves lines and reads them back;
 * the order and the times (settle, guard, tail, hold) belong to playout.
 */
export interface AmplifierLines {
  readonly power: boolean;
  readonly muted: boolean;
}

export interface AmplifierReading {
  /** What was last asked; `null` before anything was. */
  readonly commanded: AmplifierLines | null;
  /** What the lines read back. */
  readonly driven: AmplifierLines;
  /** Output or supply current present; `null` where not wired. */
  readonly sensed: boolean | null;
  /** Fault input; `null` where not wired. */
  readonly fault: boolean | null;
}

export interface Amplifier {
  readonly name: string;
  /** Takes the lines and writes the safe level first. @throws StationError `amplifier-unreachable` */
  open(): Promise<void>;
  /** Resolves when the lines read back as asked. @throws StationError `amplifier-unreachable`, `amplifier-disobeys` */
  drive(lines: AmplifierLines): Promise<void>;
  /** @throws StationError `amplifier-unreachable` */
  read(): Promise<AmplifierReading>;
  /** Mutes, then cuts power. Never throws; says whether the lines read back safe. */
  makeSafe(): Promise<boolean>;
  /** Releases the lines without changing them; make them safe first. */
  close(): Promise<void>;
}

export const SAFE_LINES: AmplifierLines = { power: false, muted: true };
