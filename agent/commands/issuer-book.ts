/**
 * What is remembered of each issuer of commands: the highest number per address, and how many commands it may still give. Written in the
 * transaction that begins a command, so that neither a restart nor a crash gives anything back.
 */
import { z } from "zod";
import { type Millis, type Monotonic, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Transaction } from "../../storage/database.ts";
import type { Notes } from "../../storage/notes.ts";

const NOTE = "command-issuers";
/** A desk in a hurry; then one every two seconds. */
export const BURST = 30;
/** More issuers than a trust document can name are not kept. */
const MOST_ISSUERS = 512;

/** Commands that silence have a lane of their own, so that no flood of others can keep an officer from them. Answers to duplicates too. */
export const LANES = ["act", "quiet", "answer"] as const;
export type Lane = (typeof LANES)[number];
/** An answer that is repeated for weeks must not fill the journal. */
const REFILL_EVERY: Record<Lane, Millis> = { act: 2 * SECOND, quiet: 2 * SECOND, answer: 30 * SECOND };

const pages = z
  .record(
    z.string(),
    z.object({ seqs: z.record(z.string(), z.number()), tokens: z.partialRecord(z.enum(LANES), z.number()) }),
  )
  .catch({});
type Page = z.infer<typeof pages>[string];

/** Highest number of a command that this issuer gave at this address, or `null`. */
export function lastCommandSeq(notes: Notes, issuer: string, address: string): number | null {
  return pages.parse(notes.get(NOTE) ?? {})[issuer]?.seqs[address] ?? null;
}

export class IssuerBook {
  readonly #notes: Notes;
  readonly #clock: Clock;
  readonly #refilled = new Map<string, Monotonic>();
  readonly #pages: Map<string, Page>;

  constructor(notes: Notes, clock: Clock) {
    this.#notes = notes;
    this.#clock = clock;
    this.#pages = new Map(Object.entries(pages.parse(notes.get(NOTE) ?? {})));
  }

  /** Whether this issuer may give one more now; then that one is counted. */
  take(issuer: string, lane: Lane): boolean {
    const page = this.#pages.get(issuer) ?? { seqs: {}, tokens: {} };
    const name = `${issuer} ${lane}`;
    const now = this.#clock.monotonic();
    // Nothing is given back for the time before this start: how long it was is not known.
    const since = now - (this.#refilled.get(name) ?? now);
    const tokens = Math.min(BURST, (page.tokens[lane] ?? BURST) + since / REFILL_EVERY[lane]);
    this.#refilled.set(name, now);
    const enough = tokens >= 1;
    const left = enough ? tokens - 1 : tokens;
    this.#keep(issuer, { ...page, tokens: { ...page.tokens, [lane]: left } });
    return enough;
  }

  /** Writes the issuer's number and what it has left. @throws StationError `storage-failed` */
  async write(tx: Transaction, issuer: string, address: string, seq: number): Promise<void> {
    const page = this.#pages.get(issuer) ?? { seqs: {}, tokens: {} };
    const highest = Math.max(seq, page.seqs[address] ?? 0);
    this.#keep(issuer, { ...page, seqs: { ...page.seqs, [address]: highest } });
    await this.#notes.set(tx, NOTE, Object.fromEntries(this.#pages));
  }

  #keep(issuer: string, page: Page): void {
    this.#pages.delete(issuer);
    this.#pages.set(issuer, page);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MOST_ISSUERS && oldest !== undefined) this.#pages.delete(oldest);
  }
}
