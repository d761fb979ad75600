import { stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { DAY, HOUR, type Instant, MINUTE } from "../../../playback/model/units.ts";
import { type CacheRules, NO_RULES } from "../../../storage/content/cache-rules.ts";
import {
  approved,
  bytes,
  eventually,
  type MediaBench,
  mediaBench,
  sha256Of,
} from "../../support/storage/media-bench.ts";
import { MediaServer } from "../../support/storage/media-server.ts";

const body = bytes(300_000);
const sha256 = sha256Of(body);
const other = bytes(200_000, 2);
const rules = (change: Partial<CacheRules>): CacheRules => ({ ...NO_RULES, ...change });
const state = (bench: MediaBench, digest = sha256) =>
  bench.cache.status().find((one) => one.sha256 === digest)?.state ?? "unknown";

/** No download stalls while the test moves the clock. */
const benchOf = (options: Parameters<typeof mediaBench>[0]) => mediaBench({ stallMs: 1_000 * DAY, ...options });

/** Lets the loop look again until it shows. */
async function shows(bench: MediaBench, wanted: string, digest = sha256): Promise<void> {
  await eventually(() => {
    if (state(bench, digest) === wanted) return true;
    bench.clock.advance(MINUTE);
    return false;
  }, wanted);
}

describe("the data budget", () => {
  it("breaks a download off when the day's is spent, and goes on by range the next local day, across restarts", async () => {
    const [server, large] = [await MediaServer.start(), bytes(2_000_000)];
    const digest = sha256Of(large);
    // Local midnight comes 2 h after the bench's clock begins.
    const dateOf = (at: Instant) => new Date(at + 17 * HOUR).toISOString().slice(0, 10);
    const budget = { rules: rules({ dayBytes: 1_000_000, dateOf }) };
    const list = [approved(large, [server.serve("/a", large)])];
    const first = await benchOf(budget);
    first.cache.setApproved(list);
    const loop = first.run();
    await shows(first, "over-budget", digest);
    const spent = first.cache.account()?.dayBytes ?? 0;
    expect(spent).toBeGreaterThanOrEqual(1_000_000);
    // Not more than the chunk that was under way.
    expect(spent).toBeLessThan(1_000_000 + 200_000);
    expect(first.cache.account()?.overBudget).toEqual([digest]);
    await loop.stop();
    await first.store.close();

    const second = await benchOf({ folder: first.folder, ...budget });
    second.cache.setApproved(list);
    second.run();
    await eventually(() => second.cache.account() !== null);
    expect(second.cache.account()?.dayBytes).toBe(spent);
    await shows(second, "over-budget", digest);
    const { size } = await stat(second.partialPath(digest));
    expect(size).toBe(spent);
    expect(server.asked).toHaveLength(1);
    second.clock.advance(2 * HOUR);
    await shows(second, "present", digest);
    expect(server.asked.map(({ range }) => range)).toEqual([null, `bytes=${spent}-`]);
    expect(second.cache.account()?.monthBytes).toBe(2_000_000);
  });

  it("counts what failed, and by the month", async () => {
    const server = await MediaServer.start();
    const bench = await benchOf({ rules: rules({ monthBytes: 250_000 }), random: () => 1 });
    bench.cache.setApproved([approved(body, [server.serve("/bad", bytes(300_000, 9))])]);
    bench.run();
    await eventually(() => bench.events.some(({ kind }) => kind === "failed") || state(bench) === "over-budget");
    bench.clock.advance(DAY);
    await shows(bench, "over-budget");
    expect(bench.cache.account()?.monthBytes).toBeGreaterThanOrEqual(250_000);
    const asked = server.asked.length;
    bench.clock.advance(20 * MINUTE);
    await shows(bench, "over-budget");
    expect(server.asked).toHaveLength(asked);
    // The bench begins on 21 November.
    bench.clock.advance(10 * DAY);
    await eventually(() => server.asked.length > asked, "a try in the next month");
  });

  it("counts what a server sends beyond the approved length", async () => {
    const [server, bench] = [await MediaServer.start(), await benchOf({})];
    bench.cache.setApproved([approved(body, [server.serve("/a", body, { kind: "endless" })])]);
    bench.run();
    await eventually(() => bench.events.some(({ kind }) => kind === "failed"));
    await eventually(() => (bench.cache.account()?.monthBytes ?? 0) > body.length);
  });

  it("exempts pinned media, and counts them apart", async () => {
    const [server, bench] = [await MediaServer.start(), await benchOf({ rules: rules({ dayBytes: 0 }) })];
    bench.cache.setApproved([
      approved(body, [server.serve("/a", body)], { pinned: true }),
      approved(other, [server.serve("/b", other)]),
    ]);
    bench.run();
    await shows(bench, "present");
    await shows(bench, "over-budget", sha256Of(other));
    expect(bench.cache.account()).toMatchObject({ dayBytes: 0, exemptMonthBytes: 300_000 });
  });
});

describe("the night window", () => {
  it("holds what nobody waits for until it opens, not what is needed before", async () => {
    const [server, bench] = [await MediaServer.start(), await benchOf({})];
    const opens = bench.clock.now() + 8 * HOUR;
    bench.cache.setRules(rules({ opensAt: (now) => (now < opens ? opens : null) }));
    bench.cache.setNeeds(new Map([[sha256Of(other), bench.clock.now() + 7 * HOUR]]));
    bench.cache.setApproved([approved(body, [server.serve("/a", body)]), approved(other, [server.serve("/b", other)])]);
    bench.run();
    await shows(bench, "present", sha256Of(other));
    await shows(bench, "outside-window");
    expect(server.asked.map(({ path }) => path)).toEqual(["/b"]);
    bench.clock.advance(opens - bench.clock.now());
    await shows(bench, "present");
  });
});

describe("a window that closes", () => {
  it("breaks off what nobody waits for, and keeps what had come", async () => {
    const [server, large] = [await MediaServer.start(), bytes(2_000_000)];
    let closed = false;
    const bench = await benchOf({
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        closed = true;
        return response;
      },
    });
    const opens = bench.clock.now() + 8 * HOUR;
    bench.cache.setRules(rules({ opensAt: () => (closed ? opens : null) }));
    bench.cache.setNeeds(new Map());
    bench.cache.setApproved([approved(large, [server.serve("/a", large)])]);
    bench.run();
    const digest = sha256Of(large);
    await shows(bench, "outside-window", digest);
    const { size } = await stat(bench.partialPath(digest));
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThan(1_000_000);
    expect(bench.events).toEqual([]);
  });
});

