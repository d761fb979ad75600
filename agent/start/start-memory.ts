/**
 * What is remembered of starts, and what follows from it: an agent that dies three times within ten minutes of running starts without whatever
 * may have killed it. Times are of the boot clock with the name of the boot, so a wall clock that jumps counts nothing and forgets nothing.
 * Pure.
 */
import { z } from "zod";
import { MINUTE, type Millis, SECOND } from "../../playback/model/units.ts";

/** `snapshot`: by the documents of the last good run. `bare`: without schedules and settings, for emergencies only. */
export const RUNGS = ["snapshot", "bare"] as const;
export type Rung = (typeof RUNGS)[number];

/** Assumed: fewer may be chance, more would keep a commune waiting. */
export const FAILURES = 3;
export const WITHIN: Millis = 10 * MINUTE;
export const STABLE: Millis = 30 * MINUTE;
/**
 * A start that lived for so long after it was ready has not failed. Short, because whoever is killed later (a power cut, a technician, the kernel
 * short of memory) has played meanwhile and must not lose what is new for it.
 */
export const SURVIVED: Millis = 4 * SECOND;
/** What an agent has run with for so long is good to go back to. */
export const GOOD_AFTER: Millis = 60 * SECOND;
/** More would never be looked at. */
const KEPT = 8;

const moment = z.object({ bootId: z.string().max(64), boottimeMs: z.number().min(0) });
export const startMemory = z.object({
  version: z.literal(1),
  /** Starts that have not become good, oldest first. */
  open: z.array(moment).max(KEPT),
  safe: z.object({ rung: z.enum(RUNGS), why: z.string().max(500) }).nullable(),
});
export type StartMemory = z.infer<typeof startMemory>;
export type Moment = z.infer<typeof moment>;

export const NO_STARTS: StartMemory = { version: 1, open: [], safe: null };

/**
 * How much time has passed at least since each of `moments`: over a boot nobody knows how long the machine was off, but what ran before and
 * since is known.
 */
export function elapsedAtLeast(moments: readonly Moment[], now: Moment): Millis[] {
  let total = now.boottimeMs;
  let boot = now.bootId;
  const ages: Millis[] = [];
  for (const { bootId, boottimeMs } of [...moments].reverse()) {
    if (bootId !== boot) {
      total += boottimeMs;
      boot = bootId;
    }
    ages.unshift(total - boottimeMs);
  }
  return ages;
}

/** The memory with a start that begins now; its `safe` says how to start. */
export function begin(memory: StartMemory, now: Moment): StartMemory {
  const ages = elapsedAtLeast(memory.open, now);
  const recent = memory.open.filter((_, index) => (ages[index] ?? 0) <= WITHIN);
  const failing = recent.length >= FAILURES;
  const open = [...(failing ? [] : recent), now].slice(-KEPT);
  if (!failing) return { ...memory, open };
  const rung: Rung = memory.safe === null ? "snapshot" : "bare";
  return { version: 1, open, safe: { rung, why: `${recent.length} starts failed within 10 minutes` } };
}

/** It survived its start: nothing counts against it any more. */
export function good(memory: StartMemory): StartMemory {
  return { ...memory, open: [] };
}

/** It ended because it was told to: that start was no failure. */
export function ended(memory: StartMemory): StartMemory {
  return { ...memory, open: memory.open.slice(0, -1) };
}

export function left(memory: StartMemory): StartMemory {
  return { ...memory, open: [], safe: null };
}
