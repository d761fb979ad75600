/** Who sounds over whom: every holder against every challenger, and the steps that follow. */
import { describe, expect, it } from "vitest";
import { agenda } from "../../../playback/agenda/agenda.ts";
import { type Decision, decide } from "../../../playback/arbiter/arbiter.ts";
import type { Candidate } from "../../../playback/arbiter/candidate.ts";
import { candidateOfAnnouncement, candidateOfEmergency, candidateOfSlot } from "../../../playback/arbiter/candidate.ts";
import { loudestOver } from "../../../playback/arbiter/over.ts";
import { NO_SESSIONS } from "../../../playback/arbiter/sessions.ts";
import type { Announcement } from "../../../playback/model/announcement.ts";
import type { Facts } from "../../../playback/model/facts.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import { amplitudeOf, HOUR } from "../../../playback/model/units.ts";
import { type Actual, plan, type Step } from "../../../playback/planner.ts";
import { alert, item, local, ORIGIN, programme, ZONE } from "../../support/virtual/virtual-cluster.ts";

const NOW = local("2026-11-20 05:00:01");
const LEADS = { prepareMs: 15_000, warmMs: 1_320, scheduleMs: 300 };
const KINDS = ["nothing", "filler", "normal", "priority", "live", "exercise", "emergency"] as const;
type Kind = (typeof KINDS)[number];

const announcement = (id: string, change: Partial<Announcement> = {}): Announcement => ({
  ...{ id, title: id, items: [item(id)], longestMs: HOUR, outputs: [], origin: ORIGIN },
  ...change,
});

/** Facts in which something of this kind is asked for, under the name `id`, and what asks. */
function asked(kind: Kind, id: string): { facts: Partial<Facts>; candidate: (facts: Facts) => Candidate | null } {
  if (kind === "nothing") return { facts: {}, candidate: () => null };
  if (kind === "live") {
    const held = { announcement: announcement(id), ended: null };
    return {
      facts: { announcements: [held] },
      candidate: ({ policy }) => candidateOfAnnouncement(held.announcement, policy),
    };
  }
  if (kind === "emergency" || kind === "exercise") {
    const emergency = alert(id, { status: kind === "exercise" ? "exercise" : "actual" });
    return {
      facts: { emergencies: [{ emergency, ended: null }] },
      candidate: ({ policy }) => candidateOfEmergency(emergency, policy),
    };
  }
  const one = programme(id, kind === "filler" ? { filler: true } : { class: kind });
  return {
    facts: { programmes: [one] },
    candidate: (facts) => {
      const [slot] = agenda(facts, NOW - HOUR, NOW + HOUR);
      return slot === undefined ? null : candidateOfSlot(slot, facts);
    },
  };
}

const PAGE = announcement("trang", { duck: true });

function situation(running: Kind, over: boolean, challenger: Kind | "page" = "nothing", change: Partial<Facts> = {}) {
  const [held, coming] = [asked(running, "dang"), asked(challenger === "page" ? "nothing" : challenger, "den")];
  const page = over || challenger === "page" ? [{ announcement: PAGE, ended: null }] : [];
  const facts: Facts = {
    ...{
      zone: ZONE,
      outputs: ["horn"],
      approved: new Map(),
      live: new Map(),
      suspensions: [],
      playlists: [],
      texts: new Set(),
      muted: false,
    },
    policy: { ...DEFAULT_POLICY, quietHours: [] },
    programmes: [...(held.facts.programmes ?? []), ...(coming.facts.programmes ?? [])],
    emergencies: [...(held.facts.emergencies ?? []), ...(coming.facts.emergencies ?? [])],
    announcements: [...(held.facts.announcements ?? []), ...(coming.facts.announcements ?? []), ...page],
    ...change,
  };
  const before = { ...facts, programmes: held.facts.programmes ?? [] };
  return decide({
    ...{ facts, now: NOW, trust: "attested", runningMs: 0, overMs: 0, sessions: NO_SESSIONS, suspended: new Map() },
    ...{ slots: agenda(facts, NOW - HOUR, NOW + HOUR), awaiting: new Set(), ended: () => false },
    running: held.candidate(before),
    over: over ? candidateOfAnnouncement(PAGE, facts.policy) : null,
  });
}

const name = (candidate: Candidate | null) => candidate?.header.id ?? null;

