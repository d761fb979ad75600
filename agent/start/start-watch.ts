/**
 * What follows a start: once it has been good for a minute it counts as good and what it was good with is kept; safe mode ends after thirty
 * minutes, a lost state folder when it takes writes again, a damaged database at once. Ending means a clean restart, in a moment when nothing sounds.
 */
import { MINUTE, type Millis, type Monotonic } from "../../playback/model/units.ts";
import type { Parts } from "../station.ts";
import { DamageWatch } from "./damage-watch.ts";
import { keepGood } from "./last-good.ts";
import { lastWord } from "./last-word.ts";
import { alerts, isBusy, wouldRepeat } from "./quiet.ts";
import { isWhole, keyOf, type Snapshot, takeSnapshot, writeHeld, writeSnapshot } from "./snapshot.ts";
import { GOOD_AFTER, STABLE, SURVIVED } from "./start-memory.ts";
import { problemOf, type StartPlan } from "./start-plan.ts";

/** A folder that was lost, and notes that the disk refused, are tried again this often. */
const PROBE_EVERY: Millis = MINUTE;
/** Looking whether something else is to be kept costs a walk through the memory of the store, seeking a moment to restart one through the agenda. */
const LOOK_EVERY: Millis = 10_000;
/** A filler that never ends must not keep the station in safe mode for good. */
const LONGEST_PATIENCE: Millis = 60 * MINUTE;

type WatchParts = Pick<Parts, "store" | "clock" | "outputs" | "log" | "admission" | "board">;

export interface SafeModeView {
  readonly on: boolean;
  readonly rung: string | null;
  readonly why: string | null;
  /** Until it ends by itself; `null` where it is not on. */
  readonly leavesInMs: Millis | null;
}

export class StartWatch {
  readonly #plan: StartPlan;
  readonly #parts: WatchParts;
  readonly #restart: () => void;
  readonly #damage: DamageWatch;
  #readyAt: Monotonic | null = null;
  #survived = false;
  #good = false;
  #leaving = false;
  #probedAt: Monotonic = Number.NEGATIVE_INFINITY;
  #writtenAt: Monotonic = Number.NEGATIVE_INFINITY;
  #soughtAt: Monotonic = Number.NEGATIVE_INFINITY;
  /** The snapshot on the disk, its key, and since when the store has held something else. */
  #last: Snapshot | null;
  #kept: string | null;
  #lookedAt: Monotonic = Number.NEGATIVE_INFINITY;
  #changed: { readonly key: string; readonly since: Monotonic } | null = null;

  constructor(plan: StartPlan, parts: WatchParts, restart: () => void) {
    this.#plan = plan;
    this.#parts = parts;
    this.#restart = restart;
    this.#damage = new DamageWatch(parts);
    this.#last = plan.snapshot;
    this.#kept = plan.snapshot === null ? null : keyOf(plan.snapshot);
  }

  ready(now: Monotonic): void {
    this.#readyAt = now;
  }

  view(now: Monotonic): SafeModeView {
    const { safe } = this.#plan;
    const left = safe === null || this.#readyAt === null ? null : Math.max(0, this.#readyAt + STABLE - now);
    return { on: safe !== null, rung: safe?.rung ?? null, why: safe?.why ?? null, leavesInMs: left };
  }

