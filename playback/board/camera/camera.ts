/**
 * One camera while somebody looks at it: a worker per attempt, judged by the bytes that arrive. The next attempt follows after an exponential
 * back-off with jitter; when the last viewer has gone, so has the worker.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type LivePin, withoutSecrets } from "../../model/live.ts";
import type { Millis, Monotonic } from "../../model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Child, Supervisor } from "../../ports/supervisor.ts";
import { type Gate, openGate } from "../../sound/live/gate.ts";
import type { WorkerOrders } from "./worker-orders.ts";

export interface CameraPorts {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly log?: (event: string, fields: object) => void;
  /** Between 0 and 1, for the jitter. */
  readonly random?: () => number;
}

/** Who looks at it: a WebSocket, as far as it is needed here. */
export interface Viewer {
  readonly bufferedAmount: number;
  send(data: string | Uint8Array): void;
  close(): void;
  on(event: "close" | "error", listener: () => void): void;
}

const WORKER = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
/** Connecting takes a while; after that, a camera that gives nothing for so long has stalled. Assumed. */
const FIRST_BYTES: Millis = 12_000;
const NEXT_BYTES: Millis = 6_000;
const BACK_OFF = { baseMs: 1_000, capMs: 60_000 };
/** A stream that stood so long was good: the next attempt is a first one again. */
const STABLE: Millis = 30_000;
/** A viewer that comes back at once, because its page was loaded again, finds the same worker. */
const LINGER: Millis = 2_000;
/** What a viewer has not taken yet; while there is more it is left out. */
const MOST_WAITING = 1024 * 1024;
/** Old, and young: V8 would take fifty megabytes for what is young. */
const HEAP = ["--max-old-space-size=64", "--max-semi-space-size=2"];

/** Said to viewers when a stream begins anew: what they decoded so far does not go on. */
export const FRESH = "fresh";

export class Camera {
  readonly #pin: LivePin;
  readonly #ports: CameraPorts;
  readonly #viewers = new Set<Viewer>();
  #running: { readonly ending: AbortController; readonly done: Promise<void> } | null = null;
  #reading: AbortController | null = null;
  #failures = 0;

  constructor(pin: LivePin, ports: CameraPorts) {
    this.#pin = pin;
    this.#ports = ports;
  }

  /** Whether this is still what the pin leads to. */
  isOf(pin: LivePin | null): boolean {
    return pin !== null && pin.url === this.#pin.url;
  }

  watch(viewer: Viewer): void {
    this.#viewers.add(viewer);
    const gone = () => {
      if (this.#viewers.delete(viewer) && this.#viewers.size === 0) void this.#linger();
    };
    viewer.on("close", gone);
    viewer.on("error", gone);
    if (this.#running === null) {
      const ending = new AbortController();
      this.#running = { ending, done: this.#run(ending.signal) };
    }
  }

  async close(): Promise<void> {
    for (const viewer of this.#viewers) viewer.close();
    this.#viewers.clear();
    const running = this.#running;
    this.#running = null;
    running?.ending.abort();
    this.#reading?.abort();
    await running?.done;
  }

  async #linger(): Promise<void> {
    await this.#ports.clock.wait(LINGER);
    if (this.#viewers.size === 0) await this.close();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log, random = Math.random } = this.#ports;
    let gate: Gate | null = null;
    while (!signal.aborted) {
      const began: Monotonic = clock.monotonic();
      gate ??= await openGate(this.#pin).catch(() => null);
      const why = gate === null ? "no port of the loopback is free" : await this.#attempt(gate, signal);
      if (signal.aborted) break;
      this.#failures = clock.monotonic() - began >= STABLE ? 0 : this.#failures + 1;
      log?.("camera-lost", { camera: this.#pin.id, why: gate?.takeRefusal() ?? why, failures: this.#failures });
      const most = Math.min(BACK_OFF.capMs, BACK_OFF.baseMs * 2 ** Math.min(this.#failures, 20));
      await clock.wait(most / 2 + (random() * most) / 2, signal);
    }
    await gate?.close();
  }

  /** One worker from its beginning to its end; says in words why it ended. */
  async #attempt(gate: Gate, signal: AbortSignal): Promise<string> {
    const { clock, supervisor } = this.#ports;
    const orders: WorkerOrders = { url: gate.url };
    const child = supervisor.run({
      name: `camera ${this.#pin.id}`,
      command: process.execPath,
      args: [...HEAP, WORKER],
      env: gate.env,
      input: JSON.stringify(orders),
      nice: 10,
    });
    this.#tell(FRESH);
    const output = child.stdout[Symbol.asyncIterator]();
    let waits: Millis = FIRST_BYTES;
    for (;;) {
      const answered = new AbortController();
      this.#reading = answered;
      const late = signal.aborted ? Promise.resolve() : clock.wait(waits, answered.signal);
      const read = output.next().then(({ done, value }) => (done ? null : value));
      const chunk = await Promise.race([late, read]);
      answered.abort();
      if (chunk === undefined) {
        await child.kill();
        await read.catch(() => null);
        return `nothing came for ${waits / 1_000} s`;
      }
      if (chunk === null) return endOf(child);
      this.#tell(chunk);
      waits = NEXT_BYTES;
    }
  }

  #tell(data: string | Uint8Array): void {
    for (const viewer of this.#viewers) {
      if (typeof data === "string" || viewer.bufferedAmount < MOST_WAITING) viewer.send(data);
    }
  }
}

async function endOf(child: Child): Promise<string> {
  const { code, signal, stderr } = await child.exited;
  const said = withoutSecrets(stderr.trim().split("\n").at(-1) ?? "").slice(0, 200);
  return said === "" ? `the connection ended (${code ?? signal})` : said;
}
