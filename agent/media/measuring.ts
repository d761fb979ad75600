/**
 * Measures the loudness of what has come into the cache, and of what alerts will say, one child at a time and behind everything else. What is
 * pinned comes first: an alert that nobody measured sounds as loud as it was made.
 */
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import type { Millis, Sha256 } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { isRefusal, type MediaLibrary, type OpenMedia } from "../../playback/ports/media.ts";
import type { Speech } from "../../playback/ports/speech.ts";
import type { Supervisor } from "../../playback/ports/supervisor.ts";
import { measureLoudness } from "../../playback/sound/loudness.ts";
import { type Band, measuringRecipe } from "../../playback/sound/processing.ts";
import type { LoudnessBook } from "../../storage/loudness.ts";
import type { Logger } from "../logger.ts";

/** What wakes it, an alert above all, has better things to do at first than to wait for children that start. */
const SETTLE: Millis = 2_000;

export interface MeasuringPorts {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly media: MediaLibrary;
  readonly speech: Speech;
  readonly book: Pick<LoudnessBook, "get" | "set">;
  /** Of the outputs; each band is measured once. */
  readonly bands: readonly (Band | null)[];
  readonly log: Pick<Logger, "info" | "warn">;
  readonly onMeasured: () => void;
}

interface SpokenText {
  readonly text: string;
  readonly language: string;
}

export class Measuring {
  readonly #ports: MeasuringPorts;
  readonly #bands: readonly (Band | null)[];
  #media: readonly ApprovedMedia[] = [];
  #texts: readonly SpokenText[] = [];
  /** What each text sounded like when it was measured. */
  readonly #spoken = new Map<string, Sha256>();
  /** What could not be opened or measured; tried again when something changes, or not in this run. */
  readonly #unopened = new Set<string>();
  readonly #failed = new Set<string>();
  #woken = Promise.withResolvers<void>();

  constructor(ports: MeasuringPorts) {
    this.#ports = ports;
    this.#bands = [...new Map(ports.bands.map((band) => [measuringRecipe(band), band])).values()];
  }

  /** What may sound, the most urgent first. */
  want(media: Iterable<ApprovedMedia>, texts: readonly SpokenText[]): void {
    this.#media = [...media].sort((a, b) => Number(b.pinned) - Number(a.pinned));
    this.#texts = texts;
    this.wake();
  }

  /** Something came into the cache. */
  wake(): void {
    this.#unopened.clear();
    this.#woken.resolve();
  }

  /** Files here that still sound as loud as they were made, because nobody knows how loud that is. */
  get waiting(): number {
    return this.#media.filter(({ sha256 }) => this.#ports.media.has(sha256) && this.#missing(sha256) !== undefined)
      .length;
  }

  /** Until `signal`. Rejects for nothing: what cannot be measured plays as it is. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#woken.resolve(), { once: true });
    while (!signal.aborted) {
      this.#woken = Promise.withResolvers();
      let more = false;
      try {
        more = await this.#measureOne(signal);
      } catch (error) {
        this.#ports.log.warn("loudness", { error });
      }
      if (more || signal.aborted) continue;
      await this.#woken.promise;
      await this.#ports.clock.wait(SETTLE, signal);
    }
  }

  /** False where nothing is left to measure. */
  async #measureOne(signal: AbortSignal): Promise<boolean> {
    const { media, speech } = this.#ports;
    for (const { sha256, title } of this.#media) {
      if (!media.has(sha256) || this.#unopened.has(sha256)) continue;
      const band = this.#missing(sha256);
      if (band === undefined) continue;
      await this.#measure(sha256, title, band, () => media.open(sha256), signal);
      return true;
    }
    for (const { text, language } of this.#texts) {
      const key = `${language} ${text}`;
      if (this.#unopened.has(key) || !speech.speaks(text, language)) continue;
      const known = this.#spoken.get(key);
      const band = known === undefined ? this.#bands[0] : this.#missing(known);
      if (band === undefined) continue;
      await this.#measure(key, text.slice(0, 40), band, () => speech.open(text, language), signal);
      return true;
    }
    return false;
  }

  #missing(sha256: Sha256): Band | null | undefined {
    return this.#bands.find((band) => {
      const recipe = measuringRecipe(band);
      return this.#ports.book.get(sha256, recipe) === null && !this.#failed.has(`${sha256} ${recipe}`);
    });
  }

  async #measure(
    key: string,
    title: string,
    band: Band | null,
    open: () => ReturnType<MediaLibrary["open"]>,
    signal: AbortSignal,
  ): Promise<void> {
    const { book, log, onMeasured } = this.#ports;
    const opened = await open();
    if (isRefusal(opened)) {
      this.#unopened.add(key);
      return;
    }
    const { sha256 } = opened;
    const recipe = measuringRecipe(band);
    if (key !== sha256) this.#spoken.set(key, sha256);
    if (book.get(sha256, recipe) !== null) return opened.close();
    await this.#read(opened, band, signal).then(async (measured) => {
      if (measured === null) return;
      await book.set(sha256, recipe, measured);
      log.info("loudness", { title, recipe, ...measured });
      onMeasured();
    });
  }

  async #read(opened: OpenMedia, band: Band | null, signal: AbortSignal) {
    const measured = await measureLoudness(opened, band, this.#ports, signal);
    if (!isRefusal(measured)) return measured;
    if (signal.aborted) return null;
    this.#failed.add(`${opened.sha256} ${measuringRecipe(band)}`);
    this.#ports.log.warn("loudness", { sha256: opened.sha256, why: measured.detail });
    return null;
  }
}
