import { describe, expect, it } from "vitest";
import type { Clock } from "../../../playback/ports/clock.ts";
import type { CutInPcm } from "../../../playback/ports/cut-in.ts";
import { CutIn } from "../../../playback/sound/cut-in.ts";
import { fadeOver } from "../../../playback/sound/pauses.ts";
import { PcmFeed } from "../../../playback/sound/pcm-feed.ts";
import { memorySource, silenceSource } from "../../../playback/sound/pcm-source.ts";
import type { Timeline } from "../../../playback/sound/timeline.ts";

const MS = 48;
const HOUR = 3_600_000;

/** A card whose queue is 30 ms long with periods of 5 ms, and a second way of 2 ms. */
class Desk {
  time = 0;
  readonly played: Float32Array[] = [];
  readonly told: string[] = [];
  /** What whoever asks for the second way is answered; `null`: it plays nothing. */
  answer: string | null | undefined;
  /** What happens while the second way is being started. */
  slow: () => void = () => undefined;
  /** By how much all is later than it was. */
  later = 0;
  asked = 0;
  closed = 0;
  lose: (why: string) => void = () => undefined;
  readonly timeline = {
    soonest: (more = 0) => 100_000 + more * 5 * MS,
    heardAfter: (ms: number) => 100_000 - 30 * MS + (ms + this.later) * MS,
  } as Timeline;
  readonly pcm: CutInPcm = {
    latencyMs: 2,
    play: (first, rest) => {
      if (this.answer === null) return false;
      this.slow();
      this.played.push(Float32Array.of(...first, ...rest()));
      return true;
    },
    close: async () => {
      this.closed += 1;
    },
  };
  readonly cutIn = new CutIn(
    async (_place, onLost) => {
      this.asked += 1;
      this.lose = onLost;
      return typeof this.answer === "string" ? this.answer : this.pcm;
    },
    { label: undefined, channel: 1, channels: 1 },
    {
      clock: { monotonic: () => this.time } as Clock,
      log: (event) => this.told.push(event),
    },
  );

  async tick(card: Parameters<CutIn["tick"]>[0] = "running"): Promise<this> {
    this.cutIn.tick(card);
    await new Promise(setImmediate);
    return this;
  }
}

const ramp = Float32Array.from({ length: 48_000 }, (_, at) => at / 48_000);
async function feedOf(samples: Float32Array<ArrayBuffer> | null): Promise<PcmFeed> {
  const feed = new PcmFeed(samples === null ? silenceSource(48_000) : memorySource(samples, 0));
  await feed.ready;
  return feed;
}

describe("what cuts in", () => {
  it("sounds by the second way until the queue can take over, and both together are the sound itself", async () => {
    const desk = await new Desk().tick();
    const handover = desk.cutIn.lay(await feedOf(ramp), desk.timeline, 0.5);
    // 30 ms of queue and two periods, less the 2 of the second way.
    const ahead = 38 * MS;
    expect(handover).toEqual({ origin: 100_000 - 28 * MS, ahead, overlap: 5 * MS });
    const [heard = new Float32Array()] = desk.played;
    expect(heard.length).toBe(ahead + 5 * MS);
    expect([...heard.subarray(0, ahead)]).toEqual([...ramp.subarray(0, ahead)].map((value) => value * 0.5));
    const taken = fadeOver(new Float32Array(5 * MS), ramp.subarray(ahead, ahead + 5 * MS));
    for (let at = 0; at < 5 * MS; at++) {
      const both = 2 * (heard[ahead + at] ?? 0) + (taken[at] ?? 0);
      expect(both).toBeCloseTo(ramp[ahead + at] ?? 0, 6);
    }
  });

  it("goes on where it is, also where it took longer to begin than it should", async () => {
    const desk = await new Desk().tick();
    desk.slow = () => {
      desk.later = 7;
    };
    const handover = desk.cutIn.lay(await feedOf(ramp), desk.timeline, 1);
    expect(handover).toEqual({ origin: 100_000 - 21 * MS, ahead: 31 * MS, overlap: 5 * MS });
    expect(desk.played[0]?.length).toBe(36 * MS);
  });

  it("has sounded for 20 ms before the queue takes over, however short that is", async () => {
    const desk = await new Desk().tick();
    desk.later = 25;
    const handover = desk.cutIn.lay(await feedOf(ramp), desk.timeline, 1);
    expect(handover).toEqual({ origin: 100_000 - 3 * MS, ahead: 20 * MS, overlap: 5 * MS });
  });

  it.each<[string, (desk: Desk) => Promise<PcmFeed>]>([
    ["is silence", () => feedOf(null)],
    ["is shorter than the queue", () => feedOf(ramp.slice(0, 60 * MS))],
    [
      "is refused by the second way",
      (desk) => {
        desk.answer = null;
        return feedOf(ramp);
      },
    ],
    [
      "begins while the card stands still",
      async (desk) => {
        await desk.tick("stalled");
        return feedOf(ramp);
      },
    ],
  ])("goes through the queue where it %s", async (_, prepare) => {
    const desk = await new Desk().tick();
    expect(desk.cutIn.lay(await prepare(desk), desk.timeline, 1)).toBeNull();
    expect(desk.played).toEqual([]);
  });
});

describe("the second way onto a card", () => {
  it("is looked for when the card runs, never before, and once", async () => {
    const desk = new Desk();
    await desk.tick("absent");
    await desk.tick("stalled");
    expect(desk.asked).toBe(0);
    await desk.tick();
    await desk.tick();
    expect([desk.asked, desk.told]).toEqual([1, ["sound-cut-in"]]);
  });

  it("is let go with the card, and looked for on the next one", async () => {
    const desk = await new Desk().tick();
    await desk.tick("absent");
    expect(desk.closed).toBe(1);
    expect(desk.cutIn.lay(await feedOf(ramp), desk.timeline, 1)).toBeNull();
    await desk.tick();
    expect(desk.asked).toBe(2);
  });

  it("is asked for again after an hour where there was none, or where it was lost", async () => {
    const desk = new Desk();
    desk.answer = "Device or resource busy";
    await desk.tick();
    desk.time = HOUR - 1;
    await desk.tick();
    expect([desk.asked, desk.told]).toEqual([1, ["sound-no-cut-in"]]);
    desk.answer = undefined;
    desk.time = HOUR;
    await desk.tick();
    expect(desk.asked).toBe(2);
    desk.lose("No such device");
    await desk.tick();
    expect([desk.asked, desk.closed, desk.told.at(-1)]).toEqual([2, 1, "sound-no-cut-in"]);
    // The card itself was gone with it, as it turns out.
    await desk.tick("absent");
    await desk.tick();
    expect(desk.asked).toBe(3);
  });

  it("that is found when the output is closed already is let go", async () => {
    const desk = new Desk();
    desk.cutIn.tick("running");
    desk.cutIn.close();
    await new Promise(setImmediate);
    expect([desk.asked, desk.closed]).toEqual([1, 1]);
  });
});
