/** What a start must know of the run before, whose database was damaged: what was done on the spot, and alerts, as they stood. */
import { describe, expect, it } from "vitest";
import type { Adopted } from "../../../agent/adopted.ts";
import { lastWord } from "../../../agent/start/last-word.ts";
import type { Snapshot } from "../../../agent/start/snapshot.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import { alert } from "../../support/virtual/virtual-cluster.ts";

const bytes = Buffer.from("signed");
const key = (kind: string, identifier: string) => ({ kind, level: "", address: "all", identifier });
const document = (kind: string, identifier: string, seq: number) => ({
  ...{ ...key(kind, identifier), seq, issuer: "p", sha256: `${seq}`.repeat(64) as Sha256, bytes, adoptedAt: 1 },
});
const adopted = (kind: string, identifier: string, seq: number) => {
  const { sha256 } = document(kind, identifier, seq);
  return { key: key(kind, identifier), claims: { seq, iss: "p" }, sha256, bytes, adoptedAt: 1 } as unknown as Adopted;
};
const snapshot = (takenAt: number, documents: Snapshot["documents"], notes: Snapshot["notes"]): Snapshot => {
  return { version: 1, takenAt, documents, notes };
};
const FACTS = { muted: false, policy: DEFAULT_POLICY, emergencies: [] };
const idOf = ({ kind, identifier, seq }: Snapshot["documents"][number]) => `${kind} ${identifier} ${seq}`;

describe("the last word of a run", () => {
  it("has the documents that have stood, and alerts as this run knows them", () => {
    const last = snapshot(1, [document("schedule", "", 1), document("emergency", "bao", 2)], {});
    const taken = snapshot(9, [document("schedule", "", 3), document("emergency", "bao", 2)], {});
    const held = [adopted("emergency", "bao", 4), adopted("emergency", "huy", 5), adopted("schedule", "", 3)];
    const word = lastWord(last, taken, held, FACTS);
    expect(word.documents.map(idOf)).toEqual(["schedule  1", "emergency bao 4", "emergency huy 5"]);
    expect(word.documents.at(-1)).toEqual(document("emergency", "huy", 5));
    expect([word.takenAt, lastWord(null, taken, [], FACTS).documents]).toEqual([9, taken.documents]);
  });

  it("has the notes of now, but for the configuration, which belongs to its documents", () => {
    const last = snapshot(1, [], { config: "old", home: "A", speakers: "kept" });
    const taken = snapshot(9, [], { config: "new", home: "B", clock: 5 });
    expect(lastWord(last, taken, [], FACTS).notes).toMatchObject({
      ...{ config: "old", home: "B", clock: 5, speakers: "kept" },
    });
    expect(lastWord(null, taken, [], FACTS).notes).toMatchObject({ config: "new" });
  });

  it("has what was done on the spot as it takes effect, whatever was noted of it", () => {
    const stopped = (identifier: string) => ({ emergency: alert(identifier), ended: refusal("emergency-stopped", "") });
    const cancelled = { emergency: alert("lu"), ended: refusal("expired", "cancelled") };
    const facts = {
      muted: true,
      policy: { ...DEFAULT_POLICY, volume: 20 },
      emergencies: [stopped("bao"), stopped("cu"), cancelled, { emergency: alert("sau"), ended: null }],
    };
    const noted = snapshot(9, [], { muted: false, volume: 80, "emergency-stopped": ["cu", "xua"] });
    expect(lastWord(null, noted, [], facts).notes).toEqual({
      ...{ muted: true, volume: 20, "emergency-stopped": ["cu", "xua", "bao"] },
    });
    // Nobody has set one: the configuration's goes on.
    expect(lastWord(null, snapshot(9, [], {}), [], facts).notes).not.toHaveProperty("volume");
  });
});
