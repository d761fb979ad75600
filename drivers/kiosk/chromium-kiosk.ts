/**
 * The browser of a board: started when there is something to paint on, watched, and brought back by the rungs of `ladder.ts`. Thin: decides
 * nothing, performs one action after the other; a new action ends the one under way.
 */
import type { Size } from "../../playback/model/board.ts";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { StationError } from "../../playback/model/station-error.ts";
import { type Millis, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Kiosk, KioskEvent, KioskState, PicturePart, Screenshot } from "../../playback/ports/kiosk.ts";
import type { Supervisor } from "../../playback/ports/supervisor.ts";
import { FOLDER_PREFIX as BROWSERS, Browser } from "./browser.ts";
import { FOLDER_PREFIX as COMPOSITORS, Compositor } from "./compositor.ts";
import { bindable, type Connector, readConnectors } from "./connectors.ts";
import { removeLeftovers } from "./folders.ts";
import {
  climb,
  DEFAULT_LADDER,
  dueAt,
  type Happening,
  initialLadder,
  type LadderAction,
  type LadderTimes,
} from "./ladder.ts";
import { sizeOfPng } from "./png-size.ts";

export interface KioskOptions {
  readonly mode: "cage" | "headless";
  readonly chromium: string;
  readonly cage: string;
  /** What the framebuffer should have. */
  readonly size: Size;
  /** The connector that is meant; `null` for the first that has a screen. */
  readonly connector: string | null;
  /** Where the kernel tells of connectors; `null`: nobody is asked, there always is something to paint on. */
  readonly drmRoot: string | null;
  /** For what does not outlive a run; best in memory. What earlier runs left in it is removed. At most 60 bytes long for cage. */
  readonly folder: string;
  /** Of the machine. */
  readonly memoryBytes: number;
  /** False only where the agent runs as root, which Chromium refuses with its sandbox. */
  readonly sandbox: boolean;
  /** For cage: `WLR_*`, seat. */
  readonly env?: Readonly<Record<string, string>>;
  readonly times?: LadderTimes;
}

export interface KioskPorts {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
}

const POLL_MS: Millis = SECOND;
const LOOK_MS: Millis = 1.5 * SECOND;
const NAVIGATE_MS: Millis = 4 * SECOND;

export class ChromiumKiosk implements Kiosk {
  readonly #options: KioskOptions;
  readonly #ports: KioskPorts;
  readonly #times: LadderTimes;
  readonly #listeners: ((event: KioskEvent) => void)[] = [];
  #ladder;
  #url = "";
  #browser: Browser | null = null;
  #compositor: Compositor | null = null;
  #connector: Connector | null = null;
  #mode: Size | null = null;
  #measured = false;
  #restarts = 0;
  #detail = "not begun";
  #acting = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #underWay = 0;
  #wake = new AbortController();

  constructor(options: KioskOptions, ports: KioskPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#times = options.times ?? DEFAULT_LADDER;
    this.#ladder = initialLadder(ports.clock.monotonic());
  }

