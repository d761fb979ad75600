/**
 * A card that is slow, or takes no more writes: in the middle of a change of keys, what they no longer carry is out of force all the same; an alert stands
 * and ends by its signed words, though nothing of it can be stored.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Address } from "../../agent/contract/primitives.ts";
import { HOUR } from "../../playback/model/units.ts";
import { wireInstant } from "../source/envelope.ts";
import { refuseAfter } from "../support/storage/refusing.ts";
import { type Door, type DraftOptions, schedule } from "../unit/trust/door.ts";
import { Inside } from "../unit/trust/inside.ts";

const DESK = "commune-00004";
const COMMUNE: Address = "commune/00004";
const EVERYWHERE = { address: "all" } as const;

let inside: Inside;
let door: Door;
beforeEach(async () => {
  const scope = { addresses: [COMMUNE], levels: ["commune" as const] };
  inside = await Inside.open({ extra: [{ role: "schedule", issuer: DESK, scope }] });
  door = inside.door;
  await inside.send(
    await door.letter("schedule", schedule({ id: "desk" }, "commune"), { issuer: DESK, address: COMMUNE }),
  );
  expect(inside.programmes()).toEqual(["desk"]);
});
afterEach(() => inside.bench.close());

const alert = (identifier: string, change: object = {}, options: DraftOptions = {}) => {
  const now = door.clock.now();
  const meaning = { status: "actual", msgType: "alert", sent: wireInstant(now), expires: wireInstant(now + HOUR) };
  const body = { identifier, ...meaning, headline: "Bão số 9", text: "Bão số 9 đang vào bờ.", ...change };
  return door.letter("emergency", body, options);
};
const withoutDesk = () => door.ceremony.trustBody(door.ceremony.holders.filter(({ issuer }) => issuer !== DESK));
const told = async () =>
  (await door.journal(20)).filter(({ kind }) => kind === "withdrawn").map(({ body }) => body.kind);

describe("a revocation that was written, and no more", () => {
  it("takes effect at once, and the journal is told when the disk takes writes again, once", async () => {
    const heal = refuseAfter(door.store, 1);
    await inside.send(await door.letter("trust", withoutDesk(), { ...EVERYWHERE, seq: 2 }));
    expect([inside.programmes(), door.unwritten]).toEqual([[], ["withdrawals"]]);
    heal();
    expect(await told()).toEqual([]);
    await inside.send(await door.letter("schedule", schedule({ id: "new" })));
    expect(await told()).toEqual(["schedule"]);
    await door.restart();
    expect(await told()).toEqual(["schedule"]);
  });

  it("takes effect also where a document that waited for the keys cannot be written, and that one is not forgotten", async () => {
    const [stranger] = door.ceremony.holders.filter(({ role }) => role === "schedule");
    if (stranger === undefined) throw new Error("nobody signs schedules");
    // The province's own schedule key comes with the new keys only.
    const before = door.ceremony.holders.filter((one) => one !== stranger);
    await inside.send(await door.letter("trust", door.ceremony.trustBody(before), { ...EVERYWHERE, seq: 2 }));
    await inside.send(await door.letter("schedule", schedule({ id: "early" })));
    expect(inside.programmes()).toEqual(["desk"]);
    const revoking = await door.letter("trust", withoutDesk(), { ...EVERYWHERE, seq: 3 });
    const heal = refuseAfter(door.store, 2);
    await expect(inside.send(revoking)).rejects.toThrow("disk is full");
    expect(inside.programmes()).toEqual([]);
    // Nor is an alert held up by what still cannot be written.
    await inside.send(await alert("lu"));
    expect([inside.alerts(), inside.programmes()]).toEqual([["lu"], []]);
    heal();
    // The same again, as a stick brings it: nothing new, and what waited is tried.
    await inside.send(revoking);
    inside.board.rebuild();
    expect(inside.programmes()).toEqual(["early"]);
  });
});

it("a new root takes the old one's keys away, and its forged successor is refused, also where the journal cannot be told", async () => {
  const made = [await door.ceremony.rotateRoot(), await door.ceremony.rotateRoot()] as const;
  const [root, forged] = [
    await door.letter("root", made[0].body, { ...EVERYWHERE, keys: made[0].keys }),
    await door.letter("root", made[1].body, { ...EVERYWHERE, keys: made[1].after.keys }),
  ];
  await inside.send(forged);
  refuseAfter(door.store, 1);
  await inside.send(root);
  expect([inside.programmes(), door.inForce()]).toEqual([[], ["root 2"]]);
  expect(door.unwritten).toEqual(["refusal", "withdrawals"]);
});

it("an alert is in force before a slow card has it, and is acknowledged when it has", async () => {
  const stored = () => door.store.documents.current().filter(({ kind }) => kind === "emergency").length;
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = door.store.transaction(() => promise);
  let acknowledged = false;
  const sent = inside.send(await alert("lu")).then(() => {
    acknowledged = true;
  });
  await vi.waitFor(() => expect(inside.alerts()).toEqual(["lu"]));
  expect([stored(), acknowledged]).toEqual([0, false]);
  // What is merely being written is not owed.
  expect(await door.admission.settle()).toBe(false);
  resolve();
  await Promise.all([slow, sent]);
  expect([stored(), door.unwritten, inside.alerts()]).toEqual([1, [], ["lu"]]);
  expect(await door.admission.settle()).toBe(false);
});

describe("an alert on a card that takes no writes", () => {
  const settled = async () => [await door.admission.settle(), door.inForce()];

  it("stands, is updated and cancelled all the same, and is written once when the card takes writes again", async () => {
    const heal = refuseAfter(door.store, 0);
    await inside.send(await alert("lu"));
    await inside.send(await alert("bao"));
    expect(inside.alerts()).toEqual(["lu", "bao"]);
    await inside.send(await alert("het-lu", { msgType: "cancel", references: ["lu"] }));
    expect(inside.alerts()).toEqual(["bao"]);
    await expect(door.admission.settle()).rejects.toThrow("disk is full");
    heal();
    expect(await settled()).toEqual([true, ["emergency 1", "emergency 1", "emergency 1", "schedule 1", "trust 1"]]);
    expect(await door.admission.settle()).toBe(false);
    const adopted = (await door.journal(20)).filter(
      ({ kind, body }) => kind === "adopted" && body.kind === "emergency",
    );
    expect(adopted.map(({ body }) => body.identifier)).toEqual(["lu", "bao", "het-lu"]);
    await inside.restart();
    expect(inside.alerts()).toEqual(["bao"]);
  });

  it("follows its numbers and its keys as if it were stored", async () => {
    const first = await alert("lu", {}, { seq: 4 });
    const heal = refuseAfter(door.store, 0);
    await inside.send(first);
    await inside.send(first);
    await inside.send(await alert("lu", {}, { seq: 3 }));
    await inside.send(await alert("gia", {}, { keys: door.keysOf("schedule") }));
    expect([inside.alerts(), inside.refusals]).toEqual([["lu"], ["older", "out-of-scope"]]);
    heal();
    // Other keys: judged anew with what is stored, and neither lost nor carried by a key that is gone.
    await inside.send(await door.letter("trust", withoutDesk(), { ...EVERYWHERE, seq: 2 }));
    expect(inside.alerts()).toEqual(["lu"]);
    const mute = door.ceremony.holders.filter(({ role }) => role !== "emergency");
    await inside.send(await door.letter("trust", door.ceremony.trustBody(mute), { ...EVERYWHERE, seq: 3 }));
    expect(inside.alerts()).toEqual([]);
  });

  it("is not written over a later one that the card took meanwhile", async () => {
    const heal = refuseAfter(door.store, 0);
    await inside.send(await alert("lu", { headline: "Lũ" }));
    heal();
    await inside.send(await alert("lu", { headline: "Lũ lớn" }, { seq: 2 }));
    expect(await settled()).toEqual([false, ["emergency 2", "schedule 1", "trust 1"]]);
    await door.restart();
    expect(door.inForce()).toEqual(["emergency 2", "schedule 1", "trust 1"]);
  });

  it("is not adopted where more than 64 cannot be written: then the broker brings it again", async () => {
    refuseAfter(door.store, 0);
    for (let n = 0; n < 64; n++) await inside.send(await alert(`lu-${n}`));
    await expect(alert("lu-64").then((one) => inside.send(one))).rejects.toThrow("disk is full");
    await inside.send(await alert("lu-63", {}, { seq: 2 }));
    expect(inside.alerts()).toHaveLength(64);
  });
});

it("a start finds a spoilt document on a card that takes no writes: it goes on without it, and the next start tells", async () => {
  await door.store.database.run("UPDATE documents SET bytes = X'7b7d' WHERE kind = 'schedule'");
  await door.store.close();
  await door.start((store) => refuseAfter(store, 0));
  expect([door.inForce(), door.unwritten]).toEqual([["trust 1"], ["withdrawals"]]);
  await door.restart();
  expect(await told()).toEqual(["schedule"]);
});
