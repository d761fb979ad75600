/**
 * Receives one live source, connection after connection, until it is closed: an ffmpeg child per attempt, each awaited, the next one after
 * an exponential back-off with full jitter. Judged by the sound that arrives, never by a process that lives.
 */
import { type LineInput, type LivePin, lineOf, withoutSecrets } from "../../model/live.ts";
import type { Millis, Monotonic } from "../../model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { LiveInput, LiveSignal } from "../../ports/sound.ts";
import type { Child, ChildSpec, Supervisor } from "../../ports/supervisor.ts";
import type { PcmSource } from "../pcm-source.ts";
import type { Band } from "../processing.ts";
import { millisOf, samplesOf } from "../units.ts";
import { LIVE_DEPTHS, type LiveDepth, liveArguments } from "./arguments.ts";
import { type Gate, openGate } from "./gate.ts";
import { JitterBuffer } from "./jitter-buffer.ts";
import { ReceivedLevel } from "./received-level.ts";

export interface ReceptionPorts {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly log?: (event: string, fields: object) => void;
  /** What of the spectrum is let out; default all of it. */
  readonly band?: Band | null;
  /** The lines into this station, by name; default none. */
  readonly lines?: Readonly<Record<string, LineInput>>;
  /** Between 0 and 1, for the jitter. */
  readonly random?: () => number;
}

/** An attempt that gives nothing at first, or nothing more, for so long is ended. */
const FIRST_SOUND: Millis = 12_000;
const NEXT_SOUND: Millis = 5_000;
const BACK_OFF = { baseMs: 500, capMs: 30_000 };
/** A connection that stood so long was good: the next attempt is a first one again. */
const STABLE: Millis = 30_000;
/** While the buffer is full, and a server keeps the rest. */
const ROOM: Millis = 20;
/** What is asked for at a time: a twenty-fifth of a second. */
const PULL = samplesOf(40);
const BYTES = Float32Array.BYTES_PER_ELEMENT;

export class Reception implements LiveInput {
  readonly #pin: LivePin;
  readonly #ports: ReceptionPorts;
  readonly #depth: LiveDepth;
  readonly #buffer: JitterBuffer;
  readonly #level = new ReceivedLevel();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #listener: object | null = null;
  #reading: AbortController | null = null;
  #receivedAt: Monotonic | null = null;
  #losses = 0;
  #problem: string | null = null;

  constructor(pin: LivePin, ports: ReceptionPorts) {
    this.#pin = pin;
    this.#ports = ports;
    this.#depth = LIVE_DEPTHS[pin.kind];
    this.#buffer = new JitterBuffer(this.#depth);
    this.#running = this.#run();
  }

