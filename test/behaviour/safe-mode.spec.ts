/** Starts that fail, with the real program: what it starts with then, what it says it has lost, and how it comes back. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgendaView, StatusView } from "../../agent/control/views.ts";
import { keepGood, loadStation } from "../../agent/start/last-good.ts";
import { takeSnapshot, writeSnapshot } from "../../agent/start/snapshot.ts";
import { readStarts } from "../../agent/start/start-book.ts";
import { Store } from "../../storage/store.ts";
import { wireInstant } from "../source/envelope.ts";
import { AgentProcess, cli } from "../support/cluster/agent-process.ts";
import { Cluster, localParts } from "../support/cluster/cluster.ts";
import { ManualClock } from "../support/storage/manual-clock.ts";

let folder: string;
let cluster: Cluster;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-safe-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  cluster = await Cluster.open({
    environment,
    folder: join(folder, "cluster"),
    clock: { kind: "simulated", trust: "held" },
  });
});
afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

const state = () => join(cluster.folder, "state");
const programme = (id: string, title: string) => ({
  id,
  title,
  class: "normal" as const,
  recurrence: { kind: "weekly" as const, weekdays: ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const },
  start: localParts(Date.now() + 3_600_000).time,
  items: [{ kind: "silence" as const, id: "i", durationMs: 5_000 }],
});
type Programmes = Parameters<Cluster["schedule"]>[0];
const scheduled = (id: string, title: string) => cluster.schedule([programme(id, title)] as unknown as Programmes);

async function titles(agent: AgentProcess): Promise<string[]> {
  const { slots } = (await agent.ask("GET", "/v1/agenda?days=2")) as { slots: AgendaView };
  return [...new Set(slots.map(({ title }) => title))];
}
async function adopted(agent: AgentProcess, title: string): Promise<void> {
  for (let tries = 0; !(await titles(agent)).includes(title); tries++) {
    expect(tries).toBeLessThan(200);
    await sleep(50);
  }
}
const codes = ({ concerns }: StatusView) => concerns.map(({ code }) => code);

/** As the power or a fault would: killed as soon as it has counted its start. */
async function failingStart(nth: number): Promise<void> {
  const agent = AgentProcess.launch(cluster.place);
  while ((await readStarts(state())).open.length < nth) await sleep(10);
  await agent.kill("SIGKILL");
}

/** What a minute of good running would have left behind. */
async function wasGood(): Promise<void> {
  const store = await Store.open(state(), { clock: new ManualClock() });
  await writeSnapshot(state(), takeSnapshot(store, Date.now()));
  await store.close();
  await keepGood(await loadStation(cluster.place.configFile));
}
async function stop(agent: AgentProcess): Promise<void> {
  await agent.kill("SIGTERM");
  cluster.agent = null;
}

describe("an agent that is killed three times while it starts", () => {
  it("starts in safe mode by the last good schedule, takes emergencies, says so everywhere, and leaves when told", {
    timeout: 60_000,
  }, async () => {
    await scheduled("cu", "Lịch tốt");
    const first = await cluster.startAgent();
    await adopted(first, "Lịch tốt");
    await stop(first);
    await wasGood();
    const second = await cluster.startAgent();
    await scheduled("moi", "Lịch vừa nhận");
    await adopted(second, "Lịch vừa nhận");
    await stop(second);
    expect((await readStarts(state())).open).toEqual([]);

    for (let n = 1; n <= 3; n++) await failingStart(n);
    const safe = await cluster.startAgent();
    const status = await safe.status();
    expect(status.safeMode).toMatchObject({ on: true, rung: "snapshot", why: "3 starts failed within 10 minutes" });
    await safe.until("the concern", (view) => codes(view).includes("safe-mode"));
    expect(await titles(safe)).toEqual(["Lịch tốt"]);
    await safe.until("the link up", ({ link }) => link.connected);
    await cluster.source.publish(
      "emergency",
      {
        ...{ identifier: "bao-1", msgType: "alert", references: [], sent: wireInstant(Date.now()), status: "exercise" },
        ...{ severity: "extreme", headline: "Bão", language: "vi", media: [], longestMs: 60_000, outputs: [] },
        items: [{ kind: "silence", id: "s", durationMs: 1_000 }],
        repeat: { rounds: 1, gapMs: 0 },
        expires: wireInstant(Date.now() + 600_000),
      },
      { address: "province/01" },
    );
    await safe.until("the emergency", ({ emergencies }) => emergencies.some(({ headline }) => headline === "Bão"));
    const doctor = await cli(cluster.place, ["doctor", "starts", "--lang", "vi"]);
    expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringContaining("$ loa safe-mode leave")]);
    const asked = await cli(cluster.place, ["safe-mode", "--lang", "en"]);
    expect([asked.code, asked.stdout]).toEqual([1, expect.stringMatching(/SAFE MODE.*30 minutes/)]);

    const left = await cli(cluster.place, ["safe-mode", "leave"]);
    expect([left.code, left.stdout]).toEqual([0, expect.stringContaining("Đã rời chế độ an toàn")]);
    expect(await safe.exited).toBe(69);
    const whole = await cluster.startAgent();
    expect((await whole.status()).safeMode.on).toBe(false);
    expect(await titles(whole)).toEqual(["Lịch vừa nhận"]);
    const { records } = (await whole.ask("GET", "/v1/journal?limit=100")) as { records: { kind: string }[] };
    const kinds = records.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "started-with-less" || kind === "safe-mode-left")).toEqual([
      "started-with-less",
      "safe-mode-left",
    ]);
  });
});

