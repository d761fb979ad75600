/** A slot with one live item on the real engine: what was heard and what was written down. */
import { VirtualSpeech } from "../../../agent/simulate/virtual-speech.ts";
import { candidateOfAnnouncement } from "../../../playback/arbiter/candidate.ts";
import type { LivePin } from "../../../playback/model/live.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import type { LiveItem } from "../../../playback/model/schedule.ts";
import { SlotRun } from "../../../playback/slot-run.ts";
import type { TestEngine } from "../sound/engine.ts";
import { realClock } from "../sound/real-clock.ts";
import { openTestMedia, type TestMedia } from "../sound/test-tone.ts";
import { MemoryPlayLog } from "../virtual/memory-play-log.ts";
import { ORIGIN } from "../virtual/virtual-cluster.ts";

export interface HeardSlot {
  readonly run: SlotRun;
  readonly log: MemoryPlayLog;
  readonly finished: Promise<string>;
}

/** Prepares and plays at once. @throws Error where it could not be prepared. */
export async function playLive(
  engine: TestEngine,
  pin: LivePin,
  fallback: TestMedia | null,
  longestMs: number,
): Promise<HeardSlot> {
  const item: LiveItem = {
    ...{ kind: "live", id: "live", title: "Tiếp sóng", source: pin.id, longestMs },
    fallback: fallback === null ? [] : [{ kind: "media", id: "nhac", title: "Nhạc", sha256: fallback.sha256 }],
  };
  const announcement = {
    id: `a-${Math.random()}`,
    title: "Tiếp sóng",
    items: [item],
    longestMs,
    volume: 100,
    outputs: [],
    origin: ORIGIN,
  };
  const log = new MemoryPlayLog();
  const policy = { ...DEFAULT_POLICY, volumeCeiling: 100 };
  const run = new SlotRun(candidateOfAnnouncement(announcement, policy), null, {
    sound: engine.output,
    clock: realClock,
    log,
    pin: (source) => (source === pin.id ? pin : null),
    speech: new VirtualSpeech(),
    compose: ({ items }) => items,
    media: {
      has: (sha256) => fallback?.sha256 === sha256,
      open: (sha256) =>
        fallback?.sha256 === sha256
          ? openTestMedia(fallback)
          : Promise.resolve(refusal("digest-not-approved", "another one")),
    },
    amplifier: () => "none",
    onLateStart: () => undefined,
  });
  const ready = await run.prepare();
  if (ready !== "ready") throw new Error(`not ready: ${JSON.stringify(ready)}`);
  await log.begin(run.candidate.header, run.progress());
  const finished = run.play(null).then(async (outcome) => {
    await log.end(run.candidate.header, "played", null);
    return outcome;
  });
  return { run, log, finished };
}
