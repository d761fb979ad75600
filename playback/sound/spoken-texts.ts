/**
 * Approved texts as speech, by the espeak-ng of the machine. Invariants: only a text whose digest was approved is spoken; what was rendered is
 * kept under (digest of the text, voice and pace) and played only while its bytes are the ones that were made.
 * Assumed: 150 words a minute, the pace of a radio announcer reading to the open air.
 */
import { type FileHandle, open, rm, writeFile } from "node:fs/promises";
import { type Refusal, refusal } from "../model/refusal.ts";
import { MINUTE, type Millis, type Monotonic, SECOND, type Sha256 } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { DerivedMedia, OpenDerived } from "../ports/derived-media.ts";
import { isRefusal, type OpenMedia } from "../ports/media.ts";
import type { Speech } from "../ports/speech.ts";
import type { Child, Supervisor } from "../ports/supervisor.ts";
import { textDigest } from "./text-digest.ts";

const PACE = 150;
/** A text of 4,000 characters takes a second on a fast machine. */
const LONGEST_RENDER: Millis = 30 * SECOND;
const HEADER = 44;
/** A voice that failed, and a machine that named none. */
const ASK_AGAIN: Millis = 10 * MINUTE;

export interface SpokenTextsOptions {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly derived: DerivedMedia;
}

export class SpokenTexts implements Speech {
  readonly #options: SpokenTextsOptions;
  /** Languages of the machine, by the name its voice is asked for. */
  #voices: ReadonlySet<string> = new Set();
  #approved: ReadonlySet<Sha256> = new Set();
  readonly #rendering = new Map<string, Promise<OpenDerived | Refusal>>();
  /** Voices that gave no speech, and when they are asked again. */
  readonly #failed = new Map<string, Monotonic>();
  #lookedAt: Monotonic = Number.NEGATIVE_INFINITY;

  constructor(options: SpokenTextsOptions) {
    this.#options = options;
  }

  /** Asks the machine for its voices; without espeak-ng there are none, and that is a state, not a fault. */
  async findVoices(): Promise<number> {
    this.#lookedAt = this.#options.clock.monotonic();
    const child = this.#options.supervisor.run({ name: "voices", command: "espeak-ng", args: ["--voices"] });
    const text = await this.#wait(child);
    const names = (text ?? "").split("\n").flatMap((line) => /^\s*\d+\s+(\S+)/.exec(line)?.[1] ?? []);
    this.#voices = new Set(names);
    return names.length;
  }

  /** Which texts may be spoken, from now on. */
  setApproved(digests: Iterable<Sha256>): void {
    this.#approved = new Set(digests);
  }

  speaks(text: string, language: string): boolean {
    const voice = this.#voiceOf(language);
    return voice !== null && !this.#hasFailed(voice) && this.#approved.has(textDigest(text));
  }

  async open(text: string, language: string): Promise<OpenMedia | Refusal> {
    const source = textDigest(text);
    if (!this.#approved.has(source)) return refusal("digest-not-approved", "no content key approved this text");
    const voice = this.#voiceOf(language);
    if (voice === null) return refusal("no-voice", `no voice here speaks '${language}'`);
    const recipe = `espeak-${voice}-${PACE}`;
    // Whoever comes while it is being made waits for it, and then opens his own.
    await this.#rendering.get(`${source} ${recipe}`);
    const known = await this.#options.derived.open(source, recipe);
    const spoken = known ?? (await this.#once(source, recipe, voice, text));
    return isRefusal(spoken) ? spoken : asMedia(spoken);
  }

  /** Renders ahead what will be needed; what fails is told when it is opened. */
  async prepare(texts: Iterable<{ readonly text: string; readonly language: string }>): Promise<void> {
    const lookAgain = this.#voices.size === 0 && this.#options.clock.monotonic() - this.#lookedAt >= ASK_AGAIN;
    if (lookAgain) await this.findVoices();
    for (const { text, language } of texts) {
      if (!this.speaks(text, language)) continue;
      const opened = await this.open(text, language);
      if (!isRefusal(opened)) await opened.close();
    }
  }

  async #once(source: Sha256, recipe: string, voice: string, text: string): Promise<OpenDerived | Refusal> {
    const key = `${source} ${recipe}`;
    const made = this.#options.derived.make(source, recipe, (path) => this.#render(path, voice, text));
    this.#rendering.set(key, made);
    const result = await made.finally(() => this.#rendering.delete(key));
    // A voice that fails is left alone for a while: an alert falls back to recorded phrases. It may only have been short of memory.
    if (isRefusal(result)) this.#failed.set(voice, this.#options.clock.monotonic() + ASK_AGAIN);
    return result;
  }

  async #render(path: string, voice: string, text: string): Promise<Refusal | null> {
    const words = `${path}.txt`;
    try {
      await writeFile(words, text.normalize("NFC"));
      // By file: a text that begins with a dash is no option.
      const args = ["-v", voice, "-s", String(PACE), "-b", "1", "-f", words, "-w", path];
      const child = this.#options.supervisor.run({ name: "speech", command: "espeak-ng", args });
      const finished = await this.#wait(child);
      const exit = await child.exited;
      if (finished !== null && exit.code === 0) return null;
      return refusal("media-unplayable", `the voice '${voice}' gave no speech: ${exit.stderr.trim().slice(0, 200)}`);
    } finally {
      await rm(words, { force: true });
    }
  }

  /** What it said; `null` where it took too long and was stopped. */
  async #wait(child: Child): Promise<string | null> {
    const done = new AbortController();
    const late = this.#options.clock.wait(LONGEST_RENDER, done.signal).then(() => null);
    const said = (async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of child.stdout) chunks.push(chunk);
      await child.exited;
      return Buffer.concat(chunks).toString("utf8");
    })();
    const result = await Promise.race([said, late]);
    done.abort();
    if (result === null) await child.stop();
    return result;
  }

  #hasFailed(voice: string): boolean {
    return this.#options.clock.monotonic() < (this.#failed.get(voice) ?? Number.NEGATIVE_INFINITY);
  }

  #voiceOf(language: string): string | null {
    const [primary = ""] = language.toLowerCase().split("-");
    const asked = [language.toLowerCase(), primary, ...(NAMES[primary] ?? [])];
    return asked.find((name) => this.#voices.has(name)) ?? null;
  }
}

/** espeak-ng's names for languages that BCP 47 calls otherwise. */
const NAMES: Record<string, readonly string[]> = { zh: ["cmn"], en: ["en-gb", "en-us"], fr: ["fr-fr"] };

/** espeak-ng writes plain PCM with a header of 44 bytes. */
async function asMedia({ sha256, fd, sizeBytes, close }: OpenDerived): Promise<OpenMedia> {
  const bytesPerSecond = await byteRate(fd).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const durationMs = bytesPerSecond === 0 ? 0 : (Math.max(0, sizeBytes - HEADER) / bytesPerSecond) * SECOND;
  return { sha256, fd, type: "audio/wav", durationMs, close };
}

async function byteRate(fd: number): Promise<number> {
  const file: FileHandle = await open(`/proc/self/fd/${fd}`, "r");
  try {
    const header = Buffer.alloc(HEADER);
    await file.read(header, 0, HEADER, 0);
    return header.readUInt32LE(28);
  } finally {
    await file.close();
  }
}
