/**
 * The audio graph: voices → master → analyser → card. The only file that knows the Web Audio library.
 *
 * What the library does not tell (measured with 2.2.0): a lost card changes no state and sends no event, only the clock stands
 * still, and `close()` of such a context never settles. So a dead graph is abandoned, never waited for.
 */
import {
  type AnalyserNode,
  AudioBuffer,
  type AudioBufferSourceNode,
  AudioContext,
  type AudioNode,
  type BaseAudioContext,
  type ChannelMergerNode,
  type GainNode,
  mediaDevices,
} from "node-web-audio-api";
import { amplitudeOf, type Decibels, type Millis } from "../model/units.ts";
import type { Section } from "./processing.ts";
import { type PlaybackStats, UnderrunCount } from "./underrun-count.ts";
import { RATE, type Samples } from "./units.ts";

/** How much the card may queue: a preset or seconds. */
export type LatencyHint = "interactive" | "balanced" | "playback" | number;

/** Samples that a graph remembers of what it rendered: the most that the library can. */
export const REMEMBERED = 32_768;
/**
 * Seconds that a microphone is captured at a time. The library holds one such piece between capture and card, so it is also the unsteadiness that
 * is not heard: with a hundredth of a second one page in four was torn.
 */
const CAPTURE = 0.03;
/** Twice the tenth of a second that the level is taken over, as a power of two. */
const WINDOW = 8_192;
/**
 * Sources start a ten-thousandth of a sample early, so that rounding of seconds never pushes one behind its sample, which would
 * leave a hole of one sample at the joint.
 */
const EARLY = 1e-4;

/** Which card, and which channel of it. */
export interface CardChoice {
  /** As the system lists it; without it the default. */
  readonly label: string | undefined;
  readonly latencyHint: LatencyHint;
  /** 1 … `channels`. A card opened with one channel gives it to every speaker it has. */
  readonly channel: number;
  readonly channels: number;
  /** Of everything on this channel, 0 or less. */
  readonly gain: Decibels;
}

interface Card {
  readonly context: AudioContext;
  readonly merger: ChannelMergerNode | null;
  readonly underruns: UnderrunCount;
  users: number;
}

/** The cards that are open; outputs on channels of one card share its audio context, because a card opens only once. */
export class AudioCards {
  readonly #open = new Map<string, Promise<Card>>();

  /** @throws Error where there is no such card, or it cannot be opened at 48 kHz with so many channels. */
  async take(choice: CardChoice): Promise<{ readonly card: Card; release(dead: boolean): Promise<void> }> {
    const key = JSON.stringify([choice.label, choice.channels]);
    const opening = this.#open.get(key) ?? openCard(choice);
    this.#open.set(key, opening);
    const forget = () => {
      if (this.#open.get(key) === opening) this.#open.delete(key);
    };
    const card = await opening.catch((error: unknown) => {
      forget();
      throw error;
    });
    card.users += 1;
    return {
      card,
      release: async (dead) => {
        card.users -= 1;
        // Whoever comes next opens a dead card anew; who is still on it will notice for himself.
        if (dead || card.users === 0) forget();
        if (card.users === 0) await card.context.close();
      },
    };
  }
}

async function openCard({ label, latencyHint, channels }: CardChoice): Promise<Card> {
  const sinkId = label === undefined ? "" : await deviceIdOf(label);
  // `sinkId` is not in the DOM's constructor options as TypeScript knows them.
  const options = { latencyHint, sampleRate: RATE, sinkId };
  const context = new AudioContext(options as AudioContextOptions);
  const { destination, sampleRate } = context;
  const fit = sampleRate === RATE && (channels === 1 || channels <= destination.maxChannelCount);
  if (!fit) {
    context.close().catch(() => {});
    const has = `${destination.maxChannelCount} channel(s) at ${sampleRate} Hz`;
    throw new Error(`the card has ${has}, not ${channels} at ${RATE} Hz`);
  }
  // Nor is this in the DOM's context as TypeScript knows it.
  const { playbackStats } = context as unknown as { playbackStats: PlaybackStats };
  const underruns = new UnderrunCount(playbackStats);
  if (channels === 1) return { context, merger: null, underruns, users: 0 };
  destination.channelCount = channels;
  destination.channelInterpretation = "discrete";
  const merger = context.createChannelMerger(channels);
  merger.connect(destination);
  return { context, merger, underruns, users: 0 };
}

/** One output's part of an open card. */
export class AudioGraph {
  readonly #context: AudioContext;
  readonly #underruns: UnderrunCount;
  readonly #master: GainNode;
  readonly #analyser: AnalyserNode;
  readonly #window = new Float32Array(REMEMBERED);
  readonly #release: (dead: boolean) => Promise<void>;

