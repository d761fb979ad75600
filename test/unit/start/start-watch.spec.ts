/** What follows a start, in virtual time: when it counts as good, what is kept then, and when safe mode ends. */
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadStation } from "../../../agent/start/last-good.ts";
import { readSnapshot, type Snapshot, takeSnapshot, writeSnapshot } from "../../../agent/start/snapshot.ts";
import { readStarts, StartBook } from "../../../agent/start/start-book.ts";
import type { StartPlan } from "../../../agent/start/start-plan.ts";
import { StartWatch } from "../../../agent/start/start-watch.ts";
import type { Facts } from "../../../playback/model/facts.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import type { Store } from "../../../storage/store.ts";
import { Ceremony } from "../../source/ceremony.ts";
import { refuseAfter } from "../../support/storage/refusing.ts";
import { temporaryFolder, temporaryStore } from "../../support/storage/temporary.ts";
import { alert, programme, ZONE } from "../../support/virtual/virtual-cluster.ts";

const MINUTE = 60_000;
const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const moment = (seconds: number) => ({ bootId: "a", boottimeMs: seconds * 1_000 });

const NO_FACTS: Facts = {
  ...{ zone: ZONE, outputs: ["horn"], programmes: [], playlists: [], texts: new Set(), approved: new Map() },
  ...{ live: new Map(), suspensions: [], emergencies: [], announcements: [], policy: DEFAULT_POLICY, muted: false },
};
const SCHEDULE = {
  ...{ kind: "schedule", level: "province", address: "all", identifier: "", seq: 1, issuer: "p" },
  ...{ sha256: "a".repeat(64) as Sha256, bytes: Buffer.from("signed"), adoptedAt: 1 },
};

/** What SQLite says of a page that it cannot make sense of. */
async function damage(store: Store): Promise<void> {
  const cause = Object.assign(new Error("database disk image is malformed"), { code: "SQLITE_CORRUPT" });
  const failing = store.transaction(() => Promise.reject(new StationError("storage-failed", "read", { cause })));
  await expect(failing).rejects.toThrow("read");
}
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

interface Started {
  readonly stateLost?: string;
  readonly snapshot?: Snapshot;
  readonly folder?: string;
}

async function bench(safe: StartPlan["safe"], { stateLost, snapshot, folder: given }: Started = {}) {
  const folder = given ?? (await temporaryFolder());
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
    snapshot: snapshot ?? null,
    stateLost: stateLost ?? null,
  };
  const sounding = { now: false, facts: NO_FACTS };
  const conductor = {
    ...{ onAir: () => (sounding.now ? {} : null), over: () => null, decision: null },
    get facts() {
      return sounding.facts;
    },
  };
  let restarts = 0;
  const parts = {
    ...{ store, clock, outputs: [{ conductor }], log: QUIET, board: conductor },
    admission: { documents: [] },
  };
  const watch = new StartWatch(plan, parts as unknown as ConstructorParameters<typeof StartWatch>[1], () => {
    restarts += 1;
  });
  return { folder, store, watch, sounding, state: loaded.file.state, restarts: () => restarts, text };
}

