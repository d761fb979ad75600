/** Which brokers the link uses, whatever becomes of the configuration that named them: a station is never left without the ones it had. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConfigBook } from "../../../agent/config/config-book.ts";
import { configBody } from "../../../agent/contract/config.ts";
import { restoreInto, takeSnapshot } from "../../../agent/start/snapshot.ts";
import { MINUTE, SECOND } from "../../../playback/model/units.ts";
import { Store } from "../../../storage/store.ts";
import { refuseAfter } from "../../support/storage/refusing.ts";
import type { Door } from "../trust/door.ts";
import { StationBook, volumes } from "./station-book.ts";

const NAMED = ["mqtts://named.example.vn"];
const NEXT = ["mqtts://next.example.vn"];
const FILE = ["mqtts://file.example.vn"];
const TECHNICIAN = "technician";

let station: StationBook;
let door: Door;
beforeEach(async () => {
  station = await StationBook.before();
  door = station.door;
});
afterEach(() => door.close());

/** The source answers over what is in force. */
async function answer(book: ConfigBook): Promise<void> {
  await door.clock.advance(SECOND);
  await book.heardFromSource(door.clock.monotonic());
}

/** A station whose `station.yaml` names nobody has its brokers from the province, and from them an answer. */
async function linked(): Promise<ConfigBook> {
  const book = await station.open();
  await station.come(book, 1, { brokers: NAMED, policy: { volume: 30 } });
  await answer(book);
  expect([book.brokers(), book.state.pending]).toEqual([NAMED, null]);
  return book;
}

async function overdue(book: ConfigBook): Promise<void> {
  await door.clock.advance(10 * MINUTE);
  await book.consider();
}

describe("a signed configuration that names no brokers", () => {
  it("takes none away: it is on trial over those of the link, and confirmed over them", async () => {
    const book = await linked();
    await station.come(book, 2, { policy: { volume: 40 } });
    expect([book.brokers(), volumes(book), book.state.pending === null]).toEqual([NAMED, [40], false]);
    await answer(book);
    expect([book.brokers(), book.state.pending]).toEqual([NAMED, null]);
    expect((await station.restart()).brokers()).toEqual(NAMED);
  });

  it("is taken back when nobody answers over them", async () => {
    const book = await linked();
    await station.come(book, 2, { policy: { volume: 40 } });
    await overdue(book);
    expect([book.brokers(), volumes(book), book.state.failed.length]).toEqual([NAMED, [30], 1]);
  });

  it("goes back to the proven ones from others that are on trial", async () => {
    const book = await linked();
    await station.come(book, 2, { brokers: NEXT });
    expect(book.brokers()).toEqual(NEXT);
    await station.come(book, 3, { policy: { volume: 40 } });
    expect([book.brokers(), volumes(book)]).toEqual([NAMED, [40]]);
  });

  it("leaves a new station with the first ones it was given, proven or not", async () => {
    const book = await station.open();
    await station.come(book, 1, { brokers: NAMED });
    await station.come(book, 2, { policy: { volume: 40 } });
    expect([book.brokers(), book.state.pending === null]).toEqual([NAMED, false]);
    await answer(book);
    expect((await station.restart()).brokers()).toEqual(NAMED);
  });

  it("goes by `station.yaml` where that names some, on trial", async () => {
    station.file = FILE;
    const book = await linked();
    await station.come(book, 2, { policy: { volume: 40 } });
    expect(book.brokers()).toEqual(FILE);
    await overdue(book);
    expect(book.brokers()).toEqual(NAMED);
  });
});

describe("brokers of a technician's own layer", () => {
  async function given(): Promise<ConfigBook> {
    const book = await station.open();
    expect(await book.setLocal(configBody.parse({ brokers: NAMED }), TECHNICIAN)).toBeNull();
    expect(await book.confirmBy(TECHNICIAN)).toBe(true);
    return book;
  }

  it("can be taken back by him where nobody else names any, and stay away once he confirms it", async () => {
    const book = await given();
    expect(await book.setLocal(null, TECHNICIAN)).toBeNull();
    expect([book.brokers(), book.layers, book.state.pending === null]).toEqual([[], [], false]);
    expect((await station.open()).brokers()).toEqual([]);
    expect(await book.confirmBy(TECHNICIAN)).toBe(true);
    expect((await station.restart()).brokers()).toEqual([]);
  });

  it("return where he does not", async () => {
    const book = await given();
    await book.setLocal(null, TECHNICIAN);
    await overdue(book);
    expect([book.brokers(), book.layers.length]).toEqual([NAMED, 1]);
  });

  it("are the only ones that he takes away by it", async () => {
    const book = await linked();
    await station.revoke();
    await book.setLocal(configBody.parse({ policy: { volume: 21 } }), TECHNICIAN);
    expect([book.brokers(), volumes(book)]).toEqual([NAMED, [21]]);
  });
});

