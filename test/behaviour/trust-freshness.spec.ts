/** Rollback and freeze under a clock that may be wrong: what is noticed, what is told ahead, and what never expires by mistake. */
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expiringOf, nameOf, tellExpiring } from "../../agent/admission/expiring.ts";
import { downlinkTopic } from "../../agent/contract/topics.ts";
import { Downlink } from "../../agent/downlink.ts";
import { DAY, HOUR, SECOND } from "../../playback/model/units.ts";
import { wireInstant } from "../source/envelope.ts";
import { Door, IDENTITY, schedule } from "../unit/trust/door.ts";

const STATION = `station/${IDENTITY.station}` as const;

let door: Door;
beforeEach(async () => {
  door = await Door.open();
});
afterEach(() => door.close());

const alert = (identifier: string) => ({
  identifier,
  sent: wireInstant(door.clock.now()),
  status: "actual",
  msgType: "alert",
  expires: wireInstant(door.clock.now() + HOUR),
  headline: "Lũ",
  text: "Lũ về.",
});

/** A downlink whose session sent this nonce just now. */
function session(nonce: string) {
  const attested: number[] = [];
  const heard: number[] = [];
  const sentAt = door.clock.monotonic();
  const clock = Object.assign(door.clock, {
    attest: (time: number) => {
      attested.push(time);
      return Promise.resolve();
    },
  });
  const downlink = new Downlink({
    admission: door.admission,
    commands: { execute: () => Promise.reject(new Error("no command was sent")) } as never,
    clock,
    station: IDENTITY.station,
    nonce: () => ({ value: nonce, sentAt }),
    onAlert: () => undefined,
    onAdopted: () => undefined,
    onSourceHeard: (since) => {
      heard.push(since);
      return Promise.resolve();
    },
    onAck: () => Promise.resolve(),
    onRefused: () => undefined,
  });
  return { downlink, attested, heard, sentAt };
}

const freshNonce = () => randomBytes(16).toString("base64url");

/** The source's signed answer to a nonce. */
async function signedTime(nonce: string, versions: Record<string, number> = {}): Promise<Buffer> {
  const body = { nonce, time: wireInstant(door.clock.now()), versions };
  return (await door.letter("time", body, { address: STATION })).bytes;
}

async function tell(versions: Record<string, number>, nonce = freshNonce(), asked = nonce) {
  const { downlink, attested } = session(asked);
  await downlink.receive(downlinkTopic("time", STATION), await signedTime(nonce, versions), "link");
  return attested;
}

const withheld = () => door.admission.withheld().map(({ document, named, adopted }) => [document, named, adopted]);

describe("a broker that withholds", () => {
  it("is found out by the versions that the source signed to this session's nonce", async () => {
    await door.adopt("schedule", schedule(), { seq: 4 });
    await tell({ "all/trust": 1, "province/01/schedule/province": 4 });
    expect(withheld()).toEqual([]);
    await tell({
      "all/trust": 2,
      "all/root/2": 2,
      "province/01/schedule/province": 6,
      "commune/00004/content/commune": 1,
      "province/01/emergency/lu-1": 1,
    });
    expect(withheld()).toEqual([
      ["all/trust", 2, 1],
      ["all/root/2", 2, 1],
      ["province/01/schedule/province", 6, 4],
      ["commune/00004/content/commune", 1, null],
      ["province/01/emergency/lu-1", 1, null],
    ]);
    await door.adopt("schedule", schedule(), { seq: 6 });
    await door.adopt("emergency", alert("lu-1"));
    expect(withheld().map(([name]) => name)).not.toContain("province/01/schedule/province");
    expect(withheld().map(([name]) => name)).not.toContain("province/01/emergency/lu-1");
  });

  it("is not suspected for what is not this station's, nor for what no station keeps", async () => {
    await tell({
      "commune/00005/schedule/commune": 9,
      "station/xa-00005-cum-01/config": 9,
      "province/01/command": 9,
      [`${STATION}/ack`]: 9,
      "province/01/release": 9,
      "province/01/nonsense/x": 9,
      "": 9,
    });
    expect(withheld()).toEqual([]);
  });

  it("is not acquitted by yesterday's answer, nor by one to another's nonce", async () => {
    await tell({ "province/01/schedule/province": 6 });
    const nonce = freshNonce();
    expect(await tell({}, nonce, freshNonce())).toEqual([]);
    expect(withheld()).toHaveLength(1);
    await tell({});
    expect(withheld()).toEqual([]);
  });

  it("does not count an alert that is long over, though the document is gone", async () => {
    await door.adopt("emergency", alert("lu-1"), { seq: 3, exp: door.clock.now() + HOUR });
    await door.clock.advance(40 * DAY);
    await door.admission.forgetOldAlerts(door.clock.now());
    await tell({ "province/01/emergency/lu-1": 3 });
    expect(withheld()).toEqual([]);
  });
});

