/** Decodes what must cut in at once, as soon as it is in the cache and the output can take it. */
import type { LoudnessTarget } from "../../playback/model/loudness.ts";
import type { Refusal } from "../../playback/model/refusal.ts";
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import { isRefusal, type MediaLibrary } from "../../playback/ports/media.ts";
import type { SoundOutput } from "../../playback/ports/sound.ts";
import type { Logger } from "../logger.ts";

export class Pinning {
  readonly #media: MediaLibrary;
  readonly #sounds: readonly Pick<SoundOutput, "pin" | "keepPinned">[];
  readonly #log: Logger;
  /** By digest what its gain depends on, of those that need not be tried again as they are. */
  readonly #settled = new Map<Sha256, string>();
  /** Of these, those there was no room for. */
  readonly #crowdedOut = new Set<Sha256>();

  constructor(media: MediaLibrary, sounds: readonly Pick<SoundOutput, "pin" | "keepPinned">[], log: Logger) {
    this.#media = media;
    this.#sounds = sounds;
    this.#log = log;
  }

  /**
   * Tries what is not pinned yet, or not for this loudness, and lets go what is approved no longer; `measured` says whether it is known how
   * loud it is. Never rejects.
   */
  async pin(
    approved: Iterable<ApprovedMedia>,
    loudness: LoudnessTarget,
    measured: (sha256: Sha256) => boolean,
  ): Promise<void> {
    const wanted = [...approved].filter(({ pinned }) => pinned);
    this.#letGo(new Set(wanted.map(({ sha256 }) => sha256)));
    for (const { sha256, title } of wanted) {
      try {
        const state = JSON.stringify([loudness, measured(sha256)]);
        if (this.#settled.get(sha256) === state) continue;
        this.#settled.set(sha256, state);
        const refused = await this.#pinOn(sha256, loudness);
        if (refused === null) this.#log.info("pinned", { title });
        else if (refused.reason === "too-large") {
          this.#crowdedOut.add(sha256);
          this.#log.warn("pin-refused", { title, ...refused });
        } else this.#settled.delete(sha256);
      } catch (error) {
        // A disk that failed once may give it the next time.
        this.#settled.delete(sha256);
        this.#log.error("pin", { title, error });
      }
    }
  }

  #letGo(wanted: ReadonlySet<Sha256>): void {
    for (const sound of this.#sounds) sound.keepPinned(wanted);
    const gone = [...this.#settled.keys()].filter((sha256) => !wanted.has(sha256));
    if (gone.length === 0) return;
    // What is gone left room for what found none.
    for (const sha256 of [...gone, ...this.#crowdedOut]) this.#settled.delete(sha256);
    this.#crowdedOut.clear();
  }

  /** On every output; each opens the media for itself. */
  async #pinOn(sha256: Sha256, loudness: LoudnessTarget): Promise<Refusal | null> {
    for (const sound of this.#sounds) {
      const opened = await this.#media.open(sha256);
      const refused = isRefusal(opened) ? opened : await sound.pin(opened, loudness);
      if (refused !== null) return refused;
    }
    return null;
  }
}
