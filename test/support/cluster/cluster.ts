/**
 * One commune cluster and its province, all real: broker, source, media server, simulated board, agent. The sound card is the caller's,
 * because the caller listens.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { BodyInput } from "../../source/envelope.ts";
import { approveMedia, approveText } from "../../source/library.ts";
import type { LinkIdentity } from "../../source/link.ts";
import type { MediaFile } from "../../source/media.ts";
import { MediaServer } from "../../source/media-server.ts";
import { ProvincialSource } from "../../source/source.ts";
import { BoardProcess } from "../drivers/board-process.ts";
import { Mosquitto } from "../processes/mosquitto.ts";
import { type AgentPlace, AgentProcess } from "./agent-process.ts";

export const STATION = "xa-00004-cum-01";
export const COMMUNE = "00004";
export const PROVINCE = "01";
export const ZONE = "Asia/Ho_Chi_Minh";

/** Short times, openly: a story of a minute cannot wait for the field's defaults, which are tested in virtual time. */
export const SHORT_TIMES = {
  uplink: {
    reconnect: { baseMs: 200, capMs: 1_000, spreadMs: 200, stableMs: 5_000 },
    resendAfterMs: 2_000,
    healthEveryMs: 2_000,
  },
  amplifierTimes: { settleMs: 300, guardMs: 60, tailMs: 150, holdMs: 1_500, minimumOffMs: 300 },
  media: { retryBaseMs: 200, retryCapMs: 1_000 },
} as const;

export interface ClusterOptions {
  /** Environment that leads the agent to the sound card. */
  readonly environment: NodeJS.ProcessEnv;
  /** Folder for everything; a temporary one where not given. */
  readonly folder?: string;
  readonly clock?: { kind: "simulated"; trust: "unknown" | "floor" | "held" };
  readonly sound?: { band?: "off"; device?: string; latencyHint?: number; latencyCorrectionMs?: number };
  /** Bounds of the outbox; the field's where not given. */
  readonly outbox?: { readonly rows: number };
  readonly ear?: { readonly kind: "alsa" | "pulse"; readonly device: string };
  readonly amplifierTimes?: Record<keyof typeof SHORT_TIMES.amplifierTimes, number>;
  /** A broker that asks who is there, and everybody's papers for it. */
  readonly security?: ClusterSecurity;
  /** Something between the station and the broker's port; gives the port that the station is to use. */
  readonly through?: (port: number) => Promise<number>;
  /** Command in front of the agent that confines it. */
  readonly under?: readonly string[];
  /** Further sections of `station.yaml`. */
  readonly station?: object;
  readonly ceremony?: Parameters<typeof ProvincialSource.open>[1]["ceremony"];
}

export interface ClusterSecurity {
  /** Lines of mosquitto.conf. */
  readonly access: readonly string[];
  readonly source: LinkIdentity;
}

export class Cluster {
  readonly folder: string;
  readonly broker: Mosquitto;
  readonly mediaServer: MediaServer;
  readonly board: BoardProcess;
  readonly place: AgentPlace;
  source: ProvincialSource;
  agent: AgentProcess | null = null;
  readonly #approved = new Map<string, ReturnType<typeof approveMedia>>();
  /** Texts that may be shown; counts from the next approval on. */
  texts: readonly { readonly text: string; readonly language: string }[] = [];
  /** Live sources that may be relayed; counts from the next approval on. */
  live: NonNullable<BodyInput<"content">["live"]> = [];
  /** What faces show; counts from the next schedule on. */
  playlists: NonNullable<BodyInput<"schedule">["playlists"]> = [];
  /** What `station.yaml` says. */
  #station: object;

  private constructor(
    parts: Pick<Cluster, "folder" | "broker" | "mediaServer" | "board" | "place" | "source"> & { station: object },
  ) {
    this.#station = parts.station;
    this.folder = parts.folder;
    this.broker = parts.broker;
    this.mediaServer = parts.mediaServer;
    this.board = parts.board;
    this.place = parts.place;
    this.source = parts.source;
  }

