/**
 * Carries a microphone or a line to the stations, for as long as it is told to: one encoder at a time, watched by the sound that passes, begun
 * again with growing, jittered pauses. What it carries is heard by nobody unless the commune's desk has signed a grant for it.
 */
import type { Decibels, Millis } from "../../playback/model/units.ts";
import { SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Child, Supervisor } from "../../playback/ports/supervisor.ts";
import { ReceivedLevel } from "../../playback/sound/live/received-level.ts";
import { attemptsAfter, reconnectDelay } from "../uplink/reconnect.ts";
import { type BridgeSettings, bridgeArguments, secretsOf } from "./arguments.ts";

export interface BridgeStatus {
  readonly state: "connecting" | "carrying" | "waiting";
  /** Of the last tenth of a second. */
  readonly level: Decibels;
  readonly losses: number;
  /** Why it does not carry; holds no password. */
  readonly problem: string | null;
}

export interface BridgePorts {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly random?: () => number;
}

const FIRST_SOUND: Millis = 10 * SECOND;
/** A microphone gives sound without a pause: nothing for so long is a fault of the encoder, the network or the card. */
const NEXT_SOUND: Millis = 3 * SECOND;
const TIMES = { baseMs: SECOND, capMs: 15 * SECOND, spreadMs: SECOND, stableMs: 30 * SECOND };
const BYTES = Float32Array.BYTES_PER_ELEMENT;

export class Bridge {
  readonly #settings: BridgeSettings;
  readonly #ports: BridgePorts;
  #level = new ReceivedLevel();
  #state: BridgeStatus["state"] = "connecting";
  #losses = 0;
  #problem: string | null = null;

  constructor(settings: BridgeSettings, ports: BridgePorts) {
    this.#settings = settings;
    this.#ports = ports;
  }

  get status(): BridgeStatus {
    return { state: this.#state, level: this.#level.rms, losses: this.#losses, problem: this.#problem };
  }

  /** Resolves when the signal has ended it and no encoder is left. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, supervisor, random = Math.random } = this.#ports;
    let attempts = 0;
    while (!signal.aborted) {
      const began = clock.monotonic();
      this.#state = "connecting";
      const child = supervisor.run({ name: "bridge", command: "ffmpeg", args: bridgeArguments(this.#settings) });
      const why = await this.#watch(child, signal);
      await child.stop();
      if (signal.aborted) return;
      this.#losses += 1;
      this.#state = "waiting";
      this.#problem = why;
      this.#level = new ReceivedLevel();
      attempts = attemptsAfter(attempts, clock.monotonic() - began, TIMES);
      await clock.wait(reconnectDelay(attempts, "unreachable", TIMES, random()), signal);
    }
  }

  /** Until nothing passes any more; says in words why. */
  async #watch(child: Child, signal: AbortSignal): Promise<string> {
    const { clock } = this.#ports;
    const output = child.stdout[Symbol.asyncIterator]();
    let rest: Uint8Array = new Uint8Array(0);
    for (let patience = FIRST_SOUND; ; patience = NEXT_SOUND) {
      const answered = new AbortController();
      const late = clock.wait(patience, AbortSignal.any([answered.signal, signal])).then(() => "late" as const);
      const read = output.next().then(({ done, value }) => (done ? null : value));
      const chunk = await Promise.race([read, late]);
      answered.abort();
      if (chunk === "late") return `nothing came for ${patience / SECOND} s`;
      if (chunk === null) return this.#endOf(child);
      const bytes = Buffer.concat([rest, chunk]);
      const whole = bytes.length - (bytes.length % BYTES);
      rest = bytes.subarray(whole);
      this.#level.add(new Float32Array(new Uint8Array(bytes.subarray(0, whole)).buffer));
      this.#state = "carrying";
      this.#problem = null;
    }
  }

  async #endOf(child: Child): Promise<string> {
    const { code, signal, stderr } = await child.exited;
    const said = stderr.trim().split("\n").at(-1) ?? "";
    if (said === "") return `the encoder ended (${code ?? signal})`;
    return secretsOf(this.#settings.to)
      .reduce((text, secret) => text.replaceAll(secret, "…"), said)
      .slice(0, 200);
  }
}
