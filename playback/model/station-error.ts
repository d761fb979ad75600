/**
 * A fault of the world: one class, one table. A refusal is a value (`refusal.ts`); a bug is any other exception and ends the process.
 */
const FAULTS = {
  "amplifier-unreachable": { retry: true, hint: "check the relay board's power and wiring, then `loa doctor`" },
  "amplifier-disobeys": {
    retry: true,
    hint: "the line does not read back as driven: check wiring and another program's hold on the GPIO line",
  },
  "gpio-unavailable": {
    retry: false,
    hint: "the kernel has no such GPIO chip or line: compare `hardware.amplifier` in station.yaml with `/sys/class/gpio/gpiochip*/label`",
  },
  "contact-unreachable": { retry: true, hint: "check the contact's wiring and its line in `hardware.contacts`" },
  "display-unreachable": {
    retry: true,
    hint: "check the board's power, its network or serial cable, and address, port and password of its controller in station.yaml",
  },
  "display-disobeys": {
    retry: true,
    hint: "the board's controller refuses, or reports something else than it was told: check its model in station.yaml, and that no other program controls it",
  },
  "storage-failed": { retry: true, hint: "check free space and the state of the data partition, then `loa doctor`" },
  "database-newer": { retry: false, hint: "the database was written by a newer Loa: install that version again" },
  "config-invalid": { retry: false, hint: "correct station.yaml; `loa config check` shows every mistake at once" },
  "child-failed": { retry: true, hint: "see the log for what the program said" },
  "socket-in-use": { retry: false, hint: "another agent runs with the same state folder: stop it first" },
} as const satisfies Record<string, { retry: boolean; hint: string }>;

export type FaultCode = keyof typeof FAULTS;

export class StationError extends Error {
  readonly code: FaultCode;
  /** Whether trying again later may help. */
  readonly retry: boolean;
  /** What a technician does about it. */
  readonly hint: string;

  constructor(code: FaultCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "StationError";
    this.code = code;
    this.retry = FAULTS[code].retry;
    this.hint = FAULTS[code].hint;
  }
}

/** What somebody is told of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
