/**
 * The output of a computer that has no sound, one that only paints faces. It opens nothing and owes nothing: what is due on it is refused with
 * `no-output` and so recorded as not sounded.
 */
import { type Refusal, refusal } from "../model/refusal.ts";
import type { OpenMedia } from "../ports/media.ts";
import type { Cue, LiveInput, SoundLevel, SoundOutput, SoundSource, SoundState, Tap } from "../ports/sound.ts";
import { SILENT } from "./level-meter.ts";

const WHY = "this computer has no sound: see `hardware.sound` in station.yaml";
const STATE: SoundState = {
  ...{ state: "none", detail: WHY, latencyMs: 0, driftPpm: null, stalls: 0, breaks: 0 },
  following: { offsetMs: null, inPauses: 0, afterBreaks: 0, last: null },
};

export class NoSound implements SoundOutput {
  async open(): Promise<void> {}
  async close(): Promise<void> {}
  /** It never changes. */
  onChange(): void {}

  state(): SoundState {
    return STATE;
  }
  level(): SoundLevel {
    return SILENT;
  }

  async prepare(source: SoundSource): Promise<Cue | Refusal> {
    if (source.kind === "media") await source.media.close();
    return refusal("no-output", WHY);
  }

  listen(): LiveInput {
    const nothing = { receivedAt: null, level: SILENT.rms, heldMs: 0, ready: false, losses: 0, problem: WHY };
    return { signal: () => nothing, close: () => Promise.resolve() };
  }

  tap(): Tap {
    return { read: () => ({ samples: new Float32Array(0), lostMs: 0 }) };
  }

  openMicrophone(): Promise<Refusal | null> {
    return Promise.resolve(refusal("no-output", WHY));
  }

  /** Nothing has to cut in here. */
  async pin(media: OpenMedia): Promise<Refusal | null> {
    await media.close();
    return null;
  }

  keepPinned(): void {
    // Nothing is held.
  }
}