  signal(): LiveSignal {
    const { ready, heldMs } = this.#buffer;
    return {
      receivedAt: this.#receivedAt,
      level: this.#level.rms,
      ready,
      heldMs: heldMs + this.#depth.aheadMs,
      losses: this.#losses,
      problem: this.#problem,
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#reading?.abort();
    await this.#running;
  }

  /** What is received from now on, at the pace at which it is asked for. One listener at a time. */
  source(): PcmSource {
    const listener = {};
    this.#listener = listener;
    this.#buffer.begin();
    return {
      from: 0,
      length: null,
      ahead: samplesOf(this.#depth.aheadMs),
      next: async () => ({ length: PULL, samples: this.#listener === listener ? this.#buffer.pull(PULL) : null }),
      close: async () => {
        if (this.#listener === listener) this.#listener = null;
      },
    };
  }

  async #run(): Promise<void> {
    const { clock, log, random = Math.random } = this.#ports;
    const { signal } = this.#closing;
    let gate: Gate | null = null;
    let failures = 0;
    while (!signal.aborted) {
      const began = clock.monotonic();
      gate ??= await this.#openGate();
      const why = gate === null ? "no port of the loopback is free" : await this.#attempt(gate);
      if (signal.aborted) break;
      failures = clock.monotonic() - began >= STABLE ? 0 : failures + 1;
      this.#losses += 1;
      this.#problem = gate?.takeRefusal() ?? why;
      log?.("live-lost", { source: this.#pin.id, why: this.#problem });
      const most = Math.min(BACK_OFF.capMs, BACK_OFF.baseMs * 2 ** Math.min(failures, 20));
      await clock.wait(random() * most, signal);
    }
    await gate?.close();
  }

  /** `null` where the machine has no port or descriptor left: that is tried again like a source that does not answer. */
  #openGate(): Promise<Gate | null> {
    return openGate(this.#pin, () => this.#reading?.abort()).catch((error: Error) => {
      this.#ports.log?.("live-gate", { source: this.#pin.id, error: error.message });
      return null;
    });
  }

  /** One connection from its beginning to its end; says in words why it ended. */
  async #attempt(gate: Gate): Promise<string> {
    const { clock, supervisor } = this.#ports;
    const spec = specOf(this.#pin, gate, this.#ports);
    if (spec === null) return `station.yaml names no line '${lineOf(this.#pin)}' (hardware.lineInputs)`;
    const child = supervisor.run(spec);
    const output = child.stdout[Symbol.asyncIterator]();
    let rest = new Uint8Array(0);
    let waits: Millis = FIRST_SOUND;
    for (;;) {
      const answered = new AbortController();
      this.#reading = answered;
      const late = this.#closing.signal.aborted ? Promise.resolve() : clock.wait(waits, answered.signal);
      const read = output.next().then(({ done, value }) => (done ? null : value));
      const chunk = await Promise.race([late, read]);
      answered.abort();
      if (chunk === undefined) {
        await child.stop();
        await read.catch(() => null);
        return `nothing came for ${waits / 1_000} s`;
      }
      if (chunk === null) return endOf(child);
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = bytes.length - (bytes.length % BYTES);
      rest = new Uint8Array(bytes.subarray(whole));
      // Copied: what comes from a pipe stands anywhere in a larger piece of memory.
      await this.#take(new Float32Array(new Uint8Array(bytes.subarray(0, whole)).buffer));
      waits = NEXT_SOUND;
    }
  }

  async #take(samples: Float32Array<ArrayBuffer>): Promise<void> {
    if (samples.length === 0) return;
    const { clock } = this.#ports;
    const { signal } = this.#closing;
    this.#buffer.push(samples);
    this.#level.add(samples);
    this.#receivedAt = clock.monotonic();
    this.#problem = null;
    // Nobody listens: it passes by. Only a source that keeps what is not asked for has to be asked at the pace of a listener.
    if (this.#listener === null) {
      this.#buffer.trim();
      if (this.#depth.patient) await clock.wait(millisOf(samples.length), signal);
    }
    while (this.#depth.patient && this.#listener !== null && this.#buffer.ready && !signal.aborted) {
      await clock.wait(ROOM, signal);
    }
  }
}

/** `null` where the pin names a line that this station has not. */
function specOf(pin: LivePin, gate: Gate, { band = null, lines = {} }: ReceptionPorts): ChildSpec | null {
  const name = lineOf(pin);
  const from = pin.kind !== "line" ? gate.url : Object.hasOwn(lines, name) ? lines[name] : undefined;
  if (from === undefined) return null;
  const input = pin.kind === "rtp" && pin.sdp !== undefined ? { input: pin.sdp } : {};
  const args = liveArguments(pin, from, band);
  // A sound server is found through the environment.
  if (pin.kind === "line") return { name: `live ${pin.id}`, command: "ffmpeg", args };
  return { name: `live ${pin.id}`, command: "ffmpeg", args, env: gate.env, ...input };
}

async function endOf(child: Child): Promise<string> {
  const { code, signal, stderr } = await child.exited;
  const said = withoutSecrets(stderr.trim().split("\n").at(-1) ?? "").slice(0, 200);
  return said === "" ? `the connection ended (${code ?? signal})` : said;
}
