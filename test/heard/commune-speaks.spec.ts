/**
 * Somebody speaks at the commune office: microphone, `loa bridge`, Icecast, a grant signed at the commune's desk, four clusters that are each
 * heard. One of them dies meanwhile, and the speaker is told.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommuneDesk, communeDelegations, type Hearing } from "../source/commune-desk.ts";
import type { Published } from "../source/publisher.ts";
import { AgentProcess, builtFolder } from "../support/cluster/agent-process.ts";
import { Cluster, STATION } from "../support/cluster/cluster.ts";
import { Icecast } from "../support/live/icecast.ts";
import { ended } from "../support/live/live-rig.ts";
import { lagBetween } from "../support/sound/envelope.ts";
import { levelBetween } from "../support/sound/levels.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { type SinkPlace, VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

const run = promisify(execFile);
const STATIONS = [STATION, "xa-00004-cum-02", "xa-00004-cum-03", "xa-00004-cum-04"] as const;
const LOST = STATIONS[3];
const SOURCE = "uy-ban";
const MARK = "Kính thưa toàn thể bà con nhân dân trong xã.";
/** Level above which somebody is heard, in dBFS over a tenth of a second. */
const HEARD_DB = -45;

let folder: string;
let card: VirtualSoundCard;
let icecast: Icecast;
let cluster: Cluster;
let desk: CommuneDesk;
let bridge: ChildProcess;
let carried = "";
const agents = new Map<string, AgentProcess>();
const horns = new Map<string, Recorder>();
let office: Recorder;
let grants: Published[];

/** Speaks a file into the microphone, at its own pace. */
async function speak(path: string): Promise<void> {
  const to = ["-f", "pulse", "-device", "mic", "-buffer_duration", "300", "speech"];
  await run("ffmpeg", ["-nostdin", "-v", "error", "-re", "-i", path, ...to], { env: card.env });
}

async function until(what: string, holds: () => boolean, withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline)
      throw new Error(`not within ${withinMs} ms: ${what}\n${JSON.stringify(states())}\n${carried.slice(-500)}`);
    await sleep(50);
  }
}
const states = () => desk.hearing(STATIONS, SOURCE).map(({ station, state }) => `${station.slice(-2)} ${state}`);

async function sentence(name: string, text: string): Promise<string> {
  const [raw, path] = [join(folder, `${name}.raw.wav`), join(folder, `${name}.wav`)];
  await run("espeak-ng", ["-v", "vi", "-s", "150", "-w", raw, text]);
  // At the card's own rate: PulseAudio's resampler is a quick one.
  await run("ffmpeg", ["-nostdin", "-v", "error", "-i", raw, "-ar", "48000", path]);
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-commune-speaks-"));
  card = await VirtualSoundCard.start();
  const mic = await card.addSink("mic");
  const sinks: SinkPlace[] = await Promise.all(STATIONS.map((_, n) => card.addSink(`horn${n}`)));
  icecast = await Icecast.open(440);
  await icecast.serve();
  const extra = communeDelegations("00004");
  cluster = await Cluster.open({
    environment: sinks[0]?.env ?? {},
    folder: join(folder, "cluster"),
    ceremony: { extra },
    amplifierTimes: { settleMs: 0, guardMs: 0, tailMs: 150, holdMs: 1_500, minimumOffMs: 0 },
  });
  desk = new CommuneDesk(cluster.source, "00004");
  await desk.pin([{ ...icecast.pin, id: SOURCE, hosts: [] }]);
  agents.set(STATION, await cluster.startAgent());
  for (const [n, station] of STATIONS.entries()) {
    const sink = sinks[n];
    if (sink === undefined) throw new Error("a station without a card");
    horns.set(station, await Recorder.start(sink));
    if (n > 0) agents.set(station, await AgentProcess.start(await cluster.anotherStation(station, sink.env)));
  }
  office = await Recorder.start(mic);
  for (const agent of agents.values()) await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  const program = [join(builtFolder(), "agent/cli/main.js"), "bridge", "pulse:mic.monitor", "--json"];
  bridge = spawn(process.execPath, program, {
    env: { ...card.env, LOA_BRIDGE_TO: icecast.address },
    stdio: ["ignore", "pipe", "inherit"],
  });
  bridge.stdout?.on("data", (text) => {
    carried += text;
  });
  await until("the bridge", () => carried.includes('"carrying"'));
}, 90_000);

