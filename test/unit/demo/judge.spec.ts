import { describe, expect, it } from "vitest";
import { type Heard, judge, type Reference, unplanned, type Verdict } from "../../demo/judge.ts";
import type { Expectation } from "../../demo/plan.ts";

const RATE = 48_000;

/** Noise that swells and falls like speech; each seed sounds different. */
function speech(seconds: number, seed: number): Float32Array {
  let state = seed;
  let smooth = 0;
  return Float32Array.from({ length: seconds * RATE }, (_, n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    smooth += (state / 2 ** 31 - 1 - smooth) * 0.3;
    return smooth * 0.2 * (1.2 + Math.sin(n / 3_000));
  });
}

/** A recording of `seconds`; its wall time begins at 0. */
function recording(seconds: number, ...parts: readonly (readonly [number, Float32Array])[]): Heard {
  const samples = new Float32Array(seconds * RATE);
  for (const [atS, part] of parts) samples.set(part, Math.round(atS * RATE));
  return { samples: () => samples, sampleAt: (wall) => Math.round(wall * 48), wallTimeOf: (sample) => sample / 48 };
}

const item = (start: Expectation["start"], cut: Expectation["cut"] = null): Expectation => ({
  id: "a/morning",
  programme: "a",
  title: "A",
  class: "normal",
  media: "morning",
  start,
  cut,
  fromS: 2,
  toS: 7,
});
const atTwo = item({ kind: "wall", atS: 2 });
const reference = (earlier: readonly Verdict[] = []): Reference => ({
  t0: 0,
  alertAt: null,
  earlier: new Map(earlier.map((one) => [one.id, one])),
});
const source = speech(5, 1);
const from = (seconds: number) => source.subarray(seconds * RATE);
const until = (seconds: number) => source.subarray(0, seconds * RATE);

describe("an item", () => {
  it("that stands where it was planned is heard, at any volume", () => {
    const quiet = source.map((value) => value * 0.3);
    const verdict = judge(atTwo, source, recording(20, [2.01, quiet]), reference());
    expect(verdict).toMatchObject({ verdict: "heard", breaks: 0 });
    expect(verdict.startErrorMs).toBeCloseTo(10, 1);
    expect(verdict.lengthMs).toBeCloseTo(5_000, 0);
  });

  it("that is not there, or another one in its place, is not heard", () => {
    expect(judge(atTwo, source, recording(20), reference()).verdict).toBe("not-heard");
    const other = judge(atTwo, source, recording(20, [2, speech(5, 2)]), reference());
    expect(other).toMatchObject({ verdict: "not-heard", foundAt: null, parts: [] });
  });

  it("that begins 160 ms late, or seconds late, has the wrong time, and it is said which", () => {
    for (const late of [0.16, 6]) {
      const verdict = judge(atTwo, source, recording(20, [2 + late, source]), reference());
      expect(verdict.verdict).toBe("wrong-time");
      expect(verdict.startErrorMs).toBeCloseTo(late * 1_000, 1);
    }
  });

  it("that stops early is incomplete", () => {
    const verdict = judge(atTwo, source, recording(20, [2, until(4.8)]), reference());
    expect(verdict.verdict).toBe("incomplete");
    expect(verdict.lengthMs).toBeCloseTo(4_800, -2);
  });

  it("is heard across a short break, which is counted", () => {
    for (const at of [0.7, 3]) {
      const verdict = judge(atTwo, source, recording(20, [2, until(at)], [2 + at + 0.03, from(at)]), reference());
      expect(verdict).toMatchObject({ verdict: "heard", breaks: 1 });
    }
  });

  it("is measured against the end of what it follows", () => {
    const before = judge(atTwo, source, recording(20, [2, source]), reference());
    const after = { ...item({ kind: "after", id: before.id, withinMs: 600 }), id: "b" };
    const second = speech(3, 7);
    const soon = recording(20, [2, source], [7.08, second]);
    expect(judge(after, second, soon, reference([before])).startErrorMs).toBeCloseTo(80, 0);
    const late = recording(20, [2, source], [7.7, second]);
    expect(judge(after, second, late, reference([before])).verdict).toBe("out-of-order");
  });
});

describe("an item that is cut", () => {
  const cut = item({ kind: "wall", atS: 2 }, { repeatMs: 1_200 });

  it("is heard when head and tail cover it, with a second of it twice", () => {
    const verdict = judge(cut, source, recording(20, [2, until(3)], [8, from(2)]), reference());
    expect(verdict).toMatchObject({ verdict: "heard", parts: [{ matched: 3 * RATE }, { matched: 3 * RATE }] });
    expect(verdict.endedAt).toBeCloseTo(11_000, 0);
  });

  it("is not when some of it is missing, when too much came twice, or when nothing cut it", () => {
    const judged = (...parts: (readonly [number, Float32Array])[]) =>
      judge(cut, source, recording(20, ...parts), reference()).verdict;
    expect(judged([2, until(2)], [8, from(3)])).toBe("incomplete");
    expect(judged([2, until(3)], [8, source])).toBe("repeated");
    expect(judged([2, source])).toBe("not-cut");
  });
});

describe("sound that nobody planned", () => {
  it("is found beside what was heard", () => {
    const heard = recording(20, [2, source], [12, speech(1, 3)]);
    const verdict = judge(atTwo, source, heard, reference());
    const [stray, ...more] = unplanned([verdict], heard, 20_000);
    expect(more).toEqual([]);
    expect(stray?.at).toBeCloseTo(12_000, -2);
    expect(stray?.lengthMs).toBeCloseTo(1_000, -2);
    expect(unplanned([verdict], heard, 11_000)).toEqual([]);
  });

  it("is also a right recording at a time for which it was not planned", () => {
    const heard = recording(20, [2, source], [10, source]);
    expect(unplanned([judge(atTwo, source, heard, reference())], heard, 20_000)).toHaveLength(1);
  });
});
