/**
 * Plays a live item: the source while it is good, approved fallback media while it is not, silence where there are none. To the slot it
 * is one sound; every stretch of it is written down as what it truly was.
 *
 * Invariants: it ends after `longestMs` counted from its start, whatever the source does; a withdrawn pin ends it at once; the
 * connection is closed when `ended` resolves.
 */
import type { LiveState } from "../model/live.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import type { LiveItem } from "../model/schedule.ts";
import type { Decibels, Instant, Millis, Monotonic } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import { isRefusal } from "../ports/media.ts";
import type { Segment } from "../ports/play-log.ts";
import type { LiveInput, Playing, PlayResult, SoundOutput, StartTime } from "../ports/sound.ts";
import { unlessAborted } from "../unless-aborted.ts";
import {
  type End,
  type FallbackRun,
  fallbackStretch,
  type LiveSegment,
  type LiveStretch,
  type Start,
  silentStretch,
  sourceStretch,
} from "./stretches.ts";
import type { LiveWatch } from "./watch.ts";

/**
 * What becomes of the item while its source is not heard and no fallback can play. `silence`: it keeps its place until the source is heard.
 * `patience`: somebody was to speak; he is waited for, and then gives the output back. `refusal`: something else must sound at once.
 */
export type WithoutSource = "silence" | "patience" | "refusal";

export interface LivePlayPorts {
  readonly sound: Pick<SoundOutput, "prepare">;
  readonly clock: Clock;
  readonly without: WithoutSource;
  /** A run over the fallback media that goes on where the last one stopped; `null` where the item has none. */
  readonly fallback: () => FallbackRun | null;
  /** Writes a stretch down. */
  readonly write: (segment: LiveSegment) => Promise<void>;
}

/** How a live item stands, for the status. */
export interface LiveStatus {
  readonly source: string;
  readonly state: LiveState;
  /** How long what arrives waits before the card takes it. */
  readonly heldMs: Millis;
  /** Why the source is not heard. */
  readonly problem: string | null;
  /** What sounds in its place. */
  readonly instead: string | null;
}

/** One sound grows out of the other in this time. */
const CROSS: Millis = 200;
/** A start is handed to the engine this long before its instant. */
const AHEAD: Millis = 300;
const LOOK: Millis = 50;
/** Each attempt may cost a small board a decoder. */
const TRY_FALLBACK: Millis = 10_000;
/** Assumed: who has not been heard for so long has gone without saying so; programmes are waiting. */
const GONE_AFTER: Millis = 120_000;

export class LivePlay implements Playing {
  readonly ended: Promise<PlayResult>;
  readonly #item: LiveItem;
  readonly #fromMs: Millis;
  readonly #watch: LiveWatch;
  readonly #ports: LivePlayPorts;
  #gain: Decibels;
  readonly #stopping = new AbortController();
  #fadeMs: Millis = 0;
  #stretch: LiveStretch | null = null;
  /** The fallback made ready while the source falters. */
  #standby: Promise<FallbackRun | Refusal | null> | null = null;
  /** Monotonic time of its beginning. */
  #zero: Monotonic | null = null;
  #startedAt: Instant | null = null;
  #reached: Millis | null = null;

  constructor(item: LiveItem, fromMs: Millis, watch: LiveWatch, ports: LivePlayPorts, when: StartTime, gain: Decibels) {
    this.#item = item;
    this.#fromMs = fromMs;
    this.#watch = watch;
    this.#ports = ports;
    this.#gain = gain;
    this.ended = this.#play(when);
  }

