/** What the service log, the journal and the machine say of the seconds around a gap, for whoever looks for its reason. Pure; wall times. */
import type { Gap } from "./gap-listener.ts";
import type { Pause } from "./pause-watch.ts";
import { NOTICED_WITHIN_MS, type WrittenStretch } from "./untold-gaps.ts";

const NEAR_MS = 5_000;

/** A line of the log: from here on the card is heard this much later, or earlier where it is less than 0. At 0 it ran out of samples. */
export interface ClockJump {
  readonly at: number;
  readonly movedMs: number;
}

export function clockJumps(log: string): ClockJump[] {
  const lines = log.split("\n").filter((line) => /"sound-(clock-jump|underrun)"/.test(line));
  return lines.map((line) => {
    const { time, movedMs = 0 } = JSON.parse(line) as { time: string; movedMs?: number };
    return { at: Date.parse(time), movedMs };
  });
}

/** How far the clock moved, for each jump behind no gap. */
export function unheardOf(jumps: readonly ClockJump[], gaps: readonly Gap[]): number[] {
  const isHeard = ({ at: told }: ClockJump) => gaps.some(({ at }) => at <= told && at > told - NOTICED_WITHIN_MS);
  return jumps.filter((jump) => !isHeard(jump)).map(({ movedMs }) => movedMs);
}

/** All that lies within five seconds of a gap, in whole milliseconds from its end: beginning, end, and what else is known of it. */
export function surroundings(
  gap: Gap,
  known: {
    readonly gaps: readonly Gap[];
    readonly jumps: readonly ClockJump[];
    readonly stretches: readonly WrittenStretch[];
    readonly pauses: readonly Pause[];
  },
) {
  const near = (from: number, to: number) => from < gap.at + NEAR_MS && to > gap.at - NEAR_MS;
  const apart = (at: number) => Math.round(at - gap.at);
  return {
    ...gap,
    gaps: known.gaps.filter(({ at, ms }) => near(at - ms, at)).map(({ at, ms }) => [apart(at - ms), apart(at)]),
    jumps: known.jumps.filter(({ at }) => near(at, at)).map(({ at, movedMs }) => [apart(at), movedMs]),
    stretches: known.stretches
      .filter(({ from, to }) => near(from, to))
      .map(({ from, to, breaks }) => [apart(from), apart(to), breaks]),
    pauses: known.pauses.filter(({ from, to }) => near(from, to)).map(({ from, to }) => [apart(from), apart(to)]),
  };
}
