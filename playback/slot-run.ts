/**
 * Plays one slot: opens its items one after the other, joins them sample to sample, and writes down every stretch.
 * It never decides whether it may play; it is started and stopped by the conductor.
 */
import type { Candidate } from "./arbiter/candidate.ts";
import { LivePlay, type LiveStatus } from "./live/live-play.ts";
import type { LiveSegment } from "./live/stretches.ts";
import type { Refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import type { Decibels, Instant, Millis, Sha256 } from "./model/units.ts";
import type { ClockQuality } from "./ports/clock.ts";
import type { Segment, SlotProgress } from "./ports/play-log.ts";
import type { Playing, PlayResult } from "./ports/sound.ts";
import { isLive } from "./run-order.ts";
import type { RunOutcome, RunPorts } from "./run-ports.ts";
import { identityOf, playedSegment } from "./segments.ts";
import { type Ready, SlotItems } from "./slot-items.ts";
import { unlessAborted } from "./unless-aborted.ts";

type Inner = ConstructorParameters<typeof SlotRun>;

interface OnAir extends Ready {
  readonly playing: Playing;
  /** When it was started. */
  readonly clock: ClockQuality | null;
}

/** The next item is opened this long before the running one ends. */
const PREPARE_AHEAD: Millis = 12_000;
const NOTE_EVERY: Millis = 1_000;
/** What is late by less is told by the record alone. */
const LATE: Millis = 100;
/** A live item that has to make place. */
const FADE: Millis = 10;

export class SlotRun {
  readonly candidate: Candidate;
  readonly #ports: RunPorts;
  readonly #items: SlotItems;
  #first: Ready | null = null;
  #current: OnAir | null = null;
  #chained: OnAir | null = null;
  #stopping: "stopped" | "yielded" | null = null;
  readonly #leaving = new AbortController();
  /** It ends with the round that sounds now. */
  #lastRound = false;
  #gain: Decibels;
  #played = 0;
  readonly #whole: Sha256[] = [];
  #failed = 0;
  /** Of stretches that ended. */
  #soundedMs: Millis = 0;
  /** When its first sound was meant to begin, until it has. */
  #meantAt: Instant | null = null;

  constructor(candidate: Candidate, progress: SlotProgress | null, ports: RunPorts) {
    this.candidate = candidate;
    this.#gain = candidate.gain;
    this.#ports = ports;
    this.#items = new SlotItems(candidate, progress, ports, {
      run: (...inner: Inner) => new SlotRun(...inner),
      write: (segment) => this.#writeLive(segment),
      leaving: this.#leaving.signal,
    });
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
    if (current !== null) return { ...current.cursor, positionMs: current.playing.positionMs(), at };
    const { cursor, fromMs } = this.#items;
    return { ...(cursor ?? { round: 0, itemIndex: 0 }), positionMs: fromMs, at };
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
    return this.#whole;
  }
  /** Every item that ended so far was whole. */
  get faultless(): boolean {
    return this.#failed === 0 && this.#items.refusal === null;
  }
  /** It repeats until its window ends, or a live source is its last item: so that end is its proper one. */
  get endless(): boolean {
    const { cursor } = this.#items;
    const live = cursor !== null && isLive(this.#items.at(cursor));
    return this.candidate.rounds === 0 || (live && this.#items.following(cursor) === null);
  }
  get heardAnything(): boolean {
    return this.#played > 0;
  }

  /** Gives up what was prepared. */
  discard(): void {
    this.#leaving.abort();
    this.#first?.cue.cancel();
    this.#first = null;
  }

  /** Sounds until the end or `stop`. `at` null means now. Segments are on the disk when it resolves. */
  async play(at: Instant | null): Promise<RunOutcome> {
    await this.#writeRefused();
    const first = this.#first;
    if (first === null) return "completed";
    this.#first = null;
    if (this.#stopping !== null) {
      first.cue.cancel();
      return this.#stopping;
    }
    this.#meantAt = at;
    const playing = first.cue.start(at === null ? "now" : { at }, this.#gain);
    this.#current = { ...first, playing, clock: this.#ports.clock.quality?.() ?? null };
    while (this.#current !== null) {
      const current: OnAir = this.#current;
      const ahead = this.#chainNext(current);
      const noting = this.#noteWhile(current);
      const live = isLive(current.item);
      if (live) this.#ports.onLive?.(this.candidate.header, current.item, true);
      const result = await current.playing.ended;
      if (live) this.#ports.onLive?.(this.candidate.header, current.item, false);
      if (result.startedAt !== null) this.#soundedMs += Math.max(0, result.positionMs - current.fromMs);
      this.#current = null;
      await noting;
      // What is being opened may take long, and a run that leaves does not want it.
      await unlessAborted(ahead, this.#leaving.signal);
      const next: OnAir | null = this.#chained;
      this.#chained = null;
      await this.#write(current, result, next);
      if (result.refusal?.reason === "no-output") {
        await next?.playing.stop(0);
        return "lost";
      }
      if (this.#stopping !== null) {
        await next?.playing.stop(0);
        // It was to leave, and that was its last item, heard whole.
        const over = result.outcome === "completed" && this.#items.following(current.cursor) === null;
        return over ? "completed" : this.#stopping;
      }
      this.#current = next;
    }
    if (this.#items.blocked !== null) return "lost";
    return this.candidate.rounds === 0 ? "starved" : "completed";
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
    const ahead = this.#chained;
    if (ahead !== null && ahead.cursor.round !== this.#current?.cursor.round) this.yieldAfterItem();
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
        await this.#ports.log.note(this.candidate.header.key, this.#noted(current));
      }
    }
  }

  #noted({ item, fromMs, sha256, playing }: OnAir): SlotProgress {
    const amplifier = this.#ports.amplifier();
    const sounding = playing instanceof LivePlay ? playing.sounding() : identityOf(item, fromMs, sha256);
    return { ...this.progress(), ...(sounding === null ? {} : { sounding: { ...sounding, amplifier } }) };
  }

  /** A live item writes its stretches itself. */
  #writeLive(segment: LiveSegment & Pick<Segment, "round">): Promise<void> {
    if (segment.outcome === "failed" || segment.live?.state === "fallback") this.#failed += 1;
    const amplifier = this.#ports.amplifier();
    return this.#ports.log.addSegment(this.candidate.header.key, { ...segment, amplifier }, this.progress());
  }

  async #writeRefused(): Promise<void> {
    for (const segment of this.#items.takeRefused()) {
      this.#failed += 1;
      await this.#ports.log.addSegment(this.candidate.header.key, segment, this.progress());
    }
  }

  #began(startedAt: Instant, delayedMs: Millis): void {
    this.#played += 1;
    const lateMs = this.#meantAt === null ? 0 : startedAt - delayedMs - this.#meantAt;
    this.#meantAt = null;
    if (lateMs > LATE) this.#ports.onLateStart(this.candidate.header.key, lateMs);
  }

  async #write(current: OnAir, result: PlayResult, next: OnAir | null): Promise<void> {
    const { item, cursor, fromMs, sha256 } = current;
    if (result.startedAt !== null) this.#began(result.startedAt, result.delayedMs);
    // Where its source gave nothing, what follows is not late.
    if (item.kind === "live") this.#meantAt = null;
    // Without an output it is taken up again where it stands.
    const lost = result.refusal?.reason === "no-output";
    if (result.outcome === "failed" && !lost) this.#failed += 1;
    const whole = result.outcome === "completed";
    if (whole && sha256 !== null) this.#whole.push(sha256);
    const place = (whole ? (next?.cursor ?? this.#items.following(cursor)) : cursor) ?? cursor;
    const at = this.#ports.clock.now();
    const progress: SlotProgress = { ...place, positionMs: whole ? 0 : result.positionMs, at };
    this.#items.goTo({ round: progress.round, itemIndex: progress.itemIndex }, progress.positionMs);
    const segment = playedSegment({ item, round: cursor.round, fromMs, sha256 }, result, {
      amplifier: this.#ports.amplifier(),
      clock: current.clock,
    });
    const { log } = this.#ports;
    const { key } = this.candidate.header;
    // A live item has written its stretches itself.
    await (item.kind === "live" ? log.note(key, progress) : log.addSegment(key, segment, progress));
    // What was found missing beyond the place where it will be taken up is looked for again then.
    const passed = whole && next !== null;
    if (passed || (this.#stopping === null && !lost)) await this.#writeRefused();
    else this.#items.takeRefused();
  }
}

/** Aborted when it has sounded: what is asked again and again may not wait for the promise itself, which would remember each time. */
function endOf({ playing }: OnAir): AbortSignal {
  const over = new AbortController();
  void playing.ended.then(() => over.abort());
  return over.signal;
}
