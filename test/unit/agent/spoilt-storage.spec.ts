/** Values that a dying card spoilt inside a database whose structure is whole: who is told, and what is still shown. */
import { describe, expect, it } from "vitest";
import { recordView } from "../../../agent/control/views.ts";
import { ofStorage } from "../../../agent/health/observe.ts";
import { Unreadable } from "../../../storage/unreadable.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

describe("what can be read no more", () => {
  it("is a worry about the storage, beside what the disk refuses", () => {
    const unreadable = new Unreadable();
    const worry = (storage: string | null) => ofStorage({ trouble: { storage }, store: { unreadable } });
    expect([worry(null), worry("disk full")]).toEqual([{}, { "storage-failing": "disk full" }]);
    unreadable.read("note floor", "5");
    unreadable.read("note mute", "tr");
    const spoilt = "1 stored value(s) cannot be read and count as absent: note mute";
    expect(worry(null)).toEqual({ "storage-failing": spoilt });
    expect(worry("disk full")).toEqual({ "storage-failing": `disk full; ${spoilt}` });
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
