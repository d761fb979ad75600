/**
 * A broker in the wrong hands, against the real door, the real commands and the facts that deciding gets: it may repeat, reorder, withhold, flood
 * and mix in other stations' orders, and nothing that was not signed for this station ever stands among the facts.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { downlinkTopic } from "../../agent/contract/topics.ts";
import { DAY, HOUR, MINUTE } from "../../playback/model/units.ts";
import { wireInstant } from "../source/envelope.ts";
import { newSigningKey } from "../source/keys.ts";
import { randomOf } from "../source/random.ts";
import { STATION } from "../unit/trust/command-bench.ts";
import { type Door, type Letter, PROVINCE, schedule } from "../unit/trust/door.ts";
import type { FloodReport } from "../unit/trust/flood.ts";
import { Inside, topicOf } from "../unit/trust/inside.ts";

/** As a board with little memory has to run it. */
const BOUNDED_HEAP = ["--expose-gc", "--max-old-space-size=48"];
const FLOOD = Number(process.env.LOA_FLOOD ?? 3_000);

let inside: Inside;
let door: Door;

beforeEach(async () => {
  inside = await Inside.open({ quorums: { emergency: { keys: 3, threshold: 2 } } });
  ({ door } = inside);
});
afterEach(() => inside.bench.close());

const send = (letter: Letter, topic?: string) => inside.send(letter, topic);
const programmes = () => inside.programmes();
const alerts = () => inside.alerts();
const titled = (id: string) => schedule({ id });

const alert = (identifier: string, change: object = {}) => ({
  identifier,
  sent: wireInstant(door.clock.now()),
  status: "actual",
  msgType: "alert",
  expires: wireInstant(door.clock.now() + HOUR),
  headline: identifier,
  text: "Lũ về.",
  ...change,
});

describe("a broker that repeats and reorders", () => {
  it("ends, in whatever order and however often, with the newest of each document", async () => {
    const letters: Letter[] = [];
    for (let seq = 1; seq <= 12; seq++) letters.push(await door.letter("schedule", titled(`p-${seq}`), { seq }));
    for (let seq = 2; seq <= 6; seq++) {
      letters.push(await door.letter("trust", door.ceremony.trustBody(), { address: "all", seq }));
    }
    letters.push(await door.letter("emergency", alert("lu-1"), { seq: 1 }));
    letters.push(
      await door.letter("emergency", alert("huy-1", { msgType: "cancel", references: ["lu-1"] }), { seq: 2 }),
    );
    for (let round = 0; round < 8; round++) {
      const random = randomOf(round);
      for (const letter of random.shuffle([...letters, ...letters, ...letters])) await send(letter);
      expect(programmes()).toEqual(["p-12"]);
      expect(alerts()).toEqual([]);
      if (round === 3) {
        await inside.restart();
      }
    }
    expect(door.inForce()).toEqual(["emergency 1", "emergency 2", "schedule 12", "trust 6"]);
  });

  it("brings back neither a cancelled alert nor a key that was taken away, over a restart", async () => {
    const [first, cancel] = [
      await door.letter("emergency", alert("lu-1"), { seq: 1 }),
      await door.letter("emergency", alert("huy-1", { msgType: "cancel", references: ["lu-1"] }), { seq: 2 }),
    ];
    const trust = await door.letter("trust", door.ceremony.trustBody(), { address: "all", seq: 2 });
    const old = await door.letter("schedule", titled("stolen"), { seq: 50 });
    await send(trust);
    await send(first);
    expect(alerts()).toEqual(["lu-1"]);
    await send(cancel);
    const left = door.ceremony.holders.filter(({ role }) => role !== "schedule");
    await send(await door.letter("trust", door.ceremony.trustBody(left), { address: "all", seq: 3 }));
    for (let round = 0; round < 3; round++) {
      for (const letter of [first, trust, old, cancel, first, trust, old]) await send(letter);
      expect([alerts(), programmes()]).toEqual([[], []]);
      await inside.restart();
    }
  });
});

describe("a broker that keeps what is old", () => {
  it("as a retained document long expired, adds nothing", async () => {
    const stale = await door.letter("schedule", titled("stale"), { exp: door.clock.now() + DAY });
    const ended = await door.letter("emergency", alert("lu-1"), { exp: door.clock.now() + DAY });
    const order = await inside.bench.letter({ name: "volume", percent: 100 }, { exp: door.clock.now() + MINUTE });
    await door.clock.advance(2 * DAY);
    for (const letter of [stale, ended, order]) await send(letter);
    expect([programmes(), alerts(), inside.bench.effects]).toEqual([[], [], []]);
    expect(inside.refusals).toEqual(["expired", "expired", "expired"]);
  });
});

const [EARLIER, PRESENT] = ["e".repeat(22), "p".repeat(22)];

