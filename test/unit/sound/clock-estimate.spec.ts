import { describe, expect, it } from "vitest";
import { ClockEstimate } from "../../../playback/sound/clock-estimate.ts";
import { pauseAfter } from "../../../playback/sound/reading-rhythm.ts";
import { randomFrom } from "../../source/random.ts";

const PERIOD = 14.5;

interface Card {
  /** Parts per million that its clock is fast. */
  readonly ppm?: number;
  /** Milliseconds of sound lost at a time. */
  readonly lost?: { readonly at: number; readonly ms: number };
  /** Garbage at the beginning. */
  readonly unsteadyUntil?: number;
}

/** Reads a card every 20 ms for a while; its sample 0 is heard 30 ms after monotonic 100. */
function readFor(seconds: number, card: Card = {}): ClockEstimate {
  const estimate = new ClockEstimate();
  for (let at = 0; at < seconds * 1_000; at += 20 + (at % 3)) {
    // While it is lost the clock stands.
    const lost = card.lost ? Math.max(0, Math.min(card.lost.ms, at - card.lost.at)) : 0;
    const step = Math.floor((at * (1 + (card.ppm ?? 0) / 1e6) - lost) / PERIOD) * PERIOD;
    const unsteady = at < (card.unsteadyUntil ?? 0) ? -40 : 0;
    estimate.observe(100 + at, step, 30 + unsteady, PERIOD);
  }
  return estimate;
}

describe("the offset between the audio clock and the monotonic one", () => {
  it("is unknown before the first reading", () => {
    expect(new ClockEstimate().offset()).toBeNull();
    expect(new ClockEstimate().driftPpm()).toBeNull();
  });

  it("is found to 2 ms though the clock moves in steps of 14.5 ms", () => {
    expect(Math.abs((readFor(6).offset() ?? 0) - 130)).toBeLessThan(2);
  });

  it("forgets the first second, in which a card states nonsense", () => {
    expect(Math.abs((readFor(4, { unsteadyUntil: 900 }).offset() ?? 0) - 130)).toBeLessThan(2);
  });

  it("follows a jump within a second and counts it once", () => {
    const estimate = readFor(8, { lost: { at: 7_000, ms: 100 } });
    expect(Math.abs((estimate.offset() ?? 0) - 230)).toBeLessThan(3);
    expect(estimate.jumps()).toBe(1);
  });

  it.each([5, 7, 20, 39])("notices %i ms lost at once, once, within 1.5 s", (ms) => {
    const soon = readFor(8.5, { lost: { at: 7_000, ms } });
    expect(soon.jumps()).toBe(1);
    expect(Math.abs(soon.lastJump() - ms)).toBeLessThan(3);
    expect(readFor(20, { lost: { at: 7_000, ms } }).jumps()).toBe(1);
  });

  it.each([-120, 0, 104])("tells a drift of %i ppm to 15 ppm after two minutes", (ppm) => {
    const estimate = readFor(120, { ppm });
    expect(Math.abs((estimate.driftPpm() ?? 1e9) - ppm)).toBeLessThan(15);
    expect(estimate.jumps()).toBe(0);
  });

  it.each([-100, -20, 0, 20, 100])(
    "is right to a millisecond four seconds ahead on a card that is off by %i ppm",
    (ppm) => {
      const estimate = readFor(40, { ppm });
      const ahead = 44_000;
      // By then the card has drifted for 44 s; each reading is late by a share of the step.
      const truth = 130 - (ppm / 1e6) * ahead;
      expect(Math.abs((estimate.offset(100 + ahead) ?? 0) - truth)).toBeLessThan(1);
    },
  );

  it.each([-100, 100])("differs by no bias between 20 s and 10 minutes at %i ppm", (ppm) => {
    const errors = [20, 60, 600].map((seconds) => {
      const at = seconds * 1_000;
      return (readFor(seconds, { ppm }).offset(100 + at) ?? 0) - (130 - (ppm / 1e6) * at);
    });
    expect(Math.max(...errors) - Math.min(...errors)).toBeLessThan(0.5);
  });

  it("notices half a second lost within 120 ms of its end, and is sure of how much within 650", () => {
    const estimate = new ClockEstimate();
    let [noticed, sure] = [0, 0];
    for (let at = 0; at < 9_000; at += 20 + (at % 3)) {
      const lost = Math.max(0, Math.min(500, at - 7_000));
      const step = Math.floor((at - lost) / PERIOD) * PERIOD;
      estimate.observe(100 + at, step, 30);
      if (noticed === 0 && estimate.jumps() > 0) noticed = at - 7_500;
      if (noticed > 0 && sure === 0 && estimate.isSure()) sure = at - 7_500;
    }
    expect(noticed).toBeLessThan(120);
    expect(sure).toBeGreaterThan(0);
    expect(sure).toBeLessThan(650);
    expect(estimate.jumps()).toBe(1);
  });

  it("keeps what it knows of the rate over a jump", () => {
    const estimate = readFor(50, { ppm: 100, lost: { at: 45_000, ms: 80 } });
    expect(estimate.jumps()).toBe(1);
    expect(Math.abs((estimate.driftPpm() ?? 0) - 100)).toBeLessThan(25);
  });

  it("does not speak of drift in the first half minute", () => {
    expect(readFor(25, { ppm: 100 }).driftPpm()).toBeNull();
  });
});

/** Read in the engine's own rhythm, by timers that are late by up to a millisecond; loses `lost.ms` every `lost.everyMs`. */
function readByTimer(
  seconds: number,
  period: number,
  timerLate: number,
  lost = { everyMs: 1e9, ms: 0 },
): ClockEstimate {
  const random = randomFrom(11);
  const estimate = new ClockEstimate();
  for (let [at, n] = [0, 0]; at < seconds * 1_000; at += pauseAfter(n++) + timerLate + 0.5 * random()) {
    const played = at - Math.floor(at / lost.everyMs) * lost.ms;
    estimate.observe(100 + at, Math.floor(played / period) * period, 44, period);
  }
  return estimate;
}

/** Of cards that take 256 to 2048 frames at 48 or 44.1 kHz, and of one whose steps are as long as a common timer's. */
const PERIODS = [5.33, 10.67, 14.5, 20, 21.33, 23.22, 42.67];

describe.each(PERIODS)("the clock of a card that takes %d ms at a time", (period) => {
  it.each([0, 0.3, 0.6, 1])("loses nothing in five minutes that are read %d ms late", (timerLate) => {
    expect(readByTimer(300, period, timerLate).jumps()).toBe(0);
  });

  it.each([10, 30])("loses %i ms every six seconds, and each loss is told once", (ms) => {
    const told = readByTimer(120, period, 0.3, { everyMs: 6_000, ms }).jumps();
    expect(told).toBeGreaterThanOrEqual(19);
    // Less than a step of the longest is seen in two parts now and then.
    expect(told).toBeLessThanOrEqual(period < 30 ? 21 : 24);
  });

  // A card that takes 43 ms at a time hides what is a tenth of that.
  it.runIf(period < 30)("loses 5.5 ms every six seconds, and it is told", () => {
    const told = readByTimer(120, period, 0.3, { everyMs: 6_000, ms: 5.5 }).jumps();
    expect(told).toBeGreaterThanOrEqual(18);
    expect(told).toBeLessThanOrEqual(21);
  });
});