describe("signed time", () => {
  it("attests the clock by whichever way it comes, but only over the broker link it says that the source is behind the link", async () => {
    const nonce = freshNonce();
    const { downlink, attested, heard, sentAt } = session(nonce);
    const bytes = await signedTime(nonce);
    await downlink.receive(downlinkTopic("time", STATION), bytes, "elsewhere");
    expect([attested.length, heard]).toEqual([1, []]);
    await downlink.receive(downlinkTopic("time", STATION), bytes, "link");
    expect([attested.length, heard]).toEqual([2, [sentAt]]);
  });
});

describe("the end of a document", () => {
  const told = async () =>
    (await door.journal(20))
      .filter(({ kind }) => kind === "document-expiring")
      .map(({ body }) => `${String(body.kind)} ${String(body.days)}`);

  it("is told 7 days and 1 day ahead and when it comes, once each, over restarts; the document stays", async () => {
    await door.adopt("schedule", schedule(), { exp: door.clock.now() + 8 * DAY });
    const look = async () => {
      await tellExpiring(door.store, door.clock, door.admission.documents);
      return told();
    };
    expect(await look()).toEqual([]);
    for (const { days, expected } of [
      { days: 1, expected: ["schedule 7"] },
      { days: 1, expected: ["schedule 7"] },
      { days: 5, expected: ["schedule 7", "schedule 1"] },
      { days: 0.5, expected: ["schedule 7", "schedule 1"] },
      { days: 0.6, expected: ["schedule 7", "schedule 1", "schedule 0"] },
    ]) {
      await door.clock.advance(days * DAY);
      expect(await look()).toEqual(expected);
      await door.restart();
      expect(await look()).toEqual(expected);
    }
    expect(door.inForce()).toEqual(["schedule 1", "trust 1"]);
  });

  it("is told again of its successor, and names the nearest first", async () => {
    const now = door.clock.now();
    await door.adopt("schedule", schedule(), { exp: now + 3 * DAY });
    await door.adopt("config", {}, { exp: now + 2 * DAY });
    const list = expiringOf(door.admission.documents, now);
    expect(list.map(({ document, stage }) => `${nameOf(document)} ${stage}`)).toEqual([
      "province/01/config 7",
      "province/01/schedule/province 7",
    ]);
    await tellExpiring(door.store, door.clock, door.admission.documents);
    await door.adopt("schedule", schedule(), { seq: 2, exp: now + 4 * DAY });
    await tellExpiring(door.store, door.clock, door.admission.documents);
    expect((await told()).filter((line) => line === "schedule 7")).toHaveLength(2);
  });

  it.each(["unknown", "floor"] as const)("is not told under a clock that is %s", async (trust) => {
    await door.adopt("schedule", schedule(), { exp: door.clock.now() + DAY });
    door.clock.trustNow = trust;
    await tellExpiring(door.store, door.clock, door.admission.documents);
    expect(await told()).toEqual([]);
  });
});

describe("a wrong clock", () => {
  it("that is years ahead under a floor refuses nothing that the floor has not passed", async () => {
    const floor = door.clock.now();
    Object.assign(door.clock, { notBefore: () => floor });
    door.clock.trustNow = "floor";
    door.clock.step(20 * 365 * DAY);
    expect(await door.adopt("schedule", schedule(), { iat: floor, exp: floor + DAY })).toBe("adopted");
    expect(await door.adopt("schedule", schedule(), { iat: floor - DAY, exp: floor - SECOND, seq: 2 })).toBe("expired");
  });

  it.each([0, -365 * DAY, 365 * DAY, 20 * 365 * DAY])(
    "that is off by %i ms lets no number go down and keeps nothing out for good",
    async (step) => {
      const born = door.clock.now();
      await door.adopt("schedule", schedule(), { seq: 5 });
      const [older, newer] = [
        await door.letter("schedule", schedule(), { seq: 4, iat: born, exp: born + DAY }),
        await door.letter("schedule", schedule(), { seq: 6, iat: born, exp: born + DAY }),
      ];
      door.clock.step(step);
      door.clock.trustNow = "unknown";
      await door.restart();
      expect(await door.take(older)).toBe("older");
      expect(door.inForce()).toEqual(["schedule 5", "trust 1"]);
      expect(await door.take(newer)).toBe("adopted");
      door.clock.step(-step);
      door.clock.trustNow = "attested";
      expect(await door.adopt("schedule", schedule(), { seq: 7 })).toBe("adopted");
    },
  );
});
