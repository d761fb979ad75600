/**
 * The modem, as ModemManager tells it through `mmcli -J`: SIM, operator, signal, access point, and what its connection has carried. Facts for
 * the health report only. Where there is no ModemManager, nobody is asked again for a while.
 * Source: mmcli(1), ModemManager 1.20; JSON keys as its `--output-json` writes them.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Millis } from "../../playback/model/units.ts";

/** `null`: not known. */
export interface ModemReport {
  /** `connected`, `registered`, `locked`, `failed`, … */
  readonly state: string | null;
  readonly operator: string | null;
  /** `lte`, `umts`, … */
  readonly access: string | null;
  readonly signalPercent: number | null;
  readonly simPresent: boolean;
  readonly apn: string | null;
  /** Of the connection as it stands, bytes. */
  readonly received: number | null;
  readonly sent: number | null;
}

export interface ModemOptions {
  readonly mmcli?: string;
  readonly timeoutMs?: Millis;
  readonly monotonic?: () => number;
}

const AGAIN_AFTER: Millis = 600_000;
const MOST_OUTPUT = 64 * 1_024;

export class Modem {
  readonly #mmcli: string;
  readonly #timeoutMs: Millis;
  readonly #monotonic: () => number;
  #askAt = Number.NEGATIVE_INFINITY;

  constructor({ mmcli = "mmcli", timeoutMs = 2_000, monotonic = () => performance.now() }: ModemOptions = {}) {
    this.#mmcli = mmcli;
    this.#timeoutMs = timeoutMs;
    this.#monotonic = monotonic;
  }

  /** The first modem; `null` where there is none or nobody tells. Never rejects. */
  async read(): Promise<ModemReport | null> {
    if (this.#monotonic() < this.#askAt) return null;
    try {
      const path = first(at(await this.#ask("-L"), "modem-list"));
      if (path === null) return null;
      const modem = at(await this.#ask("-m", path), "modem");
      const bearer = first(at(modem, "generic", "bearers"));
      const carried = bearer === null ? null : at(await this.#ask("-b", bearer), "bearer");
      return {
        state: word(at(modem, "generic", "state")),
        operator: word(at(modem, "3gpp", "operator-name")),
        access: first(at(modem, "generic", "access-technologies")),
        signalPercent: count(at(modem, "generic", "signal-quality", "value"), 100),
        simPresent: word(at(modem, "generic", "sim")) !== null,
        apn: word(at(carried, "properties", "apn")),
        received: count(at(carried, "stats", "bytes-rx")),
        sent: count(at(carried, "stats", "bytes-tx")),
      };
    } catch (error) {
      // Not installed is for long; anything else is a fact not known this time.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") this.#askAt = this.#monotonic() + AGAIN_AFTER;
      return null;
    }
  }

  async #ask(...args: readonly string[]): Promise<unknown> {
    const { stdout } = await promisify(execFile)(this.#mmcli, ["-J", ...args], {
      timeout: this.#timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: MOST_OUTPUT,
    });
    return JSON.parse(stdout) as unknown;
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return null;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** ModemManager writes `--` for what it does not know. */
function word(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value !== "--" ? value.slice(0, 100) : null;
}

function first(value: unknown): string | null {
  return Array.isArray(value) ? word(value[0]) : null;
}

function count(value: unknown, most = Number.MAX_SAFE_INTEGER): number | null {
  const text = word(value);
  if (text === null || !/^\d{1,16}$/.test(text)) return null;
  return Number(text) <= most ? Number(text) : null;
}
