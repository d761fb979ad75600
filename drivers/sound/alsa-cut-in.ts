/** The second way onto a card, through ALSA: a stream that stands ready, filled and started when it is needed. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import type { CutInPcm, CutInPlace } from "../../playback/ports/cut-in.ts";
import { closePcm, delayOf, openPcm, type Pcm, pcmError, rearmPcm, startPcm, writePcm } from "./libasound.ts";

const RATE = 48_000;
/** Silence that tells how long the way is; how often that is asked while it sounds. */
const PROBE: Millis = 400;
const ASKED = 9;
/** More is no answer, but a card that cannot say. */
const LONGEST_LATENCY: Millis = 150;
/** After the last sample has left, before it is made ready again. */
const REST: Millis = 300;

/** As `OpenCutIn`. `onLost` hears why a card that was open can be used no more. */
export async function openAlsaCutIn(place: CutInPlace, onLost: (why: string) => void): Promise<CutInPcm | string> {
  try {
    const pcm = await openPcm(place.label ?? "default", place.channels, RATE);
    try {
      return new AlsaCutIn(pcm, place, await latencyOf(pcm, place.channels), onLost);
    } catch (error) {
      await closePcm(pcm);
      throw error;
    }
  } catch (error) {
    return messageOf(error);
  }
}

/** Measured with silence. @throws Error where the card does not play or does not know */
async function latencyOf(pcm: Pcm, channels: number): Promise<Millis> {
  const frames = (PROBE * RATE) / 1_000;
  const failed = writePcm(pcm, new Float32Array(frames * channels), channels) || startPcm(pcm);
  if (failed < 0) throw new Error(pcmError(failed));
  const from = performance.now();
  const answers: Millis[] = [];
  for (let n = 0; n < ASKED; n++) {
    await sleep(PROBE / (ASKED + 1));
    answers.push(performance.now() - from - ((frames - delayOf(pcm)) * 1_000) / RATE);
  }
  await rearmPcm(pcm);
  const latency = answers.toSorted((a, b) => a - b)[(ASKED - 1) / 2] ?? 0;
  if (latency > LONGEST_LATENCY) throw new Error(`the card says that its way takes ${latency.toFixed(0)} ms`);
  return latency;
}

class AlsaCutIn implements CutInPcm {
  readonly latencyMs: Millis;
  readonly #place: CutInPlace;
  readonly #onLost: (why: string) => void;
  #pcm: Pcm | null;
  #ready = true;
  /** What is being done to it. Never rejects. */
  #work: Promise<void> = Promise.resolve();

  constructor(pcm: Pcm, place: CutInPlace, latencyMs: Millis, onLost: (why: string) => void) {
    this.#pcm = pcm;
    this.#place = place;
    this.latencyMs = latencyMs;
    this.#onLost = onLost;
  }

  play(first: Float32Array, rest: () => Float32Array): boolean {
    const pcm = this.#pcm;
    if (!this.#ready || pcm === null) return false;
    this.#ready = false;
    const { channels } = this.#place;
    let length = first.length;
    const begun = writePcm(pcm, this.#frames(first), channels) === 0 && startPcm(pcm) === 0;
    let whole = begun;
    if (begun) {
      const more = rest();
      length += more.length;
      whole = writePcm(pcm, this.#frames(more), channels) === 0;
    }
    this.#work = this.#rearm(whole ? (length * 1_000) / RATE + REST : 0);
    return whole;
  }

  async close(): Promise<void> {
    const pcm = this.#pcm;
    this.#pcm = null;
    this.#ready = false;
    await this.#work;
    if (pcm !== null) await closePcm(pcm);
  }

  /** On this output's channel of the card, silence on the others. */
  #frames(samples: Float32Array): Float32Array {
    const { channel, channels } = this.#place;
    const frames = new Float32Array(samples.length * channels);
    for (let at = 0; at < samples.length; at++) frames[at * channels + channel - 1] = samples[at] ?? 0;
    return frames;
  }

  async #rearm(after: Millis): Promise<void> {
    await sleep(after, undefined, { ref: false });
    if (this.#pcm === null) return;
    try {
      await rearmPcm(this.#pcm);
      this.#ready = this.#pcm !== null;
    } catch (error) {
      // Of what is let go nobody hears: there may be another by now.
      if (this.#pcm !== null) this.#onLost(messageOf(error));
    }
  }
}
