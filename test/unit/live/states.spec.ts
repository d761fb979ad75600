import { describe, expect, it } from "vitest";
import {
  advance,
  connecting,
  happeningOf,
  isHeard,
  LIVE_LIMITS as LIMITS,
  LIVE_HAPPENINGS,
  type Live,
  type LiveHappening,
  lossOf,
} from "../../../playback/live/states.ts";
import { LIVE_STATES, type LiveState } from "../../../playback/model/live.ts";
import type { LiveSignal } from "../../../playback/ports/sound.ts";

const LOOK = 100;

/** Goes on with the same happening, a look every tenth of a second; the states it went through and when. */
function go(live: Live, happening: LiveHappening, from: number, forMs: number): { live: Live; changes: string[] } {
  const changes: string[] = [];
  let now = live;
  for (let at = from + LOOK; at <= from + forMs; at += LOOK) {
    const next = advance(now, happening, at, LIMITS);
    if (next.state !== now.state) changes.push(`${next.state} after ${(at - from) / 1_000}`);
    now = next;
  }
  return { live: now, changes };
}

/** A source in each state, at the instant 0, as it gets there. */
function reach(state: LiveState): Live {
  const start = connecting(-100_000);
  const playing = advance(start, "loud", -99_000, LIMITS);
  const upToNow = go(playing, "loud", -99_000, 79_000).live;
  switch (state) {
    case "connecting":
      return connecting(0);
    case "playing":
      return go(upToNow, "loud", -20_000, 20_000).live;
    case "silent":
      return go(go(upToNow, "loud", -20_000, 15_000).live, "quiet", -5_000, 5_000).live;
    case "stalled":
      return go(go(upToNow, "loud", -20_000, 18_000).live, "nothing", -2_000, 2_000).live;
    case "fallback":
      return go(go(upToNow, "loud", -20_000, 14_000).live, "nothing", -6_000, 6_000).live;
  }
}

describe("a live source in each state", () => {
  it.each(LIVE_STATES)("is %s at the beginning of the table", (state) => {
    expect(reach(state).state).toBe(state);
  });

  const table: Record<LiveState, Record<LiveHappening, string[]>> = {
    connecting: {
      loud: ["playing after 0.1"],
      between: ["playing after 0.1"],
      quiet: ["playing after 0.1", "silent after 2.1", "fallback after 20.1"],
      nothing: ["fallback after 5"],
      lost: ["fallback after 5"],
    },
    playing: {
      loud: [],
      between: [],
      quiet: ["silent after 2.1", "fallback after 20.1"],
      nothing: ["stalled after 1", "fallback after 3.5"],
      lost: ["stalled after 0.1", "fallback after 3.5"],
    },
    silent: {
      loud: ["playing after 0.4"],
      between: ["fallback after 15.1"],
      quiet: ["fallback after 15.1"],
      nothing: ["stalled after 1", "fallback after 3.5"],
      lost: ["stalled after 0.1", "fallback after 3.5"],
    },
    stalled: {
      loud: ["playing after 0.1"],
      between: ["playing after 0.1"],
      quiet: ["playing after 0.1", "silent after 2.1", "fallback after 20.1"],
      nothing: ["fallback after 1.5"],
      lost: ["fallback after 1.5"],
    },
    fallback: {
      loud: ["playing after 60.1"],
      between: [],
      quiet: [],
      nothing: [],
      lost: [],
    },
  };
  const pairs = LIVE_STATES.flatMap((state) => LIVE_HAPPENINGS.map((happening) => [state, happening] as const));

  it.each(pairs)("%s, and %s for 70 s", (state, happening) => {
    expect(go(reach(state), happening, 0, 70_000).changes).toEqual(table[state][happening]);
  });
});

