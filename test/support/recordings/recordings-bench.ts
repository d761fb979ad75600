/** Recordings on a clock that the test moves, in real files, encoded by the real ffmpeg. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { vi } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import type { RecordingRules } from "../../../agent/contract/config.ts";
import type { Recording } from "../../../agent/recordings/recording-file.ts";
import { type LiveSound, NO_RECORDINGS, Recordings } from "../../../agent/recordings/recordings.ts";
import { nameOf } from "../../../agent/recordings/shelf.ts";
import type { ClockTrust } from "../../../playback/model/clock-trust.ts";
import type { Instant } from "../../../playback/model/units.ts";
import type { SlotHeader } from "../../../playback/ports/play-log.ts";
import type { Supervisor } from "../../../playback/ports/supervisor.ts";
import { ManualClock } from "../storage/manual-clock.ts";
import { temporaryFolder } from "../storage/temporary.ts";
import { ORIGIN } from "../virtual/virtual-cluster.ts";

/** A page. */
export const HEADER: SlotHeader = {
  ...{ key: "announcement local page-1", kind: "announcement", id: "page-1", title: "page: k" },
  ...{ precedence: "live", plannedAt: 0, origin: ORIGIN },
};
/** Its microphone. */
export const PAGE: LiveSound = {
  header: HEADER,
  item: { kind: "microphone", id: "microphone", title: "k", longestMs: 60_000, endAfterSilenceMs: 10_000 },
  output: "horn",
};
/** A live source. */
export const RELAYED = { kind: "live", id: "i", title: "VOV", source: "vov", longestMs: 60_000, fallback: [] } as const;
/** A policy that asks for pages and grants. */
export const RULES: RecordingRules = { ...NO_RECORDINGS, of: ["page", "grant"] };
/** What went wrong and was told. */
export const faults: unknown[] = [];
/** What the journal was told. */
export const journal: Recording[] = [];

/** 440 Hz, so much of it at each reading; the third loses 50 ms. */
export function tone(seconds: number) {
  let at = 0;
  let readings = 0;
  return {
    read: () => {
      readings += 1;
      const samples = Float32Array.from(
        { length: seconds * 48_000 },
        () => 0.5 * Math.sin((2 * Math.PI * 440 * at++) / 48_000),
      );
      return { samples, lostMs: readings === 3 ? 50 : 0 };
    },
  };
}

/** Its trust can be taken away. */
export class Trusting extends ManualClock {
  standing: ClockTrust = "held";
  override trust(): ClockTrust {
    return this.standing;
  }
}

/** What is unlike a healthy station. */
export interface BenchOptions {
  readonly folder?: string;
  readonly reserveBytes?: number;
  readonly longestPartMs?: number;
  readonly supervisor?: Supervisor;
  readonly journalFails?: () => boolean;
  readonly trust?: ClockTrust;
}

/** Recordings in a folder of their own, with hands to move them. */
export async function bench(changes: Partial<RecordingRules> = {}, options: BenchOptions = {}) {
  const clock = new Trusting();
  clock.standing = options.trust ?? "held";
  const folder = options.folder ?? join(await temporaryFolder(), "recordings");
  const rules = { ...RULES, ...changes };
  const recordings = new Recordings({
    ...{ folder, clock, supervisor: options.supervisor ?? new ChildSupervisor() },
    reserveBytes: options.reserveBytes ?? 0,
    longestPartMs: options.longestPartMs ?? 600_000,
    rules: () => rules,
    onRecorded: async (recording) => {
      if (options.journalFails?.()) throw new Error("the database takes nothing");
      journal.push(recording);
    },
    onFault: (error) => faults.push(error),
  });
  await recordings.open();
  const readings = async (count: number) => {
    for (let one = 0; one < count; one++) {
      await vi.waitUntil(() => clock.waiting() > 0, { timeout: 20_000 });
      clock.advance(200);
    }
  };
  const record = async (count: number, sound: LiveSound = PAGE) => {
    recordings.begin(sound, tone(0.2));
    await readings(count);
    await recordings.end(sound);
    await recordings.idle;
  };
  return { clock, folder, recordings, readings, record, rules };
}

/** The faults so far, forgotten. */
export const said = () => faults.splice(0).map(String);

/** A recording that was finished at this time, by its files. */
export async function kept(
  folder: string,
  at: Instant,
  size: number,
  mark = "00000000",
  dated = true,
): Promise<string> {
  const id = nameOf(at, mark, dated);
  const note = {
    ...{ id, of: "page", slot: "s", output: "horn", title: id, startedAt: new Date(at).toISOString() },
    ...{ sha256: "0".repeat(64), bytes: size, durationMs: 1_000, lostMs: 0, cutOff: false },
  };
  await writeFile(join(folder, `${id}.ogg`), Buffer.alloc(size));
  await writeFile(join(folder, `${id}.json`), JSON.stringify(note));
  return id;
}

/** A child that gives nothing. */
export async function* nothing(): AsyncGenerator<Uint8Array> {
  // Gives nothing.
}
