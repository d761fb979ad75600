/** Root keys are replaced by those who hold them, one step at a time, and by nobody else; the station plays on meanwhile. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RootFile } from "../../agent/contract/trust.ts";
import { DAY, HOUR } from "../../playback/model/units.ts";
import type { RootChange, RootRotation } from "../source/ceremony.ts";
import { Ceremony } from "../source/ceremony.ts";
import { type ClaimsInput, compose } from "../source/envelope.ts";
import { type GenuineRoot, ROOT_FORGERIES } from "../source/forge-root.ts";
import type { SigningKey } from "../source/keys.ts";
import { randomOf } from "../source/random.ts";
import { Door, type Letter, PROVINCE, schedule } from "../unit/trust/door.ts";

let door: Door;

beforeEach(async () => {
  door = await Door.open();
  expect(await door.adopt("schedule", schedule())).toBe("adopted");
});
afterEach(() => door.close());

const rootLetter = (body: object, keys: readonly SigningKey[], options = {}) =>
  door.letter("root", body, { address: "all", keys, ...options });

/** As the reference source does it: the trust document under both roots, then the root. */
async function rotation(change: RootChange = {}): Promise<{ trust: Letter; root: Letter; made: RootRotation }> {
  const made = await door.ceremony.rotateRoot(change);
  const seq = made.after.version;
  const trust = await door.letter("trust", door.ceremony.trustBody(), { address: "all", seq, keys: made.keys });
  return { trust, root: await rootLetter(made.body, made.keys), made };
}

const versionInForce = () =>
  Number(door.admission.documents.find(({ key }) => key.kind === "root")?.key.identifier ?? 1);

describe("a new root", () => {
  it("signed by the old root and by itself is adopted, over a restart too, and nothing else changes", async () => {
    const { trust, root } = await rotation();
    expect([await door.take(trust), await door.take(root)]).toEqual(["adopted", "adopted"]);
    expect(door.inForce()).toEqual(["root 2", "schedule 1", "trust 2"]);
    await door.restart();
    expect(door.inForce()).toEqual(["root 2", "schedule 1", "trust 2"]);
    expect(await door.take(root)).toBe("duplicate");
  });

  it.each(ROOT_FORGERIES.map((forge, n) => [n, forge] as const))(
    "that is forged (%i) is refused",
    async (_n, forge) => {
      const { before, after, body } = await door.ceremony.rotateRoot();
      const claims = door.claims("root", body, { address: "all" }) as ClaimsInput<"root">;
      const genuine: GenuineRoot = { claims, before, after };
      const { name, bytes, version = after.version, reason } = await forge(genuine);
      const topic = { kind: "root", address: "all", detail: String(version) } as const;
      expect([name, await door.take({ topic, bytes: Buffer.from(bytes) })]).toEqual([name, reason]);
      expect(versionInForce()).toBe(1);
      expect(door.inForce()).toEqual(["schedule 1", "trust 1"]);
      // The control: the same claims under the right signatures pass.
      expect(await door.take(await rootLetter(body, [...before.keys.slice(0, 2), ...after.keys.slice(0, 2)]))).toBe(
        "adopted",
      );
    },
  );

  it("below the adopted one, or with its number and other bytes, is refused as older", async () => {
    const [first, second] = [await rotation(), await rotation()];
    for (const letter of [first.trust, first.root, second.trust, second.root]) await door.take(letter);
    const { made } = first;
    const again = await rootLetter(made.body, made.keys, { iat: door.clock.now() - HOUR });
    expect(await door.take(again)).toBe("older");
    expect(await door.take(first.root)).toBe("duplicate");
    expect(versionInForce()).toBe(3);
  });

  it("waits for the ones before it, whatever the order they come in", async () => {
    const made = [await rotation(), await rotation(), await rotation()];
    const last = made[2]?.trust;
    if (last === undefined) throw new Error("no third rotation");
    const roots = made.map(({ root }) => root);
    const { count } = door.store.journal.head();
    for (const root of roots.slice(1).reverse()) expect(await door.take(root)).toBe("threshold-not-reached");
    expect(door.store.journal.head().count).toBe(count);
    expect(await door.take(roots[0] as Letter)).toBe("adopted");
    expect(versionInForce()).toBe(4);
    expect(await door.take(last)).toBe("adopted");
    expect(door.inForce()).toEqual(["root 4", "schedule 1", "trust 4"]);
  });

  it("that comes too early is held in bounded memory: the sixteen nearest, and rubbish does not keep them out", async () => {
    const made: Letter[] = [];
    for (let n = 0; n < 20; n++) made.push((await rotation()).root);
    const [next, ...later] = made;
    for (const root of later.reverse()) expect(await door.take(root)).toBe("threshold-not-reached");
    for (let version = 100; version < 200; version++) {
      const body = { ...(await door.ceremony.rotateRoot()).body, version };
      expect(await door.take(await rootLetter(body, door.ceremony.root.keys))).toBe("threshold-not-reached");
    }
    expect(await door.take(next as Letter)).toBe("adopted");
    expect(versionInForce()).toBe(2 + 16);
  });

  it("is adopted though it has expired: between two others it is only a step, and at the end it raises a concern", async () => {
    const made = await door.ceremony.rotateRoot();
    const expired = await rootLetter(made.body, made.keys, {
      iat: door.clock.now() - 2 * DAY,
      exp: door.clock.now() - DAY,
    });
    expect(await door.take(expired)).toBe("adopted");
    expect(door.admission.documents[0]?.claims.exp).toBeLessThan(door.clock.now());
  });
});

