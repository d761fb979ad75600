/**
 * A memory card that takes no more writes, as the running program meets it: every file that it would write to is at its limit. What is due is
 * heard, so is an alert that comes only then; and when the card is well nothing of it is lost.
 */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MediaFile } from "../source/media.ts";
import type { AgentProcess } from "../support/cluster/agent-process.ts";
import { localParts, STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";
import { signAlert } from "../support/cluster/signed-alert.ts";
import { lagBetween } from "../support/sound/envelope.ts";

/** Of the envelopes: a card that tears changes waveforms, not what was said. */
const LIKE = 0.6;
/** An alert waits for a few writes to fail. */
const WITHIN = 2_000;

let heard: HeardCluster;
let agent: AgentProcess;

beforeAll(async () => {
  heard = await HeardCluster.open();
  agent = await heard.cluster.startAgent();
}, 60_000);
afterAll(() => heard?.close());

/** The soft limit of what the agent may make a file grow to; children started before keep theirs. */
async function limitFiles(to: "0" | "unlimited"): Promise<void> {
  await promisify(execFile)("prlimit", [`--pid=${agent.pid}`, `--fsize=${to}:`]);
}
/** How long after this instant it was heard, at most `WITHIN`. */
function lagOf(file: MediaFile, from: number) {
  const source = heard.samplesOf(file);
  const start = heard.recorder.sampleAt(from);
  return lagBetween(source, heard.recorder.samples(start, start + source.length + WITHIN * 48), WITHIN);
}
const standing = () => agent.until("the alert", ({ emergencies }) => emergencies[0]?.identifier === "lu");
const failing = ({ concerns }: Awaited<ReturnType<AgentProcess["status"]>>) =>
  concerns.some(({ code }) => code === "storage-failing");
const recorded = (kind: string) =>
  heard.cluster.source
    .records(STATION)
    .map(({ record }) => record as { kind: string; body: { kind?: string; outcome?: string; class?: string } })
    .filter((record) => record.kind === kind)
    .map(({ body }) => body);

describe("a card that takes no more writes", { timeout: 90_000 }, () => {
  it("silences neither what is due nor an alert that comes only then, and is told", async () => {
    const { cluster, recorder } = heard;
    const words = await heard.speech(
      "Bản tin sáng của xã: hôm nay trời nắng, mời bà con đưa trẻ đến trạm y tế tiêm phòng.",
      "flac",
    );
    const alarm = await heard.speech("Lũ đang lên, bà con di dời ngay!", "flac");
    await cluster.approve([words], [alarm]);
    await cluster.cached();
    await agent.until("signed time", ({ clock }) => clock.trust === "attested");
    const at = Math.ceil((Date.now() + 6_000) / 1_000) * 1_000;
    const { date, time } = localParts(at);
    const items = [{ kind: "media" as const, id: "i", title: words.title, sha256: words.sha256 }];
    const recurrence = { kind: "once" as const, date };
    await cluster.schedule([{ id: "sang", title: "Bản tin", class: "normal", recurrence, start: time, items }]);
    await agent.until("the schedule", ({ next }) => next.some(({ title }) => title === "Bản tin"));
    await limitFiles("0");
    await recorder.until(at + WITHIN + words.durationMs);
    const due = lagOf(words, at);
    process.stdout.write(`due ${due.lagMs.toFixed(0)} ms after its hour, likeness ${due.likeness.toFixed(2)}\n`);
    expect(due.likeness).toBeGreaterThan(LIKE);

    const { topic, bytes } = await signAlert(cluster.source, 1, {
      ...{ identifier: "lu", headline: "Lũ đang lên" },
      items: [{ kind: "media", id: "loi", title: alarm.title, sha256: alarm.sha256 }],
    });
    const asked = Date.now();
    await cluster.source.publishBytes(topic, bytes, { retain: true });
    await recorder.until(asked + WITHIN + alarm.durationMs);
    const alert = lagOf(alarm, asked);
    process.stdout.write(
      `alert ${alert.lagMs.toFixed(0)} ms after it was sent, likeness ${alert.likeness.toFixed(2)}\n`,
    );
    expect(alert.likeness).toBeGreaterThan(LIKE);
    await standing();
    await agent.until("the concern", failing);
    expect((await agent.status()).link.connected).toBe(true);
  });

  it("keeps the alert when it is well again, over a kill and without a broker, and the source hears what was played", async () => {
    await limitFiles("unlimited");
    // While the database is opened anew, nobody can say.
    const said = () => agent.status().catch(() => null);
    for (let status = await said(); status === null || failing(status); status = await said()) await sleep(100);
    const { source } = heard.cluster;
    await source.waitFor(() => recorded("slot").length >= 2, 30_000);
    expect(recorded("slot").map(({ outcome }) => outcome)).toEqual(["played", "played"]);
    const adopted = () => recorded("adopted").filter(({ kind }) => kind === "emergency");
    await source.waitFor(() => adopted().length > 0, 20_000);
    expect(adopted()).toHaveLength(1);
    await heard.cluster.broker.stop("SIGKILL");
    await agent.kill("SIGKILL");
    agent = await heard.cluster.startAgent();
    expect((await standing()).link.connected).toBe(false);
  });
});
