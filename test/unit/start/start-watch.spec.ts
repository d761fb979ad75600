/** What follows a start, in virtual time: when it counts as good, what is kept then, and when safe mode ends. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadStation } from "../../../agent/start/last-good.ts";
import { readSnapshot } from "../../../agent/start/snapshot.ts";
import { readStarts, StartBook } from "../../../agent/start/start-book.ts";
import type { StartPlan } from "../../../agent/start/start-plan.ts";
import { StartWatch } from "../../../agent/start/start-watch.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import { Ceremony } from "../../source/ceremony.ts";
import { temporaryFolder, temporaryStore } from "../../support/storage/temporary.ts";

const MINUTE = 60_000;
const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const moment = (seconds: number) => ({ bootId: "a", boottimeMs: seconds * 1_000 });

async function bench(safe: StartPlan["safe"], stateLost: string | null = null) {
  const folder = await temporaryFolder();
  const { store, clock } = await temporaryStore({ folder: join(folder, "state") });
  await writeFile(join(folder, "root.json"), JSON.stringify((await Ceremony.hold()).rootFile()));
  const text = `station: xa-00004-cum-01\ncommune: "00004"\nprovince: "01"\nroot: root.json\nstate: state\n`;
  await writeFile(join(folder, "station.yaml"), text);
  const loaded = await loadStation(join(folder, "station.yaml"));
  const book = await StartBook.begin(loaded.file.state, moment(10));
  const plan: StartPlan = {
    configFile: join(folder, "station.yaml"),
    file: loaded.file,
    loaded,
    book,
    safe,
    snapshot: null,
    stateLost,
  };
  const sounding = { now: false };
  const conductor = { onAir: () => (sounding.now ? {} : null), over: () => null };
  let restarts = 0;
  const parts = { store, clock, outputs: [{ conductor }], log: QUIET };
  const watch = new StartWatch(plan, parts as unknown as ConstructorParameters<typeof StartWatch>[1], () => {
    restarts += 1;
  });
  return { folder, store, watch, sounding, state: loaded.file.state, restarts: () => restarts, text };
}

describe("a start", () => {
  it("counts no more when it has lived for four seconds, and what it ran with for a minute is kept as good", async () => {
    const { watch, state, store, text } = await bench(null);
    const document = { kind: "schedule", level: "province", address: "all", identifier: "", seq: 1, issuer: "p" };
    const sha256 = "a".repeat(64) as Sha256;
    await store.transaction((tx) =>
      store.documents.adopt(tx, { ...document, sha256, bytes: Buffer.from("signed"), adoptedAt: 1 }),
    );
    watch.ready(1_000);
    await watch.tick(4_999);
    expect((await readStarts(state)).open).toHaveLength(1);
    await watch.tick(5_000);
    expect((await readStarts(state)).open).toEqual([]);
    await watch.tick(60_000);
    expect(await readSnapshot(state)).toBeNull();
    await watch.tick(61_000);
    expect(await readFile(join(state, "last-good/station.yaml"), "utf8")).toBe(text);
    expect((await readSnapshot(state))?.documents.map(({ bytes }) => bytes.toString())).toEqual(["signed"]);
  });

  it("keeps a later change of documents only when it has stood for a minute", async () => {
    const { watch, state, store } = await bench(null);
    watch.ready(0);
    await watch.tick(60_000);
    await store.notes.set(null, "muted", true);
    await watch.tick(80_000);
    await watch.tick(130_000);
    expect((await readSnapshot(state))?.notes).toEqual({});
    await watch.tick(141_000);
    expect((await readSnapshot(state))?.notes).toEqual({ muted: true });
  });

  it("that ends because it was told to is no failure, even in its first minute", async () => {
    const { watch, state } = await bench(null);
    watch.ready(0);
    await watch.tick(1_000);
    await watch.stopped();
    expect((await readStarts(state)).open).toEqual([]);
  });
});

describe("safe mode", () => {
  const SAFE = { rung: "snapshot", why: "3 starts failed within 10 minutes" } as const;

  it("ends by itself after 30 stable minutes, in a moment when nothing sounds, and says so in the journal", async () => {
    const { watch, sounding, restarts, state, store } = await bench(SAFE);
    watch.ready(0);
    expect(watch.view(0)).toEqual({ on: true, ...SAFE, leavesInMs: 30 * MINUTE });
    await watch.tick(30 * MINUTE - 1);
    expect(restarts()).toBe(0);
    sounding.now = true;
    await watch.tick(30 * MINUTE);
    expect(restarts()).toBe(0);
    sounding.now = false;
    await watch.tick(31 * MINUTE);
    await watch.tick(31 * MINUTE + 1_000);
    expect(restarts()).toBe(2);
    expect((await readStarts(state)).safe).toBeNull();
    const records = await store.journal.list({ afterSeq: 0, limit: 10 });
    expect(records.filter(({ kind }) => kind === "safe-mode-left")).toHaveLength(1);
  });

  it("ends under a filler that never does, an hour later", async () => {
    const { watch, sounding, restarts } = await bench(SAFE);
    watch.ready(0);
    sounding.now = true;
    await watch.tick(89 * MINUTE);
    expect(restarts()).toBe(0);
    await watch.tick(90 * MINUTE);
    expect(restarts()).toBe(1);
  });

  it("never makes what it runs with the last good", async () => {
    const { watch, state } = await bench(SAFE);
    watch.ready(0);
    await watch.tick(5 * MINUTE);
    expect(await readSnapshot(state)).toBeNull();
    await expect(readFile(join(state, "last-good/station.yaml"))).rejects.toThrow("ENOENT");
  });

  it("is left at once by a technician's word, and only where it is on", async () => {
    const { watch, restarts } = await bench(SAFE);
    expect(await watch.leave("lan")).toBe(true);
    expect(restarts()).toBe(1);
    expect(await (await bench(null)).watch.leave("lan")).toBe(false);
  });
});

describe("a state folder that was lost", () => {
  it("is taken again, by a restart, as soon as it takes writes and nothing sounds", async () => {
    const { watch, state, restarts, sounding } = await bench(null, "EROFS: read-only file system");
    await rm(state, { recursive: true });
    await writeFile(state, "no folder");
    watch.ready(0);
    await watch.tick(1_000);
    await rm(state);
    await watch.tick(30_000);
    expect(restarts()).toBe(0);
    sounding.now = true;
    await watch.tick(61_000);
    expect(restarts()).toBe(0);
    sounding.now = false;
    await watch.tick(121_000);
    expect(restarts()).toBe(1);
  });
});
