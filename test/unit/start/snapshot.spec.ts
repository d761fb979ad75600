/** What comes back from the snapshot at a start, and what becomes of it on a disk that refuses. */
import { describe, expect, it } from "vitest";
import { restoreInto, type Snapshot, takeSnapshot } from "../../../agent/start/snapshot.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import type { Store } from "../../../storage/store.ts";
import { refuseAfter } from "../../support/storage/refusing.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

const SCHEDULE = {
  ...{ kind: "schedule", level: "province", address: "all", identifier: "", seq: 7, issuer: "p" },
  ...{ sha256: "a".repeat(64) as Sha256, bytes: Buffer.from("signed"), adoptedAt: 1 },
};
const HOME = { commune: "00007" };
const kinds = async (store: Store) => (await store.journal.list({ limit: 10 })).map(({ kind }) => kind);
const muteOf = ({ notes }: Store) => [notes.get("muted"), notes.isSpoilt("muted")];

/** A folder of a station that is muted and has moved, and its snapshot; then a bit turns in each of `spoilt`. */
async function worn(spoilt: readonly string[]): Promise<{ folder: string; snapshot: Snapshot }> {
  const { store, folder } = await temporaryStore();
  await store.transaction((tx) => store.documents.adopt(tx, SCHEDULE));
  await store.notes.set(null, "muted", true);
  await store.notes.set(null, "home", HOME);
  const snapshot = takeSnapshot(store, 1_000);
  await store.notes.set(null, "home", { commune: "00008" });
  for (const key of spoilt) await store.database.run("UPDATE notes SET value = substr(value, 2) WHERE key = ?", key);
  await store.close();
  return { folder, snapshot };
}

describe("a note that a dying card has spoilt", () => {
  it("has the snapshot's value at the next start, with one record, and the others keep their own", async () => {
    const { folder, snapshot } = await worn(["muted"]);
    const first = await temporaryStore({ folder });
    expect(muteOf(first.store)).toEqual([undefined, true]);
    expect(await restoreInto(first.store, snapshot, 2_000)).toBe(0);
    expect([first.store.notes.get("muted"), first.store.notes.get("home")]).toEqual([true, { commune: "00008" }]);
    expect(first.store.unreadable.names).toEqual([]);
    await first.store.close();
    const { store } = await temporaryStore({ folder });
    await restoreInto(store, snapshot, 3_000);
    expect(muteOf(store)).toEqual([true, false]);
    const [record, ...more] = await store.journal.list({ limit: 10 });
    expect([record?.kind, record?.at, record?.body, more]).toEqual(["notes-restored", 2_000, { notes: ["muted"] }, []]);
  });

  it("stays spoilt where no snapshot knows it", async () => {
    const { folder, snapshot } = await worn(["muted"]);
    const { store } = await temporaryStore({ folder });
    await restoreInto(store, null, 2_000);
    await restoreInto(store, { ...snapshot, notes: { home: HOME } }, 2_000);
    expect([muteOf(store), await kinds(store)]).toEqual([[undefined, true], []]);
  });

  it("counts at once where the disk refuses it, which is told and ends no start, and is in the next snapshot", async () => {
    const { folder, snapshot } = await worn(["muted"]);
    const { store } = await temporaryStore({ folder });
    refuseAfter(store, 0);
    const told: string[] = [];
    expect(await restoreInto(store, snapshot, 2_000, (what) => told.push(what))).toBe(0);
    expect([muteOf(store), store.notes.held, told]).toEqual([[true, false], ["muted"], ["notes"]]);
    expect(takeSnapshot(store, 3_000).notes).toEqual({ muted: true, home: { commune: "00008" } });
  });
});

describe("a database that has begun anew", () => {
  it("is filled from the snapshot, with one record", async () => {
    const { snapshot } = await worn([]);
    const { store } = await temporaryStore();
    expect(await restoreInto(store, snapshot, 2_000)).toBe(1);
    expect([store.documents.seqOf(SCHEDULE), store.notes.get("muted"), store.notes.get("home")]).toEqual([
      7,
      true,
      HOME,
    ]);
    expect(await restoreInto(store, snapshot, 3_000)).toBe(0);
    expect(await kinds(store)).toEqual(["restored"]);
  });

  it("on a full card does not stop the start; its notes count, and the next start fills it without undoing what came since", async () => {
    const { snapshot } = await worn([]);
    const first = await temporaryStore();
    const mended = refuseAfter(first.store, 0);
    const told: string[] = [];
    expect(await restoreInto(first.store, snapshot, 2_000, (what) => told.push(what))).toBe(0);
    expect([first.store.documents.current(), muteOf(first.store), told]).toEqual([[], [true, false], ["snapshot"]]);
    mended();
    await first.store.notes.set(null, "muted", false);
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    expect(await restoreInto(store, snapshot, 3_000)).toBe(1);
    expect([store.documents.seqOf(SCHEDULE), store.notes.get("muted"), store.notes.get("home")]).toEqual([
      7,
      false,
      HOME,
    ]);
  });

  it("is none where all documents were removed: nothing comes back", async () => {
    const { folder, snapshot } = await worn([]);
    const { store } = await temporaryStore({ folder });
    await store.transaction((tx) => store.documents.remove(tx, SCHEDULE));
    expect(await restoreInto(store, snapshot, 2_000)).toBe(0);
    expect(store.documents.current()).toEqual([]);
  });
});