describe("what the old root had signed", () => {
  it("is out of force until the new root carries a trust document, and then plays on without being sent again", async () => {
    const { trust, root } = await rotation();
    expect(await door.take(root)).toBe("adopted");
    expect(door.inForce()).toEqual(["root 2"]);
    const withdrawn = (await door.journal(2)).map(({ kind, body }) => `${kind} ${String(body.kind)}`);
    expect(withdrawn.sort()).toEqual(["withdrawn schedule", "withdrawn trust"]);
    await door.restart();
    expect(door.inForce()).toEqual(["root 2"]);
    expect(await door.take(trust)).toBe("adopted");
    expect(door.inForce()).toEqual(["root 2", "schedule 1", "trust 2"]);
    const [last] = await door.journal(1);
    expect([last?.kind, last?.body.kind]).toEqual(["restored", "schedule"]);
  });

  it("cannot come back as an older trust document of another address", async () => {
    const old = await door.letter("trust", door.ceremony.trustBody(), { address: PROVINCE, seq: 2 });
    expect(await door.adopt("trust", door.ceremony.trustBody(), { address: "all", seq: 3 })).toBe("adopted");
    expect(await door.take(old)).toBe("older");
    expect(await door.adopt("trust", door.ceremony.trustBody(), { address: PROVINCE, seq: 4 })).toBe("adopted");
    expect(door.inForce()).toEqual(["schedule 1", "trust 4"]);
    await door.restart();
    expect(door.inForce()).toEqual(["schedule 1", "trust 4"]);
    expect(await door.adopt("trust", door.ceremony.trustBody(), { address: "all", seq: 4 })).toBe("older");
  });
});

describe("a broker that sends what it keeps in no order", () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    "(%i) brings a new station to the same end, without an alarm",
    async (seed) => {
      await door.close();
      door = await Door.open({}, false);
      const roots = [await rotation(), await rotation()].map(({ root }) => root);
      const rest = [
        await door.letter("trust", door.ceremony.trustBody(), { address: PROVINCE, seq: 3 }),
        await door.letter("schedule", schedule()),
        await door.letter("content", { level: "province" }, { address: "all" }),
        await door.letter("config", {}, { address: "all" }),
      ];
      for (const letter of randomOf(seed).shuffle([...roots, ...rest])) await door.take(letter);
      expect(door.inForce()).toEqual(["config 1", "content 1", "root 3", "schedule 1", "trust 3"]);
      const refused = (await door.journal(50)).filter(({ kind }) => kind === "refused");
      // Only a trust document that comes before its root looks like a stranger's.
      expect(refused.filter(({ body }) => body.kind !== "trust")).toEqual([]);
    },
  );

  it("fills no memory with what no key ever carries, and the last of each topic still gets its turn", async () => {
    await door.close();
    door = await Door.open({}, false);
    const stranger = await Ceremony.hold({ province: "01" });
    const forged = await door.letter("schedule", schedule(), { keys: stranger.holder("schedule").keys, seq: 9 });
    const padded = Buffer.concat([forged.bytes, Buffer.from(" ".repeat(200_000))]);
    const genuine = await door.letter("schedule", schedule());
    expect(await door.take({ topic: forged.topic, bytes: padded })).toBe("bad-signature");
    for (let n = 0; n < 200; n++) {
      await door.take({ topic: { kind: "emergency", address: "all", detail: `e-${n}` }, bytes: padded });
    }
    await door.take(genuine);
    expect(await door.adopt("trust", door.ceremony.trustBody(), { address: "all" })).toBe("adopted");
    expect(door.inForce()).toEqual(["schedule 1", "trust 1"]);
  });
});

