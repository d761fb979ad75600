/** Icecast 2 with a configuration of its own, and the presenter that feeds it. */
import type { ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { LivePin } from "../../../playback/model/live.ts";
import { freePort } from "../processes/free-port.ts";
import { ended, type LiveRig, listening, serve } from "./live-rig.ts";
import { Presenter, type Speech } from "./presenter.ts";

export class Icecast implements LiveRig {
  readonly pin: LivePin;
  readonly keepsMs = 0;
  readonly #folder: string;
  readonly #port: number;
  readonly #hertz: number;
  #server: ChildProcess | null = null;
  #presenter: Presenter | null = null;

  private constructor(folder: string, port: number, hertz: number) {
    this.#folder = folder;
    this.#port = port;
    this.#hertz = hertz;
    this.pin = { id: "icecast", kind: "icecast", url: `http://127.0.0.1:${port}/live`, hosts: [] };
  }

  static async open(hertz: number): Promise<Icecast> {
    const folder = await mkdtemp(join(tmpdir(), "loa-icecast-"));
    await chmod(folder, 0o777);
    const port = await freePort();
    await writeFile(join(folder, "icecast.xml"), configuration(folder, port));
    return new Icecast(folder, port, hertz);
  }

  /** Where a source is sent to; holds the password. */
  get address(): string {
    return `icecast://source:hackme@127.0.0.1:${this.#port}/live`;
  }

  /** The server alone, for a source that somebody else brings. */
  async serve(): Promise<void> {
    this.#server = serve("icecast2", ["-c", join(this.#folder, "icecast.xml")]);
    await listening(this.#port);
  }

  async start(): Promise<void> {
    await this.serve();
    const to = this.address;
    const encode = [
      "-c:a",
      "libmp3lame",
      "-b:a",
      "64k",
      "-content_type",
      "audio/mpeg",
      "-f",
      "mp3",
      "-flush_packets",
      "1",
    ];
    this.#presenter = new Presenter(this.#hertz, [...encode, to]);
  }

  async kill(): Promise<void> {
    await ended(this.#server);
    await this.#presenter?.close();
    this.#presenter = null;
  }

  freeze(frozen: boolean): void {
    this.#server?.kill(frozen ? "SIGSTOP" : "SIGCONT");
  }

  say(speech: Speech): void {
    if (this.#presenter !== null) this.#presenter.speech = speech;
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function configuration(folder: string, port: number): string {
  // It refuses to be root.
  const owner = userInfo().uid === 0 ? "<changeowner><user>nobody</user><group>nogroup</group></changeowner>" : "";
  return `<icecast>
  <limits><clients>20</clients><sources>2</sources><burst-size>65535</burst-size></limits>
  <authentication><source-password>hackme</source-password><admin-user>a</admin-user><admin-password>b</admin-password></authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><basedir>/usr/share/icecast2</basedir><logdir>${folder}</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>-</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot>${owner}</security>
</icecast>
`;
}