describe("brokers that a revoked key's layer named", () => {
  it("go only when others are named, while all else of the layer is out of force at once", async () => {
    const book = await linked();
    const before = station.changes;
    await station.revoke();
    await book.consider();
    // What takes its place comes over the link that stands.
    expect([book.brokers(), book.layers, station.changes > before]).toEqual([NAMED, [], true]);
    await door.adopt("trust", door.ceremony.trustBody(), { address: "all", seq: 3 });
    await station.come(book, 2, { brokers: NEXT });
    expect(book.brokers()).toEqual(NEXT);
  });

  it("stay over a restart, whether or not the book has seen the revocation", async () => {
    await linked();
    await station.revoke();
    const book = await station.restart();
    expect([book.brokers(), book.layers]).toEqual([NAMED, []]);
    await book.consider();
    expect((await station.restart()).brokers()).toEqual(NAMED);
  });

  it("stay over a restart also where `station.yaml` names others that do not answer", async () => {
    station.file = FILE;
    await linked();
    await station.revoke();
    station.unreachable = () => Promise.resolve("nobody there");
    const book = await station.restart();
    await book.consider();
    expect([book.brokers(), book.waiting]).toEqual([NAMED, "no new broker answers: nobody there"]);
  });

  it("stay when what follows is taken back, and when it is confirmed", async () => {
    const book = await linked();
    await station.revoke();
    await book.consider();
    expect(book.state.pending?.layers).toEqual([]);
    await overdue(book);
    expect([book.brokers(), book.state.pending, book.state.confirmed.length]).toEqual([NAMED, null, 1]);
    const later = await station.restart();
    await later.consider();
    await answer(later);
    expect([later.brokers(), later.state.confirmed]).toEqual([NAMED, []]);
    expect((await station.restart()).brokers()).toEqual(NAMED);
  });

  it("are what the link returns to from others on trial, in the run and at the next boot", async () => {
    const book = await linked();
    await station.revoke();
    await book.consider();
    expect(await book.setLocal(configBody.parse({ brokers: NEXT }), TECHNICIAN)).toBeNull();
    expect(book.brokers()).toEqual(NEXT);
    expect((await station.open()).brokers()).toEqual(NEXT);
    await overdue(book);
    expect(book.brokers()).toEqual(NAMED);
    await book.setLocal(configBody.parse({ brokers: NEXT, policy: { volume: 21 } }), TECHNICIAN);
    station.bootId = "next boot";
    expect((await station.restart()).brokers()).toEqual(NAMED);
  });

  it("stay when a technician goes back to a generation that names none", async () => {
    const book = await linked();
    expect(await book.rollback(TECHNICIAN)).toBeNull();
    expect([book.brokers(), book.layers, book.state.pending === null]).toEqual([NAMED, [], false]);
  });

  it("stay when the whole memory of generations is lost", async () => {
    await linked();
    await door.store.notes.set(null, "config", { confirmed: "?" });
    await station.revoke();
    expect((await station.restart()).brokers()).toEqual(NAMED);
  });

  it("come back with the snapshot where the whole database is lost", async () => {
    await linked();
    await station.revoke();
    const kept = takeSnapshot(door.store, door.clock.now());
    await door.store.close();
    const state = join(door.folder, "state");
    await rm(state, { recursive: true });
    const store = await Store.open(state, { clock: door.clock });
    expect(await restoreInto(store, kept, door.clock.now())).toBeGreaterThan(0);
    await store.close();
    await door.start();
    expect((await station.open()).brokers()).toEqual(NAMED);
  });

  it("are noted by the first start of an agent that keeps them, or as soon as the disk takes it", async () => {
    await linked();
    await door.store.notes.set(null, "config-brokers", undefined);
    await door.restart();
    const heal = refuseAfter(door.store, 0);
    const book = await station.open();
    expect([book.brokers(), station.unwritten]).toEqual([NAMED, ["config"]]);
    heal();
    await door.clock.advance(MINUTE);
    await book.consider();
    await station.revoke();
    expect((await station.restart()).brokers()).toEqual(NAMED);
  });
});

describe("brokers of `station.yaml`", () => {
  it("are those that stand there at each start, also where none stand there any more", async () => {
    station.file = FILE;
    const book = await station.open();
    await station.come(book, 1, { policy: { volume: 30 } });
    await answer(book);
    expect(book.brokers()).toEqual(FILE);
    station.file = NEXT;
    expect((await station.restart()).brokers()).toEqual(NEXT);
    station.file = [];
    expect((await station.restart()).brokers()).toEqual([]);
  });

  it("take the place of those that nobody names any more", async () => {
    const book = await linked();
    await station.come(book, 2, { policy: { volume: 40 } });
    await answer(book);
    station.file = FILE;
    expect((await station.restart()).brokers()).toEqual(FILE);
  });
});
