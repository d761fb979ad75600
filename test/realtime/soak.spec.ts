/**
 * The real program for hours: a mixed programme without a pause of its own, announcements over it. Memory stays, and what breaks is told. A
 * campaign (`campaign:soak`); a suite of minutes could only pretend to show it.
 */
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MediaFile } from "../source/media.ts";
import { localParts, STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";
import { median } from "../support/median.ts";
import { residentMb } from "../support/processes/resident.ts";
import { GapListener } from "../support/sound/gap-listener.ts";

const SOAK_MS = Number(process.env.LOA_SOAK_S ?? 0) * 1_000;
/** Processes that do nothing but compute, meanwhile. */
const BUSY = Number(process.env.LOA_SOAK_BUSY ?? 0);
/** Until decoders, caches and the optimiser have had their first turns. */
const WARM_UP_MS = Math.min(300_000, SOAK_MS / 4);
const MOST_GROWTH_MB = 5;
const GAP_MS = 5;
/** The engine tells breaks apart that are so far from each other. */
const EPISODE_MS = 500;
const ANNOUNCE_EVERY = 60_000;

describe.skipIf(SOAK_MS === 0)("a mixed programme for a long time", () => {
  let heard: HeardCluster;
  let listener: GapListener;
  const busy: ReturnType<typeof spawn>[] = [];

  beforeAll(async () => {
    heard = await HeardCluster.open({ station: {} });
  }, 60_000);
  afterAll(async () => {
    for (const one of busy) one.kill("SIGKILL");
    await listener?.stop();
    await heard?.close();
  });

  it(
    `grows by at most ${MOST_GROWTH_MB} MB after its first minutes, leaks no descriptor, and tells of every break`,
    async () => {
      const { cluster, card } = heard;
      const tone = (hz: number, format: "mp3" | "m4a" | "opus" | "flac") =>
        heard.media({ kind: "tone", hz, durationMs: 12_000 }, format, `${hz} Hz`);
      const items = await Promise.all([tone(440, "mp3"), tone(550, "m4a"), tone(660, "opus"), tone(770, "flac")]);
      const call = await tone(990, "mp3");
      const agent = await cluster.startAgent();
      await cluster.approve([...items, call]);
      await cluster.cached();
      await agent.until("signed time", ({ clock }) => clock.trust === "attested");
      const at = Math.ceil((Date.now() + 4_000) / 1_000) * 1_000;
      const { date, time } = localParts(at);
      const item = ({ title, sha256 }: MediaFile, n: number) => ({
        kind: "media" as const,
        id: `i${n}`,
        title,
        sha256,
      });
      await cluster.schedule([
        {
          ...{ id: "suot", title: "suốt", class: "normal" as const, recurrence: { kind: "once" as const, date } },
          ...{ start: time, end: localParts(at + SOAK_MS + 120_000).time, loop: true, items: items.map(item) },
        },
      ]);
      await heard.recorder.until(at + 3_000);
      // The recorder keeps what it hears; this one does not.
      await heard.recorder.stop();
      listener = new GapListener(card, GAP_MS);
      for (let n = 0; n < BUSY; n++) busy.push(spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
      const began = Date.now();
      const resident: { at: number; mb: number }[] = [];
      const descriptors = async () => (await readdir(`/proc/${agent.pid}/fd`)).length;
      let before = 0;
      for (let n = 1; Date.now() - began < SOAK_MS; n++) {
        await sleep(5_000);
        resident.push({ at: Date.now() - began, mb: await residentMb(agent.pid) });
        if (before === 0 && Date.now() - began > WARM_UP_MS) before = await descriptors();
        if ((n * 5_000) % ANNOUNCE_EVERY === 0) {
          await cluster.source.command(`station/${STATION}`, {
            name: "announce",
            title: "gọi",
            items: [item(call, 0)],
          });
        }
      }
      const after = resident.filter(({ at: when }) => when > WARM_UP_MS);
      const tenth = Math.max(1, Math.floor(after.length / 10));
      const grown = median(after.slice(-tenth).map(({ mb }) => mb)) - median(after.slice(0, tenth).map(({ mb }) => mb));
      const { sound } = await agent.status();
      const gaps = listener.gaps.filter(({ at: when }) => when < began + SOAK_MS);
      // A hand-over between a programme and an announcement is a planned edge of some milliseconds, twice a minute at most.
      const longest = Math.max(0, ...gaps.map(({ ms }) => ms));
      // One break may tear at several places: it is told once, when it is over.
      const episodes = gaps.filter(({ at: when }, n) => n === 0 || when - (gaps[n - 1]?.at ?? 0) > EPISODE_MS).length;
      const told = {
        seconds: SOAK_MS / 1_000,
        busy: BUSY,
        grownMb: Number(grown.toFixed(1)),
        gaps: gaps.length,
        episodes,
        longest,
        breaks: sound.breaks,
        stalls: sound.stalls,
      };
      process.stdout.write(`soak: ${JSON.stringify(told)}\n`);
      const edges = 2 * Math.floor(SOAK_MS / ANNOUNCE_EVERY) + 2;
      expect(grown).toBeLessThanOrEqual(MOST_GROWTH_MB);
      expect(Math.abs((await descriptors()) - before)).toBeLessThanOrEqual(4);
      expect(episodes).toBeLessThanOrEqual(edges + sound.breaks + sound.stalls);
    },
    SOAK_MS + 120_000,
  );
});
