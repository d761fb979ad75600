/**
 * A controller on a serial line: the device file, set up by `stty`, read and written through Node's own terminal stream, which does not block
 * a thread on a line that says nothing. Tried on pseudo-terminals; no real serial hardware has been seen.
 */
import { execFile } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { Duplex } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { promisify } from "node:util";
import type { Millis } from "../../playback/model/units.ts";
import { WireFault } from "./wire-fault.ts";

export interface SerialLinkConfig {
  /** Device file, best one of `/dev/serial/by-id` that stays the same. */
  readonly device: string;
  /** Bits a second, one of those that the kernel's terminals have. */
  readonly baud: number;
  readonly parity?: "none" | "even" | "odd" | undefined;
}

const PARITY = { none: ["-parenb"], even: ["parenb", "-parodd"], odd: ["parenb", "parodd"] } as const;

export class SerialLink {
  readonly address: string;
  readonly #config: SerialLinkConfig;

  constructor(config: SerialLinkConfig) {
    this.#config = config;
    this.address = config.device;
  }

  async connect(timeoutMs: Millis): Promise<Duplex> {
    const { device, baud, parity = "none" } = this.#config;
    const settings = [String(baud), "raw", "-echo", "cs8", "-cstopb", "clocal", "-crtscts", ...PARITY[parity]];
    try {
      await promisify(execFile)("stty", ["-F", device, ...settings], { timeout: timeoutMs, killSignal: "SIGKILL" });
      // Not blocking, so a line without its carrier does not hold the program up.
      const number = openSync(device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
      if (isatty(number)) return new ReadStream(number);
      closeSync(number);
      throw new WireFault(`${device} is not a serial line`);
    } catch (error) {
      if (error instanceof WireFault) throw error;
      throw new WireFault(`${device}: ${firstLine(error)}`, { cause: error });
    }
  }
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr || message).trim().split("\n")[0]?.slice(0, 200) ?? "failed";
}
