/** What was said live: kept as it was emitted, in real files, encoded by the real ffmpeg. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { configBody, type RecordingRules } from "../../../agent/contract/config.ts";
import type { Recording } from "../../../agent/recordings/recording-file.ts";
import { type LiveSound, NO_RECORDINGS, Recordings } from "../../../agent/recordings/recordings.ts";
import { nameOf } from "../../../agent/recordings/shelf.ts";
import type { ClockTrust } from "../../../playback/model/clock-trust.ts";
import { DAY, type Instant } from "../../../playback/model/units.ts";
import type { SlotHeader } from "../../../playback/ports/play-log.ts";
import type { Supervisor } from "../../../playback/ports/supervisor.ts";
import { decodeFile } from "../../support/sound/decode.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";
import { temporaryFolder } from "../../support/storage/temporary.ts";
import { ORIGIN } from "../../support/virtual/virtual-cluster.ts";

const HEADER: SlotHeader = {
  ...{ key: "announcement local page-1", kind: "announcement", id: "page-1", title: "page: k" },
  ...{ precedence: "live", plannedAt: 0, origin: ORIGIN },
};
const PAGE: LiveSound = {
  header: HEADER,
  item: { kind: "microphone", id: "microphone", title: "k", longestMs: 60_000, endAfterSilenceMs: 10_000 },
  output: "horn",
};
const RELAYED = { kind: "live", id: "i", title: "VOV", source: "vov", longestMs: 60_000, fallback: [] } as const;
const RULES: RecordingRules = { ...NO_RECORDINGS, of: ["page", "grant"] };
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

class Trusting extends ManualClock {
  standing: ClockTrust = "held";
  override trust(): ClockTrust {
    return this.standing;
  }
}

interface BenchOptions {
  readonly folder?: string;
  readonly reserveBytes?: number;
  readonly longestPartMs?: number;
  readonly supervisor?: Supervisor;
  readonly journalFails?: () => boolean;
  readonly trust?: ClockTrust;
}

async function bench(changes: Partial<RecordingRules> = {}, options: BenchOptions = {}) {
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

const said = () => faults.splice(0).map(String);

/** A recording that was finished at this time, by its files. */
async function kept(folder: string, at: Instant, size: number, mark = "00000000", dated = true): Promise<string> {
  const id = nameOf(at, mark, dated);
  const note = {
    ...{ id, of: "page", slot: "s", output: "horn", title: id, startedAt: new Date(at).toISOString() },
    ...{ sha256: "0".repeat(64), bytes: size, durationMs: 1_000, lostMs: 0, cutOff: false },
  };
  await writeFile(join(folder, `${id}.ogg`), Buffer.alloc(size));
  await writeFile(join(folder, `${id}.json`), JSON.stringify(note));
  return id;
}

describe("a recording", () => {
  it("holds what was emitted, says what it lost, and its digest is what the journal says", async () => {
    const { folder, recordings, record } = await bench();
    await record(10);
    const [recording] = journal;
    expect(recording).toMatchObject({ of: "page", slot: HEADER.key, output: "horn", lostMs: 50, cutOff: false });
    expect(recording?.durationMs).toBeGreaterThanOrEqual(2_000);
    const read = await recordings.read(recording?.id ?? "");
    expect(
      createHash("sha256")
        .update(read?.bytes ?? "")
        .digest("hex"),
    ).toBe(recording?.sha256);
    expect(read?.intact).toBe(true);
    const heard = await decodeFile(join(folder, `${recording?.id}.ogg`));
    expect(Math.abs(heard.length / 48 - (recording?.durationMs ?? 0))).toBeLessThan(60);
    const rms = Math.sqrt(heard.reduce((sum, x) => sum + x * x, 0) / heard.length);
    expect(20 * Math.log10(rms)).toBeCloseTo(-9, 0);
    expect((await readdir(folder)).sort()).toEqual([`${recording?.id}.json`, `${recording?.id}.ogg`]);
  });

  it("goes on in another part where it grows long", async () => {
    const { recordings, readings } = await bench({}, { longestPartMs: 2_000 });
    recordings.begin(PAGE, tone(0.2));
    await readings(12);
    await recordings.close();
    expect(journal.map(({ durationMs, slot }) => [durationMs, slot])).toEqual([
      [2_000, HEADER.key],
      [expect.any(Number), HEADER.key],
    ]);
  });

  it("is made of pages, grants and relays only where a policy names them", async () => {
    const grant: LiveSound = { ...PAGE, item: RELAYED };
    const relay: LiveSound = { ...grant, header: { ...HEADER, kind: "programme", key: "tin 1" } };
    for (const of of [[], ["grant"], ["relay"], ["page", "grant", "relay"]] as const) {
      const { recordings, readings } = await bench({ of: [...of] });
      for (const sound of [PAGE, grant, relay]) {
        recordings.begin(sound, tone(0.2));
        if (of.includes({ page: "page", grant: "grant", relay: "relay" }[kindOf(sound)] as never)) await readings(2);
        await recordings.end(sound);
      }
      await recordings.close();
      expect(journal.splice(0).map((one) => one.of)).toEqual(
        ["page", "grant", "relay"].filter((one) => of.includes(one as never)),
      );
    }
    expect(configBody.parse({}).policy.recordings).toBeUndefined();
    expect(configBody.parse({ policy: { recordings: {} } }).policy.recordings).toEqual(RULES);
  });

  it("ends when the policy no longer asks for it, and holds what was asked for", async () => {
    const { recordings, readings, rules } = await bench();
    recordings.begin(PAGE, tone(0.2));
    await readings(5);
    Object.assign(rules, { of: [] });
    await readings(1);
    await vi.waitUntil(async () => journal.length > 0, { timeout: 20_000 });
    await recordings.close();
    expect(journal).toHaveLength(1);
    expect(journal[0]?.durationMs).toBeLessThanOrEqual(1_200);
  });
});

