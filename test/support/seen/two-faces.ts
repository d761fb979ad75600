/** The real program with a board of two faces in a real browser, each with its signed playlist: picture, text, running line, clock. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PNG } from "pngjs";
import type { FacesView } from "../../../agent/board/faces-view.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import { cli } from "../cluster/agent-process.ts";
import { Cluster } from "../cluster/cluster.ts";
import { Picture } from "./picture.ts";

export const SCREEN = { width: 1280, height: 360 };
export const FRONT = { x: 0, y: 0, width: 640, height: 360 };
export const BACK = { x: 640, y: 0, width: 640, height: 360 };
/** Colour of the picture. */
export const GREEN = [0, 160, 0] as const;
const NOTICE = "Ủy ban nhân dân xã Nguyễn Huệ mời bà con đến nhận giống lúa tại Cửa khẩu.";
const WELCOME = "欢迎来到口岸";
const EVERY_DAY = { kind: "weekly" as const, weekdays: ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const };

const digest = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex") as Sha256;

/** A picture of one colour. */
function picture(width: number, height: number): Buffer {
  const png = new PNG({ width, height });
  for (let at = 0; at < png.data.length; at += 4) png.data.set([...GREEN, 255], at);
  return PNG.sync.write(png);
}

/** Whether both faces show this, and the page confirms it. */
export const shows = (kind: string) => (view: FacesView) =>
  view.faces.every(({ showing, unconfirmedMs }) => showing === kind && unconfirmedMs === null);

export class TwoFaces {
  readonly cluster: Cluster;

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  /** Its agent runs; the faces may not show anything yet. */
  static async open(): Promise<TwoFaces> {
    const board = {
      screen: { ...SCREEN, kiosk: { mode: "headless" } },
      faces: [
        { name: "truoc", at: FRONT, languages: ["vi", "en"] },
        { name: "sau", at: BACK, languages: ["zh", "vi"] },
      ],
    };
    const cluster = await Cluster.open({ environment: { PATH: process.env.PATH }, station: {} });
    await cluster.configure({ hardware: { board, amplifier: { kind: "simulated", socket: cluster.board.socket } } });
    const bytes = picture(320, 180);
    const file = join(cluster.folder, "anh.png");
    await writeFile(file, bytes);
    const sha256 = digest(bytes);
    const media = { sha256, sizeBytes: bytes.length, type: "image/png" as const, durationMs: 0, title: "ảnh" };
    const url = cluster.mediaServer.add({ ...media, file });
    const texts = [
      { sha256: digest(NOTICE), language: "vi" },
      { sha256: digest(WELCOME), language: "zh" },
    ];
    await cluster.source.publish(
      "content",
      { level: "province", media: [{ ...media, urls: [url] }], texts },
      { address: "province/01" },
    );
    const text = (id: string, language: string, words: string) => ({
      kind: "text" as const,
      id,
      title: id,
      language,
      text: words,
    });
    const box = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });
    const playlist = (id: string, face: string, words: ReturnType<typeof text>) => ({
      ...{
        id,
        title: id,
        recurrence: { ...EVERY_DAY, weekdays: [...EVERY_DAY.weekdays] },
        start: "00:00",
        end: "00:00",
        faces: [face],
      },
      layout: [
        {
          id: "anh",
          kind: "image" as const,
          ...box(0, 0, 50, 60),
          items: [{ kind: "media" as const, id: "anh", title: "ảnh", sha256 }],
          fit: "cover" as const,
        },
        { id: "chu", kind: "text" as const, ...box(50, 0, 50, 60), items: [words], background: "#102060" },
        { id: "chay", kind: "ticker" as const, ...box(0, 60, 100, 20), items: [words] },
        { id: "gio", kind: "clock" as const, ...box(0, 80, 100, 20) },
      ],
    });
    await cluster.source.publish(
      "schedule",
      {
        level: "province",
        programmes: [],
        playlists: [
          playlist("mat-truoc", "truoc", text("moi", "vi", NOTICE)),
          playlist("mat-sau", "sau", text("chao", "zh", WELCOME)),
        ],
      },
      { address: "province/01" },
    );
    const agent = await cluster.startAgent();
    await agent.until("signed time", ({ clock }) => clock.trust === "attested");
    return new TwoFaces(cluster);
  }

  async faces(): Promise<FacesView> {
    return (await this.cluster.agent?.ask("GET", "/v1/faces")) as FacesView;
  }

  /** @throws Error with the last view when it does not come */
  async until(what: string, holds: (view: FacesView) => boolean, withinMs = 15_000): Promise<FacesView> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const view = await this.faces();
      if (holds(view)) return view;
      if (performance.now() > deadline)
        throw new Error(`not within ${withinMs} ms: ${what}\n${JSON.stringify(view, null, 1)}`);
      await sleep(50);
    }
  }

  /** Signs and publishes an alert of silence, in the languages of both faces. */
  async alert(identifier: string): Promise<void> {
    const now = Date.now();
    await this.cluster.source.publish(
      "emergency",
      {
        ...{ identifier, status: "actual" as const, msgType: "alert" as const },
        ...{ sent: new Date(now).toISOString(), expires: new Date(now + 600_000).toISOString() },
        ...{ headline: "Lũ quét", text: "Di dời ngay lên nhà văn hoá." },
        translations: [{ language: "zh", headline: "山洪警报", text: "请立即撤离。" }],
        repeat: { rounds: 0, gapMs: 0 },
      },
      { address: "province/01" },
    );
  }

  /** A screenshot by the command line. */
  async look(name: string): Promise<Picture> {
    const file = join(this.cluster.folder, `${name}.png`);
    const { code, stderr } = await cli(this.cluster.place, ["face", "screenshot", file]);
    if (code !== 0) throw new Error(stderr);
    if (process.env.LOA_PICTURES !== undefined)
      await writeFile(join(process.env.LOA_PICTURES, `${name}.png`), await readFile(file));
    return Picture.parse(await readFile(file));
  }

  close(): Promise<void> {
    return this.cluster.close();
  }
}
