/** A card that takes no more writes in the middle of a change of keys: what the keys no longer carry is out of force all the same. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Address } from "../../agent/contract/primitives.ts";
import { refuseAfter } from "../support/storage/refusing.ts";
import { type Door, schedule } from "../unit/trust/door.ts";
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
    heal();
    await inside.send(await door.letter("trust", withoutDesk(), { ...EVERYWHERE, seq: 4 }));
    expect(inside.programmes()).toEqual(["early"]);
  });
});

it("a new root takes the old one's keys away also where the refusal of its forged successor cannot be written", async () => {
  const made = [await door.ceremony.rotateRoot(), await door.ceremony.rotateRoot()] as const;
  const [root, forged] = [
    await door.letter("root", made[0].body, { ...EVERYWHERE, keys: made[0].keys }),
    await door.letter("root", made[1].body, { ...EVERYWHERE, keys: made[1].after.keys }),
  ];
  await inside.send(forged);
  refuseAfter(door.store, 1);
  await expect(inside.send(root)).rejects.toThrow("disk is full");
  expect([inside.programmes(), door.inForce()]).toEqual([[], ["root 2"]]);
});

it("a start finds a spoilt document on a card that takes no writes: it goes on without it, and the next start tells", async () => {
  await door.store.database.run("UPDATE documents SET bytes = X'7b7d' WHERE kind = 'schedule'");
  await door.store.close();
  await door.start((store) => refuseAfter(store, 0));
  expect([door.inForce(), door.unwritten]).toEqual([["trust 1"], ["withdrawals"]]);
  await door.restart();
  expect(await told()).toEqual(["schedule"]);
});
