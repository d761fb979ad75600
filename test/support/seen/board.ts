/** A page server with media of its own, and a browser page at it. */
import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Cameras } from "../../../playback/board/camera/cameras.ts";
import { PageServer } from "../../../playback/board/page-server.ts";
import type { BoardScene } from "../../../playback/model/board.ts";
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
  #held = 0;
  #stall: Promise<void> = Promise.resolve();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<FolderLibrary> {
    return new FolderLibrary(await mkdtemp(join(tmpdir(), "loa-media-")));
  }

  /** Files open now. */
  get held(): number {
    return this.#held;
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }

  async add(bytes: Uint8Array, type: string): Promise<Sha256> {
    const sha256 = createHash("sha256").update(bytes).digest("hex") as Sha256;
    await writeFile(join(this.#folder, sha256), bytes);
    this.#types.set(sha256, type);
    return sha256;
  }

  /** Gives nothing, and no answer, until what is returned is called: a card that hangs. */
  stall(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stall = promise;
    return resolve;
  }

  has(sha256: Sha256): boolean {
    return this.#types.has(sha256);
  }

  async open(sha256: Sha256): Promise<OpenMedia | Refusal> {
    const type = this.#types.get(sha256);
    if (type === undefined) return refusal("media-missing", "not in the folder");
    await this.#stall;
    const fd = openSync(join(this.#folder, sha256), "r");
    this.#held += 1;
    const close = async () => {
      this.#held -= 1;
      closeSync(fd);
    };
    return { sha256, fd, type, durationMs: 10_000, close };
  }
}

export interface SeenBoardOptions {
  readonly pins?: readonly LivePin[];
  readonly supervisor?: Supervisor;
}

interface Logged {
  readonly event: string;
  readonly at: number;
  readonly fields: object;
}

export class SeenBoard {
  readonly reports: ScreenReport[] = [];
  readonly logged: readonly Logged[];
  readonly server: PageServer;
  readonly page: BrowserPage;
  readonly library: FolderLibrary;
  #revision = 0;

  private constructor(server: PageServer, page: BrowserPage, library: FolderLibrary, logged: readonly Logged[]) {
    this.server = server;
    this.page = page;
    this.library = library;
    this.logged = logged;
  }

  /** A server, and a page that is being loaded. */
  static async open(browser: Browser, options: SeenBoardOptions = {}): Promise<SeenBoard> {
    const logged: Logged[] = [];
    const log = (event: string, fields: object) => void logged.push({ event, at: realClock.monotonic(), fields });
    const { supervisor, pins = [] } = options;
    const pin = (id: string) => pins.find((one) => one.id === id) ?? null;
    const library = await FolderLibrary.make();
    const cameras = supervisor && new Cameras({ clock: realClock, supervisor, pin, log });
    const server = new PageServer({ clock: realClock, media: library, log, ...(cameras && { cameras }) });
    await server.open();
    const page = await browser.newPage({ width: 800, height: 600 });
    const board = new SeenBoard(server, page, library, logged);
    server.onReport((report) => {
      if (report !== null) board.reports.push(report);
    });
    await page.open(server.url);
    return board;
  }

  async close(): Promise<void> {
    await this.page.close();
    await this.server.close();
    await this.library.remove();
  }

  /** Shows it and waits until it is painted. */
  async show(scene: Omit<BoardScene, "revision">, withinMs = 8_000): Promise<ScreenReport> {
    await this.page.resize(scene.screen);
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
          `not so within ${withinMs} ms: ${JSON.stringify({ last: this.reports.at(-1), faults: this.page.faults.slice(-2).map((fault) => fault.slice(0, 1_500)) })}`,
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