const kindOf = ({ header, item }: LiveSound) =>
  item.kind === "microphone" ? "page" : header.kind === "announcement" ? "grant" : "relay";

describe("what a kill or a power cut leaves", () => {
  it("is finished after the restart, and says that it was cut off", async () => {
    const first = await bench();
    first.recordings.begin(PAGE, tone(0.2));
    await first.readings(5);
    // Nothing of the first one runs any more; its files are all that is left.
    const second = await bench({}, { folder: first.folder });
    await second.recordings.idle;
    expect(journal).toMatchObject([{ slot: HEADER.key, cutOff: true, lostMs: null }]);
    expect(journal[0]?.durationMs).toBeGreaterThanOrEqual(1_000);
    expect((await second.recordings.list()).map(({ cutOff }) => cutOff)).toEqual([true]);
  });

  it("between the end and the encoder is finished as the whole that it was", async () => {
    const stuck: Supervisor = {
      ...{ count: () => 0, stopAll: async () => undefined },
      run: () => {
        const never = new Promise<never>(() => {});
        return { pid: 1, stdout: nothing(), talk: null, exited: never, stop: () => never, kill: () => never };
      },
    };
    const first = await bench({}, { supervisor: stuck });
    first.recordings.begin(PAGE, tone(0.2));
    await first.readings(5);
    await first.recordings.end(PAGE);
    const second = await bench({}, { folder: first.folder });
    await second.recordings.idle;
    expect(journal).toMatchObject([{ cutOff: false, lostMs: 50 }]);
  });

  it("before the journal took the digest is journalled after the restart, the same digest", async () => {
    const first = await bench({}, { journalFails: () => true });
    await first.record(5);
    expect(said()).toEqual([expect.stringContaining("takes nothing")]);
    const [before] = await first.recordings.list();
    const second = await bench({}, { folder: first.folder });
    await second.recordings.idle;
    expect(journal.map(({ sha256 }) => sha256)).toEqual([before?.sha256]);
    expect((await readdir(first.folder)).filter((name) => name.endsWith(".s16"))).toEqual([]);
  });

  it("of broken notes and halves hides no other recording and keeps nothing from going", async () => {
    const { clock, folder, recordings } = await bench();
    const whole = await kept(folder, clock.now() - DAY, 1_000);
    const torn = await kept(folder, clock.now() - 2 * DAY, 1_000);
    await writeFile(join(folder, `${torn}.json`), '{"id":"rec');
    const lone = nameOf(clock.now() - 3 * DAY, "11111111", true);
    await writeFile(join(folder, `${lone}.json`), "{}");
    await writeFile(join(folder, `${nameOf(clock.now(), "22222222", true)}.s16`), Buffer.alloc(96_000));
    const again = await bench({}, { folder });
    await again.recordings.idle;
    expect(said()).toEqual([expect.stringContaining("ENOENT")]);
    expect((await again.recordings.list()).map(({ id }) => id)).toEqual([whole]);
    expect((await readdir(folder)).some((name) => name.startsWith(lone))).toBe(false);
    expect((await again.recordings.read(torn))?.intact).toBe(false);
    await recordings.prune();
    again.clock.advance(31 * DAY);
    await again.recordings.prune();
    expect(await readdir(folder)).toEqual([]);
  });
});

