import { expect, it } from "vitest";
import { clockJumps, surroundings, unheardOf } from "../../support/sound/gap-surroundings.ts";

const LOG = [
  '{"level":30,"time":"2026-11-23T00:00:10.500Z","output":"horn","breaks":1,"movedMs":8.1,"msg":"sound-clock-jump"}',
  '{"level":30,"time":"2026-11-23T00:00:11.000Z","output":"horn","msg":"sound-running"}',
  '{"level":30,"time":"2026-11-23T00:00:39.000Z","output":"horn","breaks":2,"msg":"sound-underrun"}',
  '{"level":30,"time":"2026-11-23T00:00:40.000Z","output":"horn","breaks":3,"movedMs":-3,"msg":"sound-clock-jump"}',
].join("\n");
const midnight = Date.parse("2026-11-23T00:00:00Z");
const gap = { at: midnight + 10_000, ms: 8 };

it("tells what the station told of the card and no gap came before", () => {
  expect(unheardOf(clockJumps(LOG), [gap])).toEqual([0, -3]);
  expect(unheardOf(clockJumps(LOG), [])).toEqual([8.1, 0, -3]);
});

it("gathers what is known within five seconds of a gap, and no more", () => {
  const far = { from: midnight + 20_000, to: midnight + 30_000 };
  const known = {
    gaps: [gap, { at: far.to, ms: 3 }],
    jumps: clockJumps(LOG),
    stretches: [
      { from: midnight, to: midnight + 12_000, breaks: 1 },
      { ...far, breaks: 2 },
    ],
    pauses: [{ from: midnight + 9_960, to: midnight + 10_001 }, far],
  };
  expect(surroundings(gap, known)).toEqual({
    ...gap,
    gaps: [[-8, 0]],
    jumps: [[500, 8.1]],
    stretches: [[-10_000, 2_000, 1]],
    pauses: [[-40, 1]],
  });
});
