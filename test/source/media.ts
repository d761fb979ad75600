/**
 * Real media for tests and demonstrations: Vietnamese speech by espeak-ng, tones, chimes and sirens, encoded by ffmpeg in
 * every format that a province sends. Loudness is set by one plain gain, so that the waveform stays what it was.
 */
import { mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AUDIO_TYPES } from "../../agent/contract/content.ts";
import { sha256Of } from "./envelope.ts";
import { run } from "./run.ts";

const RATE = 48_000;
const TARGET_LUFS = -20;
const HIGHEST_PEAK_DB = -1;
/** Below this a trimmed end is silence. */
const SILENCE_DB = -50;

/** Accents that espeak-ng may have. */
export const VOICES = { north: "vi", central: "vi-vn-x-central", south: "vi-vn-x-south" } as const;
export type Voice = keyof typeof VOICES;

/** What sounds. */
export type MediaRecipe =
  | { readonly kind: "speech"; readonly text: string; readonly voice: Voice }
  | { readonly kind: "tone"; readonly hz: number; readonly durationMs: number }
  /** Struck notes, one after the other, ringing into each other. */
  | { readonly kind: "chime"; readonly notesHz: readonly number[]; readonly noteMs: number }
  /** A wail that glides between two pitches. */
  | {
      readonly kind: "siren";
      readonly lowHz: number;
      readonly highHz: number;
      readonly periodMs: number;
      readonly durationMs: number;
    };

/** Container and codec; `m4a` has its index at the end, `m4a-faststart` in front. */
export const FORMATS = {
  mp3: { extension: "mp3", type: "audio/mpeg", encoder: ["-c:a", "libmp3lame", "-b:a", "96k"] },
  m4a: { extension: "m4a", type: "audio/mp4", encoder: ["-c:a", "aac", "-b:a", "96k"] },
  "m4a-faststart": {
    extension: "m4a",
    type: "audio/mp4",
    encoder: ["-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"],
  },
  opus: { extension: "ogg", type: "audio/ogg", encoder: ["-c:a", "libopus", "-b:a", "48k"] },
  flac: { extension: "flac", type: "audio/flac", encoder: ["-c:a", "flac"] },
  wav: { extension: "wav", type: "audio/wav", encoder: ["-c:a", "pcm_s16le"] },
} as const satisfies Record<string, { extension: string; type: (typeof AUDIO_TYPES)[number]; encoder: string[] }>;
export type MediaFormat = keyof typeof FORMATS;

/** A finished file. */
export interface MediaFile {
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly type: (typeof AUDIO_TYPES)[number];
  /** Measured by decoding the file and counting samples. */
  readonly durationMs: number;
  readonly title: string;
}

