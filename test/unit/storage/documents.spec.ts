import { describe, expect, it } from "vitest";
import type { Sha256 } from "../../../playback/model/units.ts";
import type { StoredDocument } from "../../../storage/documents.ts";
import type { Store } from "../../../storage/store.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

function document(seq: number, change: Partial<StoredDocument> = {}): StoredDocument {
  return {
    ...{ kind: "schedule", level: "commune", address: "commune/00123", identifier: "", seq, issuer: "province/01" },
    ...{ sha256: `${seq}`.padStart(64, "0") as Sha256, bytes: Buffer.from([0, 255, seq]), adoptedAt: 1_000 + seq },
    ...change,
  };
}

async function adopt(store: Store, ...documents: StoredDocument[]): Promise<void> {
  for (const each of documents) await store.transaction((tx) => store.documents.adopt(tx, each));
}

describe("the document store", () => {
  it("gives back the exact bytes of the newest, also after a restart, and the previous one for diagnosis", async () => {
    const first = await temporaryStore();
    await adopt(first.store, document(1), document(4), document(7));
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    expect(store.documents.current()).toEqual([document(7)]);
    expect(await store.documents.previous(document(7))).toEqual(document(4));
    expect(await store.database.get("SELECT count(*) AS n FROM documents")).toEqual({ n: 2 });
    expect(store.documents.seqOf(document(7))).toBe(7);
  });

  it("keeps keys apart by kind, level, address and identifier", async () => {
    const { store } = await temporaryStore();
    const others = [{ kind: "content" }, { level: "province" }, { address: "all" }, { identifier: "x" }].map((key) =>
      document(1, key),
    );
    await adopt(store, document(1), ...others);
    expect(store.documents.current()).toHaveLength(5);
    expect(store.documents.seqOf({ kind: "trust", level: "", address: "all", identifier: "" })).toBeNull();
  });

  it("takes a number that is not higher for a bug, even after the document was removed", async () => {
    const { store } = await temporaryStore();
    await adopt(store, document(5));
    for (const seq of [4, 5]) await expect(adopt(store, document(seq))).rejects.toThrow("is not above 5");
    expect(await store.transaction((tx) => store.documents.remove(tx, document(5)))).toBe(true);
    expect([store.documents.current(), store.documents.seqOf(document(5))]).toEqual([[], 5]);
    await expect(adopt(store, document(5))).rejects.toThrow("is not above 5");
    await adopt(store, document(6));
    expect(await store.documents.previous(document(6))).toBeNull();
  });

  it("shows nothing of a transaction that failed", async () => {
    const { store } = await temporaryStore();
    const failing = store.transaction(async (tx) => {
      await store.documents.adopt(tx, document(1));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect([store.documents.current(), store.documents.seqOf(document(1))]).toEqual([[], null]);
  });
});