  /** Somebody wants it over. False where it is not on. @throws StationError `storage-failed` */
  async leave(by: string): Promise<boolean> {
    if (this.#plan.safe === null) return false;
    await this.#leave(by);
    this.#restart();
    return true;
  }

  /** The agent ends as it was asked to. */
  async stopped(): Promise<void> {
    if (!this.#survived) await this.#plan.book.ended();
  }

  /** Call it every second. Never rejects for the disk's sake. */
  async tick(now: Monotonic): Promise<void> {
    if (this.#readyAt === null) return;
    const age = now - this.#readyAt;
    if (!this.#survived && age >= SURVIVED) {
      this.#survived = true;
      await this.#plan.book.good();
    }
    if (!this.#good && age >= GOOD_AFTER) await this.#becomeGood();
    await this.#writeNotes(now);
    if (this.#plan.safe === null && this.#good) await this.#keepSnapshot(now);
    // Before safe mode ends, which has to write that it does.
    await this.#beginAnew(age, now);
    if (this.#plan.safe !== null && age >= STABLE && this.#quiet(age - STABLE)) {
      if (!this.#leaving) await this.#leave("30 stable minutes");
      this.#leaving = true;
      this.#restart();
    }
    if (this.#plan.stateLost !== null && now - this.#probedAt >= PROBE_EVERY) {
      this.#probedAt = now;
      if ((await problemOf(this.#plan.loaded.file.state)) === null && this.#mayForget(age)) this.#restart();
    }
  }

  #quiet(waited: Millis): boolean {
    const { outputs, clock } = this.#parts;
    return waited >= LONGEST_PATIENCE || !outputs.some(({ conductor }) => isBusy(conductor, clock.now()));
  }

  /** What this run has played is not known to the next one, which must not play it again: of alerts, whatever the patience. */
  #mayForget(waited: Millis): boolean {
    const { outputs, clock } = this.#parts;
    if (outputs.some(({ conductor }) => alerts(conductor)) || !this.#quiet(waited)) return false;
    const repeats = () => outputs.some(({ conductor }) => wouldRepeat(conductor, clock.now(), clock.trust()));
    return waited >= LONGEST_PATIENCE || !repeats();
  }

  /** A damaged database is begun anew as soon as that costs nothing. */
  async #beginAnew(age: Millis, now: Monotonic): Promise<void> {
    const waited = await this.#damage.tick(age, now);
    if (waited === null || now - this.#soughtAt < LOOK_EVERY) return;
    this.#soughtAt = now;
    if (!this.#mayForget(waited)) return;
    const { store, clock, admission, board } = this.#parts;
    const word = lastWord(this.#last, takeSnapshot(store, clock.now()), admission.documents, board.facts);
    if (await this.#try("snapshot", () => writeSnapshot(this.#plan.file.state, word))) this.#restart();
  }

  /** What counts in memory only is offered to the disk again. */
  async #writeNotes(now: Monotonic): Promise<void> {
    const { store, clock } = this.#parts;
    if (store.notes.held.length === 0 || now - this.#writtenAt < PROBE_EVERY) return;
    this.#writtenAt = now;
    await this.#try("notes", () => writeHeld(store, clock.now()));
  }

  async #becomeGood(): Promise<void> {
    this.#good = true;
    // What is run in safe mode is less than what is configured: only a whole run says that it is good.
    if (this.#plan.safe === null) await this.#try("last good", () => keepGood(this.#plan.loaded));
  }

  /** What has stood for a minute beside everything else is good. */
  async #keepSnapshot(now: Monotonic): Promise<void> {
    if (now - this.#lookedAt < LOOK_EVERY) return;
    this.#lookedAt = now;
    if (!isWhole(this.#parts.store, this.#last)) return;
    const taken = takeSnapshot(this.#parts.store, this.#parts.clock.now());
    const key = keyOf(taken);
    if (key === this.#kept) return;
    if (this.#changed?.key !== key) this.#changed = { key, since: now };
    const first = this.#kept === null;
    if (!first && now - this.#changed.since < GOOD_AFTER) return;
    // Whatever comes of it: a disk that refuses is asked again when something else has changed.
    this.#kept = key;
    if (await this.#try("snapshot", () => writeSnapshot(this.#plan.file.state, taken))) this.#last = taken;
  }

  async #leave(by: string): Promise<void> {
    const { store, clock } = this.#parts;
    await store.record(clock.now(), "safe-mode-left", { by }, "alarm");
    await this.#plan.book.leave();
  }

  async #try(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#parts.log.error(what, { error });
      return false;
    }
  }
}
