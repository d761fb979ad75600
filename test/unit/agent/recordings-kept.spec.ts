/** How long recordings stay, and what a disk that is full or broken makes of them. */
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import type { Recordings } from "../../../agent/recordings/recordings.ts";
import { DAY } from "../../../playback/model/units.ts";
import type { Supervisor } from "../../../playback/ports/supervisor.ts";
import { bench, faults, journal, kept, nothing, PAGE, said, tone } from "../../support/recordings/recordings-bench.ts";
import { temporaryFolder } from "../../support/storage/temporary.ts";

afterEach(() => {
  expect(faults.splice(0)).toEqual([]);
  journal.length = 0;
});

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

  it("is tried again when the encoder or the journal took it not, and is finished as soon as one does", async () => {
    const real = new ChildSupervisor();
    let broken = true;
    const ended = () => Promise.resolve({ code: 1, signal: null, stderr: "Cannot fork" });
    const supervisor: Supervisor = {
      ...{ count: () => real.count(), stopAll: () => real.stopAll() },
      run: (spec) =>
        broken ? { pid: 1, stdout: nothing(), talk: null, exited: ended(), stop: ended, kill: ended } : real.run(spec),
    };
    let refuses = true;
    const { folder, recordings, record } = await bench({}, { supervisor, journalFails: () => refuses });
    await record(5);
    expect([said(), recordings.unfinished]).toEqual([[expect.stringContaining("Cannot fork")], 1]);
    broken = false;
    await recordings.tend();
    await recordings.idle;
    expect([said(), recordings.unfinished]).toEqual([[expect.stringContaining("takes nothing")], 1]);
    refuses = false;
    await recordings.tend();
    await recordings.idle;
    expect([journal.length, recordings.unfinished]).toEqual([1, 0]);
    expect((await readdir(folder)).filter((name) => name.endsWith(".s16"))).toEqual([]);
    await recordings.tend();
    await recordings.idle;
    expect(journal).toHaveLength(1);
  });

  it("is finished as the whole that it was, though nothing of its end could be written at first", async () => {
    const { folder, recordings, readings } = await bench();
    recordings.begin(PAGE, tone(0.2));
    await readings(5);
    const note = (await readdir(folder)).find((name) => name.endsWith(".json"));
    const inTheWay = join(folder, `${note}.new`);
    await mkdir(inTheWay);
    await recordings.end(PAGE);
    await recordings.idle;
    expect([said().length > 0, recordings.unfinished]).toEqual([true, 1]);
    await rm(inTheWay, { recursive: true });
    await recordings.tend();
    await recordings.idle;
    expect(journal).toMatchObject([{ cutOff: false, lostMs: 50 }]);
  });

  it("is not tried again once it had to go", async () => {
    const { clock, recordings, record } = await bench({ days: 30 }, { journalFails: () => true });
    await record(5);
    expect(said()).toHaveLength(1);
    clock.advance(31 * DAY);
    await recordings.prune();
    await recordings.tend();
    await recordings.idle;
    expect(recordings.unfinished).toBe(0);
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
