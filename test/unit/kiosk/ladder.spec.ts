import { describe, expect, it } from "vitest";
import {
  climb,
  DEFAULT_LADDER,
  dueAt,
  type Happening,
  initialLadder,
  type Ladder,
  type LadderAction,
} from "../../../drivers/kiosk/ladder.ts";
import { HOUR, MINUTE } from "../../../playback/model/units.ts";
import { KIOSK_PHASES, type KioskEvent, type KioskPhase } from "../../../playback/ports/kiosk.ts";

const SIZE = { width: 1_920, height: 1_080 };
const ALL: readonly Happening[] = [
  { kind: "connector", bindable: true },
  { kind: "connector", bindable: false },
  { kind: "alive" },
  { kind: "looked", browser: true, page: true },
  { kind: "looked", browser: true, page: false },
  { kind: "looked", browser: false, page: false },
  { kind: "ended", detail: "chromium ended (SIGKILL)" },
  { kind: "crashed", detail: "the page's process crashed" },
  { kind: "measured", size: SIZE, wanted: SIZE },
  { kind: "measured", size: { width: 1_024, height: 768 }, wanted: SIZE },
  { kind: "modes-changed" },
  { kind: "tick" },
  { kind: "stop" },
];

/** A kiosk in virtual time: what happened to it, and what it did about it. */
class Bench {
  now = 0;
  ladder: Ladder = initialLadder(0);
  readonly actions: { readonly at: number; readonly action: LadderAction }[] = [];
  readonly events: KioskEvent[] = [];

  tell(happening: Happening): this {
    const { ladder, actions, events } = climb(this.ladder, happening, this.now);
    this.ladder = ladder;
    for (const action of actions) this.actions.push({ at: this.now, action });
    this.events.push(...events);
    return this;
  }

  /** Lets time pass; a page that lives speaks every second. What is looked into answers as `looks` says. */
  pass(ms: number, alive: boolean, looks: { browser: boolean; page: boolean } = { browser: true, page: true }): this {
    const until = this.now + ms;
    while (this.now < until) {
      const next = Math.min(until, this.now + 1_000, Math.max(this.now, dueAt(this.ladder) ?? until));
      this.now = next === this.now ? next + 1 : next;
      this.tell({ kind: "tick" });
      if (this.ladder.looking) this.tell({ kind: "looked", ...looks });
      if (alive) this.tell({ kind: "alive" });
    }
    return this;
  }

  get did(): readonly LadderAction[] {
    return this.actions.map(({ action }) => action).filter((action) => action !== "look");
  }
}

const showing = () => new Bench().tell({ kind: "connector", bindable: true }).tell({ kind: "alive" });

/** A bench in each phase. */
const IN: Record<KioskPhase, () => Bench> = {
  off: () => new Bench(),
  "no-connector": () => new Bench().tell({ kind: "connector", bindable: false }),
  starting: () => new Bench().tell({ kind: "connector", bindable: true }),
  showing,
  frozen: () => showing().pass(5_000, false),
  resting: () => showing().pass(4 * MINUTE, false, { browser: false, page: false }),
};

const after = (phase: KioskPhase, happening: Happening) => {
  const bench = IN[phase]();
  expect(bench.ladder.phase).toBe(phase);
  const before = bench.actions.length;
  bench.tell(happening);
  return `${bench.ladder.phase} ${bench.actions
    .slice(before)
    .map(({ action }) => action)
    .join(" ")}`.trim();
};

