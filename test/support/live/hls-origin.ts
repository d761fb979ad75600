/** An HLS origin: ffmpeg writes the segments, node:http serves them. */
import { createReadStream } from "node:fs";
import { access, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { LivePin } from "../../../playback/model/live.ts";
import { freePort } from "../processes/free-port.ts";
import type { LiveRig } from "./live-rig.ts";
import { Presenter, type Speech } from "./presenter.ts";

const SEGMENT_S = 1;
const SEGMENTS = 6;

export class HlsOrigin implements LiveRig {
  readonly pin: LivePin;
  /** What was fetched of a segment plays on. */
  readonly keepsMs = SEGMENT_S * 1_000;
  readonly #folder: string;
  readonly #port: number;
  readonly #hertz: number;
  #server: Server | null = null;
  #presenter: Presenter | null = null;
  #frozen = false;

  private constructor(folder: string, port: number, hertz: number) {
    this.#folder = folder;
    this.#port = port;
    this.#hertz = hertz;
    this.pin = { id: "hls", kind: "hls", url: `http://127.0.0.1:${port}/live.m3u8`, hosts: [] };
  }

  static async open(hertz: number): Promise<HlsOrigin> {
    return new HlsOrigin(await mkdtemp(join(tmpdir(), "loa-hls-")), await freePort(), hertz);
  }

  /** Resolves when three segments are there. */
  async start(): Promise<void> {
    const name = `${Date.now()}`;
    const segments = [
      "-hls_time",
      String(SEGMENT_S),
      "-hls_list_size",
      String(SEGMENTS),
      "-hls_flags",
      "delete_segments",
    ];
    const files = ["-hls_segment_filename", join(this.#folder, `${name}-%05d.ts`), join(this.#folder, "live.m3u8")];
    this.#presenter = new Presenter(this.#hertz, ["-c:a", "aac", "-b:a", "64k", "-f", "hls", ...segments, ...files]);
    await exists(join(this.#folder, `${name}-00003.ts`));
    this.#server = createServer((request, response) => {
      if (this.#frozen) return;
      const file = createReadStream(join(this.#folder, basename(request.url ?? "")));
      file.on("error", () => response.writeHead(404).end());
      file.pipe(response);
    });
    const server = this.#server;
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
  }

  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    }
    await this.#presenter?.close();
    this.#presenter = null;
  }

  freeze(frozen: boolean): void {
    this.#frozen = frozen;
  }

  say(speech: Speech): void {
    if (this.#presenter !== null) this.#presenter.speech = speech;
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function exists(path: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    try {
      return await access(path);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
