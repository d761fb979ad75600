/** Somebody who speaks into a stream: a tone, silence or faint noise, at the pace of real time, into the encoder of a live source. */
import { type ChildProcess, spawn } from "node:child_process";

const RATE = 48_000;
const EVERY_MS = 20;

export type Speech = "tone" | "mute" | "noise";

/** Level of the tone's peak and of the noise: a programme, and the hiss of an open line. */
const TONE = 0.25;
const HISS = 10 ** (-55 / 20);

export class Presenter {
  readonly #encoder: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  readonly #ended: Promise<void>;
  speech: Speech = "tone";

  /** `args`: what ffmpeg does with the sound, after its input. */
  constructor(hertz: number, args: readonly string[]) {
    const input = ["-f", "s16le", "-ar", String(RATE), "-ac", "1", "-i", "pipe:0"];
    const command = ["--pdeathsig", "KILL", "--", "ffmpeg", "-nostdin", "-v", "error", ...input, ...args];
    const encoder = spawn("setpriv", command, { stdio: ["pipe", "ignore", "ignore"] });
    this.#encoder = encoder;
    this.#ended = new Promise((resolve) => encoder.once("close", () => resolve()));
    encoder.stdin.on("error", () => {});
    const began = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) * RATE) / 1_000);
      const block = new Int16Array(due - sent);
      for (let at = 0; at < block.length; at++) {
        const tone = TONE * Math.sin((2 * Math.PI * hertz * (sent + at)) / RATE);
        const value = this.speech === "tone" ? tone : this.speech === "noise" ? HISS * (2 * Math.random() - 1) : 0;
        block[at] = Math.round(value * 32_767);
      }
      sent = due;
      if (encoder.stdin.writable && !encoder.stdin.writableNeedDrain) encoder.stdin.write(Buffer.from(block.buffer));
    }, EVERY_MS);
  }

  /** The encoder as well. */
  freeze(frozen: boolean): void {
    this.#encoder.kill(frozen ? "SIGSTOP" : "SIGCONT");
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#encoder.kill("SIGKILL");
    await this.#ended;
  }
}
