/** A live item made ready before its time: the source is being received, or is known not to answer. */
import type { LivePin } from "../model/live.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import type { LiveItem } from "../model/schedule.ts";
import type { Decibels, Millis } from "../model/units.ts";
import { isRefusal } from "../ports/media.ts";
import type { Cue, SoundOutput, StartTime } from "../ports/sound.ts";
import { LivePlay, type LivePlayPorts, type WithoutSource } from "./live-play.ts";
import { LIVE_LIMITS, SPEAKER_LIMITS } from "./states.ts";
import { LiveWatch } from "./watch.ts";

export interface LiveCuePorts extends Omit<LivePlayPorts, "without"> {
  readonly sound: Pick<SoundOutput, "prepare" | "listen">;
  readonly pin: (source: string) => LivePin | null;
}

export interface LiveCueOptions {
  readonly fromMs: Millis;
  readonly without: WithoutSource;
  /** Nobody wants it any more. */
  readonly signal: AbortSignal;
}

/** Assumed: who is allowed to speak now has half a minute to begin; longer would keep others from beginning. */
const ANSWERS_WITHIN: Millis = 30_000;

/** Ready to start, or why not: `source-not-approved`, `no-output`, `source-lost` where nothing else can sound in its place and it does not answer. */
export async function openLive(item: LiveItem, options: LiveCueOptions, ports: LiveCuePorts): Promise<Cue | Refusal> {
  const { fromMs, without, signal } = options;
  const pin = ports.pin(item.source);
  if (pin === null) return refusal("source-not-approved", `no content document in force approves '${item.source}'`);
  const output = await ports.sound.prepare({ kind: "silence", durationMs: 0 });
  if (isRefusal(output)) return output;
  output.cancel();
  const limits = without === "patience" ? SPEAKER_LIMITS : LIVE_LIMITS;
  const watch = new LiveWatch(pin, { ...ports, limits, pin: () => ports.pin(item.source) });
  let late = false;
  const wait = new AbortController();
  signal.addEventListener("abort", () => wait.abort(), { once: true });
  const limit = ports.clock.wait(ANSWERS_WITHIN, wait.signal).then(() => {
    late = true;
  });
  while (!late && !watch.withdrawn && (without === "patience" ? !watch.heard : watch.state === "connecting")) {
    await Promise.race([watch.change(), limit]);
  }
  wait.abort();
  if (without === "refusal" && !watch.heard) late = true;
  if (!late && !signal.aborted && !watch.withdrawn) return new LiveCue(item, fromMs, watch, { ...ports, without });
  const why = watch.loss ?? refusal("source-lost", `'${item.source}' is no longer wanted`);
  await watch.close();
  return watch.withdrawn ? refusal("source-not-approved", `'${item.source}' is no longer approved`) : why;
}

class LiveCue implements Cue {
  readonly durationMs: Millis;
  readonly #item: LiveItem;
  readonly #fromMs: Millis;
  readonly #watch: LiveWatch;
  readonly #ports: LivePlayPorts;

  constructor(item: LiveItem, fromMs: Millis, watch: LiveWatch, ports: LivePlayPorts) {
    this.durationMs = Math.max(0, item.longestMs - fromMs);
    this.#item = item;
    this.#fromMs = fromMs;
    this.#watch = watch;
    this.#ports = ports;
  }

  start(when: StartTime, gain: Decibels): LivePlay {
    return new LivePlay(this.#item, this.#fromMs, this.#watch, this.#ports, when, gain);
  }

  cancel(): void {
    void this.#watch.close();
  }
}
