/** What an answer may do to the floor: an honest source catches up, a lying one cannot expire the world for good. */
import { describe, expect, it } from "vitest";
import { FLOOR_STEP, raisedFloor } from "../../../agent/time-floor.ts";
import { type ClockMemory, TrustedClock } from "../../../agent/trusted-clock.ts";
import { DAY, HOUR, MINUTE } from "../../../playback/model/units.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";

const START = Date.parse("2026-11-20T05:00:00+07:00");
const YEAR = 365 * DAY;
const at = (boottimeMs: number, bootId = "a") => ({ bootId, boottimeMs });

describe("the floor", () => {
  it("is what the first signed time says", () => {
    expect(raisedFloor({ floor: null }, START, at(5_000))).toEqual({ floor: START, step: at(5_000) });
  });

  it("follows an honest source that is asked now and then, exactly", () => {
    let state: Parameters<typeof raisedFloor>[0] = raisedFloor({ floor: null }, START, at(0));
    for (const days of [3, 4, 60]) state = raisedFloor(state, START + days * DAY, at(days * DAY));
    expect(state.floor).toBe(START + 60 * DAY);
  });

  it("catches up by a day for each start of a board that lay in a store for a month", () => {
    let state: Parameters<typeof raisedFloor>[0] = raisedFloor({ floor: null }, START, at(0));
    for (let boot = 1; boot <= 30; boot++) state = raisedFloor(state, START + 30 * DAY, at(5_000, `boot ${boot}`));
    expect(state.floor).toBe(START + 30 * DAY);
  });

  it.each([
    { answers: 1_000, everyMs: 86_400, least: 1, most: 1 },
    { answers: 24, everyMs: HOUR, least: 20, most: 25 },
  ])(
    "is lifted by at most $most days within a day by $answers lies of twenty years",
    ({ answers, everyMs, least, most }) => {
      let state: Parameters<typeof raisedFloor>[0] = raisedFloor({ floor: null }, START, at(0));
      for (let n = 1; n <= answers; n++) state = raisedFloor(state, START + 20 * YEAR, at(n * everyMs));
      const days = ((state.floor ?? 0) - START) / DAY;
      expect(days).toBeGreaterThanOrEqual(least);
      expect(days).toBeLessThanOrEqual(most);
    },
  );

  it("never sinks", () => {
    const state = raisedFloor({ floor: null }, START, at(0));
    expect(raisedFloor(state, START - YEAR, at(HOUR))).toEqual(state);
  });
});

class Source extends VirtualClock {
  bootedAt = 0;
  boots = 1;
  boottimeMs = () => Promise.resolve(this.monotonic() - this.bootedAt);
  bootId = () => Promise.resolve(`boot-${this.boots}`);
  quality = () => Promise.resolve({ source: "nobody", synchronised: false, offsetMs: null, errorMs: null });
  rtc = () => Promise.resolve({ present: false, time: null });
}

async function clockOn(source: Source, memory: { value: ClockMemory | null }): Promise<TrustedClock> {
  const remember = (value: ClockMemory) => {
    memory.value = value;
    return Promise.resolve();
  };
  const clock = new TrustedClock(source, memory.value, remember, null);
  await clock.observe();
  return clock;
}

describe("a lie about the time", () => {
  it("is undone by the next honest answer, and costs the floor a day", async () => {
    const source = new Source(START);
    const memory = { value: null as ClockMemory | null };
    const clock = await clockOn(source, memory);
    await clock.attest(START, 0);
    await clock.attest(START + 20 * YEAR, 0);
    expect(Math.round((clock.now() - START) / YEAR)).toBe(20);
    await source.advance(10 * MINUTE);
    await clock.attest(START + 10 * MINUTE, 0);
    expect([clock.trust(), clock.now(), clock.notBefore()]).toEqual([
      "attested",
      START + 10 * MINUTE,
      START + 10 * MINUTE,
    ]);
    expect((memory.value?.floor ?? 0) - START).toBeLessThanOrEqual(FLOOR_STEP);
  });

  it("by the system's own clock, under a floor, makes nothing past but the floor", async () => {
    const source = new Source(START);
    const memory = { value: null as ClockMemory | null };
    await (await clockOn(source, memory)).attest(START, 0);
    source.boots += 1;
    source.step(20 * YEAR);
    const clock = await clockOn(source, memory);
    expect([clock.trust(), clock.notBefore()]).toEqual(["floor", START]);
    expect((await clockOn(source, { value: null })).notBefore()).toBeNull();
  });
});
