/** The book of configurations over a real door and a real store: brokers that come and go with keys, and a card that takes no writes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigBook } from "../../../agent/config/config-book.ts";
import { Considering } from "../../../agent/config/considering.ts";
import { configBody } from "../../../agent/contract/config.ts";
import { MINUTE } from "../../../playback/model/units.ts";
import { refuseAfter } from "../../support/storage/refusing.ts";
import { Door } from "../trust/door.ts";

const NAMED = ["mqtts://named.example.vn"];
const EVERYWHERE = { address: "all" } as const;

let door: Door;
/** Those of `station.yaml`. */
let file: string[];
/** Why a broker cannot be reached. */
let unreachable: () => Promise<string | null>;
let bootId: string;
let unwritten: string[];
let changes: number;
beforeEach(async () => {
  door = await Door.open();
  [file, bootId, unwritten, changes] = [[], "boot", [], 0];
  unreachable = () => Promise.resolve(null);
});
afterEach(() => door.close());

function open(): Promise<ConfigBook> {
  const { store, clock, admission } = door;
  return ConfigBook.open({
    ...{ store, clock, admission, brokersOfFile: file },
    chain: ["all", "province/01", "commune/00004", "station/xa-00004-cum-01"],
    bootTime: () => Promise.resolve({ bootId, boottimeMs: clock.monotonic() }),
    unreachable: () => unreachable(),
    connected: () => true,
    onChange: () => {
      changes += 1;
    },
    onUnwritten: (what) => unwritten.push(what),
  });
}

const volumes = (book: ConfigBook) => book.layers.map(({ body }) => body.policy.volume);
const withoutConfigKey = () => door.ceremony.trustBody(door.ceremony.holders.filter(({ role }) => role !== "config"));

describe("brokers that a layer names", () => {
  it("can be taken back where the file names none: there is nobody whom one would have to ask", async () => {
    const book = await open();
    expect(await book.setLocal(configBody.parse({ brokers: NAMED }), "technician")).toBeNull();
    expect(await book.confirmBy("technician")).toBe(true);
    expect(await book.setLocal(null, "technician")).toBeNull();
    expect([book.brokers(), book.layers, book.state.pending]).toEqual([[], [], null]);
  });

  it("go with its key only when others are named, while all else of it is out of force at once", async () => {
    await door.adopt("config", { brokers: NAMED, policy: { volume: 30 } });
    const book = await open();
    await book.consider();
    await book.confirmBy("technician");
    expect([book.brokers(), volumes(book)]).toEqual([NAMED, [30]]);
    const before = changes;
    await door.adopt("trust", withoutConfigKey(), { ...EVERYWHERE, seq: 2 });
    await book.consider();
    // What takes its place comes over the link that stands.
    expect([book.brokers(), book.layers, changes > before]).toEqual([NAMED, [], true]);
    await door.adopt("trust", door.ceremony.trustBody(), { ...EVERYWHERE, seq: 3 });
    await door.adopt("config", { brokers: ["mqtts://next.example.vn"] }, { seq: 2 });
    await book.consider();
    expect(book.brokers()).toEqual(["mqtts://next.example.vn"]);
  });
});

it("a layer whose key was revoked is out of force though the brokers of the next generation do not answer", async () => {
  file = ["mqtts://file.example.vn"];
  await door.adopt("config", { brokers: NAMED, policy: { volume: 30 } });
  const book = await open();
  await book.consider();
  unreachable = () => Promise.resolve("nobody there");
  const before = changes;
  await door.adopt("trust", withoutConfigKey(), { ...EVERYWHERE, seq: 2 });
  await book.consider();
  expect([book.layers, book.brokers(), book.waiting]).toEqual([[], NAMED, "no new broker answers: nobody there"]);
  expect([changes - before, book.lost.length]).toEqual([1, 1]);
});

describe("a signed answer", () => {
  it("does not wait for brokers that are not in force yet", async () => {
    file = ["mqtts://file.example.vn"];
    await door.adopt("config", { brokers: NAMED });
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string | null>();
    unreachable = () => {
      asked.resolve();
      return answer.promise;
    };
    const book = await open();
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
    const book = await open();
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
    const [config, log] = [await open(), { error: () => undefined }];
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
    file = ["mqtts://file.example.vn"];
    await door.adopt("config", { policy: { volume: 30 } });
    const first = await open();
    await first.consider();
    expect([volumes(first), first.state.pending === null]).toEqual([[30], false]);
    bootId = "next boot";
    const heal = refuseAfter(door.store, 0);
    const book = await open();
    expect([book.layers, book.state.pending, book.state.failed.length]).toEqual([[], null, 1]);
    expect(unwritten).toEqual(["config", "config"]);
    heal();
    expect((await open()).state).toEqual(book.state);
  });

  it("nor where the memory of generations, or a layer, cannot be read any more", async () => {
    await door.store.notes.set(null, "config", { confirmed: "?" });
    refuseAfter(door.store, 0);
    const book = await open();
    expect([book.lost.length, book.layers, unwritten]).toEqual([1, [], ["config"]]);
  });

  it("nor where nothing of that memory can be read: that is told, not taken for a station that never had one", async () => {
    await door.store.database.run("INSERT INTO notes VALUES ('config', '{\"conf')");
    await door.restart();
    const told = (book: ConfigBook) => book.lost.map(({ why }) => why);
    expect(told(await open())).toEqual(["it is no JSON any more"]);
    expect(told(await open())).toEqual([]);
    await door.restart();
    expect(told(await open())).toEqual([]);
  });

  it("does not take back what the source has answered over: it is confirmed when the card takes writes again", async () => {
    file = ["mqtts://file.example.vn"];
    const book = await open();
    await door.adopt("config", { policy: { volume: 30 }, confirmWithinMs: MINUTE });
    await book.consider();
    const heal = refuseAfter(door.store, 0);
    await book.heardFromSource(door.clock.monotonic());
    expect([unwritten, book.state.pending === null]).toEqual([["config"], false]);
    await door.clock.advance(2 * MINUTE);
    await expect(book.consider()).rejects.toThrow("disk is full");
    expect(volumes(book)).toEqual([30]);
    heal();
    await book.consider();
    expect([volumes(book), book.state.pending, book.state.confirmed.length]).toEqual([[30], null, 1]);
  });

  it("nor does it leave in force what nobody confirmed in time", async () => {
    file = ["mqtts://file.example.vn"];
    const book = await open();
    await door.adopt("config", { policy: { volume: 30 }, confirmWithinMs: MINUTE });
    await book.consider();
    refuseAfter(door.store, 0);
    await door.clock.advance(MINUTE);
    await book.consider();
    expect([book.layers, book.state.pending]).toEqual([[], null]);
  });
});
