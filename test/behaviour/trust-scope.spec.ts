/** What a key may ask for: to whom, as what, how loud, how long, when; and what becomes of it when root takes the key away. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { originOf, programmesOf } from "../../agent/adopted.ts";
import type { Address } from "../../agent/contract/primitives.ts";
import { addressesOf } from "../../agent/identity.ts";
import { HOUR } from "../../playback/model/units.ts";
import type { ScopeInput } from "../source/ceremony.ts";
import { wireInstant } from "../source/envelope.ts";
import { Door, IDENTITY, PROVINCE, schedule } from "../unit/trust/door.ts";

const DESK = "commune-00004";
const COMMUNE: Address = "commune/00004";
const HAMLET: Address = "hamlet/00004-thon-1";
const desk = (scope: ScopeInput) => ({
  extra: (["schedule", "command", "emergency", "config", "content"] as const).map((role) => ({
    role,
    issuer: DESK,
    scope: { addresses: [COMMUNE], levels: ["commune" as const], ...scope },
  })),
});
const own = { issuer: DESK, address: COMMUNE };

let door: Door;
afterEach(() => door.close());

/** "allowed", or why not. */
async function asks(kind: "schedule" | "command" | "emergency" | "config", body: object, options: object = {}) {
  const { topic, bytes } = await door.letter(kind, body, { ...own, ...options });
  const outcome = await door.admission.examine(topic, bytes);
  return "reason" in outcome ? `${outcome.reason}: ${outcome.detail}` : "allowed";
}

const announce = (change: object = {}) => ({
  name: "announce",
  title: "Thông báo",
  items: [{ kind: "silence", id: "i", durationMs: 1_000 }],
  longestMs: 30_000,
  ...change,
});
const alert = (change: object = {}) => ({
  identifier: "lu-1",
  sent: wireInstant(door.clock.now()),
  status: "actual",
  msgType: "alert",
  expires: wireInstant(door.clock.now() + HOUR),
  headline: "Lũ",
  text: "Lũ về.",
  longestMs: 30_000,
  ...change,
});
const live = { kind: "live", id: "l", title: "Tiếp sóng", source: "vov1", longestMs: 120_000 };

describe("a delegation with limits", () => {
  beforeEach(async () => {
    door = await Door.open(
      desk({
        loudest: 60,
        longestMs: 60_000,
        hours: [{ from: "05:00", to: "06:30" }],
        commands: ["announce", "stop", "volume"],
      }),
    );
  });

  it.each([
    ["a volume at the limit", { volume: 60 }, "allowed"],
    ["a volume above it", { volume: 61 }, "ask for volume 61: at most 60"],
    ["a start in its hours", { start: "06:29:59" }, "allowed"],
    ["a start at their end", { start: "06:30" }, "start at 06:30: outside its hours"],
    ["a start before them", { start: "04:59:59" }, "outside its hours"],
    ["a live relay beyond its longest run", { items: [live] }, "ask for 120000 ms: at most 60000"],
    ["a loop over a longer window", { loop: true, end: "05:02" }, "ask for 120000 ms"],
    ["a loop over midnight", { loop: true, end: "04:00" }, "ask for 82800000 ms"],
    ["a loop within it", { loop: true, end: "05:01" }, "allowed"],
    [
      "a rule that reaches into the night",
      { recurrence: { kind: "rrule", dtstart: "2026-01-05T05:00:00", rrule: "FREQ=DAILY;BYHOUR=5,3" } },
      "start at 03:00",
    ],
    [
      "an added date at another hour",
      {
        recurrence: {
          kind: "rrule",
          dtstart: "2026-01-05T05:00:00",
          rrule: "FREQ=DAILY;COUNT=3",
          rdates: ["2026-01-09T23:00:00"],
        },
      },
      "start at 23:00:00",
    ],
  ])("answers a schedule with %s", async (_what, change, answer) => {
    expect(await asks("schedule", schedule(change, "commune"))).toContain(answer);
  });

  it.each([
    ["an announcement within its limits", announce({ volume: 60 }), "allowed"],
    ["one too loud", announce({ volume: 100 }), "at most 60"],
    ["one too long", announce({ longestMs: 60_001 }), "at most 60000"],
    ["one that names no length: ten minutes", announce({ longestMs: undefined }), "at most 60000"],
    ["a volume too loud", { name: "volume", percent: 75 }, "at most 60"],
    ["a command it may not give", { name: "restart" }, "command 'restart'"],
    ["a mute, which it may not give", { name: "mute", muted: true }, "command 'mute'"],
  ])("answers %s", async (_what, body, answer) => {
    expect(await asks("command", body)).toContain(answer);
  });

  it("binds alerts and settings too", async () => {
    expect(await asks("emergency", alert({ volume: 60 }))).toBe("allowed");
    expect(await asks("emergency", alert({ volume: 90 }))).toContain("at most 60");
    expect(await asks("emergency", alert({ longestMs: HOUR }))).toContain("at most 60000");
    expect(await asks("config", { policy: { volumeCeiling: 60 } })).toBe("allowed");
    expect(await asks("config", { policy: { volumeCeiling: 100 } })).toContain("at most 60");
    expect(await asks("config", { policy: { emergencyVolume: 61 } })).toContain("at most 60");
  });

  it("sends what depends on the moment along with the programme", async () => {
    await door.adopt("schedule", schedule({}, "commune"), own);
    const [one] = programmesOf(door.admission.documents, addressesOf(IDENTITY));
    const limits = { loudest: 60, longestMs: 60_000, hours: [{ from: "05:00", to: "06:30" }] };
    expect(one?.origin.limits).toEqual(limits);
    await door.restart();
    expect(door.admission.documents.map(originOf).map((origin) => origin.limits)).toContainEqual(limits);
    await door.adopt("schedule", schedule());
    expect(door.admission.documents.map(originOf).map((origin) => origin.limits)).toContain(undefined);
  });
});

