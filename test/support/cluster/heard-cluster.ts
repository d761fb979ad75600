/** A cluster with ears: a private sound card, a recorder on it, and media whose samples are known. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MediaLibrary } from "../../source/library.ts";
import type { MediaFile, MediaFormat, MediaRecipe } from "../../source/media.ts";
import { findHead, matchLength } from "../sound/correlate.ts";
import { coverage } from "../sound/coverage.ts";
import { decodeFile } from "../sound/decode.ts";
import { type Interval, unexplainedSound } from "../sound/levels.ts";
import { Recorder } from "../sound/recorder.ts";
import { VirtualSoundCard, type VirtualSoundCardOptions } from "../sound/virtual-sound-card.ts";
import { Cluster, type ClusterOptions } from "./cluster.ts";

export interface HeardItem {
  /** Wall time of the first sample. */
  readonly at: number;
  /** Likeness, 1 is the same. */
  readonly score: number;
  /** How much of the item stands there without a break, in milliseconds. */
  readonly lengthMs: number;
  readonly interval: Interval;
}

export class HeardCluster {
  readonly card: VirtualSoundCard;
  readonly recorder: Recorder;
  readonly cluster: Cluster;
  readonly #folder: string;
  readonly #library: MediaLibrary;
  readonly #sources = new Map<string, Float32Array>();

  private constructor(parts: {
    card: VirtualSoundCard;
    recorder: Recorder;
    cluster: Cluster;
    folder: string;
    library: MediaLibrary;
  }) {
    this.card = parts.card;
    this.recorder = parts.recorder;
    this.cluster = parts.cluster;
    this.#folder = parts.folder;
    this.#library = parts.library;
  }

  /** `environment` adds to what leads the agent to the card, which is made by `sink`. */
  static async open({
    sink,
    ...options
  }: Omit<ClusterOptions, "environment" | "folder"> & {
    environment?: NodeJS.ProcessEnv;
    sink?: VirtualSoundCardOptions;
  } = {}): Promise<HeardCluster> {
    const folder = await mkdtemp(join(tmpdir(), "loa-heard-"));
    const card = await VirtualSoundCard.start(sink);
    const recorder = await Recorder.start(card);
    const cluster = await Cluster.open({
      ...options,
      folder: join(folder, "cluster"),
      environment: { ...card.env, ...options.environment },
    });
    const library = await MediaLibrary.open(join(folder, "media"));
    return new HeardCluster({ card, recorder, cluster, folder, library });
  }

  async media(recipe: MediaRecipe, format: MediaFormat, title: string): Promise<MediaFile> {
    const file = await this.#library.get({ recipe, format, title });
    this.#sources.set(file.sha256, await decodeFile(file.file));
    return file;
  }

  speech(text: string, format: MediaFormat): Promise<MediaFile> {
    return this.media({ kind: "speech", text, voice: "north" }, format, text);
  }

  samplesOf(file: MediaFile): Float32Array {
    const samples = this.#sources.get(file.sha256);
    if (samples === undefined) throw new Error(`'${file.title}' was not made here`);
    return samples;
  }

  /** Looks for an item around a wall time. */
  find(file: MediaFile, around: number, withinMs: number): HeardItem {
    const source = this.samplesOf(file);
    const recording = this.recorder.samples();
    const found = findHead(recording, source, { sample: this.recorder.sampleAt(around), within: withinMs * 48 });
    const isThere = found.score >= 0.8;
    return {
      at: this.recorder.wallTimeOf(found.sample),
      score: found.score,
      lengthMs: isThere ? matchLength(recording, source, found.sample) / 48 : 0,
      interval: isThere ? coverage(recording, source, found.sample) : { from: found.sample, to: found.sample },
    };
  }

  /** Sound outside these intervals, as wall time and length in milliseconds. */
  unplanned(planned: readonly Interval[]): { at: number; lengthMs: number }[] {
    return unexplainedSound(this.recorder.samples(), planned).map(({ from, to }) => ({
      at: this.recorder.wallTimeOf(from),
      lengthMs: (to - from) / 48,
    }));
  }

  async close(): Promise<void> {
    await this.cluster.close();
    await this.recorder.stop();
    await this.card.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
