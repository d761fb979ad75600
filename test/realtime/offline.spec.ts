/**
 * Three real minutes with broker, source and media server dead: everything due plays, on time, also after the agent is killed.
 * The recorder on the sink decides, the board's own log and the source's records agree.
 */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MediaFile } from "../source/media.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { localParts } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";
import { findTail } from "../support/sound/correlate.ts";
import { coverage, coverageFromEnd } from "../support/sound/coverage.ts";
import type { Interval } from "../support/sound/levels.ts";
import { PauseWatch } from "../support/sound/pause-watch.ts";

/** The campaign asks for more of each; see `test/campaign`. */
const STARTS = Number(process.env.LOA_STARTS ?? 20);
const START_EVERY = 3_500;
const KILLS = Number(process.env.LOA_KILLS ?? 10);
const KILL_EVERY = 11_000;
/** Head and tail must each be long enough to be told from other speech. */
const RECOGNISABLE = 2_200;
/** After a pause of the machine the engine needs this long to find its clock again. */
const BEFORE = 2_500;
const TAIL = 48_000;
const LONGEST = STARTS * START_EVERY + KILLS * KILL_EVERY + 120_000;

interface Planned {
  readonly id: string;
  readonly at: number;
  readonly file: MediaFile;
}

let heard: HeardCluster;
let starts: Planned[];
let kills: Planned[];
let pauses: PauseWatch;
let deadFrom: number;
let deadUntil: number;
const explained: Interval[] = [];
const readyMs: number[] = [];

function once({ id, at, file }: Planned) {
  const { date, time } = localParts(at);
  return {
    id,
    title: file.title,
    class: "normal" as const,
    recurrence: { kind: "once" as const, date },
    start: time,
    items: [{ kind: "media" as const, id: "i", title: file.title, sha256: file.sha256 }],
  };
}

/** Median, and how far the rest stands from it: what is left after the one calibration that a station has. */
function spread(values: readonly number[]) {
  const middle = [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
  const rest = values.map((value) => Math.abs(value - middle)).sort((a, b) => a - b);
  const at = (share: number) => Number((rest[Math.ceil(rest.length * share) - 1] ?? 0).toFixed(2));
  return { count: values.length, median: Number(middle.toFixed(2)), p95: at(0.95), p99: at(0.99), worst: at(1) };
}

/** Processes whose command line names ffmpeg and the agent's state, whoever their parent is now. */
async function decoders(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (/^ffmpeg\0/.test(line) && environment.includes(heard.card.folder)) found.push(pid);
  }
  return found;
}

beforeAll(async () => {
  pauses = new PauseWatch();
  heard = await HeardCluster.open();
  const { cluster } = heard;
  const short = await Promise.all([
    heard.speech("Xin chào bà con xã nhà.", "mp3"),
    heard.speech("Hôm nay trời nhiều mây.", "m4a"),
    heard.speech("Chợ phiên họp sáng thứ bảy.", "opus"),
    heard.speech("Mời bà con theo dõi.", "flac"),
  ]);
  const long = await heard.speech(
    "Uỷ ban nhân dân xã thông báo lịch tiêm phòng cho trẻ em dưới sáu tuổi tại trạm y tế, bắt đầu từ bảy giờ sáng.",
    "mp3",
  );
  const agent = await cluster.startAgent();
  await cluster.approve([...short, long]);
  await cluster.cached();
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  const first = Math.ceil((Date.now() + 8_000) / 1_000) * 1_000;
  starts = Array.from({ length: STARTS }, (_, n) => ({
    id: `s${n}`,
    // Schedules speak whole seconds.
    at: first + Math.floor((n * START_EVERY) / 1_000) * 1_000,
    file: short[n % 4] as MediaFile,
  }));
  const afterStarts = first + Math.ceil((STARTS * START_EVERY) / 1_000) * 1_000 + 2_000;
  kills = Array.from({ length: KILLS }, (_, n) => ({ id: `k${n}`, at: afterStarts + n * KILL_EVERY, file: long }));
  await cluster.schedule([...starts, ...kills].map(once));
  await agent.until("the schedule", ({ next }) => next.length > 0);
  const { pid } = cluster.broker;
  await cluster.source.stop();
  await cluster.broker.stop("SIGKILL");
  await cluster.mediaServer.stop();
  deadFrom = Date.now();
  await agent.until("the link down", ({ link }) => !link.connected);
  await expect(readFile(`/proc/${pid}/stat`)).rejects.toThrow();
}, 90_000);

afterAll(async () => {
  await pauses?.stop();
  await heard?.close();
});

/** The machine ran from before a sound was handed to the card until it had ended. */
/** Samples of a stretch that a pause of the machine has torn: whatever stands there was planned. */
const around = (at: number, lengthMs: number): Interval => ({
  from: heard.recorder.sampleAt(at - 300),
  to: heard.recorder.sampleAt(at + lengthMs + 1_500),
});
const undisturbed = (at: number, lengthMs: number) => !pauses.disturbed(at - BEFORE, at + lengthMs + 200);

