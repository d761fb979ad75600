/** Decodes what must cut in at once, as soon as it is in the cache and the output can take it. */
import type { LoudnessTarget } from "../../playback/model/loudness.ts";
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import { isRefusal, type MediaLibrary } from "../../playback/ports/media.ts";
import type { SoundOutput } from "../../playback/ports/sound.ts";
import type { Logger } from "../logger.ts";

export class Pinning {
  readonly #media: MediaLibrary;
  readonly #sounds: readonly Pick<SoundOutput, "pin">[];
  readonly #log: Logger;
  /** By digest: what its gain depends on. */
  readonly #pinned = new Map<Sha256, string>();

  constructor(media: MediaLibrary, sounds: readonly Pick<SoundOutput, "pin">[], log: Logger) {
    this.#media = media;
    this.#sounds = sounds;
    this.#log = log;
  }

  /**
   * Tries what is not pinned yet, or not for this loudness; `measured` says whether it is known how loud it is. Never rejects.
   */
  async pin(
    approved: Iterable<ApprovedMedia>,
    loudness: LoudnessTarget,
    measured: (sha256: Sha256) => boolean,
  ): Promise<void> {
    try {
      for (const { sha256, title, pinned } of approved) {
        const state = JSON.stringify([loudness, measured(sha256)]);
        if (!pinned || this.#pinned.get(sha256) === state) continue;
        this.#pinned.set(sha256, state);
        if (await this.#pinOn(sha256, loudness)) this.#log.info("pinned", { title });
        else this.#pinned.delete(sha256);
      }
    } catch (error) {
      this.#log.error("pin", { error });
    }
  }

  /** On every output; each opens the media for itself. */
  async #pinOn(sha256: Sha256, loudness: LoudnessTarget): Promise<boolean> {
    for (const sound of this.#sounds) {
      const opened = await this.#media.open(sha256);
      const refused = isRefusal(opened) ? opened : await sound.pin(opened, loudness);
      if (refused !== null) return false;
    }
    return true;
  }
}
