/**
 * Plays one slot: opens its items one after the other, joins them sample to sample, and writes down every stretch.
 * It never decides whether it may play; it is started and stopped by the conductor.
 */
import { WITHDRAWN } from "./approval.ts";
import type { Candidate } from "./arbiter/candidate.ts";
import { LivePlay, type LiveStatus } from "./live/live-play.ts";
import type { Refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import type { Decibels, Instant, Millis, Sha256 } from "./model/units.ts";
import type { SlotProgress } from "./ports/play-log.ts";
import type { PlayResult } from "./ports/sound.ts";
import { isLive, pauseAt } from "./run-order.ts";
import type { RunOutcome, RunPorts } from "./run-ports.ts";
import { type OnAir, RunRecord } from "./run-record.ts";
import { type Ready, SlotItems } from "./slot-items.ts";
import { unlessAborted } from "./unless-aborted.ts";

type Inner = ConstructorParameters<typeof SlotRun>;

/** The next item is opened this long before the running one ends. */
const PREPARE_AHEAD: Millis = 12_000;
const NOTE_EVERY: Millis = 1_000;
/** A live item that has to make place. */
const FADE: Millis = 10;

export class SlotRun {
  readonly candidate: Candidate;
  readonly #ports: RunPorts;
  readonly #items: SlotItems;
  readonly #record: RunRecord;
  #first: Ready | null = null;
  #current: OnAir | null = null;
  #chained: OnAir | null = null;
  /** What follows `#current` is being joined on. */
  #ahead: Promise<void> = Promise.resolve();
  /** It sounded, and was stopped because it is approved no longer. */
  #leftOut: OnAir | null = null;
  /** The fallback of a live item. */
  #inner: SlotRun | null = null;
  #stopping: "stopped" | "yielded" | null = null;
  readonly #leaving = new AbortController();
  /** It ends with the round that sounds now. */
  #lastRound = false;
  #gain: Decibels;
  /** Of stretches that ended. */
  #soundedMs: Millis = 0;

  constructor(candidate: Candidate, progress: SlotProgress | null, ports: RunPorts) {
    this.candidate = candidate;
    this.#gain = candidate.gain;
    this.#ports = ports;
    this.#items = new SlotItems(candidate, progress, ports, {
      run: (...inner: Inner) => {
        this.#inner = new SlotRun(...inner);
        return this.#inner;
      },
      write: (segment) => this.#record.live(segment),
      leaving: this.#leaving.signal,
    });
    this.#record = new RunRecord(candidate, ports, this.#items, () => this.progress());
  }

  /** What was made ready to begin with. */
  get first(): Item | null {
    return this.#first?.item ?? null;
  }

  /** Why nothing could be opened, after `prepare` said so. */
  get trouble(): Refusal | null {
    return this.#items.refusal;
  }

  /** Finds the first item that can play. `ready`, `nothing` (no item can) or why the output cannot (`no-output`). */
  async prepare(): Promise<"ready" | "nothing" | Refusal> {
    this.#first = await this.#items.next();
    if (this.#items.blocked !== null) return this.#items.blocked;
    return this.#first === null ? "nothing" : "ready";
  }

  /** Place to note for a later resumption. */
  progress(): SlotProgress {
    const at = this.#ports.clock.now();
    const current = this.#current;
    const { cursor, fromMs, content } = this.#items;
    if (current !== null) return { ...current.cursor, positionMs: current.playing.positionMs(), at, content };
    return { ...(cursor ?? { round: 0, itemIndex: 0 }), positionMs: fromMs, at, content };
  }

  /** For the status and the story. */
  onAir(): { item: Item; positionMs: Millis; durationMs: Millis; sounding: boolean; live?: LiveStatus } | null {
    if (this.#current === null) return null;
    const { item, playing, cue, fromMs } = this.#current;
    return {
      item,
      positionMs: playing.positionMs(),
      durationMs: fromMs + cue.durationMs,
      sounding: playing.isSounding(),
      ...(playing instanceof LivePlay ? { sounding: playing.sounding() !== null, live: playing.status } : {}),
    };
  }

  /** How much of it was heard in this run, pauses between rounds included. */
  get soundedMs(): Millis {
    const current = this.#current;
    const now = current?.playing.isSounding() ? Math.max(0, current.playing.positionMs() - current.fromMs) : 0;
    return this.#soundedMs + now;
  }

  /** Recordings that were heard to their end. */
  get whole(): readonly Sha256[] {
    return this.#record.whole;
  }
  /** Every item that ended so far was whole. */
  get faultless(): boolean {
    return this.#record.faultless && this.#items.refusal === null;
  }
  /** It repeats until its window ends, or a live source is its last item: so that end is its proper one. */
  get endless(): boolean {
    const { cursor } = this.#items;
    const live = cursor !== null && isLive(this.#items.at(cursor));
    return this.candidate.rounds === 0 || (live && this.#items.following(cursor) === null);
  }
  get heardAnything(): boolean {
    return this.#record.heardAnything;
  }

  /** Gives up what was prepared. */
  discard(): void {
    this.#leaving.abort();
    this.#first?.cue.cancel();
    this.#first = null;
  }

  /** Sounds until the end or `stop`. `at` null means now. Segments are on the disk when it resolves. */
  async play(at: Instant | null): Promise<RunOutcome> {
    // Written down while the rest sounds: nothing that can be heard waits for the disk.
    const refused = this.#record.refused();
    const first = this.#first;
    this.#first = null;
    if (first === null) {
      await refused;
      return "completed";
    }
    refused.catch(() => undefined);
    this.#record.meant(at);
    const atOnce = this.candidate.header.kind === "emergency" ? "cut-in" : "now";
    const playing = first.cue.start(at === null ? atOnce : { at }, this.#gain);
    this.#current = { ...first, playing, clock: this.#ports.clock.quality?.() ?? null };
    while (this.#current !== null) {
      const current: OnAir = this.#current;
      this.#ahead = this.#chainNext(current);
      const noting = this.#noteWhile(current);
      const live = isLive(current.item);
      if (live) this.#ports.onLive?.(this.candidate.header, current.item, true);
      const result = this.#judged(current, await current.playing.ended);
      if (live) this.#ports.onLive?.(this.candidate.header, current.item, false);
      if (result.startedAt !== null) this.#soundedMs += Math.max(0, result.positionMs - current.fromMs);
      const lost = result.refusal?.reason === "no-output";
      this.#current = this.#joined(lost);
      await noting;
      if (this.#current === null) {
        // What is being opened may take long, and a run that leaves does not want it.
        await unlessAborted(this.#ahead, this.#leaving.signal);
        this.#current = this.#joined(lost);
      }
      const next: OnAir | null = this.#current ?? this.#chained;
      await refused;
      await this.#record.ended(current, result, next, () => this.#stopping !== null);
      if (this.#current !== null) continue;
      await next?.playing.stop(0);
      if (lost) return "lost";
      // It was to leave, and that was its last item, heard whole.
      const over = result.outcome === "completed" && this.#items.following(current.cursor) === null;
      if (this.#stopping !== null) return over ? "completed" : this.#stopping;
    }
    if (this.#items.blocked !== null) return "lost";
    return this.candidate.rounds === 0 ? "starved" : "completed";
  }

  #judged(current: OnAir, result: PlayResult): PlayResult {
    const cut = current === this.#leftOut && result.outcome === "stopped";
    return cut ? { ...result, outcome: "failed", refusal: WITHDRAWN } : result;
  }

  /** What was joined to the sound that has ended sounds by itself: it is what is on air, also while the stretch before it is written. */
  #joined(lost: boolean): OnAir | null {
    if (lost || this.#stopping !== null) return null;
    const next = this.#chained;
    this.#chained = null;
    return next;
  }

  /** Fades and ends. */
  async stop(fadeMs: Millis): Promise<void> {
    this.#stopping = "stopped";
    this.#leaving.abort();
    const chained = this.#chained?.playing.stop(0);
    await this.#current?.playing.stop(fadeMs);
    await chained;
  }

  /** Of everything from now on, in place of the candidate's own. */
  setGain(gain: Decibels, rampMs: Millis): void {
    this.#gain = gain;
    this.#current?.playing.setGain(gain, rampMs);
    this.#chained?.playing.setGain(gain, rampMs);
  }

  /** What sounds and is approved no longer ends at once, and what is joined behind it never begins; the slot goes on with the rest. */
  leaveOut(isApproved: (item: Item) => boolean): void {
    this.#inner?.leaveOut(isApproved);
    const current = this.#current;
    if (current === null) return;
    const sounding = current !== this.#leftOut && !isApproved(current.item);
    if (sounding) {
      this.#leftOut = current;
      this.#items.leaveOut(current);
      void current.playing.stop(FADE);
    }
    const chained = this.#chained;
    if (chained === null || this.#stopping !== null) return;
    // A round of an alert may go on with something else by now.
    if (isApproved(chained.item) && !(sounding && this.candidate.header.kind === "emergency")) return;
    this.#chained = null;
    void chained.playing.stop(0);
    // What was found missing between the two is found again.
    this.#items.takeRefused();
    this.#ahead = this.#chainNext(current);
  }

  /** Ends with the item that sounds now. */
  yieldAfterItem(): void {
    if (this.#stopping !== null) return;
    this.#stopping = "yielded";
    this.#leaving.abort();
    // A live item has no end of its own that is worth waiting for.
    if (this.#current?.item.kind === "live") void this.#current.playing.stop(FADE);
    // Its outcome is read by the loop in `play`; a sound that has not begun ends without one.
    void this.#chained?.playing.stop(0);
  }

  /** Ends with the round that sounds now: an alert that shares the output is heard whole. */
  yieldAfterRound(): void {
    this.#lastRound = true;
    const current = this.#current;
    const ahead = this.#chained;
    // In the pause before a round nothing of it has sounded: another one sounds in its place.
    const pausing = current !== null && pauseAt(this.candidate, current.cursor) !== null;
    if (pausing || (ahead !== null && ahead.cursor.round !== current?.cursor.round)) this.yieldAfterItem();
    if (pausing) void current.playing.stop(0);
  }

  /** The round need not be its last. A yield after its item stands: what follows has been given up, and is taken up anew. */
  stay(): void {
    this.#lastRound = false;
  }

  /** Opens the item after `current` in time and joins it on. */
  async #chainNext(current: OnAir): Promise<void> {
    const over = endOf(current);
    while (this.#current === current && this.#stopping === null) {
      const rest = current.fromMs + current.cue.durationMs - current.playing.positionMs();
      if (rest <= PREPARE_AHEAD) break;
      await this.#ports.clock.wait(Math.min(rest - PREPARE_AHEAD, 1_000), over);
    }
    if (this.#stopping !== null) return;
    const after = this.#items.following(current.cursor);
    this.#items.goTo(after, 0);
    if (this.#lastRound && after !== null && after.round !== current.cursor.round) {
      this.#stopping = "yielded";
      return;
    }
    const next = await this.#items.next();
    if (next === null) return;
    // A live item ends at no sample that was known before.
    const live = current.item.kind === "live";
    if (live) await current.playing.ended;
    if (this.#stopping !== null) return next.cue.cancel();
    const when = live ? "now" : { after: current.playing };
    this.#chained = {
      ...next,
      playing: next.cue.start(when, this.#gain),
      clock: this.#ports.clock.quality?.() ?? null,
    };
  }

  async #noteWhile(current: OnAir): Promise<void> {
    const over = endOf(current);
    while (this.#current === current && !over.aborted) {
      await this.#ports.clock.wait(NOTE_EVERY, over);
      if (this.#current === current && current.playing.isSounding()) {
        await this.#record.note(current);
      }
    }
  }
}

/** Aborted when it has sounded: what is asked again and again may not wait for the promise itself, which would remember each time. */
function endOf({ playing }: OnAir): AbortSignal {
  const over = new AbortController();
  void playing.ended.then(() => over.abort());
  return over.signal;
}
