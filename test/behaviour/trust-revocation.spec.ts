/** What becomes of documents when root takes their keys away, or the card their bytes; and who is bound by the numbers that they had. */
import { afterEach, describe, expect, it } from "vitest";
import { originOf } from "../../agent/adopted.ts";
import type { Address } from "../../agent/contract/primitives.ts";
import { FactBoard } from "../../agent/fact-board.ts";
import { addressesOf } from "../../agent/identity.ts";
import { DAY, HOUR, SECOND } from "../../playback/model/units.ts";
import { local, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";
import { Door, IDENTITY, schedule } from "../unit/trust/door.ts";

const DESK = "commune-00004";
const COMMUNE: Address = "commune/00004";
const own = { issuer: DESK, address: COMMUNE };
const desk = () => ({
  extra: [{ role: "schedule" as const, issuer: DESK, scope: { addresses: [COMMUNE], levels: ["commune" as const] } }],
});

let door: Door;
afterEach(() => door.close());

describe("a key that root leaves out", () => {
  it("takes its programmes off the air at once, and its alerts, and the journal says so", async () => {
    const start = local("2026-11-20 04:59:59");
    door = await Door.open(desk());
    door.clock.step(start - door.clock.now());
    const cluster = new VirtualCluster(start, {});
    const items = [{ kind: "silence", id: "i", durationMs: 600_000 }];
    await door.adopt("schedule", schedule({ items, recurrence: { kind: "weekly", weekdays: ["FR"] } }, "commune"), {
      ...own,
      iat: start - HOUR,
      exp: start + 1_000 * HOUR,
    });
    const board = new FactBoard({
      admission: door.admission,
      store: door.store,
      clock: door.clock,
      chain: addressesOf(IDENTITY),
      zone: IDENTITY.zone,
      outputs: ["horn"],
      limits: { volumeCeiling: 100, quietHours: [] },
      configuration: () => [],
      onChange: (facts) => cluster.change({ ...facts, policy: { ...facts.policy, quietHours: [] } }),
    });
    cluster.change({ programmes: [programme("nen", { filler: true, start: "00:00", end: "23:59", loop: true })] });
    board.rebuild();
    await cluster.conductor.start();
    await cluster.clock.advance(30 * SECOND);
    expect(cluster.conductor.onAir()?.candidate.header.origin.issuer).toBe(DESK);
    const rest = door.ceremony.holders.filter(({ issuer }) => issuer !== DESK);
    expect(
      await door.adopt("trust", door.ceremony.trustBody(rest), { address: "all", seq: 2, exp: start + 999 * HOUR }),
    ).toBe("adopted");
    board.rebuild();
    await cluster.clock.advance(SECOND);
    expect(cluster.conductor.onAir()).toBeNull();
    const [last] = await door.journal(1);
    expect([last?.kind, last?.body.kind, last?.body.reason]).toEqual(["withdrawn", "schedule", "bad-signature"]);
    await cluster.conductor.close();
    expect(cluster.faults).toEqual([]);
  });

  it("binds nobody with the number it signed last, and is not believed again", async () => {
    door = await Door.open({ quorums: { schedule: { keys: 2, threshold: 1 } } });
    const holder = door.ceremony.holder("schedule");
    const [stolen, safe] = holder.keys;
    if (!stolen || !safe) throw new Error("keys are missing");
    const most = Number.MAX_SAFE_INTEGER;
    expect(await door.adopt("schedule", schedule(), { keys: [stolen], seq: most })).toBe("adopted");
    expect(await door.adopt("schedule", schedule(), { keys: [safe], seq: 5 })).toBe("older");
    const others = door.ceremony.holders.map((one) => (one === holder ? { ...one, keys: [safe] } : one));
    const trust = door.ceremony.trustBody(others);
    expect(await door.adopt("trust", trust, { address: "all", seq: 2 })).toBe("adopted");
    expect(door.inForce()).toEqual(["trust 2"]);
    expect(await door.adopt("schedule", schedule(), { keys: [stolen], seq: most - 1 })).toBe("bad-signature");
    expect(await door.adopt("schedule", schedule(), { keys: [safe], seq: 5 })).toBe("adopted");
    await door.restart();
    expect(door.inForce()).toEqual(["schedule 5", "trust 2"]);
    expect(await door.adopt("schedule", schedule(), { keys: [safe], seq: 4 })).toBe("older");
  });

  it("is out of force also where only its scope was narrowed, and new limits bind what stays", async () => {
    door = await Door.open(desk());
    await door.adopt("schedule", schedule({ volume: 80 }, "commune"), own);
    const narrowed = (change: object) =>
      door.ceremony.holders.map((one) => (one.issuer === DESK ? { ...one, scope: { ...one.scope, ...change } } : one));
    const trust = (seq: number, change: object) =>
      door.adopt("trust", door.ceremony.trustBody(narrowed(change)), { address: "all", seq });
    expect(await trust(2, { loudest: 80 })).toBe("adopted");
    expect(door.admission.documents.map(originOf).find(({ issuer }) => issuer === DESK)?.limits).toEqual({
      loudest: 80,
    });
    expect(await trust(3, { loudest: 70 })).toBe("adopted");
    expect(door.inForce()).toEqual(["trust 3"]);
    expect(await trust(4, {})).toBe("adopted");
    expect(door.inForce()).toEqual(["schedule 1", "trust 4"]);
  });
});

describe("a damaged card", () => {
  it("does not keep a document out for good: the same one mends it, an older one does not", async () => {
    door = await Door.open();
    const letter = await door.letter("schedule", schedule(), { seq: 7 });
    const before = await door.letter("schedule", schedule(), { seq: 6 });
    await door.take(letter);
    await door.store.database.run("UPDATE documents SET bytes = X'7b7d' WHERE kind = 'schedule'");
    await door.restart();
    expect(door.inForce()).toEqual(["trust 1"]);
    expect(await door.take(before)).toBe("older");
    expect(await door.take(letter)).toBe("adopted");
    await door.restart();
    expect(door.inForce()).toEqual(["schedule 7", "trust 1"]);
  });

  it("does not leave the station without trust: the very same document mends it, no other of its number does", async () => {
    door = await Door.open();
    await door.adopt("schedule", schedule());
    const all = { address: "all" } as const;
    const before = await door.letter("trust", door.ceremony.trustBody(), { ...all, seq: 2 });
    const letter = await door.letter("trust", door.ceremony.trustBody(), { ...all, seq: 3 });
    const other = await door.letter("trust", door.ceremony.trustBody(), { ...all, seq: 3 });
    expect([await door.take(before), await door.take(letter)]).toEqual(["adopted", "adopted"]);
    await door.store.database.run("UPDATE documents SET bytes = X'7b7d' WHERE kind = 'trust' AND current = 1");
    await door.restart();
    expect(door.inForce()).toEqual([]);
    // Its end, which stops adoption only, has passed meanwhile.
    await door.clock.advance(90 * DAY);
    expect([await door.take(before), await door.take(other)]).toEqual(["older", "older"]);
    expect(await door.take(letter)).toBe("adopted");
    expect(door.inForce()).toEqual(["schedule 1", "trust 3"]);
    await door.restart();
    expect(door.inForce()).toEqual(["schedule 1", "trust 3"]);
    expect(await door.take(letter)).toBe("duplicate");
  });
});