describe("a broker that kept an answer too long", () => {
  it("raises no alarm by it, unless it answers a birth of just now, whose end is wrong then, or nobody signed it", async () => {
    const body = (nonce: string) => ({ nonce, time: wireInstant(door.clock.now()), versions: {} });
    const ends = { address: STATION, exp: door.clock.now() + 10_000 } as const;
    const [earlier, present, forged] = [
      await door.letter("time", body(EARLIER), ends),
      await door.letter("time", body(PRESENT), ends),
      await door.letter("time", body(EARLIER), { ...ends, keys: [await newSigningKey()] }),
    ];
    inside.nonce = PRESENT;
    await door.clock.advance(MINUTE);
    await send(earlier);
    inside.nonceAge = 10_001;
    await send(present);
    inside.nonceAge = 10_000;
    expect([inside.refusals, (await door.journal(10)).filter(({ kind }) => kind === "refused")]).toEqual([[], []]);
    await send(present);
    expect(inside.refusals).toEqual(["expired"]);
    await send(forged);
    expect(inside.refusals).toHaveLength(2);
  });
});

describe("a broker that sends other stations' orders", () => {
  it.each([
    ["station/xa-00005-cum-01", "station/xa-00005-cum-01"],
    ["station/xa-00005-cum-01", STATION],
    ["commune/00005", "commune/00004"],
    ["province/02", PROVINCE],
    ["hamlet/00004-thon-2", "hamlet/00004-thon-1"],
  ] as const)("for %s, as if they were for %s, moves nothing", async (theirs, ours) => {
    const command = await inside.bench.letter({ name: "volume", percent: 100 }, { address: theirs });
    const document = await door.letter("schedule", titled("theirs"), { address: theirs });
    const siren = await door.letter("emergency", alert("lu-1"), { address: theirs });
    for (const letter of [command, document, siren]) {
      await send(letter);
      await send(letter, topicOf(letter).replace(theirs, ours));
    }
    expect([programmes(), alerts(), inside.bench.effects]).toEqual([[], [], []]);
    expect(new Set(inside.refusals)).toEqual(new Set(["wrong-audience"]));
  });

  it("under the topic of another kind, level or identifier moves nothing", async () => {
    const document = await door.letter("schedule", titled("p"));
    const siren = await door.letter("emergency", alert("lu-1"));
    const topics = [
      "schedule/commune",
      "content/province",
      "config",
      "suspension",
      "emergency/p",
      "emergency/lu-2",
      "time",
    ];
    for (const letter of [document, siren])
      for (const topic of topics) await send(letter, `loa/v1/${PROVINCE}/${topic}`);
    for (const topic of ["loa/v1/x", "", "$SYS/x", `loa/v2/${PROVINCE}/schedule/province`]) await send(document, topic);
    expect([programmes(), alerts()]).toEqual([[], []]);
    await send(document);
    expect(programmes()).toEqual(["p"]);
  });
});

describe("a broker that empties its topics", () => {
  it("takes nothing away: a station forgets only by signed words", async () => {
    await send(await door.letter("schedule", titled("p")));
    await send(await door.letter("emergency", alert("lu-1")));
    for (const topic of ["schedule/province", "emergency/lu-1", "trust", "config"]) {
      await inside.downlink.receive(`loa/v1/${PROVINCE}/${topic}`, Buffer.alloc(0), "link");
    }
    await inside.downlink.receive(downlinkTopic("trust", "all"), Buffer.alloc(0), "link");
    expect([programmes(), alerts()]).toEqual([["p"], ["lu-1"]]);
  });
});

describe(`a flood of ${FLOOD}`, () => {
  it("costs at most 50 MB of memory and a bounded journal; what was adopted stands and one order acts once", {
    timeout: 60_000 + FLOOD * 20,
  }, async () => {
    const script = join(import.meta.dirname, "../unit/trust/flood.ts");
    // Without a bound V8 lets garbage lie as long as the machine has room, which says nothing about the station.
    const { stdout } = await promisify(execFile)(process.execPath, [...BOUNDED_HEAP, script, String(FLOOD)]);
    const report = JSON.parse(stdout) as FloodReport;
    process.stdout.write(`flood of ${FLOOD}: ${stdout}\n`);
    expect(report).toMatchObject({ effects: 1, programmes: ["genuine"] });
    expect(Math.max(report.grownMb, report.repeatedGrownMb)).toBeLessThan(50);
    expect(report.retainedMb).toBeLessThan(8);
    // Sixty a minute and a thousand a day, however long it lasts; a minute passes with every hundred.
    expect(report.records).toBeLessThanOrEqual(1_000 * (1 + Math.floor((FLOOD + 200) / 144_000)));
    expect(report.records).toBeGreaterThan(0);
    expect(report.longestRecord).toBeLessThan(2_000);
    expect(report.repeatedRecords).toBeLessThan(100);
  });
});
