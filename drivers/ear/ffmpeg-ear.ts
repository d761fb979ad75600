/**
 * A microphone of ALSA or PulseAudio, heard through ffmpeg. What it gave is in memory while it listens: 192 kB a second.
 *
 * Assumed: ffmpeg was built with the system's sound (Debian's is); a machine whose ffmpeg was not says so in its refusal.
 */
import { refusal } from "../../playback/model/refusal.ts";
import { MINUTE, type Millis } from "../../playback/model/units.ts";
import type { Ear, Listening } from "../../playback/ports/ear.ts";
import type { Supervisor } from "../../playback/ports/supervisor.ts";

export interface MicrophoneFile {
  readonly kind: "alsa" | "pulse";
  /** As the system calls it: `plughw:CARD=Mic`, `alsa_input.usb-…`. */
  readonly device: string;
}

const RATE = 48_000;
const BYTES = Float32Array.BYTES_PER_ELEMENT;
const LONGEST: Millis = 2 * MINUTE;

export class FfmpegEar implements Ear {
  readonly #microphone: MicrophoneFile;
  readonly #supervisor: Supervisor;

  constructor(microphone: MicrophoneFile, supervisor: Supervisor) {
    this.#microphone = microphone;
    this.#supervisor = supervisor;
  }

  listen(mostMs: Millis): Listening {
    const { kind, device } = this.#microphone;
    const seconds = Math.min(mostMs, LONGEST) / 1_000;
    const small = kind === "pulse" ? ["-fragment_size", String(RATE / 10)] : [];
    const args = [
      ...["-nostdin", "-hide_banner", "-loglevel", "error", "-f", kind, ...small, "-i", device, "-t", String(seconds)],
      ...["-ac", "1", "-ar", String(RATE), "-c:a", "pcm_f32le", "-f", "f32le", "-flush_packets", "1", "pipe:1"],
    ];
    const child = this.#supervisor.run({ name: "ear", command: "ffmpeg", args });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const heard = (async () => {
      for await (const chunk of child.stdout) {
        chunks.push(chunk);
        bytes += chunk.length;
      }
    })();
    return {
      heardMs: () => (bytes / BYTES / RATE) * 1_000,
      async stop() {
        const { stderr } = await child.stop();
        await heard;
        const whole = Buffer.concat(chunks);
        if (whole.length >= BYTES)
          return new Float32Array(new Uint8Array(whole).buffer, 0, Math.floor(whole.length / BYTES));
        const said = stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
        return refusal("no-output", `the microphone '${device}' gives nothing: ${said}`);
      },
    };
  }
}
