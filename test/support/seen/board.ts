/** A page server with media of its own, and a browser page at it. */
import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { Cameras } from "../../../playback/board/camera/cameras.ts";
import { PageServer } from "../../../playback/board/page-server.ts";
import type { BoardScene, Size } from "../../../playback/model/board.ts";
import type { LivePin } from "../../../playback/model/live.ts";
import { type Refusal, refusal } from "../../../playback/model/refusal.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import type { MediaLibrary, OpenMedia } from "../../../playback/ports/media.ts";
import type { ScreenReport } from "../../../playback/ports/screen.ts";
import type { Supervisor } from "../../../playback/ports/supervisor.ts";
import { realClock } from "../sound/real-clock.ts";
import type { Browser, BrowserPage } from "./browser.ts";
import { Picture } from "./picture.ts";

/** Approved media in a folder. */
export class FolderLibrary implements MediaLibrary {
  readonly #folder: string;
  readonly #types = new Map<Sha256, string>();
  /** Files open now. */
  open_ = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<FolderLibrary> {
    const folder = await mkdtemp(join(tmpdir(), "loa-media-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return new FolderLibrary(folder);
  }

  async add(bytes: Uint8Array, type: string): Promise<Sha256> {
    const sha256 = createHash("sha256").update(bytes).digest("hex") as Sha256;
    await writeFile(join(this.#folder, sha256), bytes);
    this.#types.set(sha256, type);
    return sha256;
  }

  has(sha256: Sha256): boolean {
    return this.#types.has(sha256);
  }

  async open(sha256: Sha256): Promise<OpenMedia | Refusal> {
    const type = this.#types.get(sha256);
    if (type === undefined) return refusal("media-missing", "not in the folder");
    const fd = openSync(join(this.#folder, sha256), "r");
    this.open_ += 1;
    const close = async () => {
      this.open_ -= 1;
      closeSync(fd);
    };
    return { sha256, fd, type, durationMs: 10_000, close };
  }
}

export interface SeenBoardOptions {
  readonly size: Size;
  readonly library?: FolderLibrary;
  readonly pins?: readonly LivePin[];
  readonly supervisor?: Supervisor;
}

export class SeenBoard {
  readonly reports: ScreenReport[] = [];
  readonly logged: { readonly event: string; readonly at: number; readonly fields: object }[] = [];
  readonly server: PageServer;
  readonly page: BrowserPage;
  #revision = 0;

  private constructor(server: PageServer, page: BrowserPage) {
    this.server = server;
    this.page = page;
  }

  /** A server and a page that has answered. */
  static async open(browser: Browser, options: SeenBoardOptions): Promise<SeenBoard> {
    const logged: { event: string; at: number; fields: object }[] = [];
    const log = (event: string, fields: object) => void logged.push({ event, at: realClock.monotonic(), fields });
    const { supervisor, pins = [] } = options;
    const pin = (id: string) => pins.find((one) => one.id === id) ?? null;
    const media = options.library ?? (await FolderLibrary.make());
    const cameras = supervisor && new Cameras({ clock: realClock, supervisor, pin, log });
    const server = new PageServer({ clock: realClock, media, log, ...(cameras && { cameras }) });
    await server.open();
    const page = await browser.newPage(options.size);
    onTestFinished(async () => {
      await page.close();
      await server.close();
    });
    const board = new SeenBoard(server, page);
    server.onReport((report) => {
      if (report !== null) board.reports.push(report);
    });
    board.logged.push(...logged);
    Object.assign(board, { logged });
    await page.open(server.url);
    return board;
  }

  /** Shows it and waits until it is painted. */
  async show(scene: Omit<BoardScene, "revision">, withinMs = 8_000): Promise<ScreenReport> {
    this.#revision += 1;
    const revision = this.#revision;
    this.server.show({ ...scene, revision });
    return this.until((report) => report.revision >= revision, withinMs);
  }

  /** The first report from now on that says so. */
  async until(says: (report: ScreenReport) => boolean, withinMs = 8_000): Promise<ScreenReport> {
    const from = this.reports.length;
    const late = realClock.monotonic() + withinMs;
    for (;;) {
      const found = this.reports.slice(from).find(says);
      if (found !== undefined) return found;
      if (realClock.monotonic() > late) {
        throw new Error(
          `not so within ${withinMs} ms: ${JSON.stringify({ last: this.reports.at(-1), faults: this.page.faults })}`,
        );
      }
      await sleep(5);
    }
  }

  /** What stands on the screen; kept under this name to be looked at. */
  async picture(name: string): Promise<Picture> {
    const png = await this.page.screenshot();
    const folder = process.env.LOA_SEEN ?? join(tmpdir(), "loa-seen-pictures");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.png`), png);
    return Picture.parse(png);
  }
}