afterAll(async () => {
  await ended(bridge ?? null);
  for (const [station, agent] of agents) if (station !== STATION) await agent.kill("SIGTERM");
  await cluster?.close();
  for (const recorder of [office, ...horns.values()]) await recorder?.stop();
  await icecast?.close();
  await card?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a commune speaks", () => {
  const hearing = (): Map<string, Hearing> => new Map(desk.hearing(STATIONS, SOURCE).map((one) => [one.station, one]));

  it("is heard at every cluster, and the desk sees it", async () => {
    grants = await desk.speak({ title: "Chủ tịch xã", source: SOURCE, longestMs: 120_000, outputs: [] });
    const talk = sentence("noi", "Một hai ba bốn năm sáu bảy tám chín mười, xin chào bà con cô bác trong toàn xã.");
    const talking = speak(await talk);
    await until("all four", () => states().every((state) => state.endsWith("playing")));
    await talking;
    for (const { delayMs } of hearing().values()) expect(delayMs).toBeGreaterThan(100);
  }, 40_000);

  it("tells the speaker who was lost, while the others hear on; the delay is measured", async () => {
    await agents.get(LOST)?.kill("SIGKILL");
    agents.delete(LOST);
    await until("the loss", () => hearing().get(LOST)?.state === "lost");
    const path = await sentence("dau", MARK);
    const from = Date.now();
    await speak(path);
    await office.until(from + 10_500);
    // By the rhythm of the speech: the stream was encoded, and follows the clock of its source.
    const cut = (recorder: Recorder, ms: number) =>
      recorder.samples(recorder.sampleAt(from), recorder.sampleAt(from + ms));
    const delays = [...horns]
      .filter(([station]) => station !== LOST)
      .map(([station, horn]) => {
        const { lagMs, likeness } = lagBetween(cut(office, 6_000), cut(horn, 10_000), 4_000);
        return { station, lagMs, likeness: Number(likeness.toFixed(2)) };
      });
    process.stdout.write(`mouth to horn: ${JSON.stringify(delays)}\n`);
    for (const { likeness } of delays) expect(likeness).toBeGreaterThan(0.8);
    const silent = horns.get(LOST);
    if (silent === undefined) throw new Error("no recorder");
    const after = silent.sampleAt(from);
    expect(levelBetween(silent.samples(), after, silent.length).peak).toBeLessThan(-60);
  }, 40_000);

  it("is cut everywhere within 2 s", async () => {
    const speaking = speak(await sentence("dai", `${MARK} ${MARK} ${MARK} ${MARK}`));
    await sleep(5_000);
    const cut = Date.now();
    await desk.stopSpeaking(grants);
    await speaking;
    await sleep(500);
    const last = [...horns]
      .filter(([station]) => station !== LOST)
      .map(([, horn]) => {
        let heard = cut;
        for (let at = cut - 1_000; at < Date.now() - 100; at += 100) {
          const sample = horn.sampleAt(at);
          if (levelBetween(horn.samples(), sample, sample + 4_800).rms > HEARD_DB) heard = at + 100;
        }
        return heard - cut;
      });
    process.stdout.write(`cut after (ms): ${JSON.stringify(last)}\n`);
    for (const ms of last) expect(ms).toBeLessThanOrEqual(2_000);
    // He really spoke on.
    const { rms } = levelBetween(office.samples(), office.sampleAt(cut + 1_000), office.sampleAt(cut + 3_000));
    expect(rms).toBeGreaterThan(HEARD_DB);
  }, 40_000);
});
