/** A disk that is full: what is due sounds, and the record of it is written when there is room again. */
import { describe, expect, it } from "vitest";
import { PatientPlayLog } from "../../../agent/patient-play-log.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { MINUTE, SECOND } from "../../../playback/model/units.ts";
import type { PlayLog, Segment, SlotHeader, SlotProgress } from "../../../playback/ports/play-log.ts";
import { MemoryPlayLog } from "../../support/virtual/memory-play-log.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";
import { alert, item, local, programme, VirtualCluster } from "../../support/virtual/virtual-cluster.ts";

/** A log on a disk that can be full, or slow. */
class Disk extends MemoryPlayLog {
  full = false;
  /** What every write waits for. */
  busy: Promise<void> | null = null;
  async #check(): Promise<void> {
    await this.busy;
    if (this.full) throw new StationError("storage-failed", "database or disk is full");
  }
  override async begin(...args: Parameters<PlayLog["begin"]>): Promise<boolean> {
    await this.#check();
    return super.begin(...args);
  }
  override async addSegment(...args: Parameters<PlayLog["addSegment"]>): Promise<void> {
    await this.#check();
    return super.addSegment(...args);
  }
  override async note(...args: Parameters<PlayLog["note"]>): Promise<void> {
    await this.#check();
    return super.note(...args);
  }
  override async end(...args: Parameters<PlayLog["end"]>): Promise<boolean> {
    await this.#check();
    return super.end(...args);
  }
}

async function onDisk() {
  const disk = new Disk();
  const troubles: (string | null)[] = [];
  const programmes = [programme("sang", { items: [item("a"), item("b")] }), programme("sau", { start: "05:02" })];
  const cluster = new VirtualCluster(
    local("2026-11-20 04:59:50"),
    { programmes },
    {},
    {
      log: disk,
      wrap: (log, clock) =>
        new PatientPlayLog(
          log,
          clock,
          (problem) => troubles.push(problem),
          () => undefined,
        ),
    },
  );
  await cluster.conductor.start();
  return { cluster, disk, troubles };
}

/** As many as wait at most, beside beginnings and ends. */
const MOST = 5_000;
const header = (key: string) => ({ key }) as SlotHeader;
const segment = (round: number) => ({ round }) as Segment;
const progress = (round: number): SlotProgress => ({ round, itemIndex: 0, positionMs: 0, at: 0 });

/** The log alone, as a conductor would use it. */
function bareLog() {
  const disk = new Disk();
  const clock = new VirtualClock(local("2026-11-20 04:59:50"));
  const troubles: (string | null)[] = [];
  const lost: string[] = [];
  const log = new PatientPlayLog(
    disk,
    clock,
    (problem) => troubles.push(problem),
    (what) => lost.push(what),
  );
  return { log, disk, clock, troubles, lost };
}

