/**
 * An alert that is nothing but a text, brought on a stick while every network is down: a siren at once, then the text, spoken by the machine's
 * own voice and heard whole.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toneSamples } from "../../playback/sound/tones.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";
import { signAlert, writeAlertStick } from "../support/cluster/signed-alert.ts";
import { findHead } from "../support/sound/correlate.ts";
import { decodeFile } from "../support/sound/decode.ts";
import { lagBetween } from "../support/sound/envelope.ts";

const run = promisify(execFile);
const TEXT = "Cảnh báo lũ quét. Bà con khẩn trương sơ tán lên đồi phía sau trường học.";

let heard: HeardCluster;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-text-alert-"));
  const amplifierTimes = { settleMs: 0, guardMs: 0, tailMs: 150, holdMs: 1_500, minimumOffMs: 0 };
  heard = await HeardCluster.open({ sound: { latencyHint: 0.01, band: "off" }, amplifierTimes });
  const { cluster } = heard;
  const agent = await cluster.startAgent();
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
}, 60_000);

afterAll(async () => {
  await heard?.close();
  await rm(folder, { recursive: true, force: true });
});

it("sounds its siren within 250 ms and its text within 3 s more, whole", async () => {
  const { cluster, recorder } = heard;
  const stick = join(folder, "stick");
  const alert = { identifier: "lu-quet", headline: "Lũ quét", text: TEXT };
  await writeAlertStick(stick, await signAlert(cluster.source, 1, alert));
  await cluster.source.stop();
  await cluster.broker.stop("SIGKILL");
  await cluster.mediaServer.stop();
  const agent = cluster.agent;
  if (agent === null) throw new Error("no agent runs");
  await agent.until("the link down", ({ link }) => !link.connected);
  const { code, stderr } = await cli(cluster.place, ["import", stick]);
  expect([code, stderr]).toEqual([0, ""]);
  const { records } = (await agent.ask("GET", "/v1/journal?limit=50")) as {
    records: { kind: string; at: string; body: { kind?: string } }[];
  };
  const adopted = records.find(({ kind, body }) => kind === "adopted" && body.kind === "emergency");
  if (adopted === undefined) throw new Error(`not adopted: ${JSON.stringify(records)}`);
  const at = Date.parse(adopted.at);
  const spoken = join(folder, "text.wav");
  await run("espeak-ng", ["-v", "vi", "-s", "150", "-b", "1", "-w", spoken, TEXT]);
  const speech = await decodeFile(spoken);
  await recorder.until(at + 4_000 + speech.length / 48);
  const recording = recorder.samples();
  const siren = toneSamples("siren", 2_500);
  const first = findHead(recording, siren, { sample: recorder.sampleAt(at), within: 96_000 });
  // By its rhythm: it was brought to an alert's loudness.
  const { lagMs, likeness } = lagBetween(speech, recording.subarray(first.sample + 96_000), 2_000);
  const sirenAfter = recorder.wallTimeOf(first.sample) - at;
  const textAfter = 2_000 + lagMs;
  process.stdout.write(
    `siren ${sirenAfter.toFixed(0)} ms after adoption, text ${textAfter.toFixed(0)} ms after the siren\n`,
  );
  expect([first.score > 0.55, likeness > 0.8]).toEqual([true, true]);
  expect(sirenAfter).toBeLessThanOrEqual(250);
  expect(textAfter).toBeLessThanOrEqual(3_000);
});
