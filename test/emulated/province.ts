/** The host side of an emulated board: broker, media and the reference source, which outlive the board's power cuts and a campaign's own end. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BodyInput } from "../source/envelope.ts";
import { approveMedia, MediaLibrary } from "../source/library.ts";
import type { MediaFile } from "../source/media.ts";
import { MediaServer } from "../source/media-server.ts";
import { ProvincialSource } from "../source/source.ts";
import { writeStick } from "../source/stick.ts";
import { freePort } from "../support/processes/free-port.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";

export const STATION = { station: "xa-00004-cum-01", commune: "00004", province: "01" } as const;
const PROVINCE = { address: "province/01" } as const;
/** The machine itself, as QEMU's own network shows it to the board. */
const HOST = "10.0.2.2";
/** One long enough to be known by its head and its tail, and to be cut in between. */
const WORDS =
  "Uỷ ban nhân dân xã thông báo lịch tiêm phòng cho trẻ em dưới sáu tuổi tại trạm y tế, bắt đầu từ bảy giờ sáng thứ hai.";

type Programme = NonNullable<BodyInput<"schedule">["programmes"]>[number];

export class Province implements AsyncDisposable {
  readonly source: ProvincialSource;
  readonly bulletin: MediaFile;
  readonly #broker: Mosquitto;
  readonly #media: MediaServer;

  private constructor(parts: { broker: Mosquitto; media: MediaServer; source: ProvincialSource; bulletin: MediaFile }) {
    this.#broker = parts.broker;
    this.#media = parts.media;
    this.source = parts.source;
    this.bulletin = parts.bulletin;
  }

  /** Makes it in `folder`, or goes on with what stands there, at the address that the board knows. */
  static async open(folder: string): Promise<Province> {
    const note = join(folder, "port");
    const port = Number(await readFile(note, "utf8").catch(() => freePort()));
    const broker = await Mosquitto.start({ folder: join(folder, "broker"), port });
    await writeFile(note, String(port));
    const source = await ProvincialSource.open(join(folder, "source"), { broker: broker.url });
    const media = await MediaServer.start();
    const library = await MediaLibrary.open(join(folder, "media"));
    const recipe = { kind: "speech", text: WORDS, voice: "north" } as const;
    const bulletin = await library.get({ recipe, format: "mp3", title: "Lịch tiêm phòng" });
    const province = new Province({ broker, media, source, bulletin });
    await province.#publish();
    return province;
  }

  /** The technician's stick: who the station is, the signed documents so far, the media. */
  async writeStick(folder: string): Promise<void> {
    await writeStick(folder, this.source, STATION, [this.bulletin], {
      brokers: [`mqtt://${HOST}:${this.#broker.port}`],
    });
  }

  /** Replaces the schedule. */
  async schedule(programmes: readonly Omit<Programme, "class" | "items" | "title">[]): Promise<void> {
    const { sha256, title } = this.bulletin;
    const items = [{ kind: "media" as const, id: "tin", title, sha256 }];
    const whole = programmes.map((one) => ({ class: "normal" as const, title, items, ...one }));
    await this.source.publish("schedule", { level: "province", programmes: whole }, PROVINCE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.stop();
    await this.#media.stop();
    await this.#broker.stop();
  }

  async #publish(): Promise<void> {
    this.#media.add(this.bulletin);
    const url = `http://${HOST}:${this.#media.port}/${this.bulletin.sha256}`;
    await this.source.publishTrust();
    await this.source.publish("config", { policy: { quietHours: [] } }, PROVINCE);
    await this.source.publish("content", { level: "province", media: [approveMedia(this.bulletin, [url])] }, PROVINCE);
  }
}