/** Accents that the installed espeak-ng can speak. @throws where it is not installed. */
export async function installedVoices(): Promise<Voice[]> {
  const { stdout } = await run("espeak-ng", ["--voices=vi"]);
  const languages = stdout
    .toString("utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/)[1]);
  return (Object.keys(VOICES) as Voice[]).filter((voice) => languages.includes(VOICES[voice]));
}

/** Renders, sets the loudness and encodes; the file appears whole or not at all. */
export async function makeMedia(
  recipe: MediaRecipe,
  format: MediaFormat,
  file: string,
  title: string,
): Promise<MediaFile> {
  const work = await mkdtemp(join(dirname(file), "making-"));
  try {
    const raw = join(work, "raw.wav");
    await render(recipe, raw, work);
    const gain = await gainFor(raw);
    const { extension, type, encoder } = FORMATS[format];
    const encoded = join(work, `encoded.${extension}`);
    // Bit-exact, so that the same recipe has the same digest on the same machine.
    const exact = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"];
    await ffmpeg(["-i", raw, "-af", `volume=${gain.toFixed(2)}dB`, ...encoder, ...exact, encoded]);
    const durationMs = await (type === "audio/mp4" ? statedDurationMs(encoded) : measureDurationMs(encoded));
    const [bytes, { size }] = await Promise.all([readFile(encoded), stat(encoded)]);
    await rename(encoded, file);
    return { file, sha256: sha256Of(bytes), sizeBytes: size, type, durationMs, title };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Decodes to one channel of 16-bit samples at 48 kHz. */
export async function decode(file: string): Promise<Int16Array> {
  const { stdout } = await ffmpeg(["-i", file, "-ac", "1", "-ar", `${RATE}`, "-f", "s16le", "pipe:1"]);
  return new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
}

/** How long the file really sounds. */
export async function measureDurationMs(file: string): Promise<number> {
  return Math.round(((await decode(file)).length / RATE) * 1_000);
}

/** How long a file says that it is: AAC fills its last frame up, and ffmpeg 5 gives the filling with the sound. */
async function statedDurationMs(file: string): Promise<number> {
  const { stdout } = await run("ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file]);
  return Math.round(Number(stdout.toString()) * 1_000);
}

/** Integrated loudness (EBU R 128) and sample peak of a file. */
export async function measureLoudness(file: string): Promise<{ lufs: number; peakDb: number }> {
  const { stderr } = await ffmpeg(
    ["-i", file, "-af", "ebur128=peak=sample:framelog=verbose", "-f", "null", "-"],
    "info",
  );
  const summary = stderr.slice(stderr.lastIndexOf("Summary:"));
  const lufs = Number(/I:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1]);
  const peakDb = Number(/Peak:\s+(-?[\d.]+) dBFS/.exec(summary)?.[1]);
  if (Number.isNaN(lufs) || Number.isNaN(peakDb)) throw new Error(`no loudness in: ${summary}`);
  return { lufs, peakDb };
}

async function gainFor(file: string): Promise<number> {
  const { lufs, peakDb } = await measureLoudness(file);
  return Math.min(TARGET_LUFS - lufs, HIGHEST_PEAK_DB - peakDb);
}

async function render(recipe: MediaRecipe, raw: string, work: string): Promise<void> {
  // Trims both ends: the filter only knows the beginning, so the sound is turned round in between.
  // Peaks, because ffmpeg 5's running sum of squares takes a siren that swells from nothing for silence to its end.
  const trim = `silenceremove=start_periods=1:start_threshold=${SILENCE_DB}dB:detection=peak`;
  const filter = `aresample=${RATE},${trim},areverse,${trim},areverse`;
  const output = ["-af", filter, "-ac", "1", "-ar", `${RATE}`, "-c:a", "pcm_s16le", raw];
  if (recipe.kind !== "speech") {
    await ffmpeg(["-f", "lavfi", "-i", sourceOf(recipe), ...output]);
    return;
  }
  const spoken = join(work, "spoken.wav");
  await run("espeak-ng", ["-v", VOICES[recipe.voice], "-s", "150", "-w", spoken, "--", recipe.text]);
  await ffmpeg(["-i", spoken, ...output]);
}

function sourceOf(recipe: Exclude<MediaRecipe, { kind: "speech" }>): string {
  switch (recipe.kind) {
    case "tone":
      return wave(`0.25*sin(2*PI*${recipe.hz}*t)`, recipe.durationMs);
    case "chime": {
      const notes = recipe.notesHz.map((hz, index) => {
        const since = `(t-${(index * recipe.noteMs) / 1_000})`;
        return `gte(${since},0)*exp(-3*max(${since},0))*sin(2*PI*${hz}*${since})`;
      });
      return wave(`0.3*(${notes.join("+")})`, (recipe.notesHz.length + 1) * recipe.noteMs);
    }
    case "siren": {
      const [middle, swing] = [(recipe.lowHz + recipe.highHz) / 2, (recipe.highHz - recipe.lowHz) / 2];
      const period = recipe.periodMs / 1_000;
      const glide = `${swing}*${period}/(2*PI)*cos(2*PI*t/${period})`;
      return wave(`0.25*sin(2*PI*(${middle}*t-${glide}))`, recipe.durationMs);
    }
  }
}

function wave(expression: string, durationMs: number): string {
  return `aevalsrc='${expression}':s=${RATE}:d=${durationMs / 1_000}`;
}

function ffmpeg(args: readonly string[], level = "error") {
  return run("ffmpeg", ["-hide_banner", "-nostdin", "-y", "-loglevel", level, ...args]);
}