describe("mirrors", () => {
  it("are asked before the approval's addresses, by digest, and verified like any other", async () => {
    const [server, bench] = [await MediaServer.start(), await benchOf({})];
    const origin = new URL(server.serve("/a", body)).origin;
    server.serve(`/bad/${sha256}`, bytes(300_000, 9));
    server.serve(`/good/${sha256}`, body);
    bench.cache.setRules(rules({ mirrors: [`${origin}/none/`, `${origin}/bad`, `${origin}/good/`] }));
    bench.cache.setApproved([approved(body, [`${origin}/a`])]);
    bench.run();
    await shows(bench, "present");
    expect(server.asked.map(({ path }) => path)).toEqual(["none", "bad", "good"].map((at) => `/${at}/${sha256}`));
  });

  it("that are all bad leave the approval's own address", async () => {
    const [server, bench] = [await MediaServer.start(), await benchOf({})];
    const origin = new URL(server.serve("/a", body)).origin;
    bench.cache.setRules(rules({ mirrors: [`${origin}/none`, "http://127.0.0.1:1"] }));
    bench.cache.setApproved([approved(body, [`${origin}/a`])]);
    bench.run();
    await shows(bench, "present");
    expect(server.asked.at(-1)?.path).toBe("/a");
  });
});

describe("what is urgent", () => {
  it("breaks off a download of something else, which goes on afterwards", async () => {
    const [server, bench] = [await MediaServer.start(), await benchOf({})];
    const slow = approved(body, [server.serve("/a", body, { kind: "stall", after: 100_000 })]);
    bench.cache.setApproved([slow]);
    bench.run();
    await eventually(() => bench.cache.status()[0]?.bytes === 100_000);
    bench.cache.setApproved([slow, approved(other, [server.serve("/b", other)], { pinned: true })]);
    await eventually(() => state(bench, sha256Of(other)) === "present");
    server.serve("/a", body);
    await shows(bench, "present");
    expect(server.asked.map(({ path, range }) => [path, range])).toEqual([
      ["/a", null],
      ["/b", null],
      ["/a", "bytes=100000-"],
    ]);
  });
});