  get state(): KioskState {
    const connector = this.#connector?.name ?? null;
    const mode = this.#mode ?? this.#connector?.modes[0] ?? null;
    return { phase: this.#ladder.phase, detail: this.#detail, connector, mode, restarts: this.#restarts };
  }

  onEvent(listener: (event: KioskEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** Ends with `signal`; nothing runs any more then. */
  async run(url: string, signal: AbortSignal): Promise<void> {
    this.#url = url;
    const { clock } = this.#ports;
    await removeLeftovers(this.#options.folder, [BROWSERS, COMPOSITORS]);
    while (!signal.aborted) {
      this.#wake = new AbortController();
      await this.#watch();
      this.#on({ kind: "tick" });
      const due = dueAt(this.#ladder, this.#times) ?? Number.POSITIVE_INFINITY;
      const pause = Math.max(0, Math.min(POLL_MS, due - clock.monotonic()));
      await clock.wait(pause, AbortSignal.any([signal, this.#wake.signal]));
    }
    this.#on({ kind: "stop" });
    await this.#work;
    this.#detail = "ended";
  }

  alive(): void {
    // A page that is being taken away may have had a last word.
    if (this.#underWay === 0) this.#on({ kind: "alive" });
  }

  async screenshot(timeoutMs: Millis, part?: PicturePart): Promise<Screenshot | Refusal> {
    const browser = this.#browser;
    const { clock } = this.#ports;
    if (browser === null) return refusal("no-picture", `the board's browser is not there: ${this.#detail}`);
    try {
      const takenAt = clock.now();
      const png = await browser.screenshot(timeoutMs, part);
      return { takenAt, size: sizeOfPng(png), png };
    } catch (error) {
      if (!(error instanceof StationError)) throw error;
      return refusal("no-picture", error.message);
    }
  }

  /** Looks at the connectors and, once after a start, at the mode that came of it. */
  async #watch(): Promise<void> {
    const { drmRoot, connector: name, size } = this.#options;
    if (drmRoot === null) this.#on({ kind: "connector", bindable: true });
    else {
      const found = bindable(await readConnectors(drmRoot), name);
      const before = this.#connector;
      this.#connector = found;
      this.#on({ kind: "connector", bindable: found !== null });
      if (before !== null && found !== null && JSON.stringify(before) !== JSON.stringify(found)) {
        this.#measured = false;
        this.#on({ kind: "modes-changed" });
      }
    }
    if (this.#ladder.phase !== "showing" || this.#measured || this.#browser === null) return;
    const measured = await this.#browser.size(LOOK_MS).catch(() => null);
    // A browser that does not say it is dealt with for its silence.
    if (measured === null || this.#ladder.phase !== "showing") return;
    this.#mode = measured;
    this.#measured = true;
    this.#on({ kind: "measured", size: measured, wanted: size });
  }

  #on(happening: Happening): void {
    const { ladder, actions, events } = climb(this.#ladder, happening, this.#ports.clock.monotonic(), this.#times);
    this.#ladder = ladder;
    for (const event of events) {
      this.#detail = event.detail;
      for (const listener of this.#listeners) listener(event);
    }
    for (const action of actions) this.#act(action);
    if (actions.length > 0 || events.length > 0) this.#wake.abort();
  }

  #act(action: LadderAction): void {
    if (action === "look") {
      void this.#look();
      return;
    }
    this.#acting.abort();
    const acting = new AbortController();
    this.#acting = acting;
    this.#underWay += 1;
    this.#work = this.#work
      .then(() => this.#perform(action, acting.signal))
      .catch((error: unknown) => {
        if (!(error instanceof StationError)) throw error;
        if (!acting.signal.aborted) this.#on({ kind: "ended", detail: error.message });
      })
      .finally(() => {
        this.#underWay -= 1;
      });
  }

  async #look(): Promise<void> {
    const answers = (await this.#browser?.look(LOOK_MS)) ?? { browser: false, page: false };
    this.#on({ kind: "looked", ...answers });
  }

  async #perform(action: Exclude<LadderAction, "look">, signal: AbortSignal): Promise<void> {
    if (action === "reload" && this.#browser !== null) {
      await this.#browser.open(this.#url, NAVIGATE_MS).catch(onlyFaults);
      return;
    }
    const browser = this.#browser;
    this.#browser = null;
    this.#mode = null;
    this.#measured = false;
    await browser?.kill();
    if (action !== "restart-browser") {
      const compositor = this.#compositor;
      this.#compositor = null;
      await compositor?.kill();
    }
    if (action === "stop" || signal.aborted) return;
    if (action !== "start") this.#restarts += 1;
    if (this.#options.mode === "cage") this.#compositor ??= await this.#startCompositor(signal);
    this.#browser = await this.#startBrowser(signal);
    await this.#browser.open(this.#url, NAVIGATE_MS);
  }

  #startCompositor(signal: AbortSignal): Promise<Compositor> {
    const { cage, folder, env = {} } = this.#options;
    const onEnd = (detail: string) => {
      this.#compositor = null;
      this.#on({ kind: "ended", detail });
    };
    return Compositor.start({ cage, folder, env }, { ...this.#ports, onEnd }, this.#times.startMs, signal);
  }

  #startBrowser(signal: AbortSignal): Promise<Browser> {
    const { size: wanted, mode } = this.#options;
    // Without a compositor nobody else gives it the mode of the connector.
    const size = mode === "headless" ? (this.#connector?.modes[0] ?? wanted) : wanted;
    const onTrouble = (kind: "crashed" | "ended", detail: string) => {
      // One that ends while it is started is told of by its start.
      if (kind === "ended" && this.#browser === null) return;
      this.#on({ kind, detail });
    };
    const choice = { ...this.#options, size, display: this.#compositor?.display ?? null };
    return Browser.start(choice, { ...this.#ports, onTrouble }, this.#times.startMs, signal);
  }
}

/** The ladder hears of it by the page's silence. */
function onlyFaults(error: unknown): void {
  if (!(error instanceof StationError)) throw error;
}
