import { describe, expect, it } from "vitest";
import { type FindingKind, inspect } from "../../source/findings.ts";
import { StationHistory, type UplinkMessage } from "../../source/history.ts";
import { birthOf, eventsOf, FakeJournal } from "./fake-station.ts";

function findings(...messages: UplinkMessage[]): [FindingKind, number | null][] {
  const history = new StationHistory("xa");
  for (const message of messages) if (history.isNew(message)) history.absorb(message);
  return inspect(history).map(({ kind, seq }) => [kind, seq]);
}

const journal = new FakeJournal().grow(6);
const all = eventsOf("xa", journal.events);
describe("findings against a station", () => {
  it("are none for an honest one, also when everything is delivered twice and out of order", () => {
    const late = eventsOf("xa", journal.events.slice(0, 3));
    const early = eventsOf("xa", journal.events.slice(3));
    expect(findings(birthOf("xa", journal), early, late, early, all, birthOf("xa", journal, "s2"))).toEqual([]);
  });

  it("are none where a broker after a power cut brings back an old birth and an old will", () => {
    const old = birthOf("xa", new FakeJournal().grow(2));
    const gone = { kind: "death", station: "xa", session: "s1" } as const;
    const history = new StationHistory("xa");
    for (const message of [old, gone, birthOf("xa", journal, "s2"), all, old, gone]) {
      if (history.isNew(message)) history.absorb(message);
    }
    expect(inspect(history)).toEqual([]);
    expect([history.births.length, history.deaths.length, history.presence]).toEqual([2, 1, "online"]);
  });

  it("accept dropped events whose records went with them", () => {
    const rest = eventsOf("xa", [journal.event(1), journal.event(5), journal.event(6)]);
    expect(findings(rest, eventsOf("xa", [], [{ from: 2, to: 4 }]))).toEqual([]);
  });

  it("name every event that is neither here nor in a gap", () => {
    const rest = eventsOf("xa", [journal.event(2), journal.event(5)]);
    expect(findings(rest, eventsOf("xa", [], [{ from: 3, to: 3 }]))).toEqual([
      ["missing-event", 1],
      ["missing-event", 4],
    ]);
  });

  it("name an event that is also in a gap, and gaps that overlap", () => {
    const gaps = [
      { from: 6, to: 9 },
      { from: 9, to: 10 },
    ];
    expect(findings(all, eventsOf("xa", [], gaps))).toEqual([
      ["event-in-gap", 6],
      ["overlapping-gaps", 6],
    ]);
  });

  it("name a record that was altered under its hash", () => {
    const event = structuredClone(journal.event(3));
    event.record.text = event.record.text.replace("3", "4");
    expect(findings(eventsOf("xa", [journal.event(1), journal.event(2), event]))).toEqual([["bad-hash", 3]]);
  });

  it("name the break where two chains were joined", () => {
    const other = new FakeJournal().grow(3);
    const event = structuredClone(other.event(3));
    event.record.prev = "f".repeat(64);
    const found = findings(eventsOf("xa", [journal.event(1), journal.event(2), event]));
    expect(found).toEqual([
      ["bad-hash", 3],
      ["broken-chain", 3],
    ]);
    const genesis = structuredClone(journal.event(1));
    genesis.record.prev = "1".repeat(64);
    expect(findings(eventsOf("xa", [genesis]))).toContainEqual(["broken-chain", 1]);
  });

  it("name the same record told as two events, and two records told as one event", () => {
    const doubled = { ...journal.event(6), seq: 7 };
    expect(findings(all, eventsOf("xa", [doubled]))).toEqual([["doubled-record", 6]]);
    const other = { ...journal.event(6), class: "log" as const };
    expect(findings(all, eventsOf("xa", [other]))).toEqual([["contradicting-event", 6]]);
  });

  it("name a record that was left out of the events", () => {
    const skipped = { ...journal.event(3), seq: 2 };
    expect(findings(eventsOf("xa", [journal.event(1), skipped]))).toEqual([["missing-record", 3]]);
  });

  it("name a birth whose journal head contradicts what is here, or fell behind it", () => {
    const birth = birthOf("xa", journal, "s2");
    const lying = { ...birth, journal: { ...birth.journal, hash: "a".repeat(64) } };
    expect(findings(all, lying)).toEqual([["contradicting-head", 6]]);
    expect(findings(all, birthOf("xa", new FakeJournal().grow(4), "s2"))).toEqual([["fallen-head", 4]]);
    expect(findings(all, { ...birth, lastEvent: 5 })).toEqual([["fallen-head", 5]]);
  });

  it("are none where a birth was overtaken by events of its own session, as a broker does that sends again", () => {
    expect(findings(all, birthOf("xa", new FakeJournal().grow(4), "s1"))).toEqual([]);
    const lying = birthOf("xa", new FakeJournal().grow(4), "s1");
    lying.journal.hash = "a".repeat(64);
    expect(findings(all, lying)).toEqual([["contradicting-head", 4]]);
  });

  it("name a count that fell and a head that changed between two births, though no event has come", () => {
    const before = birthOf("xa", journal);
    const fewer = { ...birthOf("xa", journal, "s2"), journal: { ...before.journal, count: 5 } };
    const changed = { ...birthOf("xa", journal, "s3"), journal: { ...before.journal, hash: "b".repeat(64) } };
    const back = { ...birthOf("xa", journal, "s4"), journal: { ...before.journal, seq: 5 } };
    expect(findings(before, fewer)).toEqual([["fallen-head", 6]]);
    expect(findings(before, changed)).toEqual([["contradicting-head", 6]]);
    expect(findings(before, back)).toEqual([["fallen-head", 5]]);
  });

  it("name a chain that was rewritten with right hashes", () => {
    const other = new FakeJournal().grow(6);
    const birth = { ...birthOf("xa", other), journal: { seq: 4, hash: other.event(5).record.hash, count: 6 } };
    expect(findings(eventsOf("xa", journal.events.slice(0, 4)), birth)).toEqual([["contradicting-head", 4]]);
  });
});