describe("hours that pass midnight", () => {
  it.each([
    ["22:00", "allowed"],
    ["23:59:59", "allowed"],
    ["00:00", "allowed"],
    ["04:59", "allowed"],
    ["05:00", "outside its hours"],
    ["21:59", "outside its hours"],
  ])("hold a start at %s: %s", async (start, answer) => {
    door = await Door.open(desk({ hours: [{ from: "22:00", to: "05:00" }] }));
    expect(await asks("schedule", schedule({ start }, "commune"))).toContain(answer);
  });
});

describe("the reach of a key", () => {
  it("ends at its hamlet, and a commune's reaches into it", async () => {
    door = await Door.open({
      extra: [
        { role: "schedule", issuer: DESK, scope: { addresses: [COMMUNE], levels: ["commune"] } },
        { role: "schedule", issuer: "thon-1", scope: { addresses: [HAMLET], levels: ["commune"] } },
        { role: "schedule", issuer: "thon-2", scope: { addresses: ["hamlet/00004-thon-2"], levels: ["commune"] } },
      ],
    });
    const body = schedule({}, "commune");
    expect(await asks("schedule", body, { address: HAMLET })).toBe("allowed");
    expect(await asks("schedule", body, { issuer: "thon-1", address: HAMLET })).toBe("allowed");
    expect(await asks("schedule", body, { issuer: "thon-1", address: `station/${IDENTITY.station}` })).toBe("allowed");
    expect(await asks("schedule", body, { issuer: "thon-1" })).toContain("out-of-scope");
    expect(await asks("schedule", body, { issuer: "thon-2", address: HAMLET })).toContain("out-of-scope");
    expect(await asks("schedule", body, { issuer: "thon-2", address: "hamlet/00004-thon-2" })).toContain(
      "wrong-audience",
    );
  });

  it("ends at its own name: nobody speaks in another's", async () => {
    door = await Door.open(desk({}));
    const { keys } = door.ceremony.holder("command", DESK);
    const said = await asks("command", { name: "report" }, { issuer: "province-01", keys });
    expect(said).toBe("out-of-scope: signed in the name of 'province-01' by another's key");
    expect(await asks("command", { name: "report" })).toBe("allowed");
  });

  it("ends at its role: a schedule key approves no content, a content key sets no schedule", async () => {
    door = await Door.open();
    const media = {
      sha256: "a".repeat(64),
      sizeBytes: 10,
      type: "audio/flac",
      durationMs: 1_000,
      title: "x",
      urls: ["https://m.example.vn/x"],
    };
    const content = { level: "province", media: [media] };
    const [byContent, bySchedule] = [door.keysOf("content"), door.keysOf("schedule")];
    expect(await door.adopt("content", content, { keys: bySchedule })).toBe("out-of-scope");
    expect(await door.adopt("schedule", schedule(), { keys: byContent })).toBe("out-of-scope");
    for (const role of ["command", "config", "emergency", "time", "release"] as const) {
      expect(await door.adopt("content", content, { keys: door.keysOf(role) }), role).toBe("out-of-scope");
    }
    expect(await door.adopt("content", content)).toBe("adopted");
    expect(await door.adopt("schedule", schedule())).toBe("adopted");
  });
});

describe("an emergency", () => {
  it("needs the province's 2 of 3, any two, while a commune's 1 of 2 reaches its commune only", async () => {
    const scope = { addresses: [COMMUNE], classes: ["emergency" as const] };
    door = await Door.open({
      quorums: { emergency: { keys: 3, threshold: 2 } },
      extra: [{ role: "emergency", issuer: DESK, scope, quorum: { keys: 2, threshold: 1 } }],
    });
    const [a, b, c] = door.ceremony.holder("emergency").keys;
    const [d, e] = door.ceremony.holder("emergency", DESK).keys;
    if (!a || !b || !c || !d || !e) throw new Error("keys are missing");
    for (const pair of [
      [a, b],
      [c, a],
      [b, c],
      [a, b, c],
    ]) {
      expect(await asks("emergency", alert(), { issuer: "province-01", address: PROVINCE, keys: pair })).toBe(
        "allowed",
      );
    }
    for (const [keys, issuer] of [
      [[a], "province-01"],
      [[a, d], "province-01"],
      [[d, e, a], "province-01"],
    ] as const) {
      expect(await asks("emergency", alert(), { issuer, keys })).toContain("threshold-not-reached");
    }
    for (const key of [d, e]) expect(await asks("emergency", alert(), { keys: [key] })).toBe("allowed");
    expect(await asks("emergency", alert(), { keys: [d, e], address: PROVINCE })).toContain("out-of-scope");
  });
});
