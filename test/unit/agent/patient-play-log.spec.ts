/** A disk that is full: what is due sounds, and the record of it is written when there is room again. */
import { describe, expect, it } from "vitest";
import { PatientPlayLog } from "../../../agent/patient-play-log.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { MINUTE, SECOND } from "../../../playback/model/units.ts";
import type { PlayLog } from "../../../playback/ports/play-log.ts";
import { MemoryPlayLog } from "../../support/virtual/memory-play-log.ts";
import { item, local, programme, VirtualCluster } from "../../support/virtual/virtual-cluster.ts";

/** A log on a disk that can be full. */
class Disk extends MemoryPlayLog {
  full = false;
  #check(): void {
    if (this.full) throw new StationError("storage-failed", "database or disk is full");
  }
  override async begin(...args: Parameters<PlayLog["begin"]>): Promise<boolean> {
    this.#check();
    return super.begin(...args);
  }
  override async addSegment(...args: Parameters<PlayLog["addSegment"]>): Promise<void> {
    this.#check();
    return super.addSegment(...args);
  }
  override async note(...args: Parameters<PlayLog["note"]>): Promise<void> {
    this.#check();
    return super.note(...args);
  }
  override async end(...args: Parameters<PlayLog["end"]>): Promise<boolean> {
    this.#check();
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
      wrap: (log, clock) => new PatientPlayLog(log, clock, (problem) => troubles.push(problem)),
    },
  );
  await cluster.conductor.start();
  return { cluster, disk, troubles };
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

  it("is the only fault that is forgiven", async () => {
    const disk = new Disk();
    disk.begin = () => Promise.reject(new Error("a bug"));
    const { clock } = (await onDisk()).cluster;
    const log = new PatientPlayLog(disk, clock, () => undefined);
    const { header } = { header: { key: "k" } as Parameters<PlayLog["begin"]>[0] };
    await expect(log.begin(header, {} as Parameters<PlayLog["begin"]>[1])).rejects.toThrow("a bug");
  });
});
