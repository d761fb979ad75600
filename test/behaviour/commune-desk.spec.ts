/** What a commune decides for its own loudspeakers, signed with its own keys, on a running station; and what it may not decide. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConfigView } from "../../agent/control/config-view.ts";
import type { WhyView } from "../../agent/control/views.ts";
import { CommuneDesk, communeDelegations } from "../source/commune-desk.ts";
import type { BodyInput } from "../source/envelope.ts";
import type { AgentProcess } from "../support/cluster/agent-process.ts";
import { Cluster, localParts } from "../support/cluster/cluster.ts";

let folder: string;
let cluster: Cluster;
let agent: AgentProcess;
let desk: CommuneDesk;
/** Nine in the morning, local, of the day after tomorrow: outside every quiet hour of this file. */
const AT = Math.floor(Date.now() / 86_400_000 + 2) * 86_400_000 + 2 * 3_600_000;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-commune-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  const extra = [...communeDelegations("00004", { loudest: 90 }), ...communeDelegations("00007")];
  cluster = await Cluster.open({ environment, folder: join(folder, "cluster"), ceremony: { extra } });
  agent = await cluster.startAgent();
  desk = new CommuneDesk(cluster.source, "00004");
});
afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

function bulletin(id: string, change: Partial<BodyInput<"schedule">["programmes"] & object> = {}) {
  const { date, time } = localParts(AT);
  return {
    id,
    title: id,
    class: "priority" as const,
    recurrence: { kind: "once" as const, date },
    start: time,
    items: [{ kind: "silence" as const, id: "i", durationMs: 60_000 }],
    ...change,
  };
}

const why = async () =>
  (await agent.ask("GET", `/v1/why?at=${encodeURIComponent(new Date(AT + 1_000).toISOString())}`)) as WhyView;

async function until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`not within 10 s: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const refusals = async () => {
  const { records } = (await agent.ask("GET", "/v1/journal?limit=500")) as {
    records: { kind: string; body: { reason?: string; detail?: string } }[];
  };
  return records.filter(({ kind }) => kind === "refused").map(({ body }) => `${body.reason}: ${body.detail}`);
};

describe("the commune's desk", () => {
  it("puts what collides in its own order, across levels, and may change its mind", { timeout: 40_000 }, async () => {
    await cluster.schedule([bulletin("tin-tinh")]);
    await desk.programme([bulletin("tin-xa")]);
    await until(why, ({ holder, waiting }) => holder !== null && waiting.length === 1);
    await desk.order([
      { level: "commune", id: "tin-xa" },
      { level: "province", id: "tin-tinh" },
    ]);
    await until(why, ({ holder }) => holder?.title === "tin-xa");
    await desk.order([
      { level: "province", id: "tin-tinh" },
      { level: "commune", id: "tin-xa" },
    ]);
    const after = await until(why, ({ holder }) => holder?.title === "tin-tinh");
    expect(after.waiting.map(({ title }) => title)).toEqual(["tin-xa"]);
  });

  it("sets its hours and its days of mourning", { timeout: 40_000 }, async () => {
    await desk.muteHours([{ from: "11:30", to: "13:30" }]);
    const config = async () => (await agent.ask("GET", "/v1/config")) as ConfigView;
    const set = await until(config, ({ policy }) => policy.quietHours.some(({ from }) => from === "11:30"));
    expect(set.layers.map(({ address }) => address)).toEqual(["province/01", "commune/00004"]);
    await desk.programme([bulletin("tin-xa")]);
    await until(why, ({ holder }) => holder?.title === "tin-xa");
    const { date } = localParts(AT);
    await desk.suspend([{ id: "tang", reason: "Quốc tang", from: date, until: date, classes: ["normal", "priority"] }]);
    const silent = await until(why, ({ holder }) => holder === null);
    expect(silent.refused.map(({ reason }) => reason)).toEqual(["suspended"]);
  });

  it("reaches neither another commune nor beyond what root gave it", { timeout: 40_000 }, async () => {
    await agent.until("the link up", ({ link }) => link.connected);
    // Another commune's key, for this one; an alert; a volume above its own.
    await cluster.source.publish(
      "schedule",
      { level: "commune", programmes: [bulletin("la")] },
      { address: "commune/00004", issuer: "commune-00007" },
    );
    await desk.programme([{ ...bulletin("to"), volume: 95 }]);
    const found = await until(refusals, (list) => list.length >= 2);
    expect(found).toEqual([
      expect.stringMatching(/^out-of-scope: /),
      expect.stringMatching(/^out-of-scope: .*(loud|volume|95)/),
    ]);
    expect((await why()).holder).toBeNull();
  });

  it("lets nobody speak whose source is not approved, and takes back what it allowed", {
    timeout: 40_000,
  }, async () => {
    await agent.until("the link up", ({ link }) => link.connected);
    const speech = { title: "Chủ tịch xã nói chuyện", source: "micro-xa", longestMs: 600_000 };
    await desk.speak(speech);
    const results = async () => {
      const { records } = (await agent.ask("GET", "/v1/journal?limit=500")) as {
        records: { kind: string; body: { name?: string; status?: string; detail?: string } }[];
      };
      return records
        .filter(({ kind }) => kind === "command-result")
        .map(({ body }) => `${body.name} ${body.status} ${body.detail?.split(":")[0]}`);
    };
    expect(await until(results, (list) => list.length > 0)).toEqual(["live-start failed source-not-approved"]);
    // Nobody answers there, and the station has no card: the grant stands, and nothing sounds.
    await desk.pin([{ id: "micro-xa", kind: "rtsp", url: "rtsp://127.0.0.1:9/micro" }]);
    await until(
      async () => {
        await desk.speak(speech);
        return results();
      },
      (list) => list.some((line) => line.startsWith("live-start done")),
    );
    const grants = await desk.speak(speech);
    await desk.stopSpeaking(grants);
    const after = await until(results, (list) => list.some((line) => line.startsWith("live-stop")));
    expect(after.filter((line) => line.startsWith("live-stop"))).toEqual(["live-stop done "]);
  });
});
