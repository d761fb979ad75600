/** How loud a zone is at which time of day, as signed; what is turned down while something plays; what nothing passes. */
import { describe, expect, it } from "vitest";
import type { Admission } from "../../agent/admission/admission.ts";
import { policyOf } from "../../agent/adopted.ts";
import type { ReadLayer } from "../../agent/config/read-layers.ts";
import { configBody } from "../../agent/contract/config.ts";
import { FactBoard } from "../../agent/fact-board.ts";
import { policyAt } from "../../playback/agenda/volume.ts";
import { DEFAULT_POLICY } from "../../playback/model/policy.ts";
import { decibelsOf } from "../../playback/model/units.ts";
import type { Store } from "../../storage/store.ts";
import { alert, local, programme, VirtualCluster, ZONE } from "../support/virtual/virtual-cluster.ts";

const LIMITS = { volumeCeiling: 90, quietHours: [] };
const layer = (policy: object) => configBody.parse({ policy });
const signed = layer({
  volume: 80,
  volumePeriods: [
    { from: "00:00", to: "00:00", outputs: ["cho"], db: -6 },
    { from: "05:00", to: "06:00", percent: 40 },
    { from: "20:00", to: "05:00", outputs: ["cho"], percent: 60, emergency: true },
  ],
});
const policy = policyOf([signed], LIMITS);
const at = (output: string, time: string) => {
  const { volume, volumeCeiling, emergencyVolume } = policyAt(policy, output, ZONE, local(`2026-11-23 ${time}`));
  return [volume, volumeCeiling, emergencyVolume];
};

describe("the volume of a zone", () => {
  it.each([
    ["thon", "04:59:59", [80, 90, 100]],
    ["thon", "05:00", [40, 40, 100]],
    ["thon", "05:59:59", [40, 40, 100]],
    ["thon", "06:00", [80, 90, 100]],
    ["cho", "12:00", [80, 80, 100]],
    ["cho", "05:30", [40, 40, 100]],
    ["cho", "21:00", [80, 80, 60]],
    ["cho", "04:00", [80, 80, 60]],
    ["thon", "21:00", [80, 90, 100]],
  ])("of %s at %s is %j: ordinary, ceiling, emergency", (output, time, expected) => {
    expect(at(output, time)).toEqual(expected);
  });

  it("never passes the ceiling of the installation, whatever is signed", () => {
    const loud = policyOf(
      [layer({ volume: 100, volumePeriods: [{ from: "05:00", to: "06:00", percent: 100 }] })],
      LIMITS,
    );
    for (const time of ["05:30", "12:00"]) {
      const { volume, volumeCeiling } = policyAt(loud, "thon", ZONE, local(`2026-11-23 ${time}`));
      expect([Math.min(volume, volumeCeiling), volumeCeiling]).toEqual([90, 90]);
    }
  });

  it("is given in percent or in decibels, and in one of them", () => {
    const period = (more: object) => ({ volumePeriods: [{ from: "05:00", to: "06:00", ...more }] });
    expect(() => layer(period({ percent: 40, db: -6 }))).toThrow("either percent or db");
    expect(() => layer(period({}))).toThrow("either percent or db");
    const [one] = policyOf([layer(period({ db: -12 }))], LIMITS).volumePeriods;
    expect(decibelsOf(one?.volume ?? 0)).toBeCloseTo(-12, 6);
  });
});

describe("a programme over the turn of an hour", () => {
  it("is turned down while it plays, and its next item begins so; an emergency is not", async () => {
    const start = local("2026-11-23 04:59:50");
    const own = programme("som", {
      start: "04:59:55",
      items: [{ kind: "silence", id: "x", title: "x", durationMs: 1 }],
    });
    const items = ["mot", "hai"].map(
      (name) => ({ ...programme(name).items[0], id: name }) as (typeof own.items)[number],
    );
    const cluster = new VirtualCluster(start, { programmes: [{ ...own, items }] }, { mot: 20_000, hai: 20_000 });
    const facts = () => policyAt({ ...policy, quietHours: [] }, "thon", ZONE, cluster.clock.now());
    cluster.change({ policy: facts() });
    await cluster.conductor.start();
    await cluster.clock.advance(12_000);
    cluster.change({ policy: facts() });
    await cluster.clock.advance(15_000);
    const [first, second] = cluster.sound.heard;
    expect(first).toMatchObject({ gain: decibelsOf(80), gains: [{ gain: decibelsOf(40) }] });
    expect(first?.gains[0]?.at).toBeLessThan(local("2026-11-23 05:00:06"));
    await cluster.clock.advance(2_000);
    const begun = second ?? cluster.sound.heard[1];
    expect(begun?.gains.at(-1)?.gain ?? begun?.gain).toBe(decibelsOf(40));
    const emergencies = [{ emergency: alert("bao"), ended: null }] as never;
    cluster.change({ emergencies });
    await cluster.clock.advance(5_000);
    expect(cluster.sound.heard.at(-1)).toMatchObject({ gain: decibelsOf(100), gains: [] });
    await cluster.conductor.close();
    expect(cluster.faults).toEqual([]);
  });
});

describe("the fact board", () => {
  it("tells the outputs when a period begins and ends, and lets a volume set on the spot lower but not raise it", async () => {
    let now = local("2026-11-23 04:59:58");
    const notes = new Map<string, unknown>();
    const told: number[][] = [];
    const board: FactBoard = new FactBoard({
      admission: { documents: [] } as unknown as Admission,
      store: {
        notes: { get: (key: string) => notes.get(key) },
        transaction: async () => undefined,
      } as unknown as Store,
      clock: { now: () => now, monotonic: () => now, trust: () => "held" } as never,
      ...{ chain: [], zone: ZONE, outputs: ["thon"], limits: LIMITS },
      configuration: () => [{ body: signed } as unknown as ReadLayer],
      onChange: (facts) => {
        const { volume, volumeCeiling, emergencyVolume } = policyAt(facts.policy, "thon", ZONE, now);
        told.push([volume, volumeCeiling, emergencyVolume]);
      },
    });
    board.tick();
    told.splice(0);
    for (; now < local("2026-11-23 06:00:02"); now += 1_000) board.tick();
    expect(told).toEqual([
      [40, 40, 100],
      [80, 90, 100],
    ]);
    now = local("2026-11-23 05:30:00");
    await board.setVolume(30, "officer");
    expect(told.at(-1)).toEqual([30, 30, 100]);
    await board.setVolume(100, "officer");
    expect(told.at(-1)).toEqual([40, 40, 100]);
    expect(DEFAULT_POLICY.volumePeriods).toEqual([]);
  });
});
