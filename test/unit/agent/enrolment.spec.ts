import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StationFile } from "../../../agent/config/station-file.ts";
import { distrust, parseCertificates, renewAt } from "../../../agent/enrolment/certificates.ts";
import { Enrolment } from "../../../agent/enrolment/enrolment.ts";
import {
  EnrolmentRefused,
  type EnrolmentRequest,
  type HandedAcceptance,
  type Issued,
} from "../../../agent/enrolment/enrolment-client.ts";
import { IdentityStore, lookAtPair } from "../../../agent/enrolment/identity-store.ts";
import { firstPair, keyPrint } from "../../../agent/enrolment/new-pair.ts";
import { openSecurity } from "../../../agent/enrolment/security.ts";
import { ofIdentity } from "../../../agent/health/observe.ts";
import { DAY, HOUR, SECOND } from "../../../playback/model/units.ts";
import { Authority } from "../../source/authority.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";

const STATION = "xa-00004-cum-01";
let folder: string;
let authority: Authority;
let clock: VirtualClock;
let asked: EnrolmentRequest[];
/** What becomes of the next answers; `null` is a good one. */
let fates: (Error | null)[];
let records: string[];
let damages: string[];
const tell = (slot: string, why: string) => {
  damages.push(`${slot}: ${why}`);
  return Promise.resolve();
};
/** What the disk refused. */
let faults: unknown[];
const onFault = (error: unknown) => void faults.push(error);
/** How often there was a certificate that no connection had shown. */
let issues: number;
const onIssued = () => {
  issues += 1;
};
let lifeMs: number;
/** What comes beside the next certificate, and what of it was handed to the door. */
let brought: Issued["documents"][number][];
let delivered: string[];
let accepted: HandedAcceptance | null;
const NOTHING = { acceptance: () => null, deliver: () => Promise.resolve(), onIssued, onFault };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-identity-"));
  authority = await Authority.found("unit");
  clock = new VirtualClock(Date.now());
  [asked, fates, records, damages, lifeMs] = [[], [], [], [], 100 * DAY];
  [faults, issues] = [[], 0];
  [brought, delivered, accepted] = [[], [], null];
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function open(claim: () => string | null = () => "claim"): Promise<Enrolment> {
  return new Enrolment({
    identities: await IdentityStore.open(folder, tell, onFault),
    clock,
    station: STATION,
    claim: () => Promise.resolve(claim()),
    claimUsed: () => Promise.resolve(),
    ask: async (_what, body) => {
      asked.push(body);
      const from = clock.now();
      const { certificate } = await authority.sign(body.request, STATION, { from, to: from + lifeMs });
      const fate = fates.shift() ?? null;
      if (fate !== null) throw fate;
      return { certificate, documents: brought.splice(0) };
    },
    acceptance: () => accepted,
    deliver: (topic, bytes) => {
      delivered.push(`${topic} ${bytes}`);
      return Promise.resolve();
    },
    spread: 0,
    random: () => 0,
    record: (kind) => {
      records.push(kind);
      return Promise.resolve();
    },
    onIssued,
  });
}