  /** Everything but the agent; trust and an open policy are published. */
  static async open(options: ClusterOptions): Promise<Cluster> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "loa-cluster-")));
    await mkdir(join(folder, "broker"), { recursive: true });
    const { security } = options;
    const access = security === undefined ? {} : { access: security.access };
    const broker = await Mosquitto.start({ folder: join(folder, "broker"), ...access });
    const ceremony = options.ceremony === undefined ? {} : { ceremony: options.ceremony };
    const tls = security === undefined ? {} : { tls: security.source };
    const url = security === undefined ? broker.url : broker.url.replace("mqtt:", "mqtts:");
    const source = await ProvincialSource.open(join(folder, "source"), { broker: url, ...ceremony, ...tls });
    const [mediaServer, board] = await Promise.all([MediaServer.start(), BoardProcess.at(folder)]);
    const root = await source.ceremony.writeRootFile(folder);
    const place: AgentPlace = {
      configFile: join(folder, "station.yaml"),
      socket: join(folder, "control.sock"),
      logFile: join(folder, "agent.log"),
      environment: options.environment,
      under: options.under,
    };
    const station = {
      station: STATION,
      commune: COMMUNE,
      province: PROVINCE,
      root,
      state: "state",
      socket: place.socket,
      uplink: {
        brokers: [options.through === undefined ? url : `mqtt://127.0.0.1:${await options.through(broker.port)}`],
        ...SHORT_TIMES.uplink,
        ...(options.outbox === undefined ? {} : { outbox: options.outbox }),
      },
      media: SHORT_TIMES.media,
      hardware: {
        amplifier: { kind: "simulated", socket: board.socket },
        amplifierTimes: options.amplifierTimes ?? SHORT_TIMES.amplifierTimes,
        // Recordings are compared with the files: a horn's band would change every waveform.
        sound: { band: "off", ...options.sound },
        ...(options.clock === undefined ? {} : { clock: options.clock }),
        ...(options.ear === undefined ? {} : { ear: options.ear }),
      },
      ...options.station,
    };
    const cluster = new Cluster({ folder, broker, mediaServer, board, place, source, station });
    await cluster.configure({});
    await source.publishTrust();
    await source.publish("config", { policy: { quietHours: [] } }, { address: "province/01" });
    return cluster;
  }

  /** Writes `station.yaml` anew with other sections; counts from the agent's next start on. */
  async configure(sections: object): Promise<void> {
    this.#station = { ...this.#station, ...sections };
    await writeFile(this.place.configFile, stringify(this.#station));
  }

  /** Another cluster of the same commune, without an amplifier: its own file, state and socket. */
  async anotherStation(station: string, environment: NodeJS.ProcessEnv, hardware: object = {}): Promise<AgentPlace> {
    const file = (ending: string) => join(this.folder, `${station}.${ending}`);
    const place = { configFile: file("yaml"), socket: file("sock"), logFile: file("log"), environment };
    const own = { station, state: `state-${station}`, socket: place.socket, hardware };
    await writeFile(place.configFile, stringify({ ...this.#station, ...own }));
    return place;
  }

  async startAgent(): Promise<AgentProcess> {
    this.agent = await AgentProcess.start(this.place);
    return this.agent;
  }

  /** Puts media on the server and approves all that were ever put there. */
  async approve(files: readonly MediaFile[], pinned: readonly MediaFile[] = []): Promise<void> {
    for (const file of [...files, ...pinned]) {
      const url = this.mediaServer.add(file);
      this.#approved.set(file.sha256, approveMedia(file, [url], pinned.includes(file)));
    }
    const texts = this.texts.map(({ text, language }) => approveText(text, language));
    const body: BodyInput<"content"> = {
      level: "province",
      media: [...this.#approved.values()],
      texts,
      live: this.live,
    };
    await this.source.publish("content", body, { address: "province/01" });
  }

  /** Replaces the province's schedule. */
  async schedule(programmes: BodyInput<"schedule">["programmes"]): Promise<void> {
    const { playlists } = this;
    await this.source.publish("schedule", { level: "province", programmes, playlists }, { address: "province/01" });
  }

  /** Waits until every approved file is in the station's cache. */
  async cached(): Promise<void> {
    if (this.agent === null) throw new Error("no agent runs");
    await this.agent.until("all media cached", ({ media }) => media.present >= this.#approved.size);
  }

  /** Ends all that runs and, where the folder was temporary, removes it. */
  async close(options: { keep?: boolean } = {}): Promise<void> {
    await this.agent?.kill("SIGTERM");
    await this.source.stop();
    await this.mediaServer.stop();
    await this.broker.stop("SIGKILL");
    await this.board.stop();
    if (options.keep !== true) await rm(this.folder, { recursive: true, force: true });
  }
}

/** Local date and time of an instant in the station's zone, as schedules want them. */
export function localParts(at: number): { date: string; time: string } {
  const text = new Date(at + 7 * 3_600_000).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 19) };
}