describe("the ladder", () => {
  it("knows for every phase and every happening what follows", () => {
    const table = KIOSK_PHASES.map((phase) => [phase, ALL.map((happening) => after(phase, happening))]);
    const [off, none, starting, shows, frozen, resting] = [
      ...["off", "no-connector", "starting", "showing", "frozen", "resting"],
    ];
    const still = (phase: string | undefined) => phase;
    expect(Object.fromEntries(table)).toEqual({
      off: ["starting start", none, ...Array(11).fill(still(off))],
      "no-connector": [...Array(12).fill(still(none)), "off stop"],
      starting: [starting, "no-connector stop", shows, starting, starting, starting, starting, "frozen reload"].concat([
        ...[starting, starting, starting, starting, "off stop"],
      ]),
      showing: [
        shows,
        "no-connector stop",
        shows,
        shows,
        shows,
        shows,
        "frozen restart-browser",
        "frozen reload",
      ].concat([...[shows, "frozen restart-compositor", shows, shows, "off stop"]]),
      frozen: [frozen, "no-connector stop", shows, frozen, frozen, frozen, frozen, "frozen restart-browser"].concat([
        ...[frozen, frozen, frozen, frozen, "off stop"],
      ]),
      resting: [resting, "no-connector stop", shows, resting, resting, resting, "resting stop", resting].concat([
        ...[resting, resting, resting, resting, "off stop"],
      ]),
    });
  });

  it("leaves a page alone that speaks every second, for a day, and asks its browser every 2 s", () => {
    const bench = showing().pass(24 * HOUR, true);
    expect(bench.did).toEqual(["start"]);
    const looks = bench.actions.filter(({ action }) => action === "look").length;
    expect(looks).toBeGreaterThan(24 * 1_200);
    expect(looks).toBeLessThanOrEqual(24 * 1_800);
  });

  it("loads a page again whose script is silent, restarts the browser of one that hangs", () => {
    expect(showing().pass(3_100, false).did).toEqual(["start", "reload"]);
    expect(showing().pass(3_100, false, { browser: true, page: false }).did).toEqual(["start", "restart-browser"]);
    // The browser hangs, and its page goes on.
    expect(showing().pass(2_100, true, { browser: false, page: true }).did).toEqual(["start", "restart-browser"]);
  });

  it("climbs while nothing helps, rests after six rungs, and makes at most twelve in an hour", () => {
    const bench = showing().pass(2 * MINUTE, false);
    expect(bench.did).toEqual(["start", "reload", "restart-browser", ...Array(4).fill("restart-compositor")]);
    expect(bench.ladder.phase).toBe("resting");
    bench.pass(24 * HOUR, false);
    const rungs = bench.actions.filter(({ action }) => action !== "look" && action !== "start").map(({ at }) => at);
    for (const first of rungs) {
      expect(rungs.filter((at) => at >= first && at < first + 10 * MINUTE).length).toBeLessThanOrEqual(6);
      expect(rungs.filter((at) => at >= first && at < first + HOUR).length).toBeLessThanOrEqual(12);
    }
    expect(rungs.length).toBeGreaterThan(24 * 6);
    // And it comes back by itself when the page does.
    bench.pass(HOUR, true);
    expect(bench.ladder.phase).toBe("showing");
  });

  it("begins with the gentlest rung again after a minute without trouble, and with a stronger one before", () => {
    const soon = showing().pass(3_100, false).pass(30_000, true).pass(3_100, false);
    expect(soon.did).toEqual(["start", "reload", "restart-browser"]);
    const later = showing().pass(3_100, false).pass(61_000, true).pass(3_100, false);
    expect(later.did).toEqual(["start", "reload", "reload"]);
  });

  it("restarts at once what ended, but waits 4 s before what ends as soon as it is started", () => {
    const bench = showing().pass(5_000, true);
    bench.tell({ kind: "ended", detail: "killed" });
    expect(bench.did).toEqual(["start", "restart-browser"]);
    bench.tell({ kind: "ended", detail: "chromium ended (127)" }).pass(3_900, false);
    expect(bench.did).toHaveLength(2);
    bench.pass(200, false);
    expect(bench.did).toEqual(["start", "restart-browser", "restart-compositor"]);
    // A program that is not there is tried six times in ten minutes.
    for (let second = 0; second < 590; second++) bench.pass(1_000, false).tell({ kind: "ended", detail: "(127)" });
    expect(bench.did).toHaveLength(7);
  });

  it("goes dark with its connector, and comes back 4 s after it, also where the plug is loose", () => {
    const bench = showing().pass(10_000, true).tell({ kind: "connector", bindable: false });
    expect(bench.did).toEqual(["start", "stop"]);
    bench.tell({ kind: "alive" });
    expect(bench.ladder.phase).toBe("no-connector");
    bench.pass(HOUR, false).tell({ kind: "connector", bindable: true }).pass(3_900, false);
    expect(bench.did).toHaveLength(2);
    bench.pass(200, false);
    expect([bench.did.at(-1), bench.ladder.phase]).toEqual(["start", "starting"]);
    for (let turn = 0; turn < 100; turn++) {
      bench.tell({ kind: "connector", bindable: false }).tell({ kind: "connector", bindable: true }).pass(5_000, false);
    }
    const starts = bench.actions.filter(({ at, action }) => action === "start" && at > HOUR - 10_000);
    expect(starts.length).toBeLessThanOrEqual(6);
  });

  it("restarts once for a wrong mode, and once more when the list of modes changes", () => {
    const bench = showing();
    const wrong: Happening = { kind: "measured", size: { width: 1_024, height: 768 }, wanted: SIZE };
    bench.tell(wrong).pass(2_000, true).tell(wrong).pass(2_000, true).tell(wrong);
    expect(bench.did).toEqual(["start", "restart-compositor"]);
    expect(bench.events.filter(({ kind }) => kind === "mode-wrong")).toEqual([
      { kind: "mode-wrong", detail: "1024×768 instead of 1920×1080" },
    ]);
    bench.tell({ kind: "modes-changed" }).tell(wrong);
    expect(bench.did).toEqual(["start", "restart-compositor", "restart-compositor"]);
  });

  it("has a due instant wherever time alone leads on", () => {
    const due = KIOSK_PHASES.map((phase) => dueAt(IN[phase]().ladder) !== null);
    expect(due).toEqual([false, false, true, true, true, true]);
    expect(dueAt(showing().ladder)).toBe(DEFAULT_LADDER.lookEveryMs);
  });
});