  private constructor(
    { context, merger, underruns }: Card,
    choice: CardChoice,
    release: (dead: boolean) => Promise<void>,
  ) {
    this.#context = context;
    this.#underruns = underruns;
    this.#release = release;
    this.#master = context.createGain();
    this.#master.gain.value = amplitudeOf(choice.gain);
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = REMEMBERED;
    this.#master.connect(this.#analyser);
    if (merger === null) this.#analyser.connect(context.destination);
    else this.#analyser.connect(merger, 0, choice.channel - 1);
  }

  /** The clock may stand still for two seconds after it. @throws Error as `AudioCards.take`. */
  static async open(cards: AudioCards, choice: CardChoice): Promise<AudioGraph> {
    const { card, release } = await cards.take(choice);
    return new AudioGraph(card, choice, release);
  }

  /** Samples rendered so far; moves in steps of one period of the card. */
  rendered(): Samples {
    return this.#context.currentTime * RATE;
  }

  /** Seconds in which the card ran out of samples, told within 1.1 s. */
  underruns(): number {
    return this.#underruns.count();
  }

  /** What the card says of the way from a rendered sample to the ear; 0 where it does not know. */
  outputLatency(): Millis {
    const seconds = this.#context.outputLatency;
    return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
  }

  /** A new sound's way into the graph, at a linear gain. */
  voice(gain: number): Voice {
    return new Voice(this.#context, this.#master, gain);
  }

  /** The microphone of this label, captured and silent. It stays so until the graph is closed. @throws Error where it cannot be opened */
  async microphone(label: string | undefined, sections: readonly Section[]): Promise<Microphone> {
    return new Microphone(this.#context, this.#master, await captureMicrophone(label), sections);
  }

  /** Copies the last rendered samples, as many as fit, at most `REMEMBERED`. */
  recent(into: Float32Array<ArrayBuffer>): void {
    this.#analyser.getFloatTimeDomainData(this.#window);
    into.set(this.#window.subarray(REMEMBERED - into.length));
  }

  /** Closes a graph whose clock runs. */
  async close(): Promise<void> {
    this.#analyser.disconnect();
    await this.#release(false);
  }

  /** Lets go of a dead graph without waiting: its `close()` may never settle, and its fault is already known. */
  abandon(): void {
    this.#release(true).catch(() => {});
  }
}

/** One filter after the other behind a node; gives the last one. */
export function through(context: BaseAudioContext, from: AudioNode, sections: readonly Section[]): AudioNode {
  return sections.reduce<AudioNode>((before, { kind, hz, q }) => {
    const filter = context.createBiquadFilter();
    // For these two kinds Web Audio takes the quality in decibels.
    [filter.type, filter.frequency.value, filter.Q.value] = [kind, hz, 20 * Math.log10(q)];
    before.connect(filter);
    return filter;
  }, from);
}

/** A microphone in the graph; heard as loud as its voice. */
export class Microphone {
  readonly voice: Voice;
  readonly #analyser: AnalyserNode;
  readonly #window = new Float32Array(WINDOW);

  constructor(context: AudioContext, master: GainNode, stream: MediaStream, sections: readonly Section[]) {
    this.voice = new Voice(context, master, 0);
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = WINDOW;
    this.#analyser.channelCount = 1;
    this.#analyser.channelCountMode = "explicit";
    through(context, context.createMediaStreamSource(stream), sections).connect(this.#analyser);
    this.voice.carry(this.#analyser);
  }

  /** Copies what it gave last within the band, before its gain, at most 8192 samples. */
  recent(into: Float32Array<ArrayBuffer>): void {
    this.#analyser.getFloatTimeDomainData(this.#window);
    into.set(this.#window.subarray(WINDOW - into.length));
  }
}

/** One sound in the graph: blocks at exact samples, through a gain of its own. */
export class Voice {
  readonly #context: AudioContext;
  readonly #gain: GainNode;
  #blocks: { node: AudioBufferSourceNode; from: Samples; end: Samples }[] = [];

  constructor(context: AudioContext, master: GainNode, gain: number) {
    this.#context = context;
    this.#gain = context.createGain();
    this.#gain.gain.value = gain;
    this.#gain.connect(master);
  }

  /** Lets everything that a node gives pass through its gain. */
  carry(node: AudioNode): void {
    node.connect(this.#gain);
  }

  /** Plays a block from this sample of the audio clock on, which must not be rendered yet. */
  queue(samples: Float32Array<ArrayBuffer>, at: Samples): void {
    const buffer = new AudioBuffer({ length: samples.length, numberOfChannels: 1, sampleRate: RATE });
    buffer.copyToChannel(samples, 0);
    const node = this.#context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.#gain);
    node.start(Math.max(0, (at - EARLY) / RATE));
    this.#blocks.push({ node, from: at, end: at + samples.length });
  }

  /** Takes back the block queued last. */
  takeBack(): void {
    this.#blocks.pop()?.node.disconnect();
  }

  /** Straight ramp from one linear gain to another between two samples. */
  ramp(from: number, to: number, start: Samples, end: Samples): void {
    const gain = this.#gain.gain;
    gain.cancelScheduledValues(start / RATE);
    gain.setValueAtTime(from, start / RATE);
    gain.linearRampToValueAtTime(to, Math.max(end, start + 1) / RATE);
  }

  /** Nothing sounds from this sample on. */
  stop(at: Samples): void {
    for (const block of this.#blocks) block.node.stop(Math.max(0, at / RATE));
  }

  /** What was queued from this sample on is taken back; more may be queued in its place. */
  cut(at: Samples): void {
    for (const block of this.#blocks) {
      if (block.from >= at) block.node.disconnect();
      else if (block.end > at) {
        block.node.stop(Math.max(0, (at - EARLY) / RATE));
        block.end = at;
      }
    }
    this.#blocks = this.#blocks.filter((block) => block.from < at);
  }

  /** Frees the blocks that were rendered. */
  prune(rendered: Samples): void {
    while (this.#blocks[0] !== undefined && this.#blocks[0].end < rendered) this.#blocks.shift()?.node.disconnect();
  }

  /** Leaves the graph at once. */
  dispose(): void {
    for (const block of this.#blocks) block.node.disconnect();
    this.#blocks = [];
    this.#gain.disconnect();
  }
}

/**
 * Begins to capture: the library has no way to end it but the end of the program.
 * @throws Error where there is none of this label. One that cannot be opened ends the program: try it in another one first.
 */
export async function captureMicrophone(label: string | undefined): Promise<MediaStream> {
  const inputs = (await mediaDevices.enumerateDevices()).filter((device) => device.kind === "audioinput");
  const names = inputs.map((device) => device.label).join(", ") || "none";
  const found = label === undefined ? inputs[0] : inputs.find((device) => device.label === label);
  if (found === undefined)
    throw new Error(`no input ${label === undefined ? "at all" : `"${label}"`}; there are: ${names}`);
  // `latency` is not in the DOM's constraints as TypeScript knows them.
  const audio = { latency: CAPTURE, ...(label === undefined ? {} : { deviceId: found.deviceId }) };
  return mediaDevices.getUserMedia({ audio: audio as MediaTrackConstraints });
}

/** The library takes only its own numbers, which change from boot to boot; people write labels. */
async function deviceIdOf(label: string): Promise<string> {
  const outputs = (await mediaDevices.enumerateDevices()).filter((device) => device.kind === "audiooutput");
  const found = outputs.find((device) => device.label === label);
  if (found) return found.deviceId;
  throw new Error(`no output "${label}"; there are: ${outputs.map((device) => device.label).join(", ") || "none"}`);
}
