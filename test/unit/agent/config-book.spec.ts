/** The book of configurations: what is in force when keys come and go, on a card that takes no writes, and without a link. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConfigBook } from "../../../agent/config/config-book.ts";
import { Considering } from "../../../agent/config/considering.ts";
import { MINUTE } from "../../../playback/model/units.ts";
import { refuseAfter } from "../../support/storage/refusing.ts";
import type { Door } from "../trust/door.ts";
import { StationBook, volumes } from "./station-book.ts";

const NAMED = ["mqtts://named.example.vn"];

let station: StationBook;
let door: Door;
beforeEach(async () => {
  station = await StationBook.before();
  door = station.door;
});
afterEach(() => door.close());

it("a layer whose key was revoked is out of force though the brokers of the next generation do not answer", async () => {
  station.file = ["mqtts://file.example.vn"];
  await door.adopt("config", { brokers: NAMED, policy: { volume: 30 } });
  const book = await station.open();
  await book.consider();
  station.unreachable = () => Promise.resolve("nobody there");
  const before = station.changes;
  await station.revoke();
  await book.consider();
  expect([book.layers, book.brokers(), book.waiting]).toEqual([[], NAMED, "no new broker answers: nobody there"]);
  expect([station.changes - before, book.lost.length]).toEqual([1, 1]);
});

describe("a signed answer", () => {
  it("does not wait for brokers that are not in force yet", async () => {
    station.file = ["mqtts://file.example.vn"];
    await door.adopt("config", { brokers: NAMED });
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string | null>();
    station.unreachable = () => {
      asked.resolve();
      return answer.promise;
    };
    const book = await station.open();
    const considered = book.consider();
    await asked.promise;
    const order: string[] = [];
    const heard = book.heardFromSource(door.clock.monotonic()).then(() => order.push("answer"));
    await new Promise(setImmediate);
    order.push("probe");
    answer.resolve(null);
    await Promise.all([considered, heard]);
    expect(order).toEqual(["answer", "probe"]);
    // It was given before the new brokers were in force, and says nothing of them.
    expect(book.state.pending).not.toBeNull();
  });
});

describe("a card that takes no writes", () => {
  it("keeps a configuration out only until it takes them again", async () => {
    const book = await station.open();
    await door.adopt("config", { policy: { volume: 30 } });
    const heal = refuseAfter(door.store, 0);
    await expect(book.consider()).rejects.toThrow("disk is full");
    heal();
    await door.clock.advance(MINUTE);
    await book.consider();
    expect([volumes(book), book.waiting]).toEqual([[30], null]);
  });

  it("ends neither a start nor a run, and is told until something is written again", async () => {
    const trouble: { storage: string | null } = { storage: null };
    const [config, log] = [await station.open(), { error: () => undefined }];
    const considering = new Considering({ plan: { safe: null }, config, store: door.store, trouble, log });
    await door.adopt("config", { policy: { volume: 30 } });
    const heal = refuseAfter(door.store, 0);
    await considering.tick();
    heal();
    await considering.tick();
    expect([trouble.storage, volumes(config)]).toEqual(["database or disk is full", []]);
    await door.clock.advance(MINUTE);
    await considering.tick();
    expect([trouble.storage, volumes(config)]).toEqual([null, [30]]);
  });

  it("does not keep the station from starting: what was pending over a boot is taken back all the same", async () => {
    station.file = ["mqtts://file.example.vn"];
    await door.adopt("config", { policy: { volume: 30 } });
    const first = await station.open();
    await first.consider();
    expect([volumes(first), first.state.pending === null]).toEqual([[30], false]);
    station.bootId = "next boot";
    const heal = refuseAfter(door.store, 0);
    const book = await station.open();
    expect([book.layers, book.state.pending, book.state.failed.length]).toEqual([[], null, 1]);
    expect(station.unwritten).toEqual(["config", "config"]);
    heal();
    expect((await station.open()).state).toEqual(book.state);
  });

  it("nor where the memory of generations, or a layer, cannot be read any more", async () => {
    await door.store.notes.set(null, "config", { confirmed: "?" });
    refuseAfter(door.store, 0);
    const book = await station.open();
    expect([book.lost.length, book.layers, station.unwritten]).toEqual([1, [], ["config"]]);
  });

  it("nor where nothing of that memory can be read: that is told, not taken for a station that never had one", async () => {
    await door.store.database.run("INSERT INTO notes VALUES ('config', '{\"conf')");
    await door.restart();
    const told = (book: ConfigBook) => book.lost.map(({ why }) => why);
    expect(told(await station.open())).toEqual(["it is no JSON any more"]);
    expect(told(await station.open())).toEqual([]);
    await door.restart();
    expect(told(await station.open())).toEqual([]);
  });

  it("delays the alarm of a lost layer, and does not swallow it", async () => {
    const told = async () => (await door.journal(100)).filter(({ kind }) => kind === "config-lost").length;
    await door.adopt("config", { policy: { volume: 30 } });
    const book = await station.open();
    await book.consider();
    await station.revoke();
    const heal = refuseAfter(door.store, 0);
    await expect(book.consider()).rejects.toThrow("disk is full");
    expect([volumes(book), station.unwritten, await told()]).toEqual([[], ["config"], 0]);
    heal();
    await book.consider();
    // Not every second: a disk that refuses is left alone for a minute.
    expect([book.lost.length, await told()]).toEqual([1, 0]);
    await door.clock.advance(MINUTE);
    await book.consider();
    expect([book.lost.length, await told()]).toEqual([0, 1]);
  });

  it("nor that of a whole memory, whatever else is lost meanwhile", async () => {
    const told = async () => {
      const records = await door.journal(100);
      return records.filter(({ kind }) => kind === "config-lost").map(({ text }) => JSON.parse(text).body.address);
    };
    await door.adopt("config", { policy: { volume: 30 } });
    await door.store.notes.set(null, "config", { confirmed: "?" });
    const heal = refuseAfter(door.store, 0);
    const book = await station.open();
    heal();
    await book.consider();
    await station.revoke();
    await book.consider();
    expect([volumes(book), await told()]).toEqual([[], []]);
    await door.clock.advance(MINUTE);
    await book.consider();
    expect(await told()).toEqual(["all", "province/01"]);
    await door.clock.advance(MINUTE);
    await book.consider();
    expect(await told()).toHaveLength(2);
  });

  it("does not take back what the source has answered over: it is confirmed when the card takes writes again", async () => {
    station.file = ["mqtts://file.example.vn"];
    const book = await station.open();
    await door.adopt("config", { policy: { volume: 30 }, confirmWithinMs: MINUTE });
    await book.consider();
    const heal = refuseAfter(door.store, 0);
    await book.heardFromSource(door.clock.monotonic());
    expect([station.unwritten, book.state.pending === null]).toEqual([["config"], false]);
    await door.clock.advance(2 * MINUTE);
    await expect(book.consider()).rejects.toThrow("disk is full");
    expect(volumes(book)).toEqual([30]);
    heal();
    await book.consider();
    expect([volumes(book), book.state.pending, book.state.confirmed.length]).toEqual([[30], null, 1]);
  });

  it("nor does it leave in force what nobody confirmed in time", async () => {
    station.file = ["mqtts://file.example.vn"];
    const book = await station.open();
    await door.adopt("config", { policy: { volume: 30 }, confirmWithinMs: MINUTE });
    await book.consider();
    refuseAfter(door.store, 0);
    await door.clock.advance(MINUTE);
    await book.consider();
    expect([book.layers, book.state.pending]).toEqual([[], null]);
  });
});

describe("a station without brokers", () => {
  /** The generation is written, and in force; that it is confirmed the disk refuses. */
  async function halfWay(): Promise<{ readonly book: ConfigBook; readonly heal: () => void }> {
    const book = await station.open();
    await door.adopt("config", { policy: { volume: 30 } });
    const heal = refuseAfter(door.store, 1);
    await expect(book.consider()).rejects.toThrow("disk is full");
    expect([volumes(book), book.state.pending === null]).toEqual([[30], false]);
    return { book, heal };
  }

  it("confirms at once what it is given", async () => {
    const book = await station.open();
    await station.come(book, 1, { policy: { volume: 30 } });
    expect([volumes(book), book.state.pending, book.state.confirmed.length]).toEqual([[30], null, 1]);
  });

  it("confirms it a second later where the disk refused in between, and never takes it back", async () => {
    const { book, heal } = await halfWay();
    await door.clock.advance(20 * MINUTE);
    await expect(book.consider()).rejects.toThrow("disk is full");
    expect(volumes(book)).toEqual([30]);
    heal();
    await book.consider();
    expect([volumes(book), book.state.pending, book.state.failed]).toEqual([[30], null, []]);
  });

  it("confirms it at the next boot where it was killed in between, or as soon as the disk takes it", async () => {
    const { heal } = await halfWay();
    station.bootId = "next boot";
    const still = await station.open();
    expect([volumes(still), still.state.pending === null]).toEqual([[30], false]);
    heal();
    const book = await station.restart();
    expect([volumes(book), book.state.pending, book.state.failed]).toEqual([[30], null, []]);
  });

  it("confirms a rollback as well: nobody could", async () => {
    const book = await station.open();
    await station.come(book, 1, { policy: { volume: 30 } });
    await station.come(book, 2, { policy: { volume: 40 } });
    expect(await book.rollback("technician")).toBeNull();
    expect([volumes(book), book.state.pending]).toEqual([[30], null]);
    await door.clock.advance(10 * MINUTE);
    await book.consider();
    expect(volumes(book)).toEqual([30]);
  });

  it("has the first ones it is given on trial like any other", async () => {
    const book = await station.open();
    await station.come(book, 1, { brokers: NAMED });
    expect([book.brokers(), book.state.pending === null]).toEqual([NAMED, false]);
    await door.clock.advance(10 * MINUTE);
    await book.consider();
    expect([book.brokers(), book.state.pending]).toEqual([[], null]);
  });
});
