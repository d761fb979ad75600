/**
 * Lays one sound into the graph, piece behind piece, a few seconds ahead of what is heard, and keeps it in step while it does.
 *
 * Decoded is 10 s ahead, laid into the graph 3 s: an event loop that stands for less than 3 s is not heard, and what a correction is
 * decided on is never older. After a break even that is taken back. Every sample of the source is heard once, but for what the follower
 * leaves out in a pause or after a break.
 */
import type { Handover } from "./cut-in.ts";
import type { Follower } from "./follower.ts";
import { MicroResampler } from "./micro-resampler.ts";
import { fadeOver, longestPause, type Pause } from "./pauses.ts";
import type { PcmFeed } from "./pcm-feed.ts";
import type { PcmBlock } from "./pcm-source.ts";
import { PcmTape } from "./pcm-tape.ts";
import { Placement } from "./placement.ts";
import type { Timeline } from "./timeline.ts";
import { BLOCK, RATE, type Samples, samplesOf } from "./units.ts";
import type { Voice } from "./web-audio.ts";

/** Decoded ahead of what is heard. */
const DECODED: Samples = samplesOf(10_000);
/** Laid into the graph ahead of what is rendered, at least, as far as it is decoded. */
const LAID: Samples = samplesOf(3_000);
/** Times a block is put later because the card was quicker. */
const PLACINGS = 3;
/** Length of the transition at a seam. */
const FADE: Samples = samplesOf(5);
/** Kept behind what is heard, for what may be taken back. */
const BEHIND: Samples = RATE;

export class SoundQueue {
  readonly #feed: PcmFeed;
  readonly #voice: Voice;
  readonly #timeline: Timeline;
  readonly #follower: Follower;
  readonly #tape: PcmTape;
  readonly #placement = new Placement();
  #resampler = new MicroResampler();
  #origin: Samples | null = null;
  /** The next free sample of the audio clock, and the position of the source that stands on it. */
  #next: Samples = 0;
  #position = 0;
  #end: Samples | null = null;
  /** What goes over into the next block. */
  #fade: Float32Array | null = null;
  #speed = 1;
  #late = 0;

  constructor(feed: PcmFeed, voice: Voice, timeline: Timeline, follower: Follower) {
    this.#feed = feed;
    this.#voice = voice;
    this.#timeline = timeline;
    this.#follower = follower;
    this.#tape = new PcmTape(feed);
  }

  /** The audio sample of its first sample; later than asked where the decoder was. */
  get origin(): Samples | null {
    return this.#origin;
  }
  /** The audio sample after its last; `null` while not all is laid. */
  get end(): Samples | null {
    return this.#end;
  }
  get isBegun(): boolean {
    return this.#position > 0;
  }
  /** Times the decoder came too late and silence was heard instead. */
  get late(): number {
    return this.#late;
  }

