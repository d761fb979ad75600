/**
 * Cage, the compositor that puts one window on the board's connector. Its first client is a process that does nothing, so that the browser can be
 * replaced without it: cage ends with its first client. (`cage -s -- chromium` would make both rungs of the ladder one.)
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Child, Supervisor } from "../../playback/ports/supervisor.ts";
import { ownFolder, removeFolder } from "./folders.ts";

export interface CompositorChoice {
  readonly cage: string;
  /** Where its own folder is made; 60 bytes at most, because the path of a socket is short. */
  readonly folder: string;
  /** Besides `XDG_RUNTIME_DIR`: `WLR_*`, `XDG_SEAT`, `LIBSEAT_BACKEND`. */
  readonly env: Readonly<Record<string, string>>;
}

const LOOK_EVERY_MS: Millis = 50;
export const FOLDER_PREFIX = "cage-";

export class Compositor {
  /** Socket for clients, absolute. */
  readonly display: string;
  readonly #child: Child;
  readonly #gone: Promise<void>;
  #wanted = true;

  private constructor(display: string, child: Child, folder: string, onEnd: (detail: string) => void) {
    this.display = display;
    this.#child = child;
    this.#gone = child.exited.then(async ({ code, signal, stderr }) => {
      await removeFolder(folder);
      const last = stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
      if (this.#wanted) onEnd(`cage ended (${signal ?? code}) ${last}`.trim());
    });
  }

  /** Its socket is there when this resolves. @throws StationError `child-failed`, also when `signal` aborts */
  static async start(
    choice: CompositorChoice,
    ports: { readonly clock: Clock; readonly supervisor: Supervisor; readonly onEnd: (detail: string) => void },
    withinMs: Millis,
    signal: AbortSignal,
  ): Promise<Compositor> {
    const { clock, supervisor } = ports;
    const folder = await ownFolder(choice.folder, FOLDER_PREFIX);
    const child = supervisor.run({
      name: "cage",
      command: choice.cage,
      // -s: virtual terminals may be switched by somebody with a keyboard.
      args: ["-s", "--", "setpriv", "--pdeathsig", "KILL", "--", "sleep", "infinity"],
      env: { ...choice.env, XDG_RUNTIME_DIR: folder, HOME: folder },
      group: true,
      nice: 10,
    });
    let ended = false;
    void child.exited.then(() => {
      ended = true;
    });
    const until = clock.monotonic() + withinMs;
    while (!ended && !signal.aborted && clock.monotonic() < until) {
      const socket = (await readdir(folder).catch(() => [])).find((name) => /^wayland-\d+$/.test(name));
      if (socket !== undefined) return new Compositor(join(folder, socket), child, folder, ports.onEnd);
      await clock.wait(LOOK_EVERY_MS, signal);
    }
    const { stderr } = await child.kill();
    await removeFolder(folder);
    throw new StationError(
      "child-failed",
      `cage: ${stderr.trim().split("\n").at(-1)?.slice(0, 200) || "no socket in time"}`,
    );
  }

  /** Resolves when it is gone. Idempotent. */
  async kill(): Promise<void> {
    this.#wanted = false;
    await this.#child.kill();
    await this.#gone;
  }
}
