import { describe, expect, it } from "vitest";
import { endOfSpeech, type Hearing, hear, listenFrom } from "../../../playback/sound/microphone-silence.ts";

/** Levels as they come, each for so many tenths of a second; gives when and how it ended. */
function listen(levels: readonly (readonly [level: number, tenths: number])[], afterMs = 10_000) {
  let hearing: Hearing = listenFrom(0);
  let now = 0;
  for (const [level, tenths] of levels) {
    for (let tenth = 0; tenth < tenths; tenth++) {
      now += 100;
      hearing = hear(hearing, level, now);
      const end = endOfSpeech(hearing, now, afterMs);
      if (end !== null) return `${end} at ${now / 1_000} s`;
    }
  }
  return "goes on";
}

const NONE = Number.NEGATIVE_INFINITY;

describe("a microphone", () => {
  it.each([
    ["goes on while somebody speaks, however long", [[-30, 6_000]], "goes on"],
    [
      "ends ten seconds after the last word",
      [
        [-30, 50],
        [-60, 200],
      ],
      "over at 15 s",
    ],
    [
      "bears pauses",
      [
        [-30, 20],
        [-60, 90],
        [-30, 20],
        [-60, 90],
      ],
      "goes on",
    ],
    [
      "takes no click for a word",
      [
        [-30, 20],
        [-60, 50],
        [-10, 1],
        [-60, 200],
      ],
      "over at 12 s",
    ],
    [
      "bears a voice that falls, between the two thresholds",
      [
        [-30, 20],
        [-47, 50],
        [-60, 95],
      ],
      "goes on",
    ],
    ["is not opened for long where nobody speaks", [[-60, 200]], "unheard at 10 s"],
    [
      "is gone where there is not even noise",
      [
        [-30, 20],
        [NONE, 200],
      ],
      "gone at 12 s",
    ],
    [
      "is not gone while a muted one is switched on again",
      [
        [-30, 20],
        [NONE, 90],
        [-60, 5],
        [NONE, 60],
      ],
      "over at 12 s",
    ],
  ] as const)("%s", (_, levels, expected) => {
    expect(listen(levels)).toBe(expected);
  });
});
