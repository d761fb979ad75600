/** Debian's Chromium without a screen, driven through a pipe by its own protocol: no port, no package, one profile that is gone afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import type { Size } from "../../../playback/model/board.ts";

const FLAGS = [
  ...[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
  ],
  ...["--disable-component-update", "--disable-sync", "--hide-scrollbars", "--force-device-scale-factor=1"],
  ...["--autoplay-policy=no-user-gesture-required", "--remote-debugging-pipe"],
];

const message = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  sessionId: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});
type Listener = (params: Record<string, unknown>) => void;
interface Asked {
  readonly resolve: (result: Record<string, unknown>) => void;
  readonly reject: (error: Error) => void;
}

export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #out: Writable;
  readonly #asked = new Map<number, Asked>();
  readonly #listeners = new Map<string, Listener[]>();
  #last = 0;
  #rest = "";

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
    this.#out = process.stdio[3] as Writable;
    (process.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => this.#read(text));
    // A browser that is ended breaks its pipe.
    this.#out.on("error", () => {});
  }

  static async open(): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), "loa-seen-"));
    const args = ["--pdeathsig", "KILL", "--", "chromium", ...FLAGS, `--user-data-dir=${profile}`, "about:blank"];
    const child = spawn("setpriv", args, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    return new Browser(child, profile);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    this.#last += 1;
    const id = this.#last;
    this.#out.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  on(sessionId: string, method: string, listener: Listener): void {
    const key = `${sessionId} ${method}`;
    this.#listeners.set(key, [...(this.#listeners.get(key) ?? []), listener]);
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await gone;
    // Helpers of the browser write for a moment longer.
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  /** A window of its own: nothing of other pages is in it. */
  async newPage(size: Size): Promise<BrowserPage> {
    const { browserContextId } = await this.send("Target.createBrowserContext");
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new BrowserPage(this, String(sessionId), String(targetId));
    await page.begin(size);
    return page;
  }

  #read(text: string): void {
    const parts = (this.#rest + text).split("\0");
    this.#rest = parts.pop() ?? "";
    for (const part of parts) this.#heard(message.parse(JSON.parse(part)));
  }

  #heard({ id, method, sessionId, params, result, error }: z.infer<typeof message>): void {
    if (id !== undefined) {
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (error === undefined) asked?.resolve(result ?? {});
      else asked?.reject(new Error(error.message));
    } else if (method !== undefined) {
      for (const listener of this.#listeners.get(`${sessionId} ${method}`) ?? []) listener(params ?? {});
    }
  }
}

/** A page, and all that it did: what it asked for, what it threw, what it said. */
export class BrowserPage {
  readonly requests: string[] = [];
  readonly faults: string[] = [];
  #size: Size = { width: 0, height: 0 };
  readonly #browser: Browser;
  readonly #session: string;
  readonly #target: string;

  constructor(browser: Browser, session: string, target: string) {
    this.#browser = browser;
    this.#session = session;
    this.#target = target;
  }

  async begin(size: Size): Promise<void> {
    const on = (method: string, listener: Listener) => this.#browser.on(this.#session, method, listener);
    on("Network.requestWillBeSent", ({ request }) => this.requests.push((request as { url: string }).url));
    on("Network.webSocketCreated", ({ url }) => this.requests.push(String(url)));
    on("Runtime.exceptionThrown", (params) => this.faults.push(JSON.stringify(params)));
    on("Inspector.targetCrashed", () => this.faults.push("the page crashed"));
    on("Log.entryAdded", ({ entry }) => {
      const { level, text, url = "" } = entry as { level: string; text: string; url?: string };
      if (level === "error") this.faults.push(`${text} ${url}`);
    });
    for (const domain of ["Page", "Runtime", "Network", "Log", "Inspector", "DOM", "CSS"])
      await this.send(`${domain}.enable`);
    await this.resize(size);
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.#browser.send(method, params, this.#session);
  }

  async resize({ width, height }: Size): Promise<void> {
    if (this.#size.width === width && this.#size.height === height) return;
    this.#size = { width, height };
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  }

  async open(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
  }

  /** Families that draw what stands in the elements of this selector, and whether the page brought them itself. */
  async fontsOf(selector: string): Promise<{ family: string; own: boolean }[]> {
    const { root } = await this.send("DOM.getDocument", { depth: 0 });
    const { nodeIds } = await this.send("DOM.querySelectorAll", {
      nodeId: (root as { nodeId: number }).nodeId,
      selector,
    });
    const found: { family: string; own: boolean }[] = [];
    for (const nodeId of nodeIds as number[]) {
      const { fonts } = await this.send("CSS.getPlatformFontsForNode", { nodeId });
      for (const { familyName, isCustomFont } of fonts as { familyName: string; isCustomFont: boolean }[]) {
        found.push({ family: familyName, own: isCustomFont });
      }
    }
    return found;
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", optimizeForSpeed: true });
    return Buffer.from(String(data), "base64");
  }

  async close(): Promise<void> {
    await this.#browser.send("Target.closeTarget", { targetId: this.#target });
  }
}
