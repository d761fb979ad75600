import { describe, expect, it } from "vitest";
import { StationError } from "../../../playback/model/station-error.ts";
import type { Store } from "../../../storage/store.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

const spoil = (store: Store, key: string) => store.database.run("UPDATE notes SET value = '{tr' WHERE key = ?", key);

describe("notes", () => {
  it("are there after a restart, and gone when set to undefined", async () => {
    const first = await temporaryStore();
    await first.store.notes.set(null, "mute", { on: true, by: "officer" });
    await first.store.notes.set(null, "floor", 5);
    await first.store.notes.set(null, "floor", undefined);
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    expect([store.notes.get("mute"), store.notes.get("floor")]).toEqual([{ on: true, by: "officer" }, undefined]);
  });

  it("count as absent where a dying card spoilt them, are named, and can be written anew", async () => {
    const first = await temporaryStore();
    await first.store.notes.set(null, "mute", true);
    await first.store.notes.set(null, "floor", 5);
    await spoil(first.store, "mute");
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    expect([store.notes.get("mute"), store.notes.get("floor")]).toEqual([undefined, 5]);
    expect(store.unreadable.names).toEqual(["note mute"]);
    expect(["mute", "floor"].map((key) => store.notes.isSpoilt(key))).toEqual([true, false]);
    await store.notes.set(null, "mute", false);
    expect([store.notes.get("mute"), store.notes.isSpoilt("mute")]).toEqual([false, false]);
    expect(store.unreadable.names).toEqual([]);
  });

  it("count though the disk has not got them, where somebody knows better, until they are written", async () => {
    const first = await temporaryStore();
    await first.store.notes.set(null, "mute", true);
    await first.store.notes.set(null, "floor", 5);
    await spoil(first.store, "mute");
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    store.notes.hold("mute", true);
    store.notes.hold("floor", 4);
    expect([store.notes.get("mute"), store.notes.get("floor")]).toEqual([true, 5]);
    expect([store.notes.held, store.notes.isSpoilt("mute"), store.unreadable.names]).toEqual([
      ["mute"],
      false,
      ["note mute"],
    ]);
    await store.notes.set(null, "mute", true);
    expect([store.notes.held, store.unreadable.names]).toEqual([[], []]);
  });

  it("stay known where the card spoils them while the agent runs, and the file is opened anew", async () => {
    const { store } = await temporaryStore();
    await store.notes.set(null, "mute", true);
    await spoil(store, "mute");
    const cause = Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR" });
    const failing = store.transaction(() => Promise.reject(new StationError("storage-failed", "write", { cause })));
    await expect(failing).rejects.toThrow("write");
    await store.notes.set(null, "floor", 5);
    expect(store.unreadable.names).toEqual(["note mute"]);
    expect([store.notes.get("mute"), store.notes.isSpoilt("mute"), store.notes.held]).toEqual([true, false, ["mute"]]);
  });

  it("show nothing of a transaction that failed, and give out copies", async () => {
    const { store } = await temporaryStore();
    const failing = store.transaction(async (tx) => {
      await store.notes.set(tx, "a", 1);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(store.notes.get("a")).toBeUndefined();
    await store.notes.set(null, "b", { list: [1] });
    (store.notes.get("b") as { list: number[] }).list.push(2);
    expect(store.notes.get("b")).toEqual({ list: [1] });
  });
});
