/** A cluster that no network reaches lives from a stick; what it did is reported, and the source's word lets its journal be pruned. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ImportReport } from "../../agent/bundle/import-bundle.ts";
import type { MonthReport } from "../../agent/report/report.ts";
import { Database } from "../../storage/database.ts";
import type { Verdict } from "../../storage/journal.ts";
import type { Published } from "../source/publisher.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { Cluster, type ClusterOptions, STATION } from "../support/cluster/cluster.ts";

let folder: string;
let cluster: Cluster;

async function open(options: Partial<ClusterOptions> = {}): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "loa-stick-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  cluster = await Cluster.open({ environment, folder: join(folder, "cluster"), ...options });
}

afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

const json = async <T>(...args: string[]) => {
  const { code, stdout } = await cli(cluster.place, [...args, "--json"]);
  return { code, value: JSON.parse(stdout) as T };
};

/** Writes a bundle as a province's desk would. */
async function bundle(documents: readonly Published[], media: Readonly<Record<string, Buffer>>): Promise<string> {
  const stick = join(folder, "stick");
  await mkdir(join(stick, "media"), { recursive: true });
  const entries = await Promise.all(
    documents.map(async ({ topic, bytes }, n) => {
      await writeFile(join(stick, `${n}.json`), bytes);
      return { topic, file: `${n}.json` };
    }),
  );
  await writeFile(join(stick, "bundle.json"), JSON.stringify({ version: 1, documents: entries }));
  for (const [name, body] of Object.entries(media)) await writeFile(join(stick, "media", name), body);
  return stick;
}

const bodies = [Buffer.alloc(50_000, 1), Buffer.alloc(60_000, 2)] as const;
const digests = bodies.map((body) => createHash("sha256").update(body).digest("hex"));
const approval = (n: 0 | 1) => ({
  ...{ sha256: digests[n] ?? "", sizeBytes: bodies[n].length, type: "audio/mpeg" as const, durationMs: 3_000 },
  ...{ title: `Item ${n}`, urls: ["http://127.0.0.1:1/none"], pinned: false },
});

describe("a stick with a signed bundle", () => {
  it("brings trust, approvals, a schedule and their media to a cluster without a link, and nothing that is not signed", {
    timeout: 60_000,
  }, async () => {
    await open({ station: { uplink: { brokers: [] } } });
    const { source } = cluster;
    const address = "province/01" as const;
    const content = await source.publish("content", { level: "province", media: [approval(0)] }, { address });
    const programmes = [
      {
        ...{ id: "sang", title: "Bản tin sáng", class: "normal" as const, start: "05:00" },
        recurrence: { kind: "weekly" as const, weekdays: ["MO" as const] },
        items: [{ kind: "media" as const, id: "i", title: "Item", sha256: digests[0] ?? "" }],
      },
    ];
    const schedule = await source.publish("schedule", { level: "province", programmes }, { address });
    const trust = await source.publishTrust();
    const forged = {
      ...content,
      bytes: Buffer.from(Buffer.from(content.bytes).toString().replace('"signature":"', '"signature":"A')),
    };
    const stick = await bundle([schedule, content, forged, trust], {
      [digests[0] ?? ""]: bodies[0],
      // Right bytes that no key approved, and wrong bytes under a name.
      [digests[1] ?? ""]: bodies[1],
    });
    const agent = await cluster.startAgent();
    const first = await json<ImportReport>("import", stick);
    expect(first.code).toBe(65);
    expect(first.value.documents.map(({ topic, result, reason }) => `${topic.slice(7)} ${result} ${reason}`)).toEqual([
      "province/01/trust taken null",
      "province/01/content/province taken null",
      expect.stringMatching(/content\/province refused (malformed|bad-signature)/),
      "province/01/schedule/province taken null",
    ]);
    expect(
      first.value.media.map(({ sha256, result, reason }) => [digests.indexOf(sha256), result, reason]).sort(),
    ).toEqual([
      [0, "taken", null],
      [1, "refused", "digest-not-approved"],
    ]);
    await agent.until("the media", ({ media }) => media.present === 1);
    expect((await json<{ slots: { level: string }[] }>("agenda", "--days", "7")).value.slots).toMatchObject([
      { level: "province" },
    ]);
    // A second time nothing is new, and the unapproved is as unapproved as before.
    const again = await json<ImportReport>("import", stick);
    expect(again.value.documents.map(({ result }) => result)).toEqual(["known", "known", "refused", "known"]);
    const records = (await json<{ records: { kind: string; body: object }[] }>("journal", "--limit", "50")).value
      .records;
    expect(records.filter(({ kind }) => kind === "imported").map(({ body }) => body)).toMatchObject([
      { by: expect.stringContaining("cli"), documents: { taken: 3, refused: 1 }, media: { taken: 1, refused: 1 } },
      { documents: { known: 3, refused: 1 }, media: { known: 1, refused: 1 } },
    ]);
    const human = await cli(cluster.place, ["import", stick, "--lang", "vi"]);
    expect(human.stdout).toContain("TỪ CHỐI: tệp chưa được duyệt");
    const none = await cli(cluster.place, ["import", join(folder, "nothing"), "--lang", "en"]);
    expect([none.code, none.stderr]).toEqual([65, expect.stringContaining("is no folder")]);
  });
});

