/**
 * A horn heard by a microphone: the card's monitor goes through a path of a chosen gain to a second sink, and noise is played there by
 * somebody else. The agent, its engine and its ear are the real ones.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SpeakerResult } from "../../agent/speaker/speaker-tests.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";

let heard: HeardCluster;
let path: string;

beforeAll(async () => {
  heard = await HeardCluster.open({ ear: { kind: "pulse", device: "yard.monitor" } });
  await heard.card.addSink("yard");
  // The air between horn and microphone.
  const air = ["source=station.monitor", "sink=yard", "latency_msec=60", "source_dont_move=1", "sink_dont_move=1"];
  const index = (await heard.card.pactl("load-module", "module-loopback", ...air)).trim();
  const inputs = await heard.card.pactl("list", "sink-inputs");
  path = inputs.match(/Sink Input #(\d+)/)?.[1] ?? index;
  await hornAt(50);
  const agent = await heard.cluster.startAgent();
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
}, 60_000);
afterAll(() => heard?.close());

/** PulseAudio's percent are cubic; so −6 dB is 79 % of what it was. */
async function hornAt(percent: number): Promise<void> {
  await heard.card.pactl("set-sink-input-volume", path, `${percent}%`);
  await sleep(200);
}

async function test(...words: string[]): Promise<{ code: number; result: SpeakerResult }> {
  const { code, stdout, stderr } = await cli(heard.cluster.place, ["test", "speaker", ...words, "--json"]);
  if (stdout === "") throw new Error(`${code}: ${stderr}`);
  const { results } = JSON.parse(stdout) as { results: SpeakerResult[] };
  const [result] = results;
  if (result === undefined) throw new Error(stdout);
  console.info(`${result.verdict}: ${result.detail}`);
  return { code, result };
}

describe("the self-test of a horn", () => {
  it("has nothing to compare with before it was calibrated, and is ok by what it stores then", {
    timeout: 60_000,
  }, async () => {
    expect((await test()).result.verdict).toBe("not-calibrated");
    expect((await test("--baseline")).result).toMatchObject({ verdict: "ok", output: "horn" });
  });

  it("calls a horn of half its level weak, with a concern", { timeout: 60_000 }, async () => {
    await hornAt(50 * 0.79);
    expect(await test()).toMatchObject({ code: 1, result: { verdict: "weak" } });
    await heard.cluster.agent?.until("a concern", ({ concerns }) =>
      concerns.some(({ code }) => code === "speaker-weak"),
    );
  });

  it("calls one that gives nothing dead, journals it and tells the source", { timeout: 60_000 }, async () => {
    await hornAt(0);
    expect(await test()).toMatchObject({ code: 1, result: { verdict: "dead" } });
    await heard.cluster.agent?.until("a concern", ({ concerns }) =>
      concerns.some(({ code }) => code === "speaker-dead"),
    );
    const told = await heard.cluster.source.waitFor((source) => {
      const records = source
        .records(STATION)
        .map(({ record }) => record as { kind: string; body: { verdict: string } });
      const verdicts = records.filter(({ kind }) => kind === "speaker-test").map(({ body }) => body.verdict);
      return verdicts.includes("dead") ? verdicts : null;
    }, 20_000);
    expect(told).toEqual(["not-calibrated", "ok", "weak", "dead"]);
  });

  it("does not judge a horn in a noisy place", { timeout: 60_000 }, async () => {
    await hornAt(50);
    const noise = await play("anoisesrc=c=white:a=0.9:r=48000");
    expect(await test()).toMatchObject({ code: 69, result: { verdict: "noisy" } });
    // It says nothing of the horn, which was dead when it was last heard.
    const concerns = (await heard.cluster.agent?.status())?.concerns.map(({ code }) => code);
    expect(concerns).toContain("speaker-dead");
    noise.kill();
    expect(await test()).toMatchObject({ code: 0, result: { verdict: "ok" } });
    await heard.cluster.agent?.until(
      "no concern",
      ({ concerns }) => !concerns.some(({ code }) => code.startsWith("speaker-")),
    );
  });
});

/** Somebody else in the yard. */
async function play(source: string): Promise<ChildProcess> {
  const args = ["-v", "error", "-re", "-f", "lavfi", "-i", source, "-f", "pulse", "-device", "yard", "noise"];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", "ffmpeg", "-nostdin", ...args], {
    env: { ...heard.card.env, PULSE_SINK: "yard" },
    stdio: "ignore",
  });
  await sleep(1_000);
  return child;
}
