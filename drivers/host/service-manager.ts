/**
 * The service manager that started the agent, where there is one: told when the agent is ready, how it is, that it goes on, and that it stops.
 * Source: sd_notify(3), sd_watchdog_enabled(3).
 */
import type { Millis } from "../../playback/model/units.ts";
import { sendDatagram } from "./libc.ts";

export class ServiceManager {
  readonly #socket: string | null;
  /** How long it waits for a sign of life before it ends the agent; `null` where it does not. */
  readonly watchdogMs: Millis | null;

  constructor(environment: Readonly<Record<string, string | undefined>>, pid: number) {
    const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = environment;
    this.#socket = NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === "" ? null : NOTIFY_SOCKET;
    const mine = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid;
    const usec = Number(WATCHDOG_USEC ?? 0);
    this.watchdogMs = this.#socket !== null && mine && usec > 0 ? usec / 1_000 : null;
  }

  /** `status` is one line for `systemctl status`. */
  ready(status: string): boolean {
    return this.#tell("READY=1", `STATUS=${oneLine(status)}`);
  }

  status(status: string): boolean {
    return this.#tell(`STATUS=${oneLine(status)}`);
  }

  alive(): boolean {
    return this.#tell("WATCHDOG=1");
  }

  stopping(): boolean {
    return this.#tell("STOPPING=1");
  }

  #tell(...lines: readonly string[]): boolean {
    return this.#socket !== null && sendDatagram(this.#socket, lines.join("\n"));
  }
}

/** A line feed would begin another word of the protocol. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 500);
}