describe("with broker, source and media server dead for three minutes", () => {
  it(
    `starts ${STARTS} programmes within 20 ms of the wall clock, whole`,
    async () => {
      const last = starts.at(-1) as Planned;
      await heard.recorder.until(last.at + last.file.durationMs + 700);
      const items = starts.map(({ id, at, file }) => ({ id, file, ...heard.find(file, at, 1_000), planned: at }));
      explained.push(
        ...items.map(({ interval, planned, file }) =>
          undisturbed(planned, file.durationMs) ? interval : around(planned, file.durationMs),
        ),
      );
      const judged = items.filter(({ planned, file }) => undisturbed(planned, file.durationMs));
      const broken = judged.filter(({ score, lengthMs, file }) => score < 0.8 || lengthMs / file.durationMs < 0.97);
      const errors = judged.filter((item) => !broken.includes(item)).map(({ at, planned }) => at - planned);
      process.stdout.write(
        `start error (ms): ${JSON.stringify({ ...spread(errors), machinePauses: pauses.pauses.length })}\n`,
      );
      expect(judged.length).toBeGreaterThanOrEqual(STARTS * 0.75);
      expect(broken.map(({ id, score, lengthMs }) => [id, score, lengthMs])).toEqual([]);
      expect(errors.filter((error) => Math.abs(error) > 20)).toEqual([]);
    },
    LONGEST,
  );

  it(
    `is killed at ${KILLS} random instants: ready within 3 s, each item heard to its end, no decoder left`,
    async () => {
      const { cluster } = heard;
      let judged = 0;
      let torn = 0;
      for (const { at, file } of kills) {
        await sleep(at + RECOGNISABLE + Math.random() * (file.durationMs - 2 * RECOGNISABLE) - Date.now());
        const killedAt = Date.now();
        await cluster.agent?.kill("SIGKILL");
        expect(await decoders()).toEqual([]);
        const agent = await cluster.startAgent();
        readyMs.push(Date.now() - killedAt);
        await agent.until("taken up again", ({ onAir }) => onAir?.sounding === true, 5_000);
        // Settling, guard and start-up come before the rest of the item; what was noted a second ago at most is heard twice.
        await heard.recorder.until(killedAt + 3_000 + file.durationMs - (killedAt - at) + 1_000);
        const recording = heard.recorder.samples();
        const head = heard.find(file, at, 1_000);
        const source = heard.samplesOf(file);
        // Its last second is enough to know it by; a break of the card before that must not hide it.
        const tail = findTail(recording, source.subarray(-TAIL), {
          sample: heard.recorder.sampleAt(at + file.durationMs + 2_500),
          within: 3_000 * 48,
        });
        // Across a short break, as a card that ran dry for some milliseconds leaves one: all of it is still heard.
        const first = coverage(recording, source, head.interval.from);
        const rest = coverageFromEnd(recording, source, tail.sample);
        // What a pause of the machine tore is left out; what the software card tore by itself is counted.
        const broken = head.score < 0.8 || tail.score < 0.8;
        const calm = undisturbed(at, file.durationMs + 3_500);
        if (broken || !calm) explained.push(around(at, file.durationMs + 3_500));
        if (calm) judged += 1;
        if (calm && broken) torn += 1;
        if (broken || !calm) continue;
        explained.push(first, rest);
        const covered = (first.matched + rest.matched) / 48;
        expect(covered).toBeGreaterThanOrEqual(file.durationMs - 250);
        expect(covered).toBeLessThanOrEqual(file.durationMs + 1_500);
      }
      process.stdout.write(`ready after SIGKILL (ms): ${JSON.stringify({ ...spread(readyMs), judged, torn })}\n`);
      expect(torn).toBeLessThanOrEqual(KILLS * 0.1);
      expect(judged).toBeGreaterThanOrEqual(KILLS * 0.6);
      for (const ready of readyMs) expect(ready).toBeLessThanOrEqual(3_000);
      deadUntil = Date.now();
      expect(deadUntil - deadFrom).toBeGreaterThanOrEqual(180_000);
    },
    LONGEST,
  );

  it("has no sound that nobody planned", () => {
    expect(heard.unplanned(explained)).toEqual([]);
  });

  it("has one record a slot with its segments inside, and an intact chain", async () => {
    const { cluster } = heard;
    const verdict = await cli(cluster.place, ["journal", "--verify", "--json"]);
    expect([verdict.code, JSON.parse(verdict.stdout)]).toMatchObject([0, { ok: true }]);
    const answer = (await cluster.agent?.ask("GET", "/v1/journal?limit=500")) as {
      records: { kind: string; body: Record<string, unknown> }[];
    };
    const slots = answer.records
      .filter(({ kind }) => kind === "slot")
      .map(({ body }) => body as { id: string; outcome: string; segments: unknown[] });
    expect(slots.map(({ id }) => id).sort()).toEqual([...starts, ...kills].map(({ id }) => id).sort());
    expect(slots.filter(({ outcome }) => outcome !== "played").map(({ id, outcome }) => [id, outcome])).toEqual([]);
  });

  it("leaves the outputs safe within 3 s when the agent stays dead", async () => {
    const { cluster } = heard;
    const asked = await cluster.agent?.ask("GET", "/v1/test/amplifier");
    const [output] = (asked as { outputs: string[] }).outputs;
    await cluster.agent?.ask("POST", "/v1/test/amplifier", { output, power: true, muted: false, by: "test" });
    const powers = async () => (await cluster.board.log()).filter((line) => "power" in line);
    const before = await powers();
    expect(before.at(-1)).toMatchObject({ power: true, muted: false });
    await cluster.agent?.kill("SIGKILL");
    cluster.agent = null;
    await sleep(3_000);
    const after = (await powers()).slice(before.length);
    expect(after.at(-1)).toMatchObject({ power: false, muted: true });
  });
});
