import { describe, expect, it } from "vitest";
import type { Birth } from "../../../agent/contract/uplink.ts";
import { VirtualClock } from "../../../agent/simulate/virtual-clock.ts";
import { Announcer } from "../../../agent/uplink/announcer.ts";
import { HOUR, MINUTE, SECOND } from "../../../playback/model/units.ts";

function bench({ answers = false, broken = false } = {}) {
  const clock = new VirtualClock(0);
  const sent: number[] = [];
  const faults: unknown[] = [];
  const announcer: Announcer = new Announcer({
    clock,
    birth: () => (broken ? Promise.reject(new Error("the disk is full")) : Promise.resolve({ kind: "birth" } as Birth)),
    publish: () => {
      sent.push(clock.monotonic());
      if (answers) announcer.answered();
      return Promise.resolve(true);
    },
    onFault: (error) => faults.push(error),
  });
  return { clock, announcer, sent, faults };
}

describe("births of a station", () => {
  it("come again where no signed time answers them, and ever more rarely", async () => {
    const { clock, announcer, sent } = bench();
    announcer.start();
    await clock.advance(24 * HOUR);
    const pauses = sent.slice(1).map((at, n) => at - (sent[n] ?? 0));
    expect(sent[0]).toBe(0);
    expect(pauses[0]).toBeGreaterThan(22 * SECOND);
    expect(pauses[0]).toBeLessThan(38 * SECOND);
    expect(Math.max(...pauses)).toBeLessThan(19 * MINUTE);
    expect(sent.length).toBeLessThan(140);
    announcer.stop();
    const before = sent.length;
    await clock.advance(HOUR);
    expect(sent.length).toBe(before);
  });

  it("that are answered come again after some hours: the answer tells what is newest", async () => {
    const { clock, announcer, sent } = bench({ answers: true });
    announcer.start();
    await clock.advance(4 * HOUR);
    expect(sent).toHaveLength(1);
    await clock.advance(20 * HOUR);
    expect(sent.length).toBeGreaterThanOrEqual(4);
    expect(sent.length).toBeLessThanOrEqual(6);
    announcer.stop();
  });

  it("begin anew with each connection, and a full disk ends nothing", async () => {
    const { clock, announcer, sent, faults } = bench({ broken: true });
    announcer.start();
    await clock.advance(MINUTE);
    expect(sent).toEqual([]);
    expect(faults.length).toBeGreaterThanOrEqual(2);
    announcer.start();
    await clock.advance(1);
    expect(faults.at(-1)).toEqual(new Error("the disk is full"));
    const before = faults.length;
    // One run at a time: the earlier one has ended.
    await clock.advance(39 * SECOND);
    expect(faults.length).toBe(before + 1);
    announcer.stop();
  });
});
