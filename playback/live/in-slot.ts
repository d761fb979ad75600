/** A live item of a slot: its fallback is a slot within the slot, whose stretches are written into the record of the outer one. */
import type { Candidate } from "../arbiter/candidate.ts";
import type { Refusal } from "../model/refusal.ts";
import type { LiveItem } from "../model/schedule.ts";
import type { PlayLog, Segment, SlotProgress } from "../ports/play-log.ts";
import type { Cue } from "../ports/sound.ts";
import type { RunPorts } from "../run-ports.ts";
import { type LiveCueOptions, openLive } from "./live-cue.ts";
import type { WithoutSource } from "./live-play.ts";
import type { FallbackRun, LiveSegment } from "./stretches.ts";

export interface SlotContext {
  readonly candidate: Candidate;
  readonly ports: RunPorts;
  /** Makes a run within the run. */
  readonly run: (candidate: Candidate, progress: SlotProgress | null, ports: RunPorts) => FallbackRun;
  readonly write: (segment: LiveSegment | Segment) => Promise<void>;
}

export type LiveOptions = Pick<LiveCueOptions, "fromMs" | "signal">;

export function openLiveOfSlot(item: LiveItem, options: LiveOptions, context: SlotContext): Promise<Cue | Refusal> {
  const { candidate, ports, write } = context;
  let last: FallbackRun | null = null;
  const log: PlayLog = {
    // The outer slot notes where it stands; the inner one has no place of its own in the log.
    begin: () => Promise.resolve(true),
    note: () => Promise.resolve(),
    end: () => Promise.resolve(true),
    open: () => Promise.resolve([]),
    has: () => false,
    addSegment: (_, segment) => write({ ...segment, live: { source: item.source, state: "fallback" } }),
  };
  const inner: Candidate = {
    ...candidate,
    items: item.fallback,
    intro: [],
    rounds: 0,
    gapMs: 0,
    interruption: "resume",
  };
  const fallback = () => {
    if (item.fallback.length === 0) return null;
    last = context.run(inner, last?.progress() ?? null, {
      ...ports,
      log,
      compose: ({ items }) => items,
      onLateStart: () => undefined,
    });
    return last;
  };
  return openLive(item, { ...options, without: withoutSource(item, candidate) }, { ...ports, fallback, write });
}

/**
 * Somebody who speaks now takes the output when he is heard, not when he is announced. An alert is never silent for a source that is: its text and
 * siren sound instead.
 */
function withoutSource({ fallback }: LiveItem, { header: { kind } }: Candidate): WithoutSource {
  if (fallback.length > 0 || kind === "programme") return "silence";
  return kind === "announcement" ? "patience" : "refusal";
}