describe("a pinned file", () => {
  it.each([
    ["a threshold that its keys cannot reach", (root: RootFile) => ({ ...root, threshold: 4 })],
    ["one key twice", ({ keys, ...root }: RootFile) => ({ ...root, keys: [keys[0], keys[0]] as RootFile["keys"] })],
  ])("with %s is a mistake in the installation and says so", async (_what, change) => {
    await door.store.close();
    door.pinned = change(door.pinned);
    await expect(door.start()).rejects.toMatchObject({ code: "config-invalid" });
  });
});

describe("the stored chain", () => {
  /** Changes one byte of a stored link, as a bad card would. */
  async function damage(link: number): Promise<void> {
    const links = door.store.notes.get("root-chain") as { bytes: string }[];
    const broken = links.map((one, n) => {
      const bytes = Buffer.from(one.bytes, "base64");
      const at = bytes.indexOf('"signature":"') + 20;
      if (n === link) bytes[at] = bytes[at] === 65 ? 66 : 65;
      return { ...one, bytes: bytes.toString("base64") };
    });
    await door.store.notes.set(null, "root-chain", broken);
  }

  it("that does not hold is left at the break, the last good root stays, and the same document mends it", async () => {
    const made = [await rotation({ keep: 3 }), await rotation({ keep: 3 }), await rotation({ keep: 3 })];
    for (const { trust, root } of made) for (const letter of [trust, root]) await door.take(letter);
    expect(versionInForce()).toBe(4);
    await damage(1);
    await door.restart();
    expect(versionInForce()).toBe(2);
    expect(door.inForce()).toEqual(["root 2", "schedule 1", "trust 4"]);
    const records = await door.journal(5);
    expect(records.filter(({ kind, body }) => kind === "withdrawn" && body.kind === "root")).toHaveLength(1);
    await door.restart();
    expect((await door.journal(1))[0]?.seq).toBe(records.at(-1)?.seq);
    for (const { root } of made) await door.take(root);
    expect(versionInForce()).toBe(4);
  });

  it.each(["null", '"rubbish"', '[{"bytes":7}]', "[]"])("that reads %s leaves the pinned root", async (value) => {
    const { trust, root } = await rotation({ keep: 3 });
    for (const letter of [trust, root]) await door.take(letter);
    await door.store.notes.set(null, "root-chain", JSON.parse(value));
    await door.restart();
    expect(door.inForce()).toEqual(["schedule 1", "trust 2"]);
    expect(await door.take(root)).toBe("adopted");
  });

  it("yields to a pinned file of a higher version, and follows on from it", async () => {
    const made = [await rotation(), await rotation(), await rotation()];
    for (const { trust, root } of made.slice(0, 2)) for (const letter of [trust, root]) await door.take(letter);
    door.pinned = door.ceremony.rootFile();
    expect(door.pinned.version).toBe(4);
    await door.restart();
    expect(door.inForce()).toEqual([]);
    expect(await door.take(made[2]?.trust as Letter)).toBe("adopted");
    expect(door.inForce()).toEqual(["schedule 1", "trust 4"]);
    // Every broker keeps the old ones; they are no news.
    const { count } = door.store.journal.head();
    for (const { root } of made) expect(await door.take(root)).toBe("duplicate");
    expect(door.store.journal.head().count).toBe(count);
    expect(await door.take((await rotation()).root)).toBe("adopted");
    expect(versionInForce()).toBe(5);
  });

  it("of another ceremony is left whole where a technician pins a new one", async () => {
    const { trust, root } = await rotation();
    for (const letter of [trust, root]) await door.take(letter);
    const other = await Ceremony.hold({ province: "01" });
    door.pinned = other.rootFile();
    await door.restart();
    expect(door.inForce()).toEqual([]);
    const claims = door.claims("trust", other.trustBody(), { address: "all", seq: 9 });
    const bytes = Buffer.from(await compose(claims, other.root.keys.slice(0, 2)));
    expect(await door.take({ topic: trust.topic, bytes })).toBe("adopted");
    expect(door.inForce()).toEqual(["trust 9"]);
  });
});
