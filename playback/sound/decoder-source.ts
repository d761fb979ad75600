/**
 * Approved media, decoded by an ffmpeg child while it plays. The child reads the very descriptor whose bytes were verified, and
 * is held back by its pipe: what is not asked for is not decoded.
 */
import { type Refusal, refusal } from "../model/refusal.ts";
import type { Millis } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { OpenMedia } from "../ports/media.ts";
import type { Child, Supervisor } from "../ports/supervisor.ts";
import { decoderArguments, plainType } from "./decoder-arguments.ts";
import type { PcmBlock, PcmEnd, PcmSource } from "./pcm-source.ts";
import type { Treatment } from "./processing.ts";
import { BLOCK, millisOf, type Samples, samplesOf } from "./units.ts";

/** A decoder that gives nothing for so long is not going to. */
const SILENT_TOO_LONG: Millis = 10_000;
/** A file may be this much shorter than approved: durations in documents are rounded, and codecs pad. */
const TOLERANCE = 0.05;
/**
 * AAC comes in frames of 1024 samples (2048 in its high-efficiency profile), and what fills the last one is no sound. The file says so, but
 * ffmpeg 5.1 does not listen: between two pieces of music it would be a hole. More than one frame of 22 kHz is no filling.
 */
const FILLING: Readonly<Record<string, Millis>> = { "audio/mp4": 50 };
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** A decoder with its media, and what is done to the sound. */
export interface DecoderContext {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly treatment: Treatment;
}

/** Starts decoding; the media is closed by the source, also when it is refused (`unsupported` type → `media-unplayable`). */
export async function decoderSource(
  media: OpenMedia,
  fromMs: Millis,
  context: DecoderContext,
): Promise<PcmSource | Refusal> {
  const args = decoderArguments(media.type, fromMs, context.treatment);
  if (args === null) {
    await media.close();
    return refusal("media-unplayable", `media type ${media.type} cannot be played`);
  }
  const child = context.supervisor.run({ name: "decoder", command: "ffmpeg", args, fds: [media.fd] });
  return new DecoderSource(media, fromMs, child, context.clock);
}

class DecoderSource implements PcmSource {
  readonly from: Samples;
  readonly length = null;
  readonly #media: OpenMedia;
  /** Where the item should end, in samples from `from`. */
  readonly #approved: Samples;
  readonly #filling: Samples;
  readonly #child: Child;
  readonly #clock: Clock;
  readonly #output: AsyncIterator<Uint8Array>;
  #buffer = new Uint8Array(BLOCK * BYTES);
  #filled = 0;
  #decoded: Samples = 0;
  #closed: Promise<void> | null = null;

  constructor(media: OpenMedia, fromMs: Millis, child: Child, clock: Clock) {
    this.from = Math.round(samplesOf(fromMs));
    this.#media = media;
    this.#approved = Math.max(0, Math.round(samplesOf(media.durationMs)) - this.from);
    this.#filling = samplesOf(FILLING[plainType(media.type)] ?? 0);
    this.#child = child;
    this.#clock = clock;
    this.#output = child.stdout[Symbol.asyncIterator]();
  }

  async next(): Promise<PcmBlock | PcmEnd> {
    const wanted = this.#wanted() * BYTES;
    while (this.#filled < wanted) {
      const chunk = await this.#read();
      if (chunk === "silent") {
        await this.#child.stop();
        return this.#unplayable(`the decoder gave nothing for ${SILENT_TOO_LONG / 1_000} s`);
      }
      if (chunk === "end") return this.#filled >= BYTES && !this.#isFilling() ? this.#block() : this.#end();
      this.#take(chunk, wanted);
    }
    return this.#block();
  }

  close(): Promise<void> {
    this.#closed ??= this.#child.stop().then(() => this.#media.close());
    return this.#closed;
  }

  /** Bytes beyond one block wait for the next: a pipe gives at most 64 KiB at a time, so that is bounded. */
  #rest: Uint8Array = new Uint8Array(0);

  /** Samples of the next block: it ends with the item, so that what fills the last frame stands alone. */
  #wanted(): Samples {
    const left = this.#approved - this.#decoded;
    return this.#filling > 0 && left > 0 && left < BLOCK ? left : BLOCK;
  }

  #isFilling(): boolean {
    return this.#decoded === this.#approved && this.#filled <= this.#filling * BYTES;
  }

  #take(chunk: Uint8Array, wanted: number): void {
    const taken = chunk.subarray(0, wanted - this.#filled);
    this.#buffer.set(taken, this.#filled);
    this.#filled += taken.length;
    this.#rest = chunk.subarray(taken.length);
  }

  async #read(): Promise<Uint8Array | "end" | "silent"> {
    if (this.#rest.length > 0) return this.#rest;
    const answered = new AbortController();
    const silent = this.#clock.wait(SILENT_TOO_LONG, answered.signal).then(() => "silent" as const);
    const read = this.#output.next().then((result) => (result.done ? ("end" as const) : result.value));
    try {
      return await Promise.race([read, silent]);
    } finally {
      answered.abort();
    }
  }

  #block(): PcmBlock {
    const length = Math.floor(this.#filled / BYTES);
    const samples = new Float32Array(this.#buffer.buffer, 0, length);
    this.#buffer = new Uint8Array(BLOCK * BYTES);
    this.#filled = 0;
    this.#decoded += length;
    return { length, samples };
  }

  async #end(): Promise<PcmEnd> {
    const exit = await this.#child.exited;
    const reached = millisOf(this.from + this.#decoded);
    const enough = reached >= this.#media.durationMs * (1 - TOLERANCE);
    if (this.#closed) return { refusal: null };
    // An item that is resumed at its very end has nothing left to give, and that is no fault.
    if (this.#decoded === 0 && !(enough && exit.code === 0 && this.from > 0)) {
      return this.#unplayable(`the decoder gave no sound (exit ${exit.code ?? exit.signal}): ${lastLine(exit.stderr)}`);
    }
    if (exit.code !== 0 && !enough) {
      const wanted = Math.round(this.#media.durationMs);
      const what = `the decoder ended at ${Math.round(reached)} of ${wanted} ms`;
      return this.#unplayable(`${what} (exit ${exit.code ?? exit.signal}): ${lastLine(exit.stderr)}`);
    }
    return { refusal: null };
  }

  #unplayable(detail: string): PcmEnd {
    return { refusal: refusal("media-unplayable", detail) };
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
}