describe("enrolment", () => {
  it("asks again with the very same request when an answer was lost, also after a restart", async () => {
    fates = [new Error("the answer was lost")];
    const first = await open();
    await first.tick();
    expect([first.state(), first.problem]).toEqual(["pending", "the answer was lost"]);
    const again = await open();
    await again.tick();
    expect(again.state()).toBe("enrolled");
    expect(asked[1]?.request).toBe(asked[0]?.request);
    expect(records).toEqual(["enrolled"]);
  });

  it("waits longer after each failure, up to an hour, and at once an hour after a refusal", async () => {
    fates = Array.from({ length: 100 }, () => new Error("no network"));
    const enrolment = await open();
    for (let n = 0; n < 24 * 60; n++) {
      await enrolment.tick();
      await clock.advance(60_000);
    }
    expect(asked.length).toBeGreaterThan(24);
    expect(asked.length).toBeLessThan(60);
    fates = [new EnrolmentRefused("403: the claim was used already")];
    const refused = await open();
    asked = [];
    await refused.tick();
    for (let n = 0; n < 29; n++) {
      await clock.advance(60_000);
      await refused.tick();
    }
    expect(asked).toHaveLength(1);
  });

  it("renews at half its life, keeps the old pair until the new one has worked twice, and falls back to it", async () => {
    const enrolment = await open();
    await enrolment.tick();
    const old = enrolment.credentials();
    await clock.advance(49 * DAY);
    await enrolment.tick();
    expect(asked).toHaveLength(1);
    await clock.advance(2 * DAY);
    await enrolment.tick();
    const fresh = enrolment.credentials();
    expect([enrolment.state(), fresh?.slot, fresh?.key === old?.key]).toEqual(["renewing", "next", false]);
    if (fresh === null || old === null) throw new Error("no credentials");
    enrolment.turnedAway(fresh);
    expect(enrolment.credentials()?.key).toBe(old.key);
    await clock.advance(HOUR);
    expect(enrolment.credentials()?.key).toBe(fresh.key);
    await enrolment.worked(fresh);
    expect((await IdentityStore.open(folder, tell, onFault)).get("current")?.key).toBe(old.key);
    await enrolment.worked(fresh);
    expect((await IdentityStore.open(folder, tell, onFault)).get("current")?.key).toBe(fresh.key);
    expect(records).toEqual(["enrolled", "renewed", "key-retired"]);
  });

  it("hands its acceptance in with the claim, and what is signed beside the certificate to the door, once", async () => {
    accepted = { sha256: "a".repeat(64), stream: "s" };
    brought = ["trust", "ack"].map((topic) => ({ topic, bytes: Buffer.from(`signed ${topic}`) }));
    fates = [new Error("the answer was lost")];
    const enrolment = await open();
    await enrolment.tick();
    expect([delivered, records]).toEqual([[], []]);
    brought = ["trust", "ack"].map((topic) => ({ topic, bytes: Buffer.from(`signed ${topic}`) }));
    enrolment.claimTyped();
    await enrolment.tick();
    expect(asked.map(({ acceptance }) => acceptance)).toEqual([accepted, accepted]);
    expect([enrolment.state(), delivered]).toEqual(["enrolled", ["trust signed trust", "ack signed ack"]]);
    await clock.advance(51 * DAY);
    await enrolment.tick();
    expect([records.at(-1), asked.at(-1)?.acceptance]).toEqual(["renewed", undefined]);
  });

  /** Enrolled, and renewed at half its life. */
  async function renewed(claim?: () => string | null): Promise<Enrolment> {
    const enrolment = await open(claim);
    await enrolment.tick();
    await clock.advance(51 * DAY);
    await enrolment.tick();
    return enrolment;
  }

  it("says when there is a certificate to be shown: a link that stands would try it only after its next loss", async () => {
    const enrolment = await open();
    await enrolment.tick();
    expect(issues).toBe(1);
    await clock.advance(51 * DAY);
    await enrolment.tick();
    expect([issues, enrolment.credentials()?.slot]).toEqual([2, "next"]);
  });

  it("asks for another certificate where the next one has ended without having been shown, as in a store", async () => {
    const enrolment = await renewed();
    await clock.advance(99 * DAY);
    await enrolment.tick();
    expect([asked.length, enrolment.state()]).toEqual([2, "renewing"]);
    await clock.advance(2 * DAY);
    expect(enrolment.state()).toBe("expired");
    await enrolment.tick();
    expect([asked.length, enrolment.state(), records]).toEqual([3, "renewing", ["enrolled", "renewed", "renewed"]]);
    expect(asked[2]?.request).not.toBe(asked[1]?.request);
  });

  it("renews a next pair that carries the connection at half its own life: it takes the old one's place first", async () => {
    const enrolment = await renewed();
    const next = enrolment.credentials();
    if (next === null) throw new Error("no credentials");
    await enrolment.worked(next);
    await clock.advance(51 * DAY);
    await enrolment.tick();
    const store = await IdentityStore.open(folder, tell, onFault);
    expect([asked.length, store.get("current")?.key === next.key]).toEqual([3, true]);
    expect([store.get("next")?.key === next.key, enrolment.credentials()?.slot]).toEqual([false, "next"]);
    // What the old pair's connection says now is not about its successor.
    await enrolment.worked(next);
    expect((await IdentityStore.open(folder, tell, onFault)).get("next")?.worked).toBe(0);
  });

  it("renews on command although the next pair waits, as one of a wrong authority does, and shows what comes at once", async () => {
    const enrolment = await renewed();
    const wrong = enrolment.credentials();
    if (wrong === null) throw new Error("no credentials");
    enrolment.turnedAway(wrong);
    expect(enrolment.credentials()?.slot).toBe("current");
    enrolment.renewNow();
    await enrolment.tick();
    const fresh = enrolment.credentials();
    expect([asked.length, fresh?.slot, fresh?.key === wrong.key]).toEqual([3, "next", false]);
    await enrolment.tick();
    expect(asked).toHaveLength(3);
  });

  it("shows a claim where its renewal is refused, and one that is typed whatever it holds; a refused claim is in the way of nothing", async () => {
    let claim: string | null = null;
    const enrolment = await open(() => claim ?? (asked.length === 0 ? "first" : null));
    await enrolment.tick();
    await clock.advance(51 * DAY);
    fates = [new EnrolmentRefused("403: the board was replaced")];
    await enrolment.tick();
    expect([enrolment.problem, asked.map((one) => one.claim)]).toEqual([
      "403: the board was replaced",
      ["first", undefined],
    ]);
    claim = "wrong";
    fates = [new EnrolmentRefused("403: not for this station")];
    enrolment.claimTyped();
    await enrolment.tick();
    expect([enrolment.problem, asked.at(-1)?.claim]).toEqual(["403: not for this station", "wrong"]);
    await clock.advance(HOUR);
    fates = [new EnrolmentRefused("403: the board was replaced"), new EnrolmentRefused("403: not for this station")];
    await enrolment.tick();
    expect(enrolment.problem).toBe("403: the board was replaced; 403: not for this station");
    expect(asked.slice(-2).map((one) => one.claim)).toEqual([undefined, "wrong"]);
    claim = "right";
    enrolment.claimTyped();
    await enrolment.tick();
    expect([enrolment.problem, asked.at(-1)?.claim, enrolment.credentials()?.slot]).toEqual([null, "right", "next"]);
    expect(records).toEqual(["enrolled", "enrolled"]);
    await enrolment.tick();
    expect(asked).toHaveLength(6);
  });

  it("asks for no certificate after the other where each has ended when it comes, because a clock is wrong", async () => {
    const enrolment = await open();
    await enrolment.tick();
    clock.step(400 * DAY);
    for (let n = 0; n < 5; n++) {
      await enrolment.tick();
      await clock.advance(2 * SECOND);
    }
    expect(asked).toHaveLength(2);
  });

  it("shows a next pair that may let it in before a typed claim takes its place", async () => {
    const enrolment = await renewed(() => "typed");
    await clock.advance(55 * DAY);
    enrolment.claimTyped();
    await enrolment.tick();
    const shown = enrolment.credentials();
    expect([asked.length, shown?.slot]).toEqual([2, "next"]);
    if (shown !== null) enrolment.turnedAway(shown);
    await enrolment.tick();
    expect([asked.length, asked.at(-1)?.claim]).toEqual([3, "typed"]);
  });

  it("does not renew by a clock that it cannot trust", async () => {
    const enrolment = await open();
    await enrolment.tick();
    clock.trustNow = "floor";
    clock.step(90 * DAY);
    await enrolment.tick();
    expect([asked.length, enrolment.state()]).toEqual([1, "enrolled"]);
  });

  it("does not take a certificate for another key or another name", async () => {
    const thief = await open();
    const foreign = await authority.issueClient(STATION);
    fates = [];
    const swapped = new Enrolment({
      identities: await IdentityStore.open(folder, tell, onFault),
      clock,
      station: STATION,
      claim: () => Promise.resolve("claim"),
      claimUsed: () => Promise.resolve(),
      ask: () =>
        Promise.resolve({ certificate: foreign.certificate, documents: [{ topic: "t", bytes: Buffer.from("b") }] }),
      acceptance: () => null,
      deliver: () => Promise.reject(new Error("nothing is taken beside a wrong certificate")),
      spread: 0,
      random: () => 0,
      record: () => Promise.resolve(),
      onIssued,
    });
    await swapped.tick();
    expect(swapped.problem).toContain("another key");
    expect(thief.credentials()).toBeNull();
  });

  it("takes a torn identity file for none, says so once without quoting the key, and enrols anew", async () => {
    await (await open()).tick();
    const file = join(folder, "current.json");
    const whole = await readFile(file, "utf8");
    await writeFile(file, whole.slice(0, 200));
    const after = await open();
    expect(after.state()).toBe("pending");
    expect(damages).toEqual(["current: it is torn: no JSON"]);
    await open();
    const store = await IdentityStore.open(folder, tell, onFault);
    expect([damages.length, store.damaged]).toEqual([1, ["current"]]);
    await after.tick();
    expect(after.state()).toBe("enrolled");
    const healed = await IdentityStore.open(folder, tell, onFault);
    expect([healed.damaged, healed.get("current")?.certificate === "", damages.length]).toEqual([[], false, 1]);
    expect(await readdir(folder)).toEqual(["current.json"]);
  });

  it("enrols with the key that set-up made and printed before the first start", async () => {
    const made = await firstPair(folder, STATION);
    if (made === null) throw new Error("no key");
    const print = keyPrint(made);
    expect(print).toMatch(/^[0-9a-f]{64}$/);
    const first = await open();
    expect(first.state()).toBe("pending");
    await first.tick();
    expect([first.state(), asked.map(({ request }) => request)]).toEqual(["enrolled", [made.request]]);
    const enrolled = await lookAtPair(folder, "current");
    expect(enrolled).toMatchObject({ key: made.key });
    // Asked for again, it makes none.
    expect(await firstPair(folder, STATION)).toBeNull();
    expect(await lookAtPair(folder, "current")).toEqual(enrolled);
  });

  it("makes no first key where one was damaged, and leaves that to the agent", async () => {
    await writeFile(join(folder, "current.json"), "{");
    expect(await firstPair(folder, STATION)).toBeNull();
    expect(await readdir(folder)).toEqual(["current.json"]);
    await IdentityStore.open(folder, tell, onFault);
    expect(await firstPair(folder, STATION)).toBeNull();
    expect(await readdir(folder)).toEqual(["current.json.damaged"]);
    expect(keyPrint({ key: "-----BEGIN PRIVATE KEY-----" })).toBeNull();
  });

  it("worries about a damaged identity until there is another one, and journals it", async () => {
    await mkdir(join(folder, "identity"));
    await writeFile(join(folder, "identity", "current.json"), "{");
    const told: [string, object][] = [];
    const record = (kind: string, body: object) => {
      told.push([kind, body]);
      return Promise.resolve();
    };
    const file = { station: STATION, state: folder, identity: {} } as StationFile;
    for (let start = 0; start < 2; start++) {
      const security = await openSecurity({ file, clock, record, ...NOTHING });
      expect(ofIdentity({ security })).toEqual({ "identity-damaged": "current could not be read" });
    }
    expect(told).toEqual([["identity-damaged", { slot: "current", why: "it is torn: no JSON" }]]);
    const store = await IdentityStore.open(join(folder, "identity"), tell, onFault);
    const { key, certificate } = await authority.issueClient(STATION);
    await store.put("current", { key, request: "r", certificate, worked: 0 });
    expect(ofIdentity({ security: await openSecurity({ file, clock, record, ...NOTHING }) })).toEqual({});
  });

  it.each([
    ["no fields", "{}", "it lacks or spoils: key, request, certificate, worked"],
    [
      "a certificate that is none",
      JSON.stringify({ key: "k", request: "r", certificate: "-----BEGIN", worked: 0 }),
      "its certificate cannot be read",
    ],
    ["nothing in it", "", "it is torn: no JSON"],
    [
      "a key that is none",
      JSON.stringify({ key: "-----BEGIN PRIVATE KEY-----", request: "r", certificate: "", worked: 0 }),
      "its key cannot be read",
    ],
  ])("names an identity file with %s", async (_what, text, why) => {
    await writeFile(join(folder, "next.json"), text);
    const store = await IdentityStore.open(folder, tell, onFault);
    expect(damages).toEqual([`next: ${why}`]);
    expect([store.get("next"), store.damaged]).toEqual([null, ["next"]]);
  });

  it("takes a certificate that is another key's for none: no connection can be opened with it", async () => {
    const { certificate } = await authority.issueClient(STATION);
    const { key } = await authority.issueClient(STATION);
    await writeFile(join(folder, "current.json"), JSON.stringify({ key, request: "r", certificate, worked: 2 }));
    const enrolment = await open();
    expect([enrolment.credentials(), damages]).toEqual([null, ["current: its key and certificate do not go together"]]);
  });

  it("starts without an identity file that the card does not read, tells it, and leaves it for the next start", async () => {
    await (await open()).tick();
    const whole = await readFile(join(folder, "current.json"), "utf8");
    // Read as a file, a folder is an error of the disk whoever asks.
    await rm(join(folder, "current.json"));
    await mkdir(join(folder, "current.json"));
    expect((await open(() => null)).state()).toBe("pending");
    expect([damages, faults]).toEqual([["current: it cannot be read: EISDIR"], []]);
    expect(await lookAtPair(folder, "current")).toBe("it cannot be read: EISDIR");
    await rm(join(folder, "current.json"), { recursive: true });
    await writeFile(join(folder, "current.json"), whole);
    expect((await open()).state()).toBe("enrolled");
  });

  it("starts where a damage cannot even be told, says so, and tells it at the next start", async () => {
    await writeFile(join(folder, "current.json"), "{");
    const full = new Error("the disk is full");
    const store = await IdentityStore.open(folder, () => Promise.reject(full), onFault);
    expect([store.get("current"), store.damaged, faults]).toEqual([null, ["current"], [full]]);
    await IdentityStore.open(folder, tell, onFault);
    expect(damages).toEqual(["current: it is torn: no JSON"]);
  });
});

describe("a certificate", () => {
  it("is believed by its issuer, its dates and nothing else", async () => {
    const now = Date.now();
    const [root] = parseCertificates(authority.certificate);
    const [leaf] = parseCertificates((await authority.issueServer(["127.0.0.1"])).certificate);
    const [stranger] = parseCertificates((await Authority.found("unit")).certificate);
    if (root === undefined || leaf === undefined || stranger === undefined) throw new Error("no certificates");
    expect(distrust(leaf, [], [root], now)).toBeNull();
    expect(distrust(leaf, [], [stranger], now)).toContain("none of the known authorities");
    expect(distrust(leaf, [root], [stranger], now)).toContain("none of the known authorities");
    expect(distrust(leaf, [], [root], now - 2 * DAY)).toContain("valid from");
    expect(distrust(leaf, [], [root], now + 366 * DAY)).toContain("ended");
    expect(distrust(leaf, [], [leaf], now)).toContain("none of the known authorities");
  });

  it("is renewed between half and two thirds of its life, each station at its own time", () => {
    const life = { from: 0, to: 100 };
    expect([renewAt(life, 0), renewAt(life, 0.999)]).toEqual([50, expect.closeTo(66, 0)]);
  });
});
