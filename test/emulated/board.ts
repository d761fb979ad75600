/** An emulated board with our package: what a technician does to it, and what it answers. Emulation is slow, so every wait is long. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import type { StatusView } from "../../agent/control/views.ts";
import type { BoardImage } from "./image.ts";
import { Machine } from "./machine.ts";
import type { Protocol } from "./protocol.ts";

/** Under emulation a start that takes a second on a board takes half a minute. */
const PATIENCE_MS = 300_000;
const SOCKET = "/run/loa/control.sock";

export class Board {
  readonly folder: string;
  readonly protocol: Protocol;
  readonly #image: BoardImage;
  #machine: Machine | null = null;

  /** `folder` holds the board's disk, what it shares, and what its kernel printed. */
  constructor(folder: string, image: BoardImage, protocol: Protocol) {
    this.folder = folder;
    this.#image = image;
    this.protocol = protocol;
  }

  get disk(): string {
    return join(this.folder, "disk");
  }

  /** Seen by the board as `/host`. */
  get share(): string {
    return join(this.folder, "share");
  }

  get #on(): Machine {
    if (this.#machine === null) throw new Error("the board is switched off");
    return this.#machine;
  }

  /** Resolves when the system runs commands. */
  async switchOn(): Promise<void> {
    const console = join(this.folder, "console.log");
    this.#machine = await Machine.start({ image: this.#image, disk: this.disk, share: this.share, console });
  }

  async shutDown(): Promise<void> {
    await this.#on.shutDown();
    this.#machine = null;
  }

  async cutPower(): Promise<void> {
    await this.#machine?.cutPower();
    this.#machine = null;
  }

  /** After the board has booted by itself. */
  async bootedAgain(): Promise<void> {
    await this.#on.hands.ready(PATIENCE_MS);
  }

  sh(script: string, withinMs?: number): Promise<string> {
    return this.#on.hands.sh(script, withinMs);
  }

  async run(script: string, withinMs?: number): Promise<{ code: number; output: string }> {
    return this.#on.hands.run(script, withinMs);
  }

  /** From the agent's control socket. @throws Error where no agent answers */
  async ask(path: string): Promise<unknown> {
    return JSON.parse(await this.sh(`curl -sS --fail --max-time 60 --unix-socket ${SOCKET} http://loa${path}`));
  }

  async status(): Promise<StatusView> {
    return (await this.ask("/v1/status")) as StatusView;
  }

  /** Waits until the agent answers and says so. @throws Error with what it said last */
  async until(what: string, holds: (status: StatusView) => boolean, withinMs = PATIENCE_MS): Promise<StatusView> {
    const deadline = performance.now() + withinMs;
    let last: unknown = "no answer";
    for (;;) {
      try {
        const status = await this.status();
        if (holds(status)) return status;
        last = status;
      } catch (error) {
        last = (error as Error).message;
      }
      if (performance.now() > deadline) {
        throw new Error(`not within ${withinMs / 1_000} s: ${what}; ${JSON.stringify(last).slice(0, 3_000)}`);
      }
      await sleep(500);
    }
  }

  /** Other sections of `station.yaml`, and the agent started anew where they are others. */
  async configure(sections: object): Promise<void> {
    const file = "/etc/loa/station.yaml";
    const written = parse(await this.sh(`cat ${file}`)) as object;
    const wanted = stringify({ ...written, ...sections });
    if (wanted === stringify(written)) return;
    const text = Buffer.from(wanted).toString("base64");
    await this.sh(`echo ${text} | base64 -d > ${file} && systemctl restart loa`, PATIENCE_MS);
  }

  /** What systemd holds of our service. */
  async unit(...names: string[]): Promise<Record<string, string>> {
    const lines = await this.sh(`systemctl show loa ${names.map((name) => `-p ${name}`).join(" ")}`);
    return Object.fromEntries(
      lines.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
  }
}
