/**
 * One running Chromium with the one page that it shows. It is never asked to end: nothing of it is kept, so it is killed with all that it started.
 *
 * Invariants: its folder is new for this run and gone after it; whoever stops listening to it kills it.
 */
import type { Size } from "../../playback/model/board.ts";
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { PicturePart } from "../../playback/ports/kiosk.ts";
import type { Child, Supervisor } from "../../playback/ports/supervisor.ts";
import { type Answer, Devtools, recordOf } from "./devtools.ts";
import { chromiumFlags, type FlagChoice } from "./flags.ts";
import { ownFolder, removeFolder } from "./folders.ts";

export interface BrowserChoice extends Omit<FlagChoice, "profile"> {
  readonly chromium: string;
  /** Where its own folder is made. */
  readonly folder: string;
  /** Socket of the compositor, absolute; `null` for a headless one. */
  readonly display: string | null;
}

export interface BrowserPorts {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  /** The page's process ended, or the browser's did without being asked. */
  readonly onTrouble: (kind: "crashed" | "ended", detail: string) => void;
}

const LOOK_EVERY_MS: Millis = 100;
export const FOLDER_PREFIX = "chromium-";

export class Browser {
  readonly #child: Child;
  readonly #devtools: Devtools;
  readonly #clock: Clock;
  readonly #gone: Promise<void>;
  #session = "";
  #wanted = true;
  #lastWords = "";

  private constructor(child: Child, profile: string, ports: BrowserPorts) {
    this.#child = child;
    this.#clock = ports.clock;
    if (child.talk === null) throw new TypeError("a browser is a child that talks");
    this.#devtools = new Devtools(child.talk, {
      clock: ports.clock,
      onEvent: (method) => {
        if (method === "Inspector.targetCrashed" || method === "Target.targetCrashed") {
          if (this.#wanted) ports.onTrouble("crashed", "the page's process crashed");
        }
      },
    });
    void drain(child.stdout);
    void this.#devtools.ended.then(() => child.kill());
    this.#gone = child.exited.then(async ({ code, signal, stderr }) => {
      await removeFolder(profile);
      this.#lastWords = stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
      if (this.#wanted) ports.onTrouble("ended", `chromium ended (${signal ?? code}) ${this.#lastWords}`.trim());
    });
  }

  /** Starts it; an empty page is there when this resolves. @throws StationError `child-failed`, also when `signal` aborts */
  static async start(
    choice: BrowserChoice,
    ports: BrowserPorts,
    withinMs: Millis,
    signal: AbortSignal,
  ): Promise<Browser> {
    const profile = await ownFolder(choice.folder, FOLDER_PREFIX);
    const child = ports.supervisor.run({
      name: "chromium",
      command: choice.chromium,
      args: chromiumFlags({ ...choice, profile }),
      env: environment(profile, choice.display),
      talks: true,
      group: true,
      // A page that comes a frame late is forgiven; a word that tears is not.
      nice: 10,
    });
    const browser = new Browser(child, profile, ports);
    try {
      await browser.#attach(ports.clock.monotonic() + withinMs, signal);
      return browser;
    } catch (error) {
      await browser.kill();
      if (!(error instanceof StationError)) throw error;
      throw new StationError("child-failed", [error.message, browser.#lastWords].filter(Boolean).join(": "), {
        cause: error,
      });
    }
  }

  /** Resolves when the page was begun; what it shows is told by the page itself. @throws StationError `child-failed` */
  async open(url: string, timeoutMs: Millis): Promise<void> {
    await this.#ask("Page.navigate", { url }, timeoutMs);
  }

  /** Whether the browser and the page's engine answer at all. Never rejects. */
  async look(timeoutMs: Millis): Promise<{ readonly browser: boolean; readonly page: boolean }> {
    const answers = (asked: Promise<Answer>) =>
      asked.then(
        () => true,
        () => false,
      );
    const [browser, page] = await Promise.all([
      answers(this.#devtools.ask("Browser.getVersion", {}, timeoutMs)),
      answers(this.#ask("Runtime.evaluate", { expression: "1" }, timeoutMs)),
    ]);
    return { browser, page };
  }

  /** Of what it paints on, in pixels. @throws StationError `child-failed` */
  async size(timeoutMs: Millis): Promise<Size> {
    const expression = "[screen.width, screen.height].map((n) => Math.round(n * devicePixelRatio))";
    const { result } = await this.#ask("Runtime.evaluate", { expression, returnByValue: true }, timeoutMs);
    const value = recordOf(result)?.value;
    const [width, height] = Array.isArray(value) ? value : [];
    if (!isPixels(width) || !isPixels(height))
      throw new StationError("child-failed", "chromium: no size of its screen");
    return { width, height };
  }

  /** PNG of all that it shows, or of a part. @throws StationError `child-failed` */
  async screenshot(timeoutMs: Millis, part?: PicturePart): Promise<Uint8Array> {
    const clip = part === undefined ? {} : { clip: { ...part.rect, scale: part.scale } };
    const how = { format: "png", optimizeForSpeed: true, ...clip };
    const { data } = await this.#ask("Page.captureScreenshot", how, timeoutMs);
    if (typeof data !== "string") throw new StationError("child-failed", "chromium: a screenshot without a picture");
    return Buffer.from(data, "base64");
  }

  /** Resolves when it and all that it started are gone, and its folder is. Idempotent. */
  async kill(): Promise<void> {
    this.#wanted = false;
    await this.#child.kill();
    await this.#gone;
  }

  #ask(method: string, params: Answer, timeoutMs: Millis): Promise<Answer> {
    return this.#devtools.ask(method, params, timeoutMs, this.#session);
  }

  async #attach(until: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const left = until - this.#clock.monotonic();
      if (signal.aborted) throw new StationError("child-failed", "chromium: no longer wanted");
      if (left <= 0) throw new StationError("child-failed", "chromium: no page in time");
      // A browser that is frozen while it starts must not keep the next one waiting.
      const asked = this.#devtools.ask("Target.getTargets", {}, left);
      const answer = await Promise.race([asked, aborted(signal)]);
      const targets = Array.isArray(answer.targetInfos) ? answer.targetInfos.map(recordOf) : [];
      const page = targets.find((target) => target?.type === "page");
      if (page !== undefined) return this.#hold(String(page?.targetId), left);
      await this.#clock.wait(LOOK_EVERY_MS, signal);
    }
  }

  async #hold(targetId: string, timeoutMs: Millis): Promise<void> {
    const { sessionId } = await this.#devtools.ask("Target.attachToTarget", { targetId, flatten: true }, timeoutMs);
    this.#session = String(sessionId);
    // The only event that is asked for: others would be kept for a reader that never comes.
    await this.#ask("Inspector.enable", {}, timeoutMs);
    // Between two pages a board is dark, not white.
    const dark = { color: { r: 0, g: 0, b: 0, a: 255 } };
    await this.#ask("Emulation.setDefaultBackgroundColorOverride", dark, timeoutMs);
  }
}

function isPixels(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new StationError("child-failed", "chromium: no longer wanted"));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

/** What it prints is of no use, and a full pipe would stop it. */
async function drain(output: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of output);
}

/** Of the agent's own environment it gets nothing but the path. */
function environment(profile: string, display: string | null): Record<string, string> {
  const own = { HOME: profile, TMPDIR: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile, LANG: "C.UTF-8" };
  // libwayland takes an absolute path for the socket itself.
  return display === null
    ? { ...own, XDG_RUNTIME_DIR: profile }
    : { ...own, XDG_RUNTIME_DIR: profile, WAYLAND_DISPLAY: display };
}
