/** The one door: what is refused, with which reason, and that nothing of it is adopted. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Admission } from "../../agent/admission/admission.ts";
import type { DocumentKind } from "../../agent/contract/envelope.ts";
import type { Address } from "../../agent/contract/primitives.ts";
import { parseDownlinkTopic } from "../../agent/contract/topics.ts";
import { addressesOf } from "../../agent/identity.ts";
import { Keyring } from "../../agent/keyring.ts";
import { parseStrictJson } from "../../agent/strict-json.ts";
import { DAY, HOUR } from "../../playback/model/units.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import { Store } from "../../storage/store.ts";
import { Ceremony } from "../source/ceremony.ts";
import { type ClaimsInput, compose, draftClaims, wireInstant } from "../source/envelope.ts";
import { FORGERIES, type Genuine, THRESHOLD_FORGERIES } from "../source/forge.ts";
import { VirtualClock } from "../support/virtual/virtual-clock.ts";

const IDENTITY = { station: "xa-00004-cum-01", commune: "00004", province: "01", zone: "Asia/Ho_Chi_Minh" };
const PROVINCE: Address = "province/01";

let folder: string;
let clock: VirtualClock;
let store: Store;
let ceremony: Ceremony;
let admission: Admission;

async function open(): Promise<void> {
  store = await Store.open(join(folder, "state"), { clock });
  admission = await Admission.open({
    store,
    clock,
    root: ceremony.rootFile(),
    chain: addressesOf(IDENTITY),
    zone: IDENTITY.zone,
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-admission-"));
  clock = new VirtualClock(Date.now());
  ceremony = await Ceremony.hold({
    province: "01",
    quorums: { emergency: { keys: 3, threshold: 2 } },
    extra: [
      {
        role: "schedule",
        issuer: "commune-00004",
        scope: { addresses: ["commune/00004"], levels: ["commune"], classes: ["normal"] },
      },
    ],
  });
  await open();
  const root = ceremony.rootFile();
  expect(root.threshold).toBe(2);
  await adopt("trust", ceremony.trustBody(), { address: "all" });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

interface Options {
  readonly address?: Address;
  readonly issuer?: string;
  readonly seq?: number;
  readonly exp?: number;
  readonly detail?: string;
  readonly aud?: readonly Address[];
}

function keysOf(kind: DocumentKind, issuer?: string) {
  if (kind === "trust" || kind === "root") return ceremony.root.keys.slice(0, 2);
  const role = kind === "suspension" ? "schedule" : kind === "ack" ? "time" : kind;
  const { keys, threshold } = ceremony.holder(role, issuer);
  return keys.slice(0, threshold);
}

function claimsFor(kind: DocumentKind, body: unknown, options: Options = {}): ClaimsInput {
  const now = clock.now();
  return draftClaims({
    kind,
    body,
    iss: options.issuer ?? "province-01",
    aud: [...(options.aud ?? [options.address ?? PROVINCE])],
    seq: options.seq ?? 1,
    iat: now,
    exp: options.exp ?? now + DAY,
    jti: `j-${randomBytes(6).toString("hex")}`,
  } as Parameters<typeof draftClaims>[0]);
}

const topicOf = (kind: DocumentKind, address: Address, detail = "") => {
  const topic = parseDownlinkTopic(`loa/v1/${address}/${kind}${detail === "" ? "" : `/${detail}`}`);
  if (topic === null) throw new Error("no topic");
  return topic;
};

async function adopt(kind: DocumentKind, body: unknown, options: Options = {}) {
  const bytes = await compose(claimsFor(kind, body, options), keysOf(kind, options.issuer));
  return admission.adopt(topicOf(kind, options.address ?? PROVINCE, options.detail), Buffer.from(bytes));
}

const reasonOf = (outcome: object) => (isRefusal(outcome) ? outcome.reason : "adopted");

const schedule = (change: object = {}) => ({
  level: "province",
  programmes: [
    {
      id: "sang",
      title: "Bản tin sáng",
      class: "normal",
      recurrence: { kind: "weekly", weekdays: ["MO"] },
      start: "05:00",
      items: [{ kind: "silence", id: "i", durationMs: 1_000 }],
      ...change,
    },
  ],
});

const alertBody = () => ({
  identifier: "bao-1",
  sent: wireInstant(clock.now()),
  status: "actual",
  msgType: "alert",
  expires: wireInstant(clock.now() + HOUR),
  headline: "Bão số 9",
  text: "Bão số 9 đang vào bờ.",
});

describe("a forged document", () => {
  it.each(FORGERIES.map((forge, n) => [n, forge] as const))(
    "number %i is refused with its reason and nothing is adopted",
    async (_n, forge) => {
      expect(reasonOf(await adopt("schedule", schedule(), { seq: 5, detail: "province" }))).toBe("adopted");
      const genuine: Genuine = {
        claims: claimsFor("schedule", schedule(), { seq: 6 }),
        keys: keysOf("schedule"),
        wrongRoleKey: ceremony.holder("command").keys[0] as Genuine["wrongRoleKey"],
      };
      const { name, bytes, reason } = await forge(genuine);
      const before = admission.documents;
      const outcome = await admission.adopt(topicOf("schedule", PROVINCE, "province"), Buffer.from(bytes));
      expect([name, reasonOf(outcome)]).toEqual([name, reason]);
      expect(admission.documents).toEqual(before);
      const [last] = (await store.journal.list({ afterSeq: store.journal.head().seq - 1, limit: 1 })).slice(-1);
      expect([last?.kind, last?.body.reason]).toEqual(["refused", reason]);
    },
  );

  it.each(THRESHOLD_FORGERIES.map((forge, n) => [n, forge] as const))(
    "that misses a threshold (%i) is refused",
    async (_n, forge) => {
      const genuine: Genuine = {
        claims: claimsFor("emergency", alertBody()),
        keys: keysOf("emergency"),
        wrongRoleKey: ceremony.holder("command").keys[0] as Genuine["wrongRoleKey"],
      };
      const { name, bytes, reason } = await forge(genuine);
      const outcome = await admission.adopt(topicOf("emergency", PROVINCE, "bao-1"), Buffer.from(bytes));
      expect([name, reasonOf(outcome)]).toEqual([name, reason]);
      expect(reasonOf(await adopt("emergency", alertBody(), { detail: "bao-1" }))).toBe("adopted");
    },
  );
});

describe("scope", () => {
  it("lets a commune's key sign for its own commune and level only", async () => {
    const own: Options = { issuer: "commune-00004", address: "commune/00004", detail: "commune" };
    expect(reasonOf(await adopt("schedule", { ...schedule(), level: "commune" }, own))).toBe("adopted");
    expect(reasonOf(await adopt("schedule", schedule(), { ...own, seq: 2, detail: "province" }))).toBe("out-of-scope");
    const wide: Options = { issuer: "commune-00004", detail: "commune" };
    expect(reasonOf(await adopt("schedule", { ...schedule(), level: "commune" }, wide))).toBe("out-of-scope");
    const priority = { ...schedule({ class: "priority" }), level: "commune" };
    expect(reasonOf(await adopt("schedule", priority, { ...own, seq: 3 }))).toBe("out-of-scope");
  });

  it("refuses what was signed for a neighbour or received under another topic", async () => {
    const neighbour = await compose(claimsFor("schedule", schedule(), { aud: ["commune/00005"] }), keysOf("schedule"));
    expect(
      reasonOf(await admission.adopt(topicOf("schedule", "commune/00005", "province"), Buffer.from(neighbour))),
    ).toBe("wrong-audience");
    const moved = await compose(claimsFor("schedule", schedule()), keysOf("schedule"));
    expect(reasonOf(await admission.adopt(topicOf("schedule", PROVINCE, "commune"), Buffer.from(moved)))).toBe(
      "wrong-audience",
    );
  });
});

describe("sequence and expiry", () => {
  it("only go up, also after a restart", async () => {
    const at = { detail: "province" };
    expect(reasonOf(await adopt("schedule", schedule(), { ...at, seq: 7 }))).toBe("adopted");
    expect(reasonOf(await adopt("schedule", schedule(), { ...at, seq: 6 }))).toBe("older");
    await store.close();
    await open();
    expect(admission.documents.map(({ key }) => key.kind).sort()).toEqual(["schedule", "trust"]);
    expect(reasonOf(await adopt("schedule", schedule(), { ...at, seq: 7 }))).toBe("older");
    expect(reasonOf(await adopt("schedule", schedule(), { ...at, seq: 8 }))).toBe("adopted");
  });

  it("answer the very same document with duplicate, and write nothing", async () => {
    const bytes = Buffer.from(await compose(claimsFor("schedule", schedule()), keysOf("schedule")));
    const topic = topicOf("schedule", PROVINCE, "province");
    expect(reasonOf(await admission.adopt(topic, bytes))).toBe("adopted");
    const { count } = store.journal.head();
    expect(reasonOf(await admission.adopt(topic, bytes))).toBe("duplicate");
    expect(store.journal.head().count).toBe(count);
  });

  it("stop adoption after the expiry, never what is adopted", async () => {
    expect(reasonOf(await adopt("schedule", schedule(), { detail: "province", exp: clock.now() + HOUR }))).toBe(
      "adopted",
    );
    await clock.advance(2 * HOUR);
    await store.close();
    await open();
    expect(admission.documents.some(({ key }) => key.kind === "schedule")).toBe(true);
    const late = { detail: "province", seq: 9, exp: clock.now() - 1 };
    expect(reasonOf(await adopt("schedule", schedule(), late))).toBe("expired");
  });

  it("forget an alert a month after its end, but not its number", async () => {
    const at = { detail: "bao-1", seq: 3 };
    expect(reasonOf(await adopt("emergency", alertBody(), at))).toBe("adopted");
    await admission.forgetOldAlerts(clock.now() + 30 * DAY);
    expect(admission.documents.some(({ key }) => key.kind === "emergency")).toBe(true);
    await admission.forgetOldAlerts(clock.now() + 31 * DAY);
    expect(admission.documents.some(({ key }) => key.kind === "emergency")).toBe(false);
    expect(reasonOf(await adopt("emergency", alertBody(), at))).toBe("older");
  });

  it("under an unknown clock refuse nothing for its date", async () => {
    clock.trustNow = "unknown";
    expect(reasonOf(await adopt("schedule", schedule(), { detail: "province", exp: clock.now() - DAY }))).toBe(
      "adopted",
    );
  });
});

describe("policy and keys", () => {
  it("refuse a rule that never matches or cannot be understood", async () => {
    const rule = (rrule: string) => schedule({ recurrence: { kind: "rrule", dtstart: "2026-01-05T05:00:00", rrule } });
    const at = { detail: "province" };
    expect(reasonOf(await adopt("schedule", rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), at))).toBe("policy");
    expect(reasonOf(await adopt("schedule", rule("FREQ=SOMETIMES"), at))).toBe("policy");
    expect(reasonOf(await adopt("schedule", rule("FREQ=WEEKLY;BYDAY=MO"), at))).toBe("adopted");
  });

  it("withdraw what a revoked key had signed", async () => {
    await adopt("schedule", schedule(), { detail: "province" });
    const others = ceremony
      .trustBody()
      .delegations.filter(({ role, issuer }) => role !== "schedule" || issuer !== "province-01");
    expect(reasonOf(await adopt("trust", { delegations: others }, { address: "all", seq: 2 }))).toBe("adopted");
    expect(admission.documents.map(({ key }) => key.kind)).toEqual(["trust"]);
  });

  it("never let a weak key or a threshold without keys into the keyring", async () => {
    const weak = Buffer.alloc(32).toString("base64url");
    const key = { kty: "OKP", crv: "Ed25519", x: weak } as const;
    await expect(Keyring.create({ keys: [key], threshold: 1 }, null)).rejects.toThrow("weak");
    const good = ceremony.rootFile().keys[0];
    if (good === undefined) throw new Error("no root key");
    await expect(Keyring.create({ keys: [good, good], threshold: 2 }, null)).rejects.toThrow("distinct");
  });

  it("count a flood of refusals instead of writing each", async () => {
    for (let n = 0; n < 200; n++) {
      await admission.adopt(topicOf("schedule", PROVINCE, "province"), Buffer.from(`rubbish ${n}`));
    }
    expect(store.journal.head().count).toBeLessThan(70);
    await clock.advance(61_000);
    await admission.adopt(topicOf("schedule", PROVINCE, "province"), Buffer.from("one more"));
    const [last] = (await store.journal.list({ afterSeq: store.journal.head().seq - 1, limit: 1 })).slice(-1);
    expect(last?.body.suppressed).toBe(140);
  });
});

describe("strict JSON", () => {
  it.each([
    ['{"a":1,"a":2}', "twice"],
    ['{"a":{"b":1,"b":2}}', "twice"],
    ['{"a":1,"\\u0061":2}', "twice"],
    ['{"a":{"__proto__":1}}', "__proto__"],
    ['{"\\u005f_proto__":{}}', "__proto__"],
    [`${"[".repeat(40)}${"]".repeat(40)}`, "deeper"],
  ])("refuses %s", (text, reason) => {
    expect(() => parseStrictJson(text)).toThrow(reason);
  });

  it.each(['{"a":["x","x"],"b":{"a":1}}', '["a","a",{"a":"a"}]', '{"a":"b","c":"a\\",\\"a"}'])(
    "reads %s as JSON does",
    (text) => {
      expect(parseStrictJson(text)).toEqual(JSON.parse(text));
    },
  );
});
