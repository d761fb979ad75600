/** Decodes what must cut in at once, as soon as it is in the cache and the output can take it. */
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import { isRefusal, type MediaLibrary } from "../../playback/ports/media.ts";
import type { SoundOutput } from "../../playback/ports/sound.ts";
import type { Logger } from "../logger.ts";

export class Pinning {
  readonly #media: MediaLibrary;
  readonly #sound: Pick<SoundOutput, "pin">;
  readonly #log: Logger;
  readonly #pinned = new Set<Sha256>();

  constructor(media: MediaLibrary, sound: Pick<SoundOutput, "pin">, log: Logger) {
    this.#media = media;
    this.#sound = sound;
    this.#log = log;
  }

  /** Tries what is not pinned yet; never rejects. */
  async pin(approved: Iterable<ApprovedMedia>): Promise<void> {
    try {
      for (const { sha256, title, pinned } of approved) {
        if (!pinned || this.#pinned.has(sha256)) continue;
        this.#pinned.add(sha256);
        const opened = await this.#media.open(sha256);
        const refused = isRefusal(opened) ? opened : await this.#sound.pin(opened);
        if (refused === null) this.#log.info("pinned", { title });
        else this.#pinned.delete(sha256);
      }
    } catch (error) {
      this.#log.error("pin", { error });
    }
  }
}
