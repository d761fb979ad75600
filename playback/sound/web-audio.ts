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
  type GainNode,
  mediaDevices,
} from "node-web-audio-api";
import type { Millis } from "../model/units.ts";
import { RATE, type Samples } from "./units.ts";

/** How much the card may queue: a preset or seconds. */
export type LatencyHint = "interactive" | "balanced" | "playback" | number;

/** Twice the tenth of a second that the level is taken over, as a power of two. */
const WINDOW = 8_192;
/**
 * Sources start a ten-thousandth of a sample early, so that rounding of seconds never pushes one behind its sample, which would
 * leave a hole of one sample at the joint.
 */
const EARLY = 1e-4;

/** One open audio context. */
export class AudioGraph {
  readonly #context: AudioContext;
  readonly #master: GainNode;
  readonly #analyser: AnalyserNode;
  readonly #window = new Float32Array(WINDOW);

  private constructor(context: AudioContext) {
    this.#context = context;
    this.#master = context.createGain();
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = WINDOW;
    this.#master.connect(this.#analyser);
    this.#analyser.connect(context.destination);
  }

  /**
   * Opens the card with this label, or the system's default without one. The clock may stand still for two seconds after it.
   * @throws Error where there is no such card or it cannot be opened at 48 kHz.
   */
  static async open(label: string | undefined, latencyHint: LatencyHint): Promise<AudioGraph> {
    const sinkId = label === undefined ? "" : await deviceIdOf(label);
    // `sinkId` is not in the DOM's constructor options as TypeScript knows them.
    const options = { latencyHint, sampleRate: RATE, sinkId };
    const context = new AudioContext(options as AudioContextOptions);
    const graph = new AudioGraph(context);
    if (context.sampleRate === RATE) return graph;
    graph.abandon();
    throw new Error(`the card runs at ${context.sampleRate} Hz, not at ${RATE}`);
  }

  /** Samples rendered so far; moves in steps of one period of the card. */
  rendered(): Samples {
    return this.#context.currentTime * RATE;
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

  /** Copies the last rendered samples, as many as fit, at most 8192. */
  recent(into: Float32Array<ArrayBuffer>): void {
    this.#analyser.getFloatTimeDomainData(this.#window);
    into.set(this.#window.subarray(WINDOW - into.length));
  }

  /** Closes a graph whose clock runs. */
  async close(): Promise<void> {
    await this.#context.close();
  }

  /** Lets go of a dead graph without waiting: its `close()` may never settle, and its fault is already known. */
  abandon(): void {
    this.#context.close().catch(() => {});
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

/** The library takes only its own numbers, which change from boot to boot; people write labels. */
async function deviceIdOf(label: string): Promise<string> {
  const outputs = (await mediaDevices.enumerateDevices()).filter((device) => device.kind === "audiooutput");
  const found = outputs.find((device) => device.label === label);
  if (found) return found.deviceId;
  throw new Error(`no output "${label}"; there are: ${outputs.map((device) => device.label).join(", ") || "none"}`);
}