describe("an agent with a board", () => {
  let taken: Server | null = null;
  afterEach(() => void taken?.close());
  const faces = [{ name: "mat-a", at: { x: 0, y: 0, width: 1280, height: 720 } }];

  it("loses no more than the page where its port is taken, and says so", { timeout: 60_000 }, async () => {
    const server = createServer();
    taken = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const screen = { width: 1280, height: 720, port, kiosk: { mode: "none" } };
    await cluster.configure({ hardware: { board: { screen, faces } } });
    const agent = await cluster.startAgent();
    const log = () => readFile(cluster.place.logFile, "utf8");
    await expect.poll(log, { timeout: 10_000 }).toMatch(/EADDRINUSE.*"msg":"page server"/);
    // Longer than a start that would have failed by it.
    await sleep(2_000);
    const { safeMode } = await agent.status();
    expect([safeMode.on, (await readStarts(state())).open.length]).toEqual([false, 1]);
    expect(await agent.ask("GET", "/v1/faces")).toMatchObject({ faces: [{ name: "mat-a" }] });
  });

  it("starts without it in safe mode, because it may be what fails", { timeout: 60_000 }, async () => {
    const screen = { width: 1280, height: 720, kiosk: { mode: "none" } };
    await cluster.configure({ hardware: { board: { screen, faces } } });
    for (let n = 1; n <= 3; n++) await failingStart(n);
    const safe = await cluster.startAgent();
    expect((await safe.status()).safeMode.on).toBe(true);
    await expect(safe.ask("GET", "/v1/faces")).rejects.toThrow("no faces");
  });
});

describe("a station", () => {
  it("whose database is spoilt has its schedule back from the snapshot, and says what it lost", {
    timeout: 60_000,
  }, async () => {
    await scheduled("cu", "Lịch tốt");
    const first = await cluster.startAgent();
    await adopted(first, "Lịch tốt");
    await first.ask("POST", "/v1/mute", { muted: true, by: "test" });
    await stop(first);
    await wasGood();
    await cluster.source.stop();
    await cluster.broker.stop("SIGKILL");
    for (const suffix of ["-wal", "-shm"]) await rm(join(state(), `loa.db${suffix}`), { force: true });
    await writeFile(join(state(), "loa.db"), Buffer.alloc(65_536, 0x55));
    const again = await cluster.startAgent();
    expect(await titles(again)).toEqual(["Lịch tốt"]);
    const status = await again.until("the concern", (view) => codes(view).includes("storage-recovered"));
    expect(status.concerns.find(({ code }) => code === "storage-recovered")?.detail).toMatch(
      /[3-9] document\(s\) came back from the snapshot/,
    );
    // What was done on the spot came back too.
    expect(status.muted).toBe(true);
  });

  it("of whose memory the card spoilt that it is muted stays muted, and journals it once", {
    timeout: 60_000,
  }, async () => {
    const first = await cluster.startAgent();
    await first.ask("POST", "/v1/mute", { muted: true, by: "test" });
    await stop(first);
    await wasGood();
    const store = await Store.open(state(), { clock: new ManualClock() });
    await store.database.run("UPDATE notes SET value = substr(value, 2) WHERE key = 'muted'");
    await store.close();
    for (let start = 1; start <= 2; start++) {
      const again = await cluster.startAgent();
      expect((await again.status()).muted).toBe(true);
      const { records } = (await again.ask("GET", "/v1/journal?limit=100")) as { records: { kind: string }[] };
      expect(records.filter(({ kind }) => kind === "notes-restored")).toHaveLength(1);
      await stop(again);
    }
  });

  it("whose station.yaml was spoilt by a slip of the hand runs by the last good one, and says so", {
    timeout: 60_000,
  }, async () => {
    await stop(await cluster.startAgent());
    await wasGood();
    const good = await readFile(cluster.place.configFile, "utf8");
    await writeFile(cluster.place.configFile, good.replace("commune:", "comune:"));
    const running = await cluster.startAgent();
    const status = await running.until("the concern", (view) => codes(view).includes("config-broken"));
    expect(status.concerns.find(({ code }) => code === "config-broken")?.detail).toContain("comune");
    await stop(running);
    await writeFile(cluster.place.configFile, good);
    const mended = await cluster.startAgent();
    await sleep(1_200);
    expect(codes(await mended.status())).not.toContain("config-broken");
  });

  it("whose root file is gone believes the last good copy of it", { timeout: 60_000 }, async () => {
    await stop(await cluster.startAgent());
    await wasGood();
    await rm((await loadStation(cluster.place.configFile)).file.root);
    const running = await cluster.startAgent();
    await running.until("the concern", (view) => codes(view).includes("config-broken"));
  });

  it("whose state folder takes no writes plays from memory and says so", {
    timeout: 60_000,
  }, async () => {
    await scheduled("cu", "Lịch tốt");
    await writeFile(state(), "a file where the folder belongs");
    const running = await cluster.startAgent();
    await running.until("the concern", (view) => codes(view).includes("state-lost"));
    await adopted(running, "Lịch tốt");
  });

  it("that never ran well has nothing to fall back on, and says what is wrong", async () => {
    await writeFile(cluster.place.configFile, "station: xa-1\nstate: state\n");
    const ran = await cli(cluster.place, ["run", "--lang", "en"]);
    expect([ran.code, ran.stderr]).toEqual([78, expect.stringMatching(/commune.*nothing of a last good run/s)]);
  });
});
