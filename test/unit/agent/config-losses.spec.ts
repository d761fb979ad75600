import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigBook } from "../../../agent/config/config-book.ts";
import { configBody } from "../../../agent/contract/config.ts";
import { ofConfig } from "../../../agent/health/observe.ts";
import { Door } from "../trust/door.ts";

const CONFIG = configBody.parse({ policy: { volume: 21 } });

let door: Door;
beforeEach(async () => {
  door = await Door.open();
});
afterEach(() => door.close());

function open(): Promise<ConfigBook> {
  const { store, clock, admission } = door;
  return ConfigBook.open({
    store,
    clock,
    admission,
    chain: ["all", "province/01", "commune/00004", "station/xa-00004-cum-01"],
    brokersOfFile: [],
    bootTime: () => Promise.resolve({ bootId: "boot", boottimeMs: clock.monotonic() }),
    unreachable: () => Promise.resolve(null),
    connected: () => true,
    onChange: () => undefined,
  });
}

async function losses(): Promise<object[]> {
  const records = await door.journal(100);
  return records.filter(({ kind }) => kind === "config-lost").map(({ text }) => JSON.parse(text).body);
}

const concern = (config: ConfigBook) => ofConfig({ config })["config-lost"];

describe("a stored configuration layer", () => {
  it("whose key was revoked counts no more, is journalled once and stays a concern until it is replaced", async () => {
    await door.adopt("config", { policy: { volume: 30 } });
    let book = await open();
    await book.consider();
    expect([book.layers[0]?.body.policy.volume, concern(book)]).toEqual([30, undefined]);
    const left = door.ceremony.holders.filter(({ role }) => role !== "config");
    await door.adopt("trust", door.ceremony.trustBody(left), { address: "all", seq: 2 });
    for (let start = 0; start < 3; start++) {
      await door.restart();
      book = await open();
      expect([book.layers, book.lost.length]).toEqual([[], 1]);
      expect(concern(book)).toMatch(/^province\/01 no\. 1: \S+/);
    }
    expect(await losses()).toEqual([expect.objectContaining({ address: "province/01", seq: 1 })]);
    await door.adopt("trust", door.ceremony.trustBody(), { address: "all", seq: 3 });
    await door.adopt("config", { policy: { volume: 35 } }, { seq: 2 });
    await book.consider();
    expect([book.layers[0]?.body.policy.volume, concern(book)]).toEqual([35, undefined]);
    expect(await losses()).toHaveLength(1);
  });

  it("of a technician that the card spoilt does not stop the station, and is told", async () => {
    expect(await (await open()).setLocal(CONFIG, "technician")).toBeNull();
    const state = door.store.notes.get("config") as { confirmed: { bytes: string }[] };
    const spoilt = state.confirmed.map((layer) => ({ ...layer, bytes: layer.bytes.slice(0, 20) }));
    await door.store.notes.set(null, "config", { ...state, confirmed: spoilt });
    await door.restart();
    const book = await open();
    expect(book.layers).toEqual([]);
    expect(concern(book)).toMatch(/^local no\. 1: /);
    expect(await losses()).toHaveLength(1);
  });

  it("is told when the whole memory of generations cannot be read, and the province's word is taken up anew", async () => {
    await door.adopt("config", { policy: { volume: 30 } });
    await (await open()).consider();
    await door.store.notes.set(null, "config", { confirmed: "?" });
    const book = await open();
    expect(concern(book)).toMatch(/^all no\. 0: .*confirmed/s);
    await book.consider();
    expect(book.layers[0]?.body.policy.volume).toBe(30);
    await door.restart();
    expect(concern(await open())).toBeUndefined();
    expect(await losses()).toHaveLength(1);
  });
});
