/** The amplifier's state machine over all pairs of phase and happening. */
import { describe, expect, it } from "vitest";
import {
  advance,
  type Happening,
  PLAYOUT_PHASES,
  type Playout,
  type PlayoutPhase,
  warmUp,
} from "../../../playback/playout.ts";

const TIMES = { settleMs: 800, guardMs: 120, tailMs: 150, holdMs: 20_000, minimumOffMs: 4_000 };
const NOW = 100_000;
const lines = (power: boolean, muted: boolean) => ({ power, muted });

type Expected = readonly [phase: PlayoutPhase, lines: ReturnType<typeof lines> | null];
const on = lines(true, true);
const open = lines(true, false);
const off = lines(false, true);

/** Before its time is over, after it is over, and in whatever time. */
const TABLE: Record<PlayoutPhase, Record<string, Expected>> = {
  silent: {
    "silence early": ["silent", null],
    "silence late": ["silent", null],
    "sound early": ["settling", on],
    "sound late": ["settling", on],
    "urgent early": ["settling", on],
    "urgent late": ["settling", on],
  },
  settling: {
    "silence early": ["holding", null],
    "silence late": ["holding", null],
    "sound early": ["settling", null],
    "sound late": ["opening", open],
    "urgent early": ["settling", null],
    "urgent late": ["opening", open],
  },
  opening: {
    "silence early": ["holding", on],
    "silence late": ["holding", on],
    "sound early": ["opening", null],
    "sound late": ["on-air", null],
    "urgent early": ["opening", null],
    "urgent late": ["on-air", null],
  },
  "on-air": {
    "silence early": ["draining", null],
    "silence late": ["draining", null],
    "sound early": ["on-air", null],
    "sound late": ["on-air", null],
    "urgent early": ["on-air", null],
    "urgent late": ["on-air", null],
  },
  draining: {
    "silence early": ["draining", null],
    "silence late": ["holding", on],
    "sound early": ["on-air", null],
    "sound late": ["on-air", null],
    "urgent early": ["on-air", null],
    "urgent late": ["on-air", null],
  },
  holding: {
    "silence early": ["holding", null],
    "silence late": ["silent", off],
    "sound early": ["opening", open],
    "sound late": ["opening", open],
    "urgent early": ["opening", open],
    "urgent late": ["opening", open],
  },
  fault: {
    "silence early": ["fault", null],
    "silence late": ["fault", off],
    "sound early": ["fault", null],
    "sound late": ["fault", off],
    "urgent early": ["fault", null],
    "urgent late": ["fault", off],
  },
};

function playout(phase: PlayoutPhase, until: number | null): Playout {
  return { phase, until, restUntil: Number.NEGATIVE_INFINITY };
}

describe("playout", () => {
  for (const phase of PLAYOUT_PHASES) {
    for (const [name, [expectedPhase, expectedLines]] of Object.entries(TABLE[phase])) {
      it(`${phase}, ${name} → ${expectedPhase}`, () => {
        const [want, time] = name.split(" ");
        const happening = { kind: "wanted", want } as Happening;
        const { playout: next, lines: driven } = advance(
          playout(phase, time === "late" ? NOW - 1 : NOW + 1),
          happening,
          NOW,
          TIMES,
        );
        expect([next.phase, driven]).toEqual([expectedPhase, expectedLines]);
      });
    }
    it(`${phase}, failed → fault, retried later`, () => {
      const { playout: next, lines: driven } = advance(playout(phase, null), { kind: "failed" }, NOW, TIMES);
      expect([next.phase, next.until, driven]).toEqual(["fault", NOW + 1_000, null]);
    });
    it(`${phase}, safe → silent, resting`, () => {
      const { playout: next } = advance(playout(phase, null), { kind: "safe" }, NOW, TIMES);
      expect([next.phase, next.restUntil]).toEqual(["silent", NOW + 4_000]);
    });
  }

  it("rests the relay after a programme, but not from an emergency", () => {
    const resting: Playout = { phase: "silent", until: null, restUntil: NOW + 1 };
    expect(advance(resting, { kind: "wanted", want: "sound" }, NOW, TIMES).playout.phase).toBe("silent");
    expect(advance(resting, { kind: "wanted", want: "urgent" }, NOW, TIMES).playout.phase).toBe("settling");
  });

  it("needs settling and guard before a sound", () => {
    expect(warmUp(TIMES)).toBe(920);
  });
});
