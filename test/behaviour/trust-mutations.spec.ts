/**
 * Mutated documents against the real door: none is accepted. 10,000 by default, `LOA_MUTATIONS` for more, `LOA_SEED` to repeat a run.
 */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DocumentKind } from "../../agent/contract/envelope.ts";
import { HOUR } from "../../playback/model/units.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import { wireInstant } from "../source/envelope.ts";
import { newSigningKey, type SigningKey } from "../source/keys.ts";
import { MUTATIONS, respell } from "../source/mutate.ts";
import type { Materials, Subject } from "../source/mutation.ts";
import { randomOf } from "../source/random.ts";
import { Door, type Letter, schedule } from "../unit/trust/door.ts";

const COUNT = Number(process.env.LOA_MUTATIONS ?? 10_000);
const SEED = Number(process.env.LOA_SEED ?? randomInt(2 ** 31));

interface Genuine extends Letter, Subject {
  readonly kind: DocumentKind;
}

let door: Door;
let genuine: Genuine[];
let stranger: SigningKey;

beforeAll(async () => {
  door = await Door.open({ quorums: { emergency: { keys: 3, threshold: 2 } } });
  stranger = await newSigningKey();
  const made = async (kind: DocumentKind, body: object, address: "all" | "province/01", keys = door.keysOf(kind)) => ({
    kind,
    keys,
    ...(await door.letter(kind, body, { address, keys, ...(kind === "trust" ? { seq: 2 } : {}) })),
  });
  const rotated = await door.ceremony.rotateRoot();
  const { before, keys } = rotated;
  const now = door.clock.now();
  const alert = {
    identifier: "bao-1",
    sent: wireInstant(now),
    status: "actual",
    msgType: "alert",
    expires: wireInstant(now + HOUR),
    headline: "Bão số 9",
    text: "Bão số 9 đang vào bờ.",
  };
  genuine = [
    await made("schedule", schedule(), "province/01"),
    await made("emergency", alert, "province/01"),
    await made("config", { policy: { volume: 50 } }, "all"),
    await made("command", { name: "volume", percent: 40 }, "province/01"),
    await made("trust", door.ceremony.trustBody(), "all", before.keys.slice(0, 2)),
    await made("root", rotated.body, "all", keys),
  ];
});
afterAll(() => door.close());

const judge = ({ topic }: Letter, bytes: Buffer) => door.admission.examine(topic, bytes);

describe("the documents that are mutated", () => {
  it("are accepted as they are, or nothing below would mean anything", async () => {
    for (const one of genuine) expect([one.kind, isRefusal(await judge(one, one.bytes))]).toEqual([one.kind, false]);
  });
});

describe(`${COUNT} mutations (seed ${SEED})`, () => {
  it("are all refused, each kind of mutation and of document among them", {
    timeout: 60_000 + COUNT * 12,
  }, async () => {
    process.stdout.write(`mutations: ${COUNT}, LOA_SEED=${SEED}\n`);
    const random = randomOf(SEED);
    const names = Object.keys(MUTATIONS);
    const tried = new Map<string, number>();
    const reasons = new Map<string, number>();
    const accepted: string[] = [];
    for (let n = 0; n < COUNT; n++) {
      const name = names[n % names.length] ?? "";
      const subject = random.pick(genuine);
      const other = random.pick(genuine.filter((one) => one !== subject));
      const bytes = MUTATIONS[name]?.({ random, subject, other, stranger }) ?? Buffer.alloc(0);
      if (bytes.equals(subject.bytes)) continue;
      const outcome = await judge(subject, bytes);
      tried.set(`${name} ${subject.kind}`, (tried.get(`${name} ${subject.kind}`) ?? 0) + 1);
      if (isRefusal(outcome)) reasons.set(outcome.reason, (reasons.get(outcome.reason) ?? 0) + 1);
      else accepted.push(`${n} ${name} ${subject.kind}: ${bytes.toString("base64").slice(0, 200)}`);
    }
    expect(accepted).toEqual([]);
    expect(tried.size).toBeGreaterThan(names.length * genuine.length * 0.9);
    expect([...tried.values()].reduce((sum, count) => sum + count)).toBeGreaterThan(COUNT * 0.98);
    // Signatures and shape must both have been what refused: a door that refuses everything for its shape proves little.
    for (const reason of ["malformed", "bad-signature", "threshold-not-reached"]) {
      expect([reason, (reasons.get(reason) ?? 0) > COUNT / 100]).toEqual([reason, true]);
    }
  });

  it("that only spell the same document otherwise say nothing else, and are nothing new once it is adopted", async () => {
    const random = randomOf(SEED);
    for (let n = 0; n < 300; n++) {
      const subject = random.pick(genuine);
      const materials: Materials = { random, subject, other: subject, stranger };
      const [plain, spelled] = [await judge(subject, subject.bytes), await judge(subject, respell(materials))];
      if (isRefusal(plain) || isRefusal(spelled)) throw new Error(`${subject.kind} refused`);
      expect(spelled.claims).toEqual(plain.claims);
      expect([...spelled.keys].sort()).toEqual([...plain.keys].sort());
    }
    const [subject] = genuine;
    if (subject === undefined) throw new Error("no document");
    expect(await door.take(subject)).toBe("adopted");
    for (let n = 0; n < 50; n++) {
      const bytes = respell({ random, subject, other: subject, stranger });
      expect(["older", "duplicate"]).toContain(await door.take({ topic: subject.topic, bytes }));
    }
  });

  it("leave the station as it was, also where they are offered for adoption", async () => {
    const random = randomOf(SEED);
    const before = door.inForce();
    for (const [name, mutate] of Object.entries(MUTATIONS)) {
      const subject = random.pick(genuine.filter(({ kind }) => kind !== "command"));
      const bytes = mutate({ random, subject, other: random.pick(genuine), stranger });
      if (bytes.equals(subject.bytes)) continue;
      expect([name, await door.take({ topic: subject.topic, bytes })]).not.toEqual([name, "adopted"]);
    }
    expect(door.inForce()).toEqual(before);
  });
});