describe("a live source", () => {
  it("returns at once where it had never worked: one second of good sound is enough", () => {
    const never = go(connecting(0), "nothing", 0, 10_000).live;
    expect(go(never, "loud", 10_000, 5_000).changes).toEqual(["playing after 1.1"]);
  });

  it.each([
    ["quiet for longer than a pause", "quiet", 21_000],
    ["lost for a moment", "lost", 100],
    ["without sound for a second", "nothing", 1_000],
  ] as const)("begins its minute anew when it was %s", (_, happening, forMs) => {
    let { live } = go(reach("fallback"), "loud", 0, 50_000);
    ({ live } = go(live, happening, 50_000, forMs));
    const { changes } = go(live, "loud", 50_000 + forMs, 70_000);
    expect(changes).toHaveLength(1);
    expect(Number(changes[0]?.split(" ").at(-1))).toBeGreaterThanOrEqual(60);
  });

  it("may pause for breath in that minute", () => {
    let { live } = go(reach("fallback"), "loud", 0, 30_000);
    ({ live } = go(live, "quiet", 30_000, 3_000));
    expect(go(live, "loud", 33_000, 40_000).changes).toEqual(["playing after 27.1"]);
  });

  it("does not return into silence", () => {
    const { live } = go(reach("fallback"), "loud", 0, 55_000);
    expect(go(live, "quiet", 55_000, 10_000).changes).toEqual([]);
  });

  it("is not called loud by a click", () => {
    let live = reach("silent");
    for (let at = 0; at < 20_000; at += 1_000) {
      live = advance(live, "loud", at + 100, LIMITS);
      live = advance(live, "quiet", at + 200, LIMITS);
    }
    expect(live.state).toBe("fallback");
  });

  it("is given up when it stutters, however short each pause is", () => {
    let live = reach("playing");
    let at = 0;
    const states: string[] = [];
    for (let times = 0; times < 4 && live.state !== "fallback"; times++) {
      ({ live } = go(live, "loud", at, 4_000));
      at += 4_100;
      live = advance(live, "lost", at, LIMITS);
      states.push(live.state);
    }
    expect(states).toEqual(["stalled", "stalled", "fallback"]);
  });

  it("never flaps: one that comes and goes every 20 s is heard once", () => {
    let live = reach("playing");
    let returns = 0;
    for (let at = 0; at < 1_200_000; at += 40_000) {
      returns += go(live, "loud", at, 20_000).changes.filter((change) => change.startsWith("playing")).length;
      live = go(go(live, "loud", at, 20_000).live, "nothing", at + 20_000, 20_000).live;
      expect(isHeard(live.state)).toBe(false);
    }
    expect(returns).toBe(0);
  });
});

describe("what is seen of a source", () => {
  const signal = (change: Partial<LiveSignal>): LiveSignal => ({
    ...{ receivedAt: 1_000, level: -20, ready: true, heldMs: 500, losses: 0, problem: null },
    ...change,
  });
  it.each([
    ["loud", { level: -36.9 }],
    ["between", { level: -38 }],
    ["quiet", { level: -40.1 }],
    ["quiet", { level: Number.NEGATIVE_INFINITY }],
    ["nothing", { receivedAt: 900 }],
    ["nothing", { receivedAt: null }],
    ["lost", { losses: 1 }],
  ] as const)("is %s for %o", (happening, change) => {
    expect(happeningOf(signal(change), signal({ receivedAt: 900 }), LIMITS)).toBe(happening);
  });

  it.each([
    ["source-silent: below -40 dBFS for 20 s", { quietSince: 80_000 }],
    ["source-lost: no sound for 3.5 s: gone", { receivedAt: 96_500 }],
    ["source-lost: stalled 3 times in a row: gone", { state: "playing", stalls: [80_000, 90_000] }],
  ] as const)("is told as: %s", (words, change) => {
    const live: Live = { ...reach("stalled"), receivedAt: 100_000, stalls: [], ...change };
    const { reason, detail } = lossOf(live, 100_000, "gone", LIMITS);
    expect(`${reason}: ${detail}`).toBe(words);
  });
});