  /** From the beginning of the item, pauses of the source included. */
  positionMs(): Millis {
    if (this.#reached !== null) return this.#reached;
    const gone = this.#zero === null ? 0 : Math.max(0, this.#ports.clock.monotonic() - this.#zero);
    return Math.min(this.#item.longestMs, this.#fromMs + gone);
  }
  /** It has begun and is not over, whatever sounds: limits count all of it. */
  isSounding(): boolean {
    return this.#reached === null && this.#zero !== null && this.#ports.clock.monotonic() >= this.#zero;
  }
  endsAt(): Instant | null {
    return this.#zero === null ? null : this.#ports.clock.now() + this.#item.longestMs - this.positionMs();
  }
  setGain(gain: Decibels, rampMs: Millis): void {
    this.#gain = gain;
    this.#stretch?.setGain(gain, rampMs);
  }
  stop(fadeMs: Millis): Promise<PlayResult> {
    this.#fadeMs = fadeMs;
    this.#stopping.abort();
    return this.ended;
  }

  get status(): LiveStatus {
    const instead = this.#stretch?.instead()?.title ?? null;
    const { state, heldMs, loss } = this.#watch;
    return { source: this.#item.source, state, heldMs, problem: loss?.detail ?? null, instead };
  }

  /** What sounds now, as a kill would leave it behind; `null` while nothing does. */
  sounding(): Pick<Segment, "itemId" | "title" | "sha256" | "fromMs" | "live"> | null {
    if (this.#stretch === null || !this.#stretch.isSounding()) return null;
    const { id: itemId, title, sha256 } = this.#stretch.instead() ?? { ...this.#item, sha256: null };
    const live = { source: this.#item.source, state: this.#watch.state };
    return { itemId, title, sha256, fromMs: this.#stretch.fromMs, live };
  }

  async #play(when: StartTime): Promise<PlayResult> {
    const start = await this.#startTime(when);
    const end = start === null ? "stopped" : await this.#stretches(start);
    this.#reached = this.positionMs();
    this.#standBy(false);
    await this.#watch.close();
    return {
      startedAt: this.#startedAt,
      endedAt: this.#startedAt === null ? null : this.#ports.clock.now(),
      positionMs: this.#reached,
      outcome: typeof end === "string" ? end : "failed",
      ...(typeof end === "string" ? {} : { refusal: end }),
      // Levels and breaks stand in the stretches.
      rms: Number.NEGATIVE_INFINITY,
      peak: Number.NEGATIVE_INFINITY,
      audibleMs: 0,
      breaks: 0,
      delayedMs: 0,
      inStep: null,
    };
  }

  /** Behind another sound it starts at the instant at which that one ends: there is no sample of it to join to yet. */
  async #startTime(when: StartTime): Promise<Start | null> {
    const { clock } = this.#ports;
    const { signal } = this.#stopping;
    if (signal.aborted) return null;
    // What is received cannot be heard before the queue.
    if (typeof when === "string") return "now";
    if ("at" in when) return when;
    let over = false;
    const ended = when.after.ended.then(() => {
      over = true;
    });
    while (!signal.aborted) {
      const at = when.after.endsAt();
      if (over) return "now";
      if (at !== null && at - clock.now() <= AHEAD) return { at };
      await Promise.race([clock.wait(LOOK, signal), ended]);
    }
    return null;
  }

  async #stretches(start: Start): Promise<End> {
    const { clock, sound } = this.#ports;
    this.#zero = clock.monotonic() + (start === "now" ? 0 : start.at - clock.now());
    this.#watch.air();
    let when = start;
    while (!this.#stopping.signal.aborted) {
      const { heard, input } = this.#watch;
      const parts = { sound, input, gain: this.#gain };
      const at = this.positionMs();
      const stretch = heard ? await sourceStretch(this.#item, at, parts, when) : await this.#fallback(when);
      if (stretch === null) break;
      if (isRefusal(stretch)) return this.#end(stretch, 0);
      when = "now";
      const before = this.#stretch;
      this.#stretch = stretch;
      // It may have been turned while the stretch was made.
      if (parts.gain !== this.#gain) stretch.setGain(this.#gain, 0);
      await this.#close(before, heard ? "stopped" : (this.#watch.loss ?? "stopped"), CROSS);
      const end = await this.#until(stretch, heard ? input : null);
      if (end !== null) return this.#end(end, end === "stopped" ? this.#fadeMs : CROSS);
    }
    return this.#end("stopped", this.#fadeMs);
  }

  /** Until this stretch has to make place for another (`null`), or the item is over. `from`: what it takes its sound from, where that is the source. */
  async #until(stretch: LiveStretch, from: LiveInput | null): Promise<End | null> {
    const { clock } = this.#ports;
    const { signal } = this.#stopping;
    let over: Refusal | null | undefined;
    const byItself = stretch.over.then((why) => {
      over = why;
    });
    while (!signal.aborted) {
      if (over !== undefined) return over;
      if (this.#watch.withdrawn) return refusal("source-not-approved", `'${this.#item.source}' is no longer approved`);
      const left = this.#item.longestMs - this.positionMs();
      if (left <= 0) return "completed";
      // Another address under the same name is received anew: what was received before gives nothing any more.
      if (from !== (this.#watch.heard ? this.#watch.input : null)) return null;
      if (from !== null) this.#standBy(this.#watch.state !== "playing");
      const woken = new AbortController();
      const wait = clock.wait(left, AbortSignal.any([signal, woken.signal]));
      await Promise.race([wait, byItself, this.#watch.change()]);
      woken.abort();
    }
    return "stopped";
  }

  /** Makes the fallback ready, or lets it go. */
  #standBy(wanted: boolean): void {
    if (wanted) {
      this.#standby ??= this.#openFallback();
    } else {
      void this.#standby?.then((run) => run !== null && !isRefusal(run) && run.discard());
      this.#standby = null;
    }
  }

  async #openFallback(): Promise<FallbackRun | Refusal | null> {
    const run = this.#ports.fallback();
    const ready = (await run?.prepare()) ?? "nothing";
    return ready === "ready" ? run : ready === "nothing" ? null : ready;
  }

  /** `null` where it was stopped meanwhile. */
  async #fallback(when: Start): Promise<LiveStretch | Refusal | null> {
    const { signal } = this.#stopping;
    // It may take long to open, and nobody who stops waits for it: who ends lets it go.
    this.#standby ??= this.#openFallback();
    const opened = await unlessAborted(this.#standby, signal);
    if (signal.aborted) return null;
    this.#standby = null;
    const { clock, without } = this.#ports;
    if (opened === null && without === "refusal" && this.#watch.loss !== null) return this.#watch.loss;
    if (opened === null) {
      return this.#silence(without === "patience" ? clock.wait(GONE_AFTER, signal) : new Promise<void>(() => {}));
    }
    if (isRefusal(opened)) return opened;
    opened.setGain(this.#gain, 0);
    return fallbackStretch(opened, this.positionMs(), when, clock.now());
  }

  /** Until the source is heard again, or the fallback can play: the disk may give it again, or the cache have it by then. */
  #silence(gone: Promise<void>): LiveStretch {
    const silence = silentStretch(this.#item, this.positionMs(), this.#watch.loss, gone);
    const over = new AbortController();
    return {
      ...silence,
      over: this.#item.fallback.length === 0 ? silence.over : this.#fallbackReady(over.signal),
      stop: (...how) => {
        over.abort();
        return silence.stop(...how);
      },
    };
  }

  /** Opens the fallback again and again; resolves when it stands by. Of all attempts the record knows the silence. */
  async #fallbackReady(signal: AbortSignal): Promise<null> {
    for (;;) {
      await this.#ports.clock.wait(TRY_FALLBACK, signal);
      if (signal.aborted) return null;
      const opened = await this.#openFallback();
      if (opened === null || isRefusal(opened)) continue;
      if (signal.aborted) opened.discard();
      else this.#standby = Promise.resolve(opened);
      return null;
    }
  }

  async #end(end: End, fadeMs: Millis): Promise<End> {
    await this.#close(this.#stretch, end, fadeMs);
    this.#stretch = null;
    return end;
  }

  /** Ends a stretch and writes it down. */
  async #close(stretch: LiveStretch | null, why: End, fadeMs: Millis): Promise<void> {
    if (stretch === null) return;
    const { segment, startedAt } = await stretch.stop(fadeMs, why, this.positionMs());
    this.#startedAt ??= startedAt;
    if (segment !== null) await this.#ports.write(segment);
  }
}