describe("what ducks", () => {
  it.each(KINDS)("sounds over %s only where that is a programme, and else waits", (running) => {
    const { holder, over, waiting } = situation(running, false, "page");
    const bears = ["nothing", "filler", "normal", "priority"].includes(running);
    expect(name(holder)).toBe(running === "nothing" ? null : "dang");
    expect(name(over)).toBe(bears ? "trang" : null);
    expect(waiting.map(({ candidate }) => name(candidate))).toEqual(bears ? [] : ["trang"]);
  });

  it.each(
    KINDS.filter((running) => !["live", "exercise", "emergency"].includes(running)).flatMap((running) =>
      KINDS.filter((kind) => kind !== "nothing").map((challenger) => [running, challenger] as const),
    ),
  )(
    "over %s, meets %s: a programme goes its way underneath, what is live waits, an alert ends it",
    (running, challenger) => {
      const { holder, over, overEnds, waiting } = situation(running, true, challenger);
      const live = challenger === "live" || challenger === "exercise";
      const emergency = challenger === "emergency";
      const without = situation(running, false, challenger);
      expect(name(over)).toBe(emergency ? null : "trang");
      expect(overEnds?.whenReady ?? null).toBe(emergency ? true : null);
      // Nothing live takes the output from under it; everything else is decided as if it were not there.
      expect(name(holder)).toBe(live ? (running === "nothing" ? null : "dang") : name(without.holder));
      if (live) expect(waiting.map(({ candidate }) => name(candidate))).toContain("den");
    },
  );

  it.each([
    ["mute", { muted: true }, "muted"],
    ["quiet hours", { policy: { ...DEFAULT_POLICY, quietHours: [{ from: "04:00", to: "06:00" }] } }, "quiet-hours"],
    ["its own end", { announcements: [] }, "policy"],
  ] as const)("ends at once by %s", (_, change, reason) => {
    const { overEnds } = situation("nothing", true, "nothing", change);
    expect([overEnds?.why.reason, overEnds?.whenReady]).toEqual([reason, false]);
  });

  it("is never so loud that the sum with what is put down passes full scale", () => {
    for (const duck of [-40, -18, -6]) {
      expect(amplitudeOf(loudestOver(duck)) + amplitudeOf(duck)).toBeCloseTo(1, 9);
      const { gain } = candidateOfAnnouncement({ ...PAGE, volume: 100 }, { ...DEFAULT_POLICY, duck });
      expect(gain).toBe(loudestOver(duck));
    }
    expect(loudestOver(-18)).toBeCloseTo(-1.17, 2);
  });
});

describe("the steps", () => {
  const READY = new Map([
    ["announcement province-01 trang", "ready"],
    ["emergency den", "ready"],
  ] as const);
  const steps = (decision: Decision, actual: Partial<Actual>) =>
    plan(
      decision,
      { running: null, yielding: false, prepared: READY, amplifierReady: true, over: null, duck: "off", ...actual },
      NOW,
      LEADS,
    )
      .filter(({ do: what }) => !["amplifier", "prepare", "discard"].includes(what))
      .map((step: Step) => (step.do === "duck" ? (step.down ? "down" : "up") : step.do));
  const over = situation("normal", true).over;
  const running = situation("normal", true).holder;

  it.each([
    ["puts the programme down first", { running, duck: "off" }, ["down"]],
    ["waits while it goes down", { running, duck: "going" }, []],
    ["begins over it when it is down", { running, duck: "on" }, ["begin-over"]],
    ["lifts it again where the sound cannot be had", { running, duck: "on", prepared: new Map() }, ["up"]],
    ["has no haste without the amplifier", { running, amplifierReady: false }, []],
    [
      "records what cannot sound at all",
      { running, duck: "off", prepared: new Map([["announcement province-01 trang", "nothing"]] as const) },
      ["fail"],
    ],
  ] satisfies [string, Partial<Actual>, string[]][])("%s", (_, actual, expected) => {
    expect(steps(situation("normal", false, "page"), actual)).toEqual(expected);
  });

  it("lifts the programme when nothing sounds over it any more", () => {
    expect(steps(situation("normal", false), { running, duck: "on" })).toEqual(["up"]);
    expect(steps(situation("normal", true), { running, over, duck: "on" })).toEqual([]);
  });

  it("stops for an alert when that is ready, and never puts the alert down", () => {
    const decision = situation("normal", true, "emergency");
    expect(steps(decision, { running, over, duck: "on", prepared: new Map() })).toEqual([]);
    expect(steps(decision, { running, over, duck: "on" })).toEqual(["stop-over", "up", "stop", "begin"]);
  });
});
