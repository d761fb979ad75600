import { expect, it } from "vitest";
import { GraphTap } from "../../../playback/sound/graph-tap.ts";
import type { Timeline } from "../../../playback/sound/timeline.ts";

/** A card that has rendered so many samples, each one its own number. */
function card() {
  const graph = {
    at: 100_000,
    rendered: () => graph.at,
    recent: (into: Float32Array) => {
      for (let index = 0; index < into.length; index++) into[index] = graph.at - into.length + index;
    },
  };
  return { graph, timeline: { graph } as unknown as Timeline };
}

it("gives every sample once, in order, from a little before it was asked", () => {
  const { graph, timeline } = card();
  const tap = new GraphTap(() => timeline);
  const heard: number[] = [];
  for (const step of [0, 9_600, 128, 0, 19_200]) {
    graph.at += step;
    const { samples, lostMs } = tap.read();
    expect(lostMs).toBe(0);
    heard.push(...samples);
  }
  expect(heard[0]).toBe(100_000 - 19_200);
  expect(heard).toHaveLength(19_200 + 9_600 + 128 + 19_200);
  expect(heard.every((sample, index) => index === 0 || sample === (heard[index - 1] ?? 0) + 1)).toBe(true);
});

it("counts what was rendered beyond its memory, and gives what is left", () => {
  const { graph, timeline } = card();
  const tap = new GraphTap(() => timeline);
  tap.read();
  graph.at += 48_000;
  const { samples, lostMs } = tap.read();
  expect([samples.length, samples.at(-1), Math.round(lostMs)]).toEqual([32_768, graph.at - 1, 317]);
});

it("goes on with another card from where that stands, and gives nothing where there is none", () => {
  const [first, second] = [card(), card()];
  second.graph.at = 48_000;
  let now: Timeline | null = first.timeline;
  const tap = new GraphTap(() => now);
  tap.read();
  now = null;
  expect(tap.read().samples).toHaveLength(0);
  now = second.timeline;
  expect(tap.read().samples).toHaveLength(0);
  second.graph.at += 4_800;
  expect(tap.read().samples).toHaveLength(4_800);
});
