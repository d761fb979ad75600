/** Decodes what must cut in at once, as soon as it is in the cache and the output can take it. */
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import { isRefusal, type MediaLibrary } from "../../playback/ports/media.ts";
import type { SoundOutput } from "../../playback/ports/sound.ts";
import type { Logger } from "../logger.ts";

export class Pinning {
  readonly #media: MediaLibrary;
  readonly #sounds: readonly Pick<SoundOutput, "pin">[];
  readonly #log: Logger;
  readonly #pinned = new Set<Sha256>();

  constructor(media: MediaLibrary, sounds: readonly Pick<SoundOutput, "pin">[], log: Logger) {
    this.#media = media;
    this.#sounds = sounds;
    this.#log = log;
  }

  /** Tries what is not pinned yet; never rejects. */
  async pin(approved: Iterable<ApprovedMedia>): Promise<void> {
    try {
      for (const { sha256, title, pinned } of approved) {
        if (!pinned || this.#pinned.has(sha256)) continue;
        this.#pinned.add(sha256);
        if (await this.#pinOn(sha256)) this.#log.info("pinned", { title });
        else this.#pinned.delete(sha256);
      }
    } catch (error) {
      this.#log.error("pin", { error });
    }
  }

  /** On every output; each opens the media for itself. */
  async #pinOn(sha256: Sha256): Promise<boolean> {
    for (const sound of this.#sounds) {
      const opened = await this.#media.open(sha256);
      const refused = isRefusal(opened) ? opened : await sound.pin(opened);
      if (refused !== null) return false;
    }
    return true;
  }
}