  /** Where its end will stand by what is known; `null` while the length is not. */
  expectedEnd(): Samples | null {
    const { length } = this.#feed;
    if (this.#end !== null || length === null || this.#origin === null) return this.#end;
    return this.#next + Math.max(0, length - this.#position);
  }

  /** Begins on this sample; where it was laid already, all is taken back first. */
  begin(origin: Samples): void {
    if (this.#origin !== null) {
      this.#voice.cut(this.#origin);
      this.#placement.cut(this.#origin);
    }
    this.#origin = origin;
    this.#resume(origin, 0);
  }

  /** Takes over what was begun by another way. */
  takeOver({ origin, ahead, overlap }: Handover): void {
    this.#origin = origin;
    this.#placement.add(origin, ahead, 0, ahead);
    this.#resume(origin + ahead, ahead);
    this.#fade = new Float32Array(overlap);
  }

  /** Lays what is decoded, as far ahead as wanted. Call it every few hundredths of a second. */
  fill(): void {
    if (this.#origin === null) return;
    const rendered = this.#timeline.graph.rendered();
    this.#feed.demand(this.positionAt(rendered) + (this.#feed.ahead ?? DECODED));
    while (this.#end === null && this.#next < Math.max(rendered, this.#origin) + LAID) {
      const block = this.#tape.peek();
      if (block !== undefined) this.#lay(block);
      else if (this.#tape.isOver) this.#finish();
      else break;
    }
    const heard = this.#timeline.heard() - BEHIND;
    this.#placement.forget(heard);
    this.#tape.forget(Math.floor(this.positionAt(heard)) - BEHIND);
  }

  /** Takes back all that is not rendered yet, to lay it anew; false where nothing is left to take back. */
  takeBack(): boolean {
    const from = this.#timeline.soonest();
    if (this.#origin === null || from >= this.#next) return false;
    this.#voice.cut(from);
    this.#resume(from, Math.floor(this.#placement.cut(from)));
    return true;
  }

  /** It ends here, whatever was laid. */
  stop(at: Samples): void {
    this.#voice.stop(at);
    this.#end = at;
  }

  /** Samples of the source heard by an audio sample. */
  positionAt(sample: Samples): number {
    return this.#placement.positionAt(sample);
  }

  #resume(next: Samples, position: Samples): void {
    this.#next = next;
    this.#position = position;
    this.#tape.seek(position);
    this.#resampler = new MicroResampler(this.#tape.copy(position - FADE, FADE));
    this.#end = null;
    this.#fade = null;
  }

  #lay(block: PcmBlock): void {
    const soonest = this.#timeline.soonest();
    if (this.#next < soonest && block.samples) {
      // The decoder did not keep up: what follows comes later, none of it is left out but pauses.
      if (this.#position > 0) this.#late += 1;
      else this.#origin = soonest;
      this.#next = soonest;
    }
    const { speed, hardMs, where } = this.#follower.correct(this.#next, this.#position);
    this.#speed = speed;
    const wanted = Math.round(samplesOf(hardMs));
    const pause = wanted === 0 || where === "at-once" ? null : longestPause(block.samples, block.length);
    if (wanted !== 0 && where === "at-once") this.#leaveOut(wanted, "break");
    else if (pause === null) this.#play(block);
    else this.#correct(block, pause, wanted);
  }

  #correct(block: PcmBlock, pause: Pause, wanted: Samples): void {
    if (pause.from > 0) this.#play({ length: pause.from, samples: block.samples?.subarray(0, pause.from) ?? null });
    if (wanted > 0) this.#leaveOut(Math.min(wanted, pause.length), "pause");
    else this.#wait(-wanted, block.samples === null);
  }

  #play(block: PcmBlock): void {
    this.#tape.seek(this.#tape.position + block.length);
    this.#follower.pulled(block.length, this.#speed);
    if (block.samples === null) {
      this.#stand(Math.round(block.length / this.#speed), block.length);
      return;
    }
    const faded = this.#fade === null ? block.samples : fadeOver(this.#fade, block.samples);
    this.#fade = null;
    this.#place(this.#resampler.process(faded, this.#speed));
  }

  /** Skips so much of the source. */
  #leaveOut(wanted: Samples, where: "pause" | "break"): void {
    const from = this.#tape.position;
    const samples = Math.min(wanted, (this.#feed.length ?? Number.POSITIVE_INFINITY) - from);
    this.#fade = this.#tape.copy(from, FADE);
    this.#tape.seek(from + samples);
    this.#position += samples;
    this.#follower.corrected({ where, ms: (samples * 1_000) / RATE });
  }

  /** Is silent for so long before the source goes on. */
  #wait(samples: Samples, isSilent: boolean): void {
    this.#follower.corrected({ where: "pause", ms: (-samples * 1_000) / RATE });
    if (isSilent) {
      this.#stand(samples, 0);
      return;
    }
    const ending = this.#tape.copy(this.#tape.position, FADE);
    for (let left = samples; left > 0; left -= BLOCK) {
      const silence = new Float32Array(Math.min(left, BLOCK));
      const output = this.#resampler.process(left === samples ? fadeOver(ending, silence) : silence, this.#speed);
      this.#place(output, 0);
    }
    this.#fade = new Float32Array(FADE);
  }

  /** Nothing sounds for `length` samples of the audio clock, which are `played` of the source. */
  #stand(length: Samples, played: Samples): void {
    this.#placement.add(this.#next, length, this.#position, this.#position + played);
    this.#position += played;
    this.#next += length;
  }

  /**
   * Queues a block. A card sometimes takes two periods at once, just while the block is on its way: it would begin late and the next one
   * stand over its end. Then it is put later.
   */
  #place(samples: Float32Array<ArrayBuffer>, played = samples.length * this.#speed): void {
    if (samples.length === 0) return;
    this.#voice.queue(samples, this.#next);
    for (let tries = 0; tries < PLACINGS && !this.#timeline.isFree(this.#next); tries++) {
      this.#voice.takeBack();
      if (this.#next === this.#origin) this.#origin = this.#timeline.soonest();
      this.#next = this.#timeline.soonest();
      this.#voice.queue(samples, this.#next);
    }
    this.#stand(samples.length, played);
  }

  #finish(): void {
    this.#place(this.#resampler.flush(this.#speed));
    this.#end = this.#next;
  }
}
