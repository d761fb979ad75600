/**
 * The real program for hours: a mixed programme without a pause of its own, announcements over it. Memory stays, and what breaks is told. A
 * campaign (`campaign:soak`); a suite of minutes could only pretend to show it.
 */
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MediaFile } from "../source/media.ts";
import { localParts, STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";
import { median } from "../support/median.ts";
import { residentMb } from "../support/processes/resident.ts";
import { GapListener } from "../support/sound/gap-listener.ts";
import { clockJumps, surroundings, unheardOf } from "../support/sound/gap-surroundings.ts";
import { PauseWatch } from "../support/sound/pause-watch.ts";
import { judgeGaps } from "../support/sound/untold-gaps.ts";

const SOAK_MS = Number(process.env.LOA_SOAK_S ?? 0) * 1_000;
/** Processes that do nothing but compute, meanwhile. */
const BUSY = Number(process.env.LOA_SOAK_BUSY ?? 0);
/**
 * Until decoders, caches and the optimiser have had their first turns: of an hour a quarter, in which memory rises as much as in the rest of it.
 * What leaks does not slow down.
 */
const WARM_UP_MS = SOAK_MS / 4;
const MOST_GROWTH_MB = 5;
/** Memory is told as the median of each tenth: it swings by several MB between two collections. */
const TENTHS = 10;
const GAP_MS = 5;
/** Shorter ones are listened for too: what the station told of and nobody was promised. */
const HEARD_FROM_MS = 2;
const ANNOUNCE_EVERY = 60_000;
/** Programmes follow each other without a pause, so that each has its record soon. */
const PROGRAMMES = Math.max(1, Math.round(SOAK_MS / 600_000));
/** What the last one fades out in is no gap. */
const ENDING_MS = 500;

interface Journal {
  readonly records: readonly {
    readonly kind: string;
    readonly body: { readonly kind: string; readonly segments: Written[] };
  }[];
}
interface Written {
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly breaks?: number;
}

function tenthsOf(samples: readonly { mb: number }[]): number[] {
  const edge = (n: number) => Math.floor((n * samples.length) / TENTHS);
  return Array.from({ length: TENTHS }, (_, n) => median(samples.slice(edge(n), edge(n + 1)).map(({ mb }) => mb)));
}
const longestOf = (gaps: readonly { ms: number }[]) => Math.round(Math.max(0, ...gaps.map(({ ms }) => ms)));

describe.skipIf(SOAK_MS === 0)("a mixed programme for a long time", () => {
  let heard: HeardCluster;
  let listener: GapListener;
  let pauses: PauseWatch;
  const busy: ReturnType<typeof spawn>[] = [];

  beforeAll(async () => {
    heard = await HeardCluster.open({ sink: { rewinds: false } });
  }, 60_000);
  afterAll(async () => {
    for (const one of busy) one.kill("SIGKILL");
    await listener?.stop();
    await pauses?.stop();
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
      const item = ({ title, sha256 }: MediaFile, n: number) => ({
        kind: "media" as const,
        id: `i${n}`,
        title,
        sha256,
      });
      const edges = Array.from(
        { length: PROGRAMMES + 1 },
        (_, n) => at + Math.round((n * SOAK_MS) / PROGRAMMES / 1_000) * 1_000,
      );
      const end = edges.at(-1) ?? at;
      await cluster.schedule(
        edges.slice(0, -1).map((from, n) => {
          const { date, time } = localParts(from);
          return {
            ...{
              id: `suot-${n}`,
              title: "suốt",
              class: "normal" as const,
              recurrence: { kind: "once" as const, date },
            },
            ...{ start: time, end: localParts(edges[n + 1] ?? end).time, loop: true, items: items.map(item) },
          };
        }),
      );
      await heard.recorder.until(at + 3_000);
      // The recorder keeps what it hears; this one does not.
      await heard.recorder.stop();
      listener = new GapListener(card, HEARD_FROM_MS);
      pauses = new PauseWatch();
      for (let n = 0; n < BUSY; n++) busy.push(spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
      const began = Date.now();
      const resident: { at: number; mb: number }[] = [];
      const descriptors = async () => (await readdir(`/proc/${agent.pid}/fd`)).length;
      let before = 0;
      for (let n = 1; Date.now() < end - ANNOUNCE_EVERY / 4; n++) {
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
      const grown = (tenthsOf(after).at(-1) ?? 0) - (tenthsOf(after).at(0) ?? 0);
      const gaps = listener.gaps;
      const { sound } = await agent.until("the last programme's end", ({ onAir }) => onAir === null, 60_000);
      const { records } = (await agent.ask("GET", "/v1/journal?limit=10000")) as Journal;
      const slots = records.filter(({ kind }) => kind === "slot").map(({ body }) => body);
      const timesOf = ({ startedAt, endedAt, breaks = 0 }: Written) =>
        startedAt === null || endedAt === null
          ? []
          : [{ from: Date.parse(startedAt), to: Date.parse(endedAt), breaks }];
      const stretches = slots.flatMap(({ segments }) => segments.flatMap(timesOf));
      const calls = slots
        .filter(({ kind }) => kind === "announcement")
        .flatMap(({ segments }) => segments.flatMap(timesOf));
      const allGaps = gaps.filter(({ at: when }) => when < end - ENDING_MS);
      const heardGaps = allGaps.filter(({ ms }) => ms > GAP_MS);
      const jumps = clockJumps(await readFile(cluster.place.logFile, "utf8"));
      const verdict = judgeGaps(heardGaps, stretches);
      const told = {
        seconds: SOAK_MS / 1_000,
        busy: BUSY,
        grownMb: Number(grown.toFixed(1)),
        // Of the whole time, warm-up too.
        resident: tenthsOf(resident).map((mb) => Number(mb.toFixed(1))),
        handOvers: { gaps: verdict.between.length, longest: longestOf(verdict.between) },
        torn: {
          episodes: verdict.episodes,
          longest: longestOf(heardGaps.filter((gap) => !verdict.between.includes(gap))),
        },
        ...{
          breaks: sound.breaks,
          stalls: sound.stalls,
          journalled: stretches.reduce((sum, { breaks }) => sum + breaks, 0),
        },
        short: allGaps.length - heardGaps.length,
        // What the card lost without a silence, in milliseconds.
        unheard: unheardOf(jumps, allGaps),
        untold: verdict.untold.map((gap) =>
          surroundings(gap, { gaps: allGaps, jumps, stretches, pauses: pauses.pauses }),
        ),
        machinePauses: pauses.pauses.length,
      };
      process.stdout.write(`soak: ${JSON.stringify(told)}\n`);
      expect(slots.filter(({ kind }) => kind === "programme")).toHaveLength(PROGRAMMES);
      expect(calls.length).toBeGreaterThanOrEqual(Math.floor(SOAK_MS / ANNOUNCE_EVERY) - 1);
      expect(grown).toBeLessThanOrEqual(MOST_GROWTH_MB);
      expect(Math.abs((await descriptors()) - before)).toBeLessThanOrEqual(4);
      expect(verdict.untold).toEqual([]);
    },
    SOAK_MS + 120_000,
  );
});
