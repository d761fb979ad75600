/** Looks after the configuration at the start and every second: a disk that takes no writes neither stops a start nor ends a run. */
import type { Parts } from "../station.ts";
import { orUnwritten, tellUnwritten } from "../unwritten.ts";

interface ConsideringParts {
  readonly plan: Pick<Parts["plan"], "safe">;
  readonly config: Pick<Parts["config"], "consider">;
  readonly store: { readonly journal: Pick<Parts["store"]["journal"], "head"> };
  readonly trouble: Pick<Parts["trouble"], "storage">;
  readonly log: Pick<Parts["log"], "error">;
}

export class Considering {
  readonly #parts: ConsideringParts;
  /** The newest journal record when the disk last refused. */
  #refusedAt: number | null = null;

  constructor(parts: ConsideringParts) {
    this.#parts = parts;
  }

  /** Never rejects: what is in force stays in force, and the next second tries again. */
  async tick(): Promise<void> {
    const { plan, config, store, trouble, log } = this.#parts;
    if (plan.safe !== null) return;
    try {
      const written = await orUnwritten("config", () => config.consider(), tellUnwritten(trouble, log));
      const { seq } = store.journal.head();
      if (!written) this.#refusedAt = seq;
      else if (this.#refusedAt !== null && seq > this.#refusedAt) {
        // A turn that had nothing to write says nothing of the disk.
        this.#refusedAt = null;
        trouble.storage = null;
      }
    } catch (error) {
      log.error("config", { error });
    }
  }
}
