/** What somebody is told before the hour: missing media, programmes in each other's way, slots that rules will refuse. */
import { describe, expect, it } from "vitest";
import { NO_SESSIONS, type Sessions } from "../../../playback/arbiter/sessions.ts";
import { type Warning, warnings } from "../../../playback/arbiter/warnings.ts";
import type { Facts } from "../../../playback/model/facts.ts";
import { DEFAULT_POLICY, type Policy } from "../../../playback/model/policy.ts";
import type { ApprovedMedia, Programme } from "../../../playback/model/schedule.ts";
import { DAY, MINUTE, type Millis, type Sha256 } from "../../../playback/model/units.ts";
import { digest, item, local, programme, ZONE } from "../../support/virtual/virtual-cluster.ts";

const NOW = local("2026-11-20 04:00");

interface Case {
  readonly programmes: readonly Programme[];
  /** Lengths of what is approved. */
  readonly lengths?: Record<string, Millis>;
  readonly absent?: readonly string[];
  readonly policy?: Partial<Policy>;
  readonly change?: Partial<Facts>;
  readonly sessions?: Sessions;
}

function told({
  programmes,
  lengths = {},
  absent = [],
  policy = {},
  change = {},
  sessions = NO_SESSIONS,
}: Case): Warning[] {
  const named = new Map(Object.entries(lengths));
  for (const one of programmes) {
    for (const entry of one.items) if (!named.has(entry.id)) named.set(entry.id, 10_000);
  }
  const approved = new Map<Sha256, ApprovedMedia>();
  for (const [name, durationMs] of named) {
    const sha256 = digest(name);
    const rest = { sizeBytes: 1, type: "audio/flac", title: name, urls: [], pinned: false };
    approved.set(sha256, { sha256, durationMs, ...rest });
  }
  const facts: Facts = {
    zone: ZONE,
    outputs: ["horn"],
    programmes,
    approved,
    live: new Map(),
    suspensions: [],
    playlists: [],
    texts: new Set(),
    emergencies: [],
    announcements: [],
    policy: { ...DEFAULT_POLICY, quietHours: [], ...policy },
    muted: false,
    ...change,
  };
  const present = new Set([...named.keys()].filter((name) => !absent.includes(name)).map(digest));
  return warnings(facts, present, sessions, NOW, NOW + DAY);
}

function line(one: Warning): string {
  const time = new Date(one.at + 7 * 3_600_000).toISOString().slice(11, 16);
  if (one.kind === "refused") return `${time} ${one.title} refused ${one.why.reason}`;
  if (one.kind === "conflict") {
    return `${time} ${one.title} ${one.outcome} ${one.lateMs ?? ""} because of ${one.with.title}`.replace("  ", " ");
  }
  const lacking = one.lacking.map(({ title, why }) => `${title} (${why})`).join(", ");
  return `${time} ${one.title} lacks ${lacking} of ${one.of}`;
}
const brief = (list: readonly Warning[]) => list.map(line);

describe("completeness", () => {
  it("says that 05:00 lacks 1 of 3 media", () => {
    const morning = programme("sang", { items: [item("a"), item("b"), item("c")] });
    expect(brief(told({ programmes: [morning], absent: ["b"] }))).toEqual(["05:00 sang lacks b (media-missing) of 3"]);
  });

  it("counts the chime, counts each medium once, and tells what has no approval", () => {
    const morning = programme("sang", { chime: digest("hieu"), items: [item("a"), item("a")] });
    expect(brief(told({ programmes: [morning] }))).toEqual(["05:00 sang lacks chime (digest-not-approved) of 2"]);
  });

  it("asks for the media of a suspension's replacement, not for those it replaces", () => {
    const period = { id: "t", reason: "Tết", from: "2026-11-20", until: "2026-11-21", classes: ["normal"] };
    const change = { suspensions: [{ ...period, replaceBy: [item("nhac")] }] };
    const found = told({ programmes: [programme("sang")], absent: ["sang", "nhac"], change, lengths: { nhac: 5_000 } });
    expect(brief(found)).toEqual(["05:00 sang lacks nhac (media-missing) of 1"]);
  });

  it("is silent where all is there", () => {
    expect(told({ programmes: [programme("sang"), programme("chieu", { start: "17:00" })] })).toEqual([]);
  });
});

