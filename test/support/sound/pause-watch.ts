/**
 * Notices when the machine itself stands still: a virtual machine may, with nothing running on it, for a fifth of a second. What
 * overlaps such a pause measures the host and is left out of judgements to the millisecond.
 */
import { Worker } from "node:worker_threads";

/** Wall times. */
export interface Pause {
  readonly from: number;
  readonly to: number;
}

export class PauseWatch {
  readonly pauses: Pause[] = [];
  readonly #worker = new Worker(new URL("./pause-worker.ts", import.meta.url));

  constructor() {
    this.#worker.on("message", (pause: Pause) => this.pauses.push(pause));
    this.#worker.unref();
  }

  /** Whether the machine stood still between two wall times that lie in the past. */
  disturbed(from: number, to: number): boolean {
    return this.pauses.some((pause) => pause.from < to && pause.to > from);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
