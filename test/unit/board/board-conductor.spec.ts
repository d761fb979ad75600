import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BoardConductor, type FaceLight } from "../../../playback/board/board-conductor.ts";
import type { ShownRecord } from "../../../playback/board/ledger.ts";
import type { BoardScene, Face } from "../../../playback/model/board.ts";
import type { Emergency } from "../../../playback/model/emergency.ts";
import type { Facts } from "../../../playback/model/facts.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import type { Origin } from "../../../playback/model/schedule.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import type { ScreenReport } from "../../../playback/ports/screen.ts";
import { settle, VirtualClock } from "../../support/virtual/virtual-clock.ts";

const START = Date.parse("2026-11-22T07:59:00+07:00");
const face = (name: string): Face => ({
  ...{ name, rect: { x: 0, y: 0, width: 960, height: 540 }, size: { width: 960, height: 540 }, rotation: 0 },
  languages: ["vi"],
});
const ORIGIN: Origin = {
  ...{ issuer: "tinh", adoptedAt: 0, address: "all", documentSha256: "d".repeat(64) as Sha256, keys: ["k"] },
};
const CLOCK_REGION = {
  ...{ id: "gio", kind: "clock" as const, x: 0, y: 0, width: 100, height: 100, items: [], dwellMs: 10_000 },
  ...{ fit: "contain" as const, foreground: "#ffffff", background: "#000000", pace: 3 },
};
const PLAYLIST: Facts["playlists"][number] = {
  ...{ id: "sang", title: "Sáng", level: "province", class: "normal", filler: false, order: 1, faces: [] },
  recurrence: { kind: "weekly", weekdays: ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] },
  ...{ start: "08:00", end: "08:30", layout: [CLOCK_REGION], origin: ORIGIN },
};
const ALERT: Emergency = {
  ...{ identifier: "lu", sent: START, status: "actual", severity: "extreme", headline: "Lũ quét", language: "vi" },
  ...{ items: [], repeat: { rounds: 1, gapMs: 0 }, expires: START + 86_400_000, longestMs: 1e9, outputs: [] },
  origin: { ...ORIGIN, documentSha256: "e".repeat(64) as Sha256 },
};
const FACTS: Facts = {
  ...{ zone: "Asia/Ho_Chi_Minh", outputs: ["loa"], programmes: [], playlists: [PLAYLIST], live: new Map() },
  ...{ approved: new Map(), texts: new Set(), suspensions: [], muted: false, emergencies: [], announcements: [] },
  policy: DEFAULT_POLICY,
};

let clock: VirtualClock;
let scenes: BoardScene[];
let records: ShownRecord[];
let conductor: BoardConductor;
let stop: AbortController;
let running: Promise<void>;
let report: (report: ScreenReport | null) => void;
let light: FaceLight;

beforeEach(() => {
  clock = new VirtualClock(START);
  [scenes, records, stop] = [[], [], new AbortController()];
  light = { lit: true, percent: 80, until: null };
  conductor = new BoardConductor(
    {
      ...{ clock, faces: [face("truoc"), face("sau")], size: { width: 1920, height: 540 }, drivers: new Map() },
      screen: {
        show: (scene) => scenes.push(scene),
        report: null,
        onReport: (listener) => {
          report = listener;
        },
      },
      has: () => true,
      light: (_, alert) => (alert ? { lit: true, percent: 100, until: null } : light),
      onAir: () => ({ airing: null, next: [] }),
      onShown: (record) => records.push(record),
    },
    FACTS,
  );
  running = conductor.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await clock.advance(1_000);
  await running;
});

const shown = () =>
  scenes.at(-1)?.faces.map(({ showing }) => (showing.kind === "layout" ? showing.title : showing.kind));
const seen = (showing: string, revision = conductor.revision): ScreenReport => ({
  ...{ heardAt: clock.monotonic(), paintedAt: clock.now(), revision, frames: clock.monotonic() / 10, worstFrameMs: 17 },
  faces: ["truoc", "sau"].map((name) => ({ face: name, showing, items: ["gio/clock"], faults: [] })),
});

