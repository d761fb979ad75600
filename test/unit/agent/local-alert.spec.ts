/** What somebody on the spot begins, on a board that has no clock: it wakes at its floor, and there its time stands still. */
import { describe, expect, it } from "vitest";
import type { Admission } from "../../../agent/admission/admission.ts";
import type { Adopted } from "../../../agent/adopted.ts";
import type { ReadLayer } from "../../../agent/config/read-layers.ts";
import { configBody } from "../../../agent/contract/config.ts";
import { contentBody } from "../../../agent/contract/content.ts";
import { FactBoard } from "../../../agent/fact-board.ts";
import { LOCAL_ISSUER } from "../../../agent/local-alert.ts";
import { Pages } from "../../../agent/paging/pages.ts";
import type { OnUnwritten } from "../../../agent/unwritten.ts";
import { addedTexts } from "../../../playback/arbiter/alert-round.ts";
import type { ClockTrust } from "../../../playback/model/clock-trust.ts";
import { MINUTE } from "../../../playback/model/units.ts";
import type { Store } from "../../../storage/store.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";
import { refuseAfter } from "../../support/storage/refusing.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";
import { digest, item, nameOf } from "../../support/virtual/virtual-cluster.ts";

const FLOOR = Date.parse("2026-11-21T05:00:00Z");
class StandingClock extends ManualClock {
  /** What it says once somebody has told it the time. */
  told: number | null = null;

  override now(): number {
    return this.told === null ? FLOOR : this.told + this.monotonic();
  }
  override trust(): ClockTrust {
    return this.told === null ? "floor" : "attested";
  }
}

const media = (name: string, pinned = false) => ({
  ...{ sha256: digest(name), sizeBytes: 1, type: "audio/mpeg", durationMs: 1_000, title: name },
  ...{ urls: ["https://media.example.vn/x"], pinned },
});

const LOCAL_ALERT = { headline: "Cháy, sơ tán ngay", items: [item("chay")], longestMs: 10 * MINUTE };
const BODY = configBody.parse({ policy: { localAlert: LOCAL_ALERT, page: {} } });
const configuration = () => [
  { address: "all", seq: 1, sha256: digest("config"), bytes: "", body: BODY } satisfies ReadLayer,
];

function board(clock: StandingClock, store: Store, onUnwritten?: OnUnwritten): FactBoard {
  const value = contentBody.parse({ level: "province", media: [media("a"), media("chay"), media("b", true)] });
  const content = { key: { kind: "content", address: "all" }, body: { kind: "content", value } } as unknown as Adopted;
  return new FactBoard({
    admission: { documents: [content] } as unknown as Admission,
    ...{ store, clock, chain: ["all"], zone: "Asia/Ho_Chi_Minh", outputs: ["horn", "hall"] },
    ...(onUnwritten === undefined ? {} : { onUnwritten }),
    limits: { volumeCeiling: 100, quietHours: [] },
    configuration,
    onChange: () => undefined,
  });
}

async function bench() {
  const clock = new StandingClock();
  const { store } = await temporaryStore({ clock });
  return { clock, store, station: board(clock, store) };
}

const standing = ({ facts }: FactBoard) =>
  facts.emergencies.filter(({ ended }) => ended === null).map(({ emergency }) => emergency.identifier);

