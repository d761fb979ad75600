import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { isRefusal, type OpenMedia } from "../../../playback/ports/media.ts";
import { decoderSource } from "../../../playback/sound/decoder-source.ts";
import type { Treatment } from "../../../playback/sound/processing.ts";
import { realClock } from "./real-clock.ts";

/** Decodes any sound file to mono samples with ffmpeg, by a way that shares nothing with the engine. @throws Error with ffmpeg's words. */
export async function decodeFile(path: string, rate = 48_000): Promise<Float32Array> {
  const args = ["-nostdin", "-v", "error", "-i", path, "-ac", "1", "-ar", String(rate), "-f", "f32le", "-"];
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    execFile("ffmpeg", args, { encoding: "buffer", maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`ffmpeg could not decode ${path}: ${stderr.toString()}`));
      else resolve(stdout);
    });
  });
  return new Float32Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 2);
}

/** All that the engine's own decoder gives. @throws Error where it refuses or ends with a fault */
export async function decodeTreated(media: OpenMedia, treatment: Treatment, fromMs = 0): Promise<Float32Array> {
  const context = { clock: realClock, supervisor: new ChildSupervisor(), treatment };
  const source = await decoderSource(media, fromMs, context);
  if (isRefusal(source)) throw new Error(source.detail);
  const blocks: Float32Array[] = [];
  for (;;) {
    const next = await source.next();
    if ("refusal" in next) {
      await source.close();
      if (next.refusal) throw new Error(next.refusal.detail);
      return joined(blocks);
    }
    if (next.samples !== null) blocks.push(next.samples);
  }
}

/** Samples through a chain of ffmpeg filters. */
export async function filtered(samples: Float32Array, filters: string): Promise<Float32Array> {
  const raw = ["-f", "f32le", "-ar", "48000", "-ac", "1"];
  const args = ["-v", "error", ...raw, "-i", "pipe:0", "-af", filters, "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"];
  const child = spawn("ffmpeg", args, { stdio: ["pipe", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
  await once(child, "close");
  const bytes = Buffer.concat(chunks);
  return new Float32Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 2);
}

/** What ffmpeg's `ebur128` says of samples: LUFS and dBTP. */
export async function loudnessOf(samples: Float32Array): Promise<{ lufs: number; truePeak: number }> {
  const raw = ["-f", "f32le", "-ar", "48000", "-ac", "1"];
  const args = ["-hide_banner", "-nostats", ...raw, "-i", "pipe:0", "-af", "ebur128=peak=true", "-f", "null", "-"];
  const child = spawn("ffmpeg", args, { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  child.stdin.end(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
  await once(child, "close");
  const read = (pattern: RegExp) => Number(said.match(pattern)?.[1]);
  return { lufs: read(/I:\s+(\S+) LUFS\s+Threshold/), truePeak: read(/Peak:\s+(\S+) dBFS/) };
}

function joined(blocks: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
}
