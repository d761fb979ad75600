/** What was said live: kept as it was emitted, in real files, encoded by the real ffmpeg. */
import { createHash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import type { Recording } from "../../../agent/recordings/recording-file.ts";
import { RECORDING_RULES, type RecordingRules, Recordings } from "../../../agent/recordings/recordings.ts";
import { DAY, type Instant } from "../../../playback/model/units.ts";
import type { SlotHeader } from "../../../playback/ports/play-log.ts";
import { decodeFile } from "../../support/sound/decode.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";
import { temporaryFolder } from "../../support/storage/temporary.ts";
import { ORIGIN } from "../../support/virtual/virtual-cluster.ts";

const HEADER: SlotHeader = {
  ...{ key: "announcement local page-1", kind: "announcement", id: "page-1", title: "page: k" },
  ...{ precedence: "live", plannedAt: 0, origin: ORIGIN },
};
const supervisor = new ChildSupervisor();
const faults: unknown[] = [];
let journal: Recording[] = [];

afterEach(() => {
  expect(faults.splice(0)).toEqual([]);
  journal = [];
});

/** 440 Hz, so much of it at each reading; the third loses 50 ms. */
function tone(seconds: number) {
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

async function bench(
  rules: Partial<RecordingRules> = {},
  options: { folder?: string; reserveBytes?: number; longestPartMs?: number } = {},
) {
  const clock = new ManualClock();
  const folder = options.folder ?? join(await temporaryFolder(), "recordings");
  const recordings = new Recordings({
    ...{ folder, clock, supervisor, reserveBytes: options.reserveBytes ?? 0 },
    longestPartMs: options.longestPartMs ?? 600_000,
    rules: () => ({ ...RECORDING_RULES, ...rules }),
    onRecorded: async (recording) => void journal.push(recording),
    onFault: (error) => faults.push(error),
  });
  await recordings.open();
  const readings = async (count: number) => {
    for (let one = 0; one < count; one++) {
      await vi.waitUntil(() => clock.waiting() > 0, { timeout: 20_000 });
      clock.advance(200);
    }
  };
  return { clock, folder, recordings, readings };
}

/** A recording that was finished at this time, by its files. */
async function kept(folder: string, id: string, at: Instant, size: number): Promise<void> {
  const note = { id, slot: "s", output: "horn", title: id, startedAt: new Date(at).toISOString(), bytes: size };
  await writeFile(join(folder, `${id}.ogg`), Buffer.alloc(size));
  await writeFile(join(folder, `${id}.json`), JSON.stringify(note));
}

describe("a recording", () => {
  it("holds what was emitted, says what it lost, and its digest is what the journal says", async () => {
    const { folder, recordings, readings } = await bench();
    recordings.begin(HEADER, "horn", tone(0.2));
    await readings(10);
    await recordings.end(HEADER, "horn");
    await recordings.idle;
    const [recording] = journal;
    expect(recording).toMatchObject({ slot: HEADER.key, output: "horn", lostMs: 50, cutOff: false });
    expect(recording?.durationMs).toBeGreaterThanOrEqual(2_000);
    const bytes = (await recordings.read(recording?.id ?? ""))?.bytes ?? Buffer.alloc(0);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(recording?.sha256);
    const heard = await decodeFile(join(folder, `${recording?.id}.ogg`));
    expect(Math.abs(heard.length / 48 - (recording?.durationMs ?? 0))).toBeLessThan(60);
    const rms = Math.sqrt(heard.reduce((sum, x) => sum + x * x, 0) / heard.length);
    expect(20 * Math.log10(rms)).toBeCloseTo(-9, 0);
    expect((await readdir(folder)).sort()).toEqual([`${recording?.id}.json`, `${recording?.id}.ogg`]);
  });

  it("goes on in another part where it grows long", async () => {
    const { recordings, readings } = await bench({}, { longestPartMs: 2_000 });
    recordings.begin(HEADER, "horn", tone(0.2));
    await readings(12);
    await recordings.close();
    expect(journal.map(({ durationMs, slot }) => [durationMs, slot])).toEqual([
      [2_000, HEADER.key],
      [expect.any(Number), HEADER.key],
    ]);
  });

  it("that a kill cut off is finished after the restart, and says so", async () => {
    const first = await bench();
    first.recordings.begin(HEADER, "horn", tone(0.2));
    await first.readings(5);
    // Nothing of the first one runs any more; its files are all that is left.
    const second = await bench({}, { folder: first.folder });
    await second.recordings.idle;
    expect(journal).toMatchObject([{ slot: HEADER.key, cutOff: true }]);
    expect(journal[0]?.durationMs).toBeGreaterThanOrEqual(1_000);
    expect((await second.recordings.list()).map(({ cutOff }) => cutOff)).toEqual([true]);
  });

  it("is not made where the policy says so", async () => {
    const { folder, recordings } = await bench({ off: true });
    recordings.begin(HEADER, "horn", tone(0.2));
    await recordings.close();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("what is kept", () => {
  const ids = async (recordings: Recordings) => (await recordings.list()).map(({ id }) => id);

  it("goes with its age, and the oldest first where all take too much", async () => {
    const { clock, folder, recordings } = await bench({ days: 30, maxBytes: 2_500 });
    for (const [id, age] of [
      ["moi", 1],
      ["cu", 31],
      ["giua", 20],
      ["kha-cu", 29],
    ] as const) {
      await kept(folder, id, clock.now() - age * DAY, 1_000);
    }
    await recordings.prune();
    expect(await ids(recordings)).toEqual(["giua", "moi"]);
  });

  it("gives way to the room that the disk must keep, and nothing is recorded then", async () => {
    const { clock, folder, recordings } = await bench({}, { reserveBytes: Number.MAX_SAFE_INTEGER });
    await kept(folder, "moi", clock.now(), 1_000);
    recordings.begin(HEADER, "horn", tone(0.2));
    await recordings.end(HEADER, "horn");
    await recordings.idle;
    expect(faults.splice(0).map(String)).toEqual([expect.stringContaining("no room left")]);
    expect(await ids(recordings)).toEqual([]);
  });
});