describe("a board", () => {
  it("takes up its playlist at the instant, on all faces in one scene, and leaves it at its end", async () => {
    await settle();
    expect(shown()).toEqual(["blank", "blank"]);
    await clock.advance(59_999);
    expect(shown()).toEqual(["blank", "blank"]);
    await clock.advance(1);
    expect(shown()).toEqual(["Sáng", "Sáng"]);
    const before = scenes.length;
    await clock.advance(29 * 60_000);
    expect(scenes.length).toBe(before);
    await clock.advance(60_000);
    expect(shown()).toEqual(["blank", "blank"]);
  });

  it("is taken by an alert at once, at its brightness, and hands back", async () => {
    await clock.advance(61_000);
    conductor.update({ ...FACTS, emergencies: [{ emergency: ALERT, ended: null }] });
    expect(shown()).toEqual(["alert", "alert"]);
    expect(scenes.at(-1)?.faces[0]?.dim).toBe(0);
    conductor.update(FACTS);
    expect(shown()).toEqual(["Sáng", "Sáng"]);
    expect(scenes.at(-1)?.faces[0]?.dim).toBe(20);
  });

  it("shows a pattern by hand until its time is over, but never over an alert", async () => {
    await clock.advance(61_000);
    conductor.pattern("sau", "identify", 10_000);
    expect(shown()).toEqual(["Sáng", "pattern"]);
    await clock.advance(10_000);
    expect(shown()).toEqual(["Sáng", "Sáng"]);
    conductor.pattern("sau", "white", 10_000);
    conductor.update({ ...FACTS, emergencies: [{ emergency: ALERT, ended: null }] });
    expect(shown()).toEqual(["alert", "alert"]);
  });

  it("is dark outside its hours", async () => {
    await clock.advance(61_000);
    light = { lit: false, percent: 0, until: null };
    await clock.advance(1_000);
    expect(shown()).toEqual(["blank", "blank"]);
  });

  it("knows since when the page has not confirmed what it should show", async () => {
    await clock.advance(61_000);
    expect(conductor.states[0]?.unconfirmedSince).not.toBeNull();
    report(seen(conductor.states[0]?.showing.kind === "layout" ? "x" : "y"));
    expect(conductor.states[0]?.unconfirmedSince).toBeNull();
    report(null);
    expect(conductor.states[0]?.unconfirmedSince).toBe(clock.monotonic());
  });

  it("records what was confirmed, for how long, with the documents behind it", async () => {
    await clock.advance(60_000);
    const { showing } = conductor.states[0] ?? {};
    const key = showing?.kind === "layout" ? showing.key : "";
    for (let n = 0; n < 60; n++) {
      // For 20 s of the minute the page says nothing.
      if (n < 20 || n >= 40) report(seen(key));
      await clock.advance(1_000);
    }
    conductor.update({ ...FACTS, emergencies: [{ emergency: ALERT, ended: null }] });
    const [record] = records.filter(({ face: name }) => name === "truoc");
    expect(record).toMatchObject({ showing: key, title: "Sáng", documents: [ORIGIN.documentSha256], goesOn: false });
    expect(record?.to).toBe(START + 120_000);
    expect(record?.confirmedMs).toBe(38_000);
    expect(record?.items).toEqual({ "gio/clock": 40 });
    stop.abort();
    await clock.advance(1_000);
    await running;
    expect(records.at(-1)).toMatchObject({ showing: "alert", documents: [ALERT.origin.documentSha256] });
  });

  it("writes a record every ten minutes, so that a power cut loses no more", async () => {
    await clock.advance(22 * 60_000);
    expect(records.filter(({ face: name }) => name === "sau").map(({ goesOn }) => goesOn)).toEqual([true, true]);
  });
});
