/** How often a microphone is opened. The card, the device and the child that tries it are made up; what was spoken is a level. */
import { expect, it } from "vitest";
import { isRefusal } from "../../../playback/ports/media.ts";
import type { Cue } from "../../../playback/ports/sound.ts";
import type { Child, Supervisor } from "../../../playback/ports/supervisor.ts";
import { MicrophoneDesk } from "../../../playback/sound/microphone-desk.ts";
import type { Timeline } from "../../../playback/sound/timeline.ts";
import { samplesOf } from "../../../playback/sound/units.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";

const LONGEST = 60_000;
const SILENCE = 5_000;

/** How many are being opened at this moment, and the most that ever were. */
let [opening, most] = [0, 0];

function bench() {
  const clock = new ManualClock();
  /** What the microphone gives. */
  const room = { amplitude: 0 };
  let opened = 0;
  const microphone = {
    voice: { ramp: () => undefined },
    recent: (into: Float32Array) =>
      into
        .map((_, at) => (at % 2 === 0 ? 1 : -1) * room.amplitude)
        .forEach((x, at) => {
          into[at] = x;
        }),
  };
  const sample = () => samplesOf(clock.monotonic());
  const graph = {
    rendered: sample,
    microphone: async () => {
      opened += 1;
      opening += 1;
      most = Math.max(most, opening);
      await new Promise(setImmediate);
      opening -= 1;
      return microphone;
    },
  };
  const timeline = {
    ...{ graph, heard: sample, soonest: sample, wallTimeOf: () => clock.now(), breaks: () => 0 },
  } as unknown as Timeline;
  const well = Promise.resolve({ code: 0, signal: null, stderr: "" });
  const stdout = (async function* (): AsyncGenerator<Uint8Array> {})();
  const child = { pid: 1, stdout, talk: null, exited: well, stop: () => well, kill: () => well } as Child;
  const supervisor: Supervisor = { count: () => 0, stopAll: async () => undefined, run: () => child };
  const desk = new MicrophoneDesk({
    ...{ clock, supervisor, timeline: () => timeline, device: { label: undefined }, band: null },
  });
  /** Somebody asks to speak, and nobody does; gives why it ended. */
  const page = async (amplitude: number) => {
    room.amplitude = amplitude;
    const cue = await desk.prepare({ kind: "microphone", longestMs: LONGEST, endAfterSilenceMs: SILENCE } as never);
    if (isRefusal(cue)) throw new Error(cue.detail);
    const playing = (cue as Cue).start("now", 0);
    for (let n = 0; n <= SILENCE / 100 + 5; n++) {
      clock.advance(100);
      desk.tick(true);
    }
    return (await playing.ended).refusal?.reason;
  };
  return { page, desk, opened: () => opened };
}

it("stays open where nobody spoke: the same device cannot be had twice", async () => {
  const { page, opened } = bench();
  expect([await page(0.0005), await page(0.0005), opened()]).toEqual(["source-silent", "source-silent", 1]);
});

it("is opened anew where it gave nothing at all: it may have been pulled out", async () => {
  const { page, opened } = bench();
  expect([await page(0), await page(0), opened()]).toEqual(["source-lost", "source-lost", 2]);
});

it("is opened once by all who ask at once, and one card after the other", async () => {
  const [one, other] = [bench(), bench()];
  expect(await Promise.all([one.desk.open(), one.desk.open(), other.desk.open()])).toEqual([null, null, null]);
  expect([one.opened(), other.opened()]).toEqual([1, 1]);
  expect(most).toBe(1);
});
