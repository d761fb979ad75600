/** GStreamer's RTSP server, as an IP microphone speaks or an IP camera shows. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { LivePin } from "../../../playback/model/live.ts";
import { freePort } from "../processes/free-port.ts";
import { ended, type LiveRig, listening, serve } from "./live-rig.ts";
import type { Speech } from "./presenter.ts";

const SCRIPT = join(import.meta.dirname, "rtsp-server.py");

export class RtspServer implements LiveRig {
  readonly pin: LivePin;
  readonly keepsMs = 0;
  readonly #port: number;
  readonly #gives: string;
  #server: ChildProcess | null = null;

  private constructor(port: number, gives: string) {
    this.#port = port;
    this.#gives = gives;
    this.pin = { id: "rtsp", kind: "rtsp", url: `rtsp://127.0.0.1:${port}/live`, hosts: [] };
  }

  static async open(hertz: number): Promise<RtspServer> {
    return new RtspServer(await freePort(), String(hertz));
  }

  /** An IP camera instead of a microphone. */
  static async camera(): Promise<RtspServer> {
    return new RtspServer(await freePort(), "camera");
  }

  async start(): Promise<void> {
    // Debian's own Python has the bindings; another one in the path has not.
    this.#server = serve("/usr/bin/python3", [SCRIPT, String(this.#port), this.#gives]);
    await listening(this.#port);
  }

  kill(): Promise<void> {
    return ended(this.#server);
  }

  freeze(frozen: boolean): void {
    this.#server?.kill(frozen ? "SIGSTOP" : "SIGCONT");
  }

  say(speech: Speech): void {
    this.#server?.stdin?.write(`${speech}\n`);
  }

  close(): Promise<void> {
    return this.kill();
  }
}
