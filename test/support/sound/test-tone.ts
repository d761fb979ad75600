/** Makes media for tests: tones and Vietnamese speech, in the formats that stations get. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseSha256, type Sha256 } from "../../../playback/model/units.ts";
import type { OpenMedia } from "../../../playback/ports/media.ts";
import { decodeFile } from "./decode.ts";

const run = promisify(execFile);

/** Formats by short name: file ending, IANA type and what ffmpeg is told. */
export const FORMATS = {
  mp3: { ending: "mp3", type: "audio/mpeg", args: ["-c:a", "libmp3lame", "-b:a", "64k"] },
  m4a: { ending: "m4a", type: "audio/mp4", args: ["-c:a", "aac", "-b:a", "64k"] },
  "m4a-faststart": {
    ending: "m4a",
    type: "audio/mp4",
    args: ["-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart"],
  },
  opus: { ending: "opus", type: "audio/ogg", args: ["-c:a", "libopus", "-b:a", "32k", "-f", "ogg"] },
  flac: { ending: "flac", type: "audio/flac", args: ["-c:a", "flac"] },
  wav: { ending: "wav", type: "audio/wav", args: ["-c:a", "pcm_s16le"] },
} as const satisfies Record<string, { ending: string; type: string; args: readonly string[] }>;
export type Format = keyof typeof FORMATS;

/** A file made for a test, with what an approving document says of it. */
export interface TestMedia {
  readonly path: string;
  readonly type: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Of the decoded sound. */
  readonly durationMs: number;
}

/** Encodes a WAV (or any other) file into the folder. */
export async function encodeMedia(folder: string, name: string, input: string, format: Format): Promise<TestMedia> {
  const { ending, args } = FORMATS[format];
  const path = join(folder, `${name}.${format}.${ending}`);
  await run("ffmpeg", ["-nostdin", "-v", "error", "-y", "-i", input, "-ac", "1", "-ar", "48000", ...args, path]);
  return describeMedia(path, format);
}

/** Size, digest and length of a file that is there. */
export async function describeMedia(path: string, format: Format): Promise<TestMedia> {
  const bytes = await readFile(path);
  const sha256 = parseSha256(createHash("sha256").update(bytes).digest("hex"));
  if (sha256 === null) throw new Error("a digest is 64 digits");
  const samples = await decodeFile(path);
  return {
    path,
    type: FORMATS[format].type,
    sha256,
    sizeBytes: bytes.length,
    durationMs: (samples.length * 1_000) / 48_000,
  };
}

/** A sine tone; level in dBFS of its peak. */
export async function makeTone(
  folder: string,
  tone: { name: string; hertz: number; seconds: number; peakDb?: number },
  format: Format,
): Promise<TestMedia> {
  const path = join(folder, `${tone.name}.source.wav`);
  // ffmpeg's own sine has a peak of 1/8.
  const gain = `volume=${(tone.peakDb ?? -12) + 20 * Math.log10(8)}dB`;
  const input = ["-f", "lavfi", "-i", `sine=frequency=${tone.hertz}:sample_rate=48000:duration=${tone.seconds}`];
  await run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...input, "-af", gain, "-c:a", "pcm_s16le", path]);
  return encodeMedia(folder, tone.name, path, format);
}

/** Spoken text; each text sounds different, which correlation needs. `voice` as espeak-ng names it, e.g. `vi`, `vi-vn-x-south`. */
export async function makeSpeech(
  folder: string,
  speech: { name: string; text: string; voice?: string; wordsPerMinute?: number },
  format: Format,
): Promise<TestMedia> {
  const path = join(folder, `${speech.name}.speech.wav`);
  const speed = String(speech.wordsPerMinute ?? 160);
  await run("espeak-ng", ["-v", speech.voice ?? "vi", "-s", speed, "-a", "120", "-w", path, speech.text]);
  return encodeMedia(folder, speech.name, path, format);
}

/** Opens a test file the way the media library would. */
export async function openTestMedia(media: TestMedia): Promise<OpenMedia> {
  const file = await open(media.path, "r");
  return {
    sha256: media.sha256,
    fd: file.fd,
    type: media.type,
    durationMs: media.durationMs,
    close: () => file.close(),
  };
}