describe("an alert raised on the spot", () => {
  it("is another one each time, also where the clock stands: what was stopped, or has sounded out, does not keep it silent", async () => {
    const { clock, station } = await bench();
    const first = await station.raiseAlert("officer");
    expect(first).toMatch(/^local-20261121T050000Z-[0-9a-f]{8}$/);
    expect(await station.raiseAlert("officer")).toBe(first);
    await station.stopEmergencies(null, "officer");
    const second = await station.raiseAlert("officer");
    expect(standing(station)).toEqual([second]);
    clock.advance(10 * MINUTE);
    station.tick();
    expect(standing(station)).toEqual([]);
    const third = await station.raiseAlert("officer");
    expect(standing(station)).toEqual([third]);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it("stands over a restart while it sounds, and does not come back once it is over", async () => {
    const { clock, store, station } = await bench();
    const raised = await station.raiseAlert("officer");
    await station.forgetEnded();
    const again = board(clock, store);
    expect(standing(again)).toEqual([raised]);
    clock.advance(10 * MINUTE);
    again.tick();
    await again.forgetEnded();
    // Whoever sounds it is still told why it ended.
    expect(again.facts.emergencies.map(({ ended }) => ended?.reason)).toEqual(["expired"]);
    const after = board(clock, store);
    expect(standing(after)).toEqual([]);
    expect(await after.raiseAlert("officer")).not.toBe(raised);
  });

  it("goes on for as long as it may when somebody tells the time, and no longer", async () => {
    const { clock, station } = await bench();
    const raised = await station.raiseAlert("officer");
    clock.advance(4 * MINUTE);
    clock.told = FLOOR + 90 * 24 * 60 * MINUTE;
    station.tick();
    expect(standing(station)).toEqual([raised]);
    clock.advance(5 * MINUTE);
    station.tick();
    expect(standing(station)).toEqual([raised]);
    clock.advance(2 * MINUTE);
    station.tick();
    expect(standing(station)).toEqual([]);
  });

  it("says no hour of issue while nobody knows it, and the right one as soon as somebody does", async () => {
    const { clock, station } = await bench();
    await station.raiseAlert("officer");
    const hour = () => station.facts.emergencies.map(({ emergency }) => emergency.issuedAt);
    const said = () => station.facts.emergencies.flatMap(({ emergency }) => addedTexts(emergency, "Asia/Ho_Chi_Minh"));
    expect([hour(), said()]).toEqual([[null], []]);
    clock.advance(4 * MINUTE);
    clock.told = FLOOR + 3 * 60 * MINUTE;
    station.tick();
    const raised = clock.now() - 4 * MINUTE;
    expect(hour()).toEqual([raised]);
    expect(said()).toEqual([{ language: "vi", text: "Bản tin phát đi lúc 15 giờ." }]);
    clock.advance(2 * MINUTE);
    station.tick();
    expect(hour()).toEqual([raised]);
  });

  it("says that hour also after a restart, and ends when it would have ended", async () => {
    const { clock, store, station } = await bench();
    await station.raiseAlert("officer");
    clock.advance(4 * MINUTE);
    clock.told = FLOOR + 3 * 60 * MINUTE;
    station.tick();
    await station.dateRaised();
    const raised = station.facts.emergencies.map(({ emergency }) => emergency.issuedAt);
    clock.advance(3 * MINUTE);
    const again = board(clock, store);
    expect(again.facts.emergencies.map(({ emergency }) => emergency.issuedAt)).toEqual(raised);
    clock.advance(4 * MINUTE);
    again.tick();
    expect(standing(again)).toEqual([]);
  });

  it("says that hour after a restart also where the disk refused to keep it at first", async () => {
    const { clock, store, station } = await bench();
    await station.raiseAlert("officer");
    clock.told = FLOOR + 3 * 60 * MINUTE;
    station.tick();
    const heal = refuseAfter(store, 0);
    await expect(station.dateRaised()).rejects.toThrow("disk is full");
    heal();
    await station.dateRaised();
    const raised = station.facts.emergencies.map(({ emergency }) => emergency.issuedAt);
    clock.advance(3 * MINUTE);
    expect(board(clock, store).facts.emergencies.map(({ emergency }) => emergency.issuedAt)).toEqual(raised);
  });

  it("has its recording fetched before all others and kept, whatever its approval says", async () => {
    const { station } = await bench();
    const approved = [...station.facts.approved.values()].map(({ sha256, pinned }) => [nameOf(sha256), pinned]);
    expect(approved).toEqual([
      ["chay", true],
      ["b", true],
      ["a", false],
    ]);
  });
});

describe("a page", () => {
  it("is another one each time, also where the clock stands", async () => {
    const { clock, store, station } = await bench();
    const microphone = () => Promise.resolve(null);
    const pages = new Pages({ board: station, store, clock, configuration, microphone });
    const first = await pages.begin("officer");
    expect(first).toMatch(/^page-20261121T050000000Z-[0-9a-f]{8}$/);
    expect(await pages.stop("officer")).toBe(first);
    const second = await pages.begin("officer");
    expect([second === first, pages.standing?.id]).toEqual([false, second]);
  });

  it("goes on in the other zones where one heard its chime and no microphone, and ends with whoever was heard", async () => {
    const { clock, store, station } = await bench();
    const pages = new Pages({ board: station, store, clock, configuration, microphone: () => Promise.resolve(null) });
    const id = await pages.begin("officer");
    const ended = (outcome: "partial" | "played") => {
      station.forgetAnnouncement(`announcement ${LOCAL_ISSUER} ${id}`, "horn", outcome);
      clock.advance(MINUTE / 2);
      station.tick();
      return station.facts.announcements.map((one) => one.ended?.reason ?? "stands");
    };
    expect([ended("partial"), ended("played")]).toEqual([["stands"], ["released"]]);
  });
});

describe("a disk that takes no writes", () => {
  it("keeps nobody from muting, stopping, raising or speaking; all of it is written in its order when it takes them again", async () => {
    const { clock, store } = await bench();
    const told: string[] = [];
    const onUnwritten: OnUnwritten = (what) => told.push(what);
    const station = board(clock, store, onUnwritten);
    const microphone = () => Promise.resolve(null);
    const pages = new Pages({ board: station, store, clock, configuration, microphone, onUnwritten });
    const heal = refuseAfter(store, 0);
    const raised = await station.raiseAlert("officer");
    expect(standing(station)).toEqual([raised]);
    expect(await station.stopEmergencies(null, "officer")).toEqual([raised]);
    await station.setMuted(true, "officer");
    expect([standing(station), station.facts.muted]).toEqual([[], true]);
    const page = await pages.begin("officer");
    expect([await pages.stop("officer"), told]).toEqual([page, ["local-alert", "page", "page-stop"]]);
    clock.advance(MINUTE);
    await station.settle();
    expect(told.splice(3)).toEqual(["local-alert"]);
    const before = board(clock, store);
    expect([before.facts.muted, standing(before)]).toEqual([false, []]);
    heal();
    clock.advance(MINUTE);
    await station.settle();
    await station.settle();
    const kinds = (await store.journal.list({ limit: 9 })).map(({ kind }) => kind);
    expect(kinds).toEqual(["local-alert", "emergency-stop", "muted"]);
    const after = board(clock, store);
    expect([after.facts.muted, standing(after)]).toEqual([true, []]);
  });

  it("is an error where nobody hears of it", async () => {
    const { store, station } = await bench();
    refuseAfter(store, 0);
    await expect(station.setMuted(true, "officer")).rejects.toThrow("disk is full");
    expect(station.facts.muted).toBe(true);
  });
});