async function* nothing(): AsyncGenerator<Uint8Array> {
  // Gives nothing.
}

describe("what is kept", () => {
  const ids = async (recordings: Recordings) => (await recordings.list()).map(({ id }) => id);

  it("goes with its age, and the oldest first where all take too much", async () => {
    const { clock, folder, recordings } = await bench({ days: 30, maxBytes: 3_000 });
    const size = 1_000;
    const [old, middle, young] = [31, 20, 1].map((days) => clock.now() - days * DAY) as [number, number, number];
    await kept(folder, old, size);
    await kept(folder, clock.now() - 29 * DAY, size);
    const stay = [await kept(folder, middle, size), await kept(folder, young, size)];
    await recordings.prune();
    expect(await ids(recordings)).toEqual(stay);
  });

  it("goes by age only under a clock that is believed", async () => {
    const { clock, folder, recordings } = await bench({ days: 30 });
    await kept(folder, clock.now() - 31 * DAY, 1_000);
    clock.standing = "floor";
    await recordings.prune();
    expect(await ids(recordings)).toHaveLength(1);
  });

  it("and was made when nobody knew the hour ages from the first hour that is known", async () => {
    const { clock, folder, recordings } = await bench({ days: 30 });
    await kept(folder, 0, 1_000, "00000000", false);
    await recordings.prune();
    clock.advance(29 * DAY);
    await recordings.prune();
    expect(await ids(recordings)).toHaveLength(1);
    clock.advance(2 * DAY);
    await recordings.prune();
    expect(await ids(recordings)).toEqual([]);
  });

  it("counts samples that no encoder took, so that they fill no disk either", async () => {
    const ended = () => Promise.resolve({ code: 1, signal: null, stderr: "" });
    const broken: Supervisor = {
      ...{ count: () => 0, stopAll: async () => undefined },
      run: () => ({
        ...{ pid: 1, stdout: nothing(), talk: null, stop: ended, kill: ended },
        exited: Promise.resolve({ code: 1, signal: null, stderr: "Unknown encoder 'libopus'" }),
      }),
    };
    const { folder, clock, record } = await bench({ maxBytes: 250_000 }, { supervisor: broken });
    for (let one = 0; one < 4; one++) {
      await record(5);
      clock.advance(1_000);
    }
    expect(said()).toHaveLength(4);
    const sizes = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(250_000);
  });

  it("gives way to the room that the disk must keep, and nothing is recorded then", async () => {
    const { clock, folder, recordings } = await bench({}, { reserveBytes: Number.MAX_SAFE_INTEGER });
    await kept(folder, clock.now(), 1_000);
    recordings.begin(PAGE, tone(0.2));
    await vi.waitUntil(() => faults.length > 0);
    await recordings.end(PAGE);
    await recordings.idle;
    expect(said()).toEqual([expect.stringContaining("no room left")]);
    expect(await ids(recordings)).toEqual([]);
  });

  it("is taken up again when the disk is there again, in the middle of the speech", async () => {
    const { folder, clock, recordings, readings } = await bench();
    await rm(folder, { recursive: true });
    // A file stands where the folder should.
    await writeFile(folder, "");
    recordings.begin(PAGE, tone(0.2));
    await vi.waitUntil(() => faults.length > 0);
    await rm(folder);
    await mkdir(folder);
    await vi.waitUntil(() => clock.waiting() > 0);
    clock.advance(30_000);
    await readings(5);
    await recordings.end(PAGE);
    await recordings.idle;
    expect(said()).toEqual([expect.stringContaining("EEXIST")]);
    expect(journal).toHaveLength(1);
  });

  it("starts an agent whose disk is broken all the same", async () => {
    const folder = join(await temporaryFolder(), "recordings");
    await writeFile(folder, "");
    const { recordings } = await bench({}, { folder });
    expect(said().length).toBeGreaterThan(0);
    await expect(recordings.prune()).resolves.toBeUndefined();
    said();
  });

  it("tells who reads it where it is no longer what was recorded", async () => {
    const { folder, recordings, record } = await bench();
    await record(5);
    const [recording] = journal;
    const path = join(folder, `${recording?.id}.ogg`);
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(path, bytes);
    expect((await recordings.read(recording?.id ?? ""))?.intact).toBe(false);
  });
});
