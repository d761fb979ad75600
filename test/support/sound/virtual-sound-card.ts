/**
 * A private sound card made of software: PulseAudio's null sink, which takes sound at the pace of a real card and lets it be
 * recorded. It knows nothing of the machine's own sound, and the machine nothing of it.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const SYSTEM_ALSA = "/usr/share/alsa/alsa.conf";
/** Name of the only sink. */
export const SINK = "station";

/** How the card is made. */
export interface VirtualSoundCardOptions {
  /** Samples per second of the sink; another number than 48000 makes a card whose crystal is off. */
  readonly rate?: number;
  /** Default 1. */
  readonly channels?: number;
  /**
   * Whether it may take back what it just played, as PulseAudio's sinks do after a sound came too late; default true. A card of hardware can not,
   * and of a hole that was taken back in part, a recording has all of it.
   */
  readonly rewinds?: boolean;
  /** Folder of an earlier card, to come back at the same socket. */
  readonly folder?: string;
}

/** What a recorder needs of a card. */
export type SinkPlace = Pick<VirtualSoundCard, "env" | "monitor" | "pactl">;

export class VirtualSoundCard {
  readonly folder: string;
  readonly #server: ChildProcess;
  readonly #options: VirtualSoundCardOptions;

  private constructor(folder: string, options: VirtualSoundCardOptions, server: ChildProcess) {
    this.folder = folder;
    this.#options = options;
    this.#server = server;
  }

  /** Starts it; resolves when the sink can be used. @throws Error when the sound server does not come up within 10 s. */
  static async start(options: VirtualSoundCardOptions = {}): Promise<VirtualSoundCard> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "loa-card-")));
    const { rate = 48_000, channels = 1, rewinds = true } = options;
    await mkdir(join(folder, "run"), { recursive: true });
    await writeFile(join(folder, "asound.conf"), alsaConfiguration());
    // A server that was killed leaves its socket behind.
    await rm(join(folder, "socket"), { force: true });
    const server = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", "--", "pulseaudio", ...serverArguments(folder, { rate, channels, rewinds })],
      {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: join(folder, "run"), XDG_CONFIG_HOME: folder },
      },
    );
    let said = "";
    server.stderr?.on("data", (text) => {
      said = (said + text).slice(-4_096);
    });
    server.on("error", (error) => {
      said += error.message;
    });
    const card = new VirtualSoundCard(folder, options, server);
    for (let tries = 0; tries < 200; tries++) {
      if (await card.#answers()) {
        card.#keepPace();
        return card;
      }
      await sleep(50);
    }
    await card.close();
    throw new Error(`pulseaudio did not start: ${said}`);
  }

  /** Process id of the sound server, to stop or kill it. */
  get pid(): number {
    if (this.#server.pid === undefined) throw new Error("the sound server is not running");
    return this.#server.pid;
  }

  /** Environment for programs that shall play here; must be set before their first use of sound. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PULSE_SERVER: `unix:${join(this.folder, "socket")}`,
      ALSA_CONFIG_PATH: join(this.folder, "asound.conf"),
    };
  }

  /** Name of what `parec` records from. */
  get monitor(): string {
    return `${SINK}.monitor`;
  }

  /** Two mono cards on the left and the right of a stereo one, so on one crystal; gives the environment for each. */
  async split(): Promise<readonly [NodeJS.ProcessEnv, NodeJS.ProcessEnv]> {
    for (const side of ["left", "right"]) {
      const map = [`master=${SINK}`, "channels=1", `master_channel_map=front-${side}`, "channel_map=mono", "remix=no"];
      await this.pactl("load-module", "module-remap-sink", `sink_name=${side}`, ...map);
    }
    return [
      { ...this.env, PULSE_SINK: "left" },
      { ...this.env, PULSE_SINK: "right" },
    ];
  }

  /** Another sink of the same server: a card of its own for whoever is given its environment. */
  async addSink(name: string): Promise<SinkPlace> {
    const format = ["rate=48000", "channels=1", "format=float32le"];
    await this.pactl("load-module", "module-null-sink", `sink_name=${name}`, ...format);
    this.#keepPace(`${name}.monitor`);
    const env = { ...this.env, PULSE_SINK: name };
    return { env, monitor: `${name}.monitor`, pactl: (...args) => this.pactl(...args) };
  }

  /** Silences the sink, while programs go on playing. */
  async mute(muted: boolean): Promise<void> {
    await this.pactl("set-sink-mute", SINK, muted ? "1" : "0");
  }

  /** Runs `pactl` on this server and gives its output. @throws Error as `execFile` does. */
  async pactl(...args: string[]): Promise<string> {
    return (await run("pactl", args, { env: this.env, timeout: 5_000 })).stdout;
  }

  /** Kills the server at once, like a card that is pulled out. */
  async pull(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#server.once("exit", resolve));
    this.#server.kill("SIGKILL");
    await gone;
  }

  /** A new server in the same folder, after `pull`. */
  plugIn(): Promise<VirtualSoundCard> {
    return VirtualSoundCard.start({ ...this.#options, folder: this.folder });
  }

  /** Stops the server and removes the folder. */
  async close(): Promise<void> {
    await this.pull();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /**
   * A null sink takes up to two seconds at a time unless somebody wants it finer, and its clients' clocks stand still in between. A
   * listener that throws everything away makes it behave like a card with blocks of 5 ms. It ends with the server.
   */
  #keepPace(monitor = this.monitor): void {
    const listen = ["parec", "--raw", "-d", monitor, "--latency-msec=5", "--channels=1", "--format=s16le"];
    const listener = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...listen], { env: this.env, stdio: "ignore" });
    listener.on("error", (error) => {
      throw error;
    });
  }

  async #answers(): Promise<boolean> {
    if (!existsSync(join(this.folder, "socket"))) return false;
    try {
      return (await this.pactl("list", "short", "sinks")).includes(SINK);
    } catch {
      // Not up yet: the caller asks again and gives up in the end.
      return false;
    }
  }
}

function serverArguments(
  folder: string,
  { rate, channels, rewinds }: Required<Pick<VirtualSoundCardOptions, "rate" | "channels" | "rewinds">>,
): string[] {
  const socket = join(folder, "socket");
  return [
    ...["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"],
    // A card of hardware does not wait for a processor. Where that is not permitted, this one does.
    ...["--realtime=yes", "--high-priority=yes", "--log-level=error"],
    ...[
      "-L",
      `module-null-sink sink_name=${SINK} rate=${rate} channels=${channels} format=float32le norewinds=${rewinds ? 0 : 1}`,
    ],
    ...["-L", `module-native-protocol-unix socket=${socket} auth-anonymous=1`],
  ];
}

/** `default` is the sound server; the system's configuration is still needed for what `type pulse` means. */
function alsaConfiguration(): string {
  const include = existsSync(SYSTEM_ALSA) ? `<${SYSTEM_ALSA}>\n` : "";
  return `${include}pcm.!default { type pulse hint { show on description "Virtual sound card" } }\nctl.!default { type pulse }\n`;
}
