/** Values that a dying card spoilt inside a database whose structure is whole: who is told, and what is still shown. */
import { describe, expect, it } from "vitest";
import { recordView } from "../../../agent/control/views.ts";
import { ofStorage } from "../../../agent/health/observe.ts";
import type { Trouble } from "../../../agent/station.ts";
import { HOUR } from "../../../playback/model/units.ts";
import { Unreadable } from "../../../storage/unreadable.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

function bench() {
  const [unreadable, clock] = [new Unreadable(), new ManualClock()];
  const database = { damage: null as string | null };
  const trouble = { storage: null as string | null, lost: null as Trouble["lost"] };
  const worry = (storage: string | null) =>
    ofStorage({ trouble: { ...trouble, storage }, store: { unreadable, database }, clock });
  return { unreadable, clock, database, trouble, worry };
}

describe("a record that will never be written", () => {
  it("is told for an hour, though the disk is well again", () => {
    const { worry, trouble, clock } = bench();
    trouble.lost = { at: clock.monotonic(), what: "a record is left out" };
    expect(worry("disk full")).toEqual({ "storage-failing": "disk full; a record is left out" });
    clock.advance(HOUR - 1);
    expect(worry(null)).toEqual({ "storage-failing": "a record is left out" });
    clock.advance(1);
    expect(worry(null)).toEqual({});
  });
});

describe("what can be read no more", () => {
  it("is a worry of its own, beside what the disk refuses, until it is written anew", () => {
    const { worry, unreadable } = bench();
    expect([worry(null), worry("disk full")]).toEqual([{}, { "storage-failing": "disk full" }]);
    unreadable.read("note floor", "5");
    unreadable.read("note mute", "tr");
    const spoilt = { "storage-spoilt": "1 stored value(s) cannot be read: note mute" };
    expect(worry(null)).toEqual(spoilt);
    expect(worry("disk full")).toEqual({ "storage-failing": "disk full", ...spoilt });
    unreadable.forget("note mute");
    expect(worry(null)).toEqual({});
  });

  it("is told too where the whole database is damaged", () => {
    const { worry, database } = bench();
    database.damage = "SQLITE_CORRUPT: database disk image is malformed";
    expect(worry(null)).toEqual({ "storage-spoilt": database.damage });
  });

  it("hides no other record of the journal", async () => {
    const { store, clock } = await temporaryStore();
    for (const n of [1, 2]) await store.record(clock.now(), "note", { n }, "log");
    const sound = (await store.journal.list({ limit: 2 })).map(({ text, hash }) => ({ ...JSON.parse(text), hash }));
    expect((await store.journal.list({ limit: 2 })).map(recordView)).toEqual(sound);
    await store.database.run("UPDATE journal SET text = substr(text, 2) WHERE seq = 1");
    const shown = (await store.journal.list({ limit: 2 })).map(recordView);
    expect(shown).toEqual([{ ...sound[0], body: {} }, sound[1]]);
  });
});
