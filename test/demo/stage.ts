/** Everybody who takes part: the sound card and its recorder, the cluster with its province, the recordings. All real, all ours. */
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BodyInput } from "../source/envelope.ts";
import { wireInstant } from "../source/envelope.ts";
import { MediaLibrary } from "../source/library.ts";
import type { MediaFile } from "../source/media.ts";
import { ProvincialSource } from "../source/source.ts";
import type { AgentProcess } from "../support/cluster/agent-process.ts";
import { Cluster, localParts } from "../support/cluster/cluster.ts";
import { decodeFile } from "../support/sound/decode.ts";
import { levelBetween } from "../support/sound/levels.ts";
import { RECORDING_RATE, Recorder } from "../support/sound/recorder.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";
import { BOARD_PLAYLISTS, BOARD_TEXTS, StoryBoard } from "./board.ts";
import { type MediaName, PINNED, STORY_MEDIA } from "./media.ts";
import type { Break } from "./options.ts";
import { type Passage, passOn } from "./passage.ts";
import { ALERT, type Lengths, type PlannedProgramme } from "./plan.ts";

type Media = Readonly<Record<MediaName, MediaFile>>;
const LEVEL_OVER_MS = 120;
/** Long enough that nothing but its rounds ends the alert. */
const ALERT_LASTS_MS = 600_000;

export class Stage {
  readonly cluster: Cluster;
  readonly card: VirtualSoundCard;
  readonly recorder: Recorder;
  /** Way to the person's ears, where this machine has one. */
  readonly passage: Passage | null;
  /** The commune's public board, a computer of its own. */
  readonly board: StoryBoard;
  /** What should be heard, decoded apart from the program. */
  readonly sounds: Readonly<Record<MediaName, Float32Array>>;
  readonly lengths: Lengths;
  readonly #media: Media;
  readonly #swapped: boolean;

  private constructor(
    parts: Pick<Stage, "cluster" | "card" | "recorder" | "passage" | "board" | "sounds">,
    media: Media,
    broken: Break | null,
  ) {
    this.cluster = parts.cluster;
    this.card = parts.card;
    this.recorder = parts.recorder;
    this.passage = parts.passage;
    this.board = parts.board;
    this.sounds = parts.sounds;
    this.#media = media;
    this.#swapped = broken === "media";
    const lengths = Object.entries(parts.sounds).map(([name, samples]) => [name, samples.length / RECORDING_RATE]);
    this.lengths = Object.fromEntries(lengths) as Lengths;
  }

  /** Makes, once, what will be played. */
  static async media(folder: string): Promise<Media> {
    return (await MediaLibrary.open(folder)).getAll(STORY_MEDIA);
  }

  /** Sets everything up; the station is linked and holds all media. What was begun is ended again where that fails. */
  static async set(media: Media, broken: Break | null): Promise<Stage> {
    await using begun = new AsyncDisposableStack();
    // Short, because the path of a unix socket may not be longer than 107 bytes.
    const folder = await mkdtemp(join(tmpdir(), "loa-story-"));
    begun.defer(() => rm(folder, { recursive: true, force: true }));
    const card = await VirtualSoundCard.start();
    begun.defer(() => card.close());
    const recorder = await Recorder.start(card);
    begun.defer(() => recorder.stop());
    const passage = await passOn(card);
    begun.defer(() => passage?.stop());
    const cluster = await Cluster.open({ folder, environment: card.env });
    begun.defer(() => cluster.close({ keep: true }));
    cluster.texts = BOARD_TEXTS;
    cluster.playlists = BOARD_PLAYLISTS;
    const [sounds, board] = await Promise.all([decodeAll(media), StoryBoard.start(cluster), cluster.startAgent()]);
    begun.defer(() => board.stop());
    const stage = new Stage({ cluster, card, recorder, passage, board, sounds }, media, broken);
    const played = (Object.keys(media) as MediaName[]).filter((name) => name !== "stranger");
    const file = (name: MediaName) => stage.#file(name);
    await cluster.approve(played.filter((name) => !PINNED.includes(name)).map(file), PINNED.map(file));
    await cluster.cached();
    begun.move();
    return stage;
  }

  get agent(): AgentProcess {
    if (this.cluster.agent === null) throw new Error("the agent was never started");
    return this.cluster.agent;
  }

  /** Level of what was heard just now, in dBFS. */
  level(): number {
    const to = this.recorder.length;
    return levelBetween(this.recorder.samples(), to - (RECORDING_RATE * LEVEL_OVER_MS) / 1_000, to).rms;
  }

  /** Publishes these programmes as the province's schedule. */
  schedule(programmes: readonly PlannedProgramme[], t0: number): Promise<void> {
    return this.cluster.schedule(
      programmes.map(({ id, title, class: wanted, startS, chime, items }) => {
        const { date, time } = localParts(t0 + startS * 1_000);
        const once = { kind: "once", date } as const;
        const head = {
          id,
          title,
          class: wanted,
          recurrence: once,
          start: time,
          items: items.map((name) => this.#item(name)),
        };
        return chime === undefined ? head : { ...head, chime: this.#file(chime).sha256 };
      }),
    );
  }

  /** Publishes the alert. Gives the moment before, from which its delay counts. */
  async alert(): Promise<number> {
    const at = Date.now();
    const body: BodyInput<"emergency"> = {
      identifier: ALERT.id,
      sent: wireInstant(at),
      status: "actual",
      msgType: "alert",
      expires: wireInstant(at + ALERT_LASTS_MS),
      headline: ALERT.title,
      items: ALERT.items.map((name) => this.#item(name)),
    };
    await this.cluster.source.publish("emergency", body, { address: "province/01" });
    return at;
  }

  /** Ends broker, source and media server at once, as a power cut in the province would. */
  async stopProvince(options: { leaveBroker: boolean }): Promise<void> {
    const { source, mediaServer, broker } = this.cluster;
    await Promise.all([source.stop(), mediaServer.stop(), options.leaveBroker ? null : broker.stop("SIGKILL")]);
  }

  /** Starts them again where they were. */
  async startProvince(): Promise<void> {
    const { cluster } = this;
    if (!cluster.broker.isRunning()) await cluster.broker.restart();
    await cluster.mediaServer.restart();
    cluster.source = await ProvincialSource.open(cluster.source.folder, { broker: cluster.broker.url });
  }

  /** Ends everybody and keeps what they wrote in the folder. */
  async close(folder: string): Promise<void> {
    await this.passage?.stop();
    await this.recorder.stop();
    await this.board.stop();
    await this.cluster.close({ keep: true });
    await this.card.close();
    await mkdir(folder, { recursive: true });
    await this.board.keep(folder);
    for (const name of ["station.yaml", "agent.log", "board.log"]) {
      await copyFile(join(this.cluster.folder, name), join(folder, name));
    }
    await rm(this.cluster.folder, { recursive: true, force: true });
  }

  #file(name: MediaName): MediaFile {
    // The swap: served, approved and played like any other, only not what was planned.
    if (this.#swapped && name === "market") return { ...this.#media.stranger, title: this.#media.market.title };
    return this.#media[name];
  }

  #item(name: MediaName) {
    const { sha256, title } = this.#file(name);
    return { kind: "media", id: name, title, sha256 } as const;
  }
}

async function decodeAll(media: Media): Promise<Stage["sounds"]> {
  const sounds: Partial<Record<MediaName, Float32Array>> = {};
  for (const [name, { file }] of Object.entries(media)) sounds[name as MediaName] = await decodeFile(file);
  return sounds as Record<MediaName, Float32Array>;
}