describe("a start", () => {
  it("counts no more when it has lived for four seconds, and what it ran with for a minute is kept as good", async () => {
    const { watch, state, store, text } = await bench(null);
    await store.transaction((tx) => store.documents.adopt(tx, SCHEDULE));
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
    const { watch, state, restarts, sounding } = await bench(null, { stateLost: "EROFS: read-only file system" });
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

describe("a snapshot", () => {
  it("is not overwritten by a store that has lost a note, until the note is there again", async () => {
    const { state, store, folder } = await bench(null);
    await store.notes.set(null, "muted", true);
    await writeSnapshot(state, takeSnapshot(store, 1));
    await store.database.run("UPDATE notes SET value = '{tr'");
    await store.close();
    // What it holds could not be read at this start.
    const later = await bench(null, { folder });
    later.watch.ready(0);
    await later.store.notes.set(null, "volume", 40);
    await later.watch.tick(60_000);
    await later.watch.tick(5 * MINUTE);
    expect((await readSnapshot(state))?.notes).toEqual({ muted: true });
    await later.store.notes.set(null, "muted", false);
    await later.watch.tick(6 * MINUTE);
    expect((await readSnapshot(state))?.notes).toEqual({ muted: false, volume: 40 });
  });

  it("is not overwritten by a database that has begun anew and was not filled", async () => {
    const { store } = await temporaryStore();
    await store.transaction((tx) => store.documents.adopt(tx, SCHEDULE));
    const snapshot = takeSnapshot(store, 1);
    const later = await bench(null, { snapshot });
    await writeSnapshot(later.state, snapshot);
    later.watch.ready(0);
    await later.store.notes.set(null, "volume", 40);
    for (const at of [60_000, 2 * MINUTE, 4 * MINUTE]) await later.watch.tick(at);
    expect((await readSnapshot(later.state))?.documents).toHaveLength(1);
  });
});

describe("a note that counts in memory only", () => {
  it("is written, and journalled once, as soon as the disk takes it", async () => {
    const { watch, store } = await bench(null);
    const mended = refuseAfter(store, 0);
    store.notes.hold("muted", true);
    watch.ready(0);
    await watch.tick(1_000);
    mended();
    await watch.tick(60_000);
    expect(store.notes.held).toEqual(["muted"]);
    await watch.tick(61_000);
    await watch.tick(3 * MINUTE);
    expect([store.notes.held, store.notes.get("muted")]).toEqual([[], true]);
    const records = await store.journal.list({ limit: 10 });
    expect(records.map(({ kind, body }) => [kind, body])).toEqual([["notes-restored", { notes: ["muted"] }]]);
  });
});

describe("a database that is found damaged while it is used", () => {
  it("is begun anew by a restart that counts as no failure, when nothing sounds", async () => {
    const { watch, store, state, restarts, sounding } = await bench(null);
    const note = join(state, "loa.db.damaged");
    watch.ready(0);
    await watch.tick(5_000);
    await damage(store);
    await watch.tick(59_999);
    expect([restarts(), await isThere(note)]).toEqual([0, false]);
    sounding.now = true;
    await watch.tick(60_000);
    expect([restarts(), await isThere(note)]).toEqual([0, true]);
    sounding.now = false;
    // Meanwhile an officer has muted it, and the database did not take that.
    sounding.facts = { ...NO_FACTS, muted: true };
    await watch.tick(70_000);
    expect(restarts()).toBe(1);
    expect((await readSnapshot(state))?.notes).toEqual({ muted: true, "emergency-stopped": [] });
    await watch.stopped();
    expect((await readStarts(state)).open).toEqual([]);
  });

  it("stays where the disk does not take what the next start has to know", async () => {
    const { watch, store, state, restarts } = await bench(null);
    await mkdir(join(state, "snapshot.json/in the way"), { recursive: true });
    watch.ready(0);
    await damage(store);
    await watch.tick(MINUTE);
    expect(restarts()).toBe(0);
    await rm(join(state, "snapshot.json"), { recursive: true });
    await watch.tick(2 * MINUTE);
    expect(restarts()).toBe(1);
  });

  it("waits for an hour where something sounds without an end, and for an alert that stands as long as it does", async () => {
    const { watch, store, restarts, sounding } = await bench(null);
    watch.ready(0);
    await damage(store);
    sounding.now = true;
    const standing = { emergency: alert("bao"), ended: null };
    sounding.facts = { ...NO_FACTS, emergencies: [standing] };
    await watch.tick(MINUTE);
    await watch.tick(3 * 60 * MINUTE);
    expect(restarts()).toBe(0);
    sounding.facts = { ...NO_FACTS, emergencies: [{ ...standing, ended: refusal("expired", "cancelled") }] };
    await watch.tick(3 * 60 * MINUTE + 10_000);
    expect(restarts()).toBe(1);
  });

  it("waits while what was played already would be played again", async () => {
    const { watch, store, restarts, sounding } = await bench(null);
    watch.ready(0);
    await damage(store);
    // It is noon there.
    sounding.facts = { ...NO_FACTS, programmes: [programme("trua", { start: "11:55", end: "12:30" })] };
    await watch.tick(MINUTE);
    await watch.tick(2 * MINUTE);
    expect(restarts()).toBe(0);
    sounding.facts = { ...NO_FACTS, programmes: [programme("trua", { start: "11:30", end: "11:50" })] };
    await watch.tick(3 * MINUTE);
    expect(restarts()).toBe(1);
  });

  it("is left as it is where the disk has no room for a new one", async () => {
    const { watch, store, state, restarts } = await bench(null);
    const inTheWay = join(state, "loa.db.damaged");
    await mkdir(join(inTheWay, "full"), { recursive: true });
    watch.ready(0);
    await damage(store);
    await watch.tick(MINUTE);
    await rm(inTheWay, { recursive: true });
    await watch.tick(10 * MINUTE);
    expect(restarts()).toBe(0);
    await watch.tick(11 * MINUTE);
    expect(restarts()).toBe(1);
  });

  it("and was looked through at the start already costs no second restart within the hour", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "state"));
    await writeFile(join(folder, "state/loa.db.damaged"), "malformed");
    const { watch, store, restarts } = await bench(null, { folder });
    watch.ready(0);
    await damage(store);
    for (let minute = 1; minute < 60; minute++) await watch.tick(minute * MINUTE);
    expect(restarts()).toBe(0);
    await watch.tick(60 * MINUTE);
    expect(restarts()).toBe(1);
  });

  it("that proved sound when it was opened anew is left alone", async () => {
    const { watch, store, restarts } = await bench(null);
    watch.ready(0);
    await damage(store);
    const cause = Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR" });
    const failing = store.transaction(() => Promise.reject(new StationError("storage-failed", "write", { cause })));
    await expect(failing).rejects.toThrow("write");
    await store.notes.set(null, "volume", 40);
    await watch.tick(5 * MINUTE);
    expect(restarts()).toBe(0);
  });
});
