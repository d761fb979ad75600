/** What a slot needs to play, and how it can end. */
import type { Candidate } from "./arbiter/candidate.ts";
import type { LivePin } from "./model/live.ts";
import type { Item } from "./model/schedule.ts";
import type { Millis } from "./model/units.ts";
import type { Clock } from "./ports/clock.ts";
import type { MediaLibrary } from "./ports/media.ts";
import type { PlayLog, Segment, SlotHeader } from "./ports/play-log.ts";
import type { SoundOutput } from "./ports/sound.ts";
import type { Speech } from "./ports/speech.ts";

export interface RunPorts {
  readonly sound: SoundOutput;
  readonly media: MediaLibrary;
  readonly speech: Speech;
  /** What the next round is made of: an alert's items depend on what is here when it begins. `silent`: items that could not be opened for it. */
  readonly compose: (candidate: Candidate, round: number, silent?: readonly Item[]) => readonly Item[];
  /** The live source that is approved under this name at this moment. */
  readonly pin: (source: string) => LivePin | null;
  readonly log: PlayLog;
  readonly clock: Clock;
  /** What the amplifier says of itself at the end of a stretch. */
  readonly amplifier: () => Segment["amplifier"];
  /** A live sound begins or has ended: what is emitted meanwhile is worth keeping. */
  readonly onLive?: ((header: SlotHeader, item: Item, on: boolean) => void) | undefined;
  /** Told where the first sound began later than asked by more than a listener would forgive. */
  readonly onLateStart: (key: string, lateMs: Millis) => void;
}

/**
 * `completed`: its last item ended. `stopped`: asked to. `yielded`: at the end of an item, as asked. `lost`: the output is gone. `starved`: it repeats, and
 * nothing of it can be opened at this moment.
 */
export type RunOutcome = "completed" | "stopped" | "yielded" | "lost" | "starved";