describe("a disk that takes no writes", () => {
  it("silences nothing, says so, and has every record once there is room", async () => {
    const { cluster, disk, troubles } = await onDisk();
    disk.full = true;
    await cluster.clock.advance(3 * MINUTE);
    expect(cluster.heard().map((line) => line.slice(15))).toEqual(["a 0–10", "b 0–10", "sau 0–10"]);
    expect(disk.records).toEqual([]);
    expect(troubles.at(-1)).toContain("full");
    disk.full = false;
    await cluster.clock.advance(10 * SECOND);
    expect(disk.records.map(({ header, outcome, segments }) => [header.id, outcome, segments.length])).toEqual([
      ["sang", "played", 2],
      ["sau", "played", 1],
    ]);
    expect(troubles.at(-1)).toBeNull();
    await cluster.clock.advance(MINUTE);
    expect(cluster.sound.heard).toHaveLength(3);
    expect(cluster.faults).toEqual([]);
  });

  it("that fills in the middle of an item keeps what was written and adds the rest", async () => {
    const { cluster, disk } = await onDisk();
    await cluster.clock.advance(15 * SECOND);
    disk.full = true;
    await cluster.clock.advance(30 * SECOND);
    disk.full = false;
    await cluster.clock.advance(10 * SECOND);
    expect(disk.records.map(({ header, outcome, segments }) => [header.id, outcome, segments.length])).toEqual([
      ["sang", "played", 2],
    ]);
  });

  it("that is full for so long that not all fits in memory loses stretches, and never a beginning or an end", async () => {
    const { log, disk, clock, troubles, lost } = bareLog();
    disk.full = true;
    await log.begin(header("a"), progress(0));
    for (let n = 1; n <= MOST; n++) await log.addSegment("a", segment(n), progress(n));
    await log.end(header("a"), "played", null);
    await log.begin(header("b"), progress(0));
    expect(log.has("a")).toBe(true);
    disk.full = false;
    await clock.advance(5 * SECOND);
    expect(disk.records.map(({ header: { key }, segments }) => [key, segments.length, segments[0]?.round])).toEqual([
      ["a", MOST - 3, 4],
    ]);
    expect((await log.open()).map(({ header: { key } }) => key)).toEqual(["b"]);
    expect([...new Set(troubles)]).toEqual(["database or disk is full", null]);
    expect([lost.length, lost[0]]).toEqual([3, expect.stringContaining("a stretch is left out")]);
  });

  it("loses nothing unwritten where the memory overflows while a stretch is being written", async () => {
    const { log, disk, clock } = bareLog();
    await log.begin(header("a"), progress(0));
    disk.full = true;
    for (let n = 1; n <= MOST; n++) await log.addSegment("a", segment(n), progress(n));
    disk.full = false;
    const write = disk.addSegment.bind(disk);
    disk.addSegment = async (...args) => {
      disk.addSegment = write;
      // The card takes its time over the first one, and another is over meanwhile.
      await log.addSegment("a", segment(MOST + 1), progress(MOST + 1));
      return write(...args);
    };
    await clock.advance(5 * SECOND);
    const [slot] = await log.open();
    expect(slot?.segments.map(({ round }) => round)).toEqual(Array.from({ length: MOST + 1 }, (_, n) => n + 1));
  });

  it("leaves out what the log refuses, says so, and writes the rest", async () => {
    const { log, disk, clock, troubles, lost } = bareLog();
    disk.full = true;
    await log.addSegment("never begun", segment(1), progress(1));
    await log.begin(header("a"), progress(0));
    disk.full = false;
    await clock.advance(5 * SECOND);
    expect((await log.open()).map(({ header: { key } }) => key)).toEqual(["a"]);
    // Apart from what the disk is told to be: it is well again in the same moment.
    expect(troubles).toEqual(["database or disk is full", null]);
    expect(lost).toEqual(["a record could not be written and is left out: no open slot never begun"]);
  });

  it("is the only fault that is forgiven", async () => {
    const disk = new Disk();
    disk.begin = () => Promise.reject(new Error("a bug"));
    const { clock } = (await onDisk()).cluster;
    const told: unknown[] = [];
    const tell = (what: unknown) => told.push(what);
    const log = new PatientPlayLog(disk, clock, tell, tell);
    await expect(log.begin(header("k"), progress(0))).rejects.toThrow("a bug");
    expect(told).toEqual([]);
  });
});

describe("a disk that is slow", () => {
  it("delays no alert, over a programme or in silence, and has every record in order afterwards", async () => {
    const { cluster, disk } = await onDisk();
    const { conductor, clock } = cluster;
    await clock.advance(15 * SECOND);
    const { promise, resolve } = Promise.withResolvers<void>();
    disk.busy = promise;
    cluster.change({ emergencies: [{ emergency: alert("bao"), ended: null }] });
    await clock.advance(2 * SECOND);
    expect([conductor.onAir()?.candidate.header.id, conductor.onAir()?.now?.sounding]).toEqual(["bao", true]);
    expect(conductor.onAir()?.now?.positionMs).toBeGreaterThan(1_900);
    resolve();
    await clock.advance(MINUTE);
    expect(disk.records.map(({ header, outcome, segments }) => [header.id, outcome, segments.length])).toEqual([
      ["bao", "played", 1],
      ["sang", "played", 3],
    ]);
    expect(cluster.faults).toEqual([]);
  });

  it("lets no alert begin twice, and writes nothing of it before its beginning", async () => {
    const { log, disk } = bareLog();
    const { promise, resolve } = Promise.withResolvers<void>();
    disk.busy = promise;
    const bao = { key: "bao", kind: "emergency" } as SlotHeader;
    expect([await log.begin(bao, progress(0)), await log.begin(bao, progress(0)), log.has("bao")]).toEqual([
      ...[true, false, true],
    ]);
    const written = [log.addSegment("bao", segment(0), progress(1)), log.end(bao, "played", null)];
    disk.full = true;
    resolve();
    await Promise.all(written);
    expect([disk.records, log.has("bao"), await log.begin(bao, progress(0))]).toEqual([[], true, false]);
  });
});