describe("conflicts", () => {
  it("say who waits for whom and how long, where two of equal right overlap", () => {
    const programmes = [programme("dai"), programme("sau", { start: "05:02" })];
    expect(brief(told({ programmes, lengths: { dai: 5 * MINUTE } }))).toEqual([
      "05:02 sau waits 180000 because of dai",
    ]);
  });

  it("say how long a greater right waits for the item that sounds, however short it is itself", () => {
    const programmes = [programme("dai"), programme("uutien", { class: "priority", start: "05:02" })];
    expect(brief(told({ programmes, lengths: { dai: 5 * MINUTE } }))).toEqual([
      "05:02 uutien waits 180000 because of dai",
    ]);
  });

  it("say who falls away", () => {
    const programmes = [programme("dai"), programme("sau", { start: "05:02" })];
    expect(brief(told({ programmes, lengths: { dai: 50 * MINUTE } }))).toEqual(["05:02 sau dropped because of dai"]);
  });

  it("say who is cut and not taken up again", () => {
    const cut = programme("cat", { start: "05:00:04", lateness: { word: "cut-in" } });
    const programmes = [programme("bo", { interruption: "drop" }), cut];
    expect(brief(told({ programmes }))).toEqual(["05:00 bo cut because of cat"]);
  });

  it("are none where a greater right interrupts and the lesser is taken up again", () => {
    const cut = programme("uutien", { class: "priority", start: "05:00:04", lateness: { word: "cut-in" } });
    expect(told({ programmes: [programme("thuong"), cut] })).toEqual([]);
  });

  it("follow the commune's order, and the media that are there", () => {
    const programmes = [programme("a", { order: 2 }), programme("b", { order: 1 })];
    expect(brief(told({ programmes }))).toEqual(["05:00 a waits 10000 because of b"]);
    expect(brief(told({ programmes, absent: ["b"] }))).toEqual(["05:00 b lacks b (media-missing) of 1"]);
  });
});

describe("refusals ahead", () => {
  const programmes = [programme("dem", { start: "03:15" }), programme("sang"), programme("chieu", { start: "17:00" })];

  it("name quiet hours, suspension and the cap on sessions", () => {
    expect(brief(told({ programmes, policy: { quietHours: [{ from: "22:00", to: "04:30" }] } }))).toEqual([
      "03:15 dem refused quiet-hours",
    ]);
    const mourning = { id: "q", reason: "Quốc tang", from: "2026-11-20", until: "2026-11-20", classes: ["normal"] };
    expect(brief(told({ programmes, change: { suspensions: [{ ...mourning, replaceBy: [] }] } }))).toEqual([
      "05:00 sang refused suspended",
      "17:00 chieu refused suspended",
    ]);
    expect(brief(told({ programmes, policy: { sessionsPerDay: 1 } }))).toEqual(["17:00 chieu refused session-limit"]);
  });

  it("count the sessions that were had already", () => {
    const had = { key: "x", kind: "programme" as const, plannedAt: local("2026-11-20 03:00"), soundedMs: 1 };
    const sessions = new Map([["x", had]]);
    expect(brief(told({ programmes, policy: { sessionsPerDay: 1 }, sessions }))).toEqual([
      "05:00 sang refused session-limit",
      "17:00 chieu refused session-limit",
    ]);
  });

  it("name a session that will be cut to its longest length", () => {
    const found = told({
      programmes: [programme("dai")],
      lengths: { dai: 5 * MINUTE },
      policy: { sessionLengthMs: MINUTE },
    });
    expect(brief(found)).toEqual(["05:00 dai refused session-limit"]);
  });

  it("do not fear what no output here plays, nor mute and battery of this moment", () => {
    const elsewhere = programme("khac", { outputs: ["bang"], items: [item("x")] });
    expect(told({ programmes: [elsewhere], absent: ["x"] })).toEqual([]);
    expect(told({ programmes: [programme("sang")], change: { muted: true, power: "reserve" } })).toEqual([]);
  });
});

describe("a busy day", () => {
  it("of 300 slots is looked through within a second of work", () => {
    const programmes = Array.from({ length: 300 }, (_, n) =>
      programme(`p${n}`, {
        start: `${String(4 + Math.floor(n / 20)).padStart(2, "0")}:${String((n * 3) % 60).padStart(2, "0")}`,
      }),
    );
    const before = process.cpuUsage();
    const found = told({ programmes });
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
    expect(found).toEqual([]);
  });
});
