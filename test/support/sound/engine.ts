/** The real engine on a virtual card, in this process. The library reads the environment once: one card per process. */
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import type { Decibels } from "../../../playback/model/units.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import type { Cue } from "../../../playback/ports/sound.ts";
import type { WebAudioOutput, WebAudioOutputOptions } from "../../../playback/sound/web-audio-output.ts";
import { realClock } from "./real-clock.ts";
import { openTestMedia, type TestMedia } from "./test-tone.ts";
import type { VirtualSoundCard } from "./virtual-sound-card.ts";

/** Something the engine logged. */
export interface EngineEvent {
  readonly event: string;
  readonly fields: object;
}

export class TestEngine {
  readonly output: WebAudioOutput;
  readonly supervisor: ChildSupervisor;
  /** Everything the engine logged, oldest first. */
  readonly events: EngineEvent[];

  private constructor(output: WebAudioOutput, supervisor: ChildSupervisor, events: EngineEvent[]) {
    this.output = output;
    this.supervisor = supervisor;
    this.events = events;
  }

  /** Opens the engine on this card and lets its clocks settle. */
  static async open(
    card: VirtualSoundCard,
    options: Pick<WebAudioOutputOptions, "latencyHint" | "latencyCorrectionMs" | "follow" | "openCutIn"> & {
      settleMs?: number;
    } = {},
  ): Promise<TestEngine> {
    Object.assign(process.env, card.env);
    const { WebAudioOutput } = await import("../../../playback/sound/web-audio-output.ts");
    const supervisor = new ChildSupervisor();
    const events: EngineEvent[] = [];
    const { settleMs = 3_000, ...rest } = options;
    const log = (event: string, fields: object) => events.push({ event, fields });
    const output = new WebAudioOutput({ clock: realClock, supervisor, log, ...rest });
    await output.open();
    await realClock.wait(settleMs);
    return new TestEngine(output, supervisor, events);
  }

  /** Makes a file ready. @throws Error where the engine refuses. */
  async prepare(media: TestMedia, fromMs = 0): Promise<Cue> {
    const cue = await this.output.prepare({ kind: "media", media: await openTestMedia(media), fromMs });
    if (isRefusal(cue)) throw new Error(`${cue.reason}: ${cue.detail}`);
    return cue;
  }

  /** Holds a file in memory. @throws Error where the engine refuses. */
  async pin(media: TestMedia): Promise<void> {
    const refused = await this.output.pin(await openTestMedia(media));
    if (refused) throw new Error(`${refused.reason}: ${refused.detail}`);
  }

  async close(): Promise<void> {
    await this.output.close();
    await this.supervisor.stopAll();
  }
}

/** Unity gain. */
export const FULL: Decibels = 0;

/** Median and greatest distance from it, for reports. */
export function spreadOf(values: readonly number[]): {
  readonly median: number;
  readonly least: number;
  readonly most: number;
} {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? 0, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}