describe("the monthly report", () => {
  it("is answered by the running agent as JSON, table and page", { timeout: 60_000 }, async () => {
    await open({ station: { uplink: { brokers: [] } } });
    const agent = await cluster.startAgent();
    await agent.ask("POST", "/v1/volume", { volume: 50, by: "test" });
    const month = new Intl.DateTimeFormat("sv-SE", {
      timeZone: "Asia/Ho_Chi_Minh",
      year: "numeric",
      month: "2-digit",
    }).format();
    const { code, value } = await json<MonthReport>("report", "--month", month);
    expect([code, value]).toMatchObject([0, { station: STATION, month, complete: false, controls: { volume: 1 } }]);
    expect((await cli(cluster.place, ["report", "--month", month, "--csv"])).stdout).toContain(
      "control,volume,,1,count",
    );
    const page = join(folder, "report.html");
    expect((await cli(cluster.place, ["report", "--month", month, "--html", page])).stdout.trim()).toBe(page);
    expect(await readFile(page, "utf8")).toContain("Báo cáo tháng");
    const human = await cli(cluster.place, ["report", "--lang", "vi"]);
    expect(human.stdout).toContain("Thời lượng phát");
    const wrong = await cli(cluster.place, ["report", "--month", "2026-13"]);
    expect([wrong.code, wrong.stderr]).toEqual([65, expect.stringContaining("is no month")]);
    expect((await cli(cluster.place, ["report", "--csv", "--json"])).code).toBe(64);
  });
});

describe("the source's word on the journal", () => {
  it("is kept with its signature where it agrees, and an alarm where it does not", { timeout: 60_000 }, async () => {
    await open();
    const agent = await cluster.startAgent();
    for (let n = 0; n < 5; n++) await agent.ask("POST", "/v1/volume", { volume: 50 + n, by: "test" });
    const { source } = cluster;
    await source.waitFor((one) => one.events(STATION).length >= 5, 10_000);
    const records = (await json<{ records: { seq: number; hash: string }[] }>("journal", "--limit", "50")).value
      .records;
    const third = records.find(({ seq }) => seq === 3);
    if (third === undefined) throw new Error("no record 3");
    const stream = source.births(STATION).at(-1)?.stream ?? "";
    const word = (hash: string, seq = 3) => {
      const body = { station: STATION, stream, events: 3, checkpoint: { seq, hash } };
      return source.publish("ack", body, { address: `station/${STATION}` });
    };
    await word("f".repeat(64));
    const disputed = await agent.until("the dispute", ({ concerns }) =>
      concerns.some(({ code }) => code === "journal-disputed"),
    );
    expect(disputed.concerns.find(({ code }) => code === "journal-disputed")?.detail).toContain(
      "hash is not this journal's",
    );
    await word(third.hash);
    await agent.until("peace", ({ concerns }) => concerns.every(({ code }) => code !== "journal-disputed"));
    await agent.kill("SIGKILL");

    // What a pruning a year from now does, done past the program, so that no clock need move.
    const database = await Database.open(join(cluster.folder, "state", "loa.db"));
    const kept = await database.get<{ seq: number; evidence: Buffer }>("SELECT seq, evidence FROM journal_checkpoint");
    expect([kept?.seq, kept?.evidence.toString()]).toEqual([3, expect.stringContaining('"signatures"')]);
    const second = records.find(({ seq }) => seq === 2)?.hash ?? "";
    await database.run("DELETE FROM journal WHERE seq <= 2");
    await database.run("UPDATE journal_base SET seq = 2, hash = ?", second);
    await database.close();
    await cluster.startAgent();
    const whole = await json<Verdict>("journal", "--verify");
    expect(whole).toMatchObject({ code: 0, value: { ok: true, pruned: 2 } });

    // The same by somebody who has no key: the chain holds, the signature does not.
    await cluster.agent?.kill("SIGKILL");
    const again = await Database.open(join(cluster.folder, "state", "loa.db"));
    const altered = (kept?.evidence.toString() ?? "").replace(
      /"payload":"(.)/,
      (_, first) => `"payload":"${first === "e" ? "f" : "e"}`,
    );
    await again.run("UPDATE journal_checkpoint SET evidence = ?", Buffer.from(altered));
    await again.close();
    await cluster.startAgent();
    const forged = await json<Verdict>("journal", "--verify");
    expect(forged).toMatchObject({ code: 65, value: { ok: false, problem: expect.stringContaining("checkpoint") } });
  });
});
