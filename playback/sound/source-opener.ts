/** Opens what is asked to sound: through the horn's band, brought to its loudness, held down to the ceiling. */
import { type Levelling, type LoudnessTarget, levellingOf, type MeasuredLoudness } from "../model/loudness.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Sha256 } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import { isRefusal, type OpenMedia } from "../ports/media.ts";
import type { SoundSource } from "../ports/sound.ts";
import type { Supervisor } from "../ports/supervisor.ts";
import { decoderSource } from "./decoder-source.ts";
import { Reception } from "./live/reception.ts";
import { memorySource, type PcmSource, silenceSource } from "./pcm-source.ts";
import { heldAs, PinnedSounds } from "./pinned-sounds.ts";
import type { Band } from "./processing.ts";
import { toneSamples } from "./tones.ts";
import { samplesOf } from "./units.ts";

export interface OpenerOptions {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  /** `null`: everything passes. */
  readonly band: Band | null;
  /** What was measured through this band; `null` where nothing was yet. */
  readonly measured: (sha256: Sha256) => MeasuredLoudness | null;
}

/** `levelling` is `null` where no loudness was asked for. */
export interface Opened {
  readonly pcm: PcmSource;
  readonly levelling: Levelling | null;
}

export class SourceOpener {
  readonly #options: OpenerOptions;
  readonly #pinned = new PinnedSounds();

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** Takes over the media of the source. */
  async open(source: Exclude<SoundSource, { kind: "microphone" }>): Promise<Opened | Refusal> {
    if (source.kind === "silence") return plain(silenceSource(samplesOf(source.durationMs)));
    if (source.kind === "tone") return plain(memorySource(toneSamples(source.tone, source.durationMs), 0));
    if (source.kind === "live") {
      if (source.input instanceof Reception) return plain(source.input.source());
      throw new Error("a live source is heard where it is listened to");
    }
    const { media, fromMs, loudness } = source;
    const levelling = this.#levelling(media.sha256, loudness);
    const pinned = this.#pinned.get(media.sha256);
    if (pinned === undefined) {
      const pcm = await this.#decode(media, fromMs, levelling);
      return isRefusal(pcm) ? pcm : { pcm, levelling };
    }
    await media.close();
    const held = heldAs(pinned.levelling, levelling);
    return {
      pcm: memorySource(pinned.samples, Math.round(samplesOf(fromMs)), held.softerBy),
      levelling: held.levelling,
    };
  }

  /** As `SoundOutput.pin`. */
  async pin(media: OpenMedia, loudness: LoudnessTarget | undefined): Promise<Refusal | null> {
    const levelling = this.#levelling(media.sha256, loudness);
    const known = this.#pinned.get(media.sha256);
    if (known !== undefined && known.levelling?.gainDb === levelling?.gainDb) {
      await media.close();
      return null;
    }
    const source = await this.#decode(media, 0, levelling);
    return isRefusal(source) ? source : this.#pinned.keep(media.sha256, source, levelling);
  }

  /** As `SoundOutput.keepPinned`. */
  keepPinned(only: ReadonlySet<Sha256>): void {
    this.#pinned.keepOnly(only);
  }

  #levelling(sha256: Sha256, loudness: LoudnessTarget | undefined): Levelling | null {
    return loudness === undefined ? null : levellingOf(this.#options.measured(sha256), loudness);
  }

  #decode(media: OpenMedia, fromMs: number, levelling: Levelling | null): Promise<PcmSource | Refusal> {
    const { band, clock, supervisor } = this.#options;
    // What nobody measured may be too loud; what is asked for as it was made is left so.
    const limited = levelling !== null && levelling.limitedDb !== 0;
    const treatment = { band, gain: levelling?.gainDb ?? 0, limited };
    return decoderSource(media, fromMs, { clock, supervisor, treatment });
  }
}

const plain = (pcm: PcmSource): Opened => ({ pcm, levelling: null });
