/** What a campaign says while it runs: each thing that was checked, with its figure and when; ends with "N passed, N failed". */

/** Of `performance.now()`, to a tenth. */
export function secondsSince(from: number): number {
  return Number(((performance.now() - from) / 1_000).toFixed(1));
}

export class Protocol {
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  readonly #began: number;
  readonly #figures: Record<string, unknown> = {};
  #passed = 0;
  #failed = 0;

  /** `now` in milliseconds. */
  constructor(write: (line: string) => void, now: () => number = () => performance.now()) {
    this.#write = write;
    this.#now = now;
    this.#began = now();
  }

  say(text: string): void {
    const seconds = ((this.#now() - this.#began) / 1_000).toFixed(1);
    this.#write(`${`+${seconds}`.padStart(8)} s  ${text}`);
  }

  /** Counts it, and says it with what was seen. */
  check(title: string, holds: boolean, seen: unknown = ""): void {
    if (holds) this.#passed += 1;
    else this.#failed += 1;
    const text = typeof seen === "string" ? seen : JSON.stringify(seen);
    this.say(`${holds ? "ok    " : "FAILED"}  ${title}${text === "" ? "" : `: ${text}`}`);
  }

  /** Kept for the table of campaigns. */
  figure(name: string, value: unknown): void {
    this.#figures[name] = value;
  }

  /** A part that broke off has failed, whatever it checked before. */
  broke(part: string, error: unknown): void {
    this.check(`${part} goes through`, false, error instanceof Error ? error.message : String(error));
  }

  get figures(): Readonly<Record<string, unknown>> {
    return this.#figures;
  }

  get good(): boolean {
    return this.#failed === 0 && this.#passed > 0;
  }

  summary(): string {
    return `${this.#passed} passed, ${this.#failed} failed`;
  }
}
