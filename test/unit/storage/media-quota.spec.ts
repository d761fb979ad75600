import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ApprovedMedia } from "../../../playback/model/schedule.ts";
import { DAY, HOUR, MINUTE, type Sha256 } from "../../../playback/model/units.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
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

const SIZE = 10_000;
const bodies = Array.from({ length: 12 }, (_, n) => bytes(SIZE, n + 1));
const digest = (n: number) => sha256Of(bodies[n] as Buffer);
const rules = (change: Partial<CacheRules>): CacheRules => ({ ...NO_RULES, ...change });

function listed(server: MediaServer, count: number, pinned: readonly number[] = []): ApprovedMedia[] {
  return bodies
    .slice(0, count)
    .map((body, n) => approved(body, [server.serve(`/${n}`, body)], { pinned: pinned.includes(n) }));
}

/** No download stalls while the test moves the clock. */
const benchOf = (options: Parameters<typeof mediaBench>[0]) => mediaBench({ stallMs: 1_000 * DAY, ...options });

/** Which are there, by number. */
function there(bench: MediaBench): number[] {
  const states = bench.cache.status();
  return bodies.flatMap((_, n) => (states.find(({ sha256 }) => sha256 === digest(n))?.state === "present" ? [n] : []));
}
const stateOf = (bench: MediaBench, n: number) =>
  bench.cache.status().find(({ sha256 }) => sha256 === digest(n))?.state;
const needs = (bench: MediaBench, ...list: [number, number][]): Map<Sha256, number> =>
  new Map(list.map(([n, at]) => [digest(n), bench.clock.now() + at]));

async function use(bench: MediaBench, ...list: number[]): Promise<void> {
  for (const n of list) {
    const media = await bench.cache.open(digest(n));
    if (isRefusal(media)) throw new Error(media.detail);
    await media.close();
  }
}

/** Lets the loop look again until it shows. */
async function settled(bench: MediaBench, expected: readonly number[]): Promise<void> {
  await eventually(() => {
    bench.clock.advance(MINUTE);
    return there(bench).join() === expected.join();
  }, `objects ${expected}`);
}

describe("the quota of the cache", () => {
  it("fetches what nobody needs only while it fits, and says why the rest is not there", async () => {
    const [server, bench] = [await MediaServer.start(), await benchOf({ rules: rules({ quotaBytes: 2.5 * SIZE }) })];
    bench.cache.setNeeds(new Map());
    bench.cache.setApproved(listed(server, 4));
    bench.run();
    await settled(bench, [0, 1]);
    expect([stateOf(bench, 2), stateOf(bench, 3)]).toEqual(["over-quota", "over-quota"]);
    expect(server.asked.map(({ path }) => path)).toEqual(["/0", "/1"]);
    await eventually(() => bench.cache.account()?.usedBytes === 2 * SIZE);
    expect(bench.cache.account()).toMatchObject({ usedBytes: 2 * SIZE, capacityBytes: 2.5 * SIZE, squeezed: [] });
  });

  it("evicts the least recently used for what is needed, across a restart, and never what is needed, pinned or playing", async () => {
    const server = await MediaServer.start();
    const first = await benchOf({ rules: rules({ quotaBytes: 6 * SIZE }) });
    first.cache.setNeeds(new Map());
    first.cache.setApproved(listed(server, 6, [0]));
    const loop = first.run();
    await settled(first, [0, 1, 2, 3, 4, 5]);
    // From now on 2 was used the longest ago, then 1.
    await use(first, 3, 4, 5, 1);
    await use(first, 4, 3, 5);
    await loop.stop();
    await first.store.close();

    const second = await benchOf({ folder: first.folder, rules: rules({ quotaBytes: 6 * SIZE }) });
    second.cache.setApproved(listed(server, 8, [0]));
    await second.cache.reconcile();
    const playing = await second.cache.open(digest(4));
    if (isRefusal(playing)) throw new Error(playing.detail);
    second.cache.setNeeds(needs(second, [3, 2 * DAY], [6, HOUR], [7, 2 * HOUR]));
    second.run();
    await settled(second, [0, 3, 4, 5, 6, 7]);
    const evicted = second.events.flatMap((event) => (event.kind === "evicted" ? [event.sha256] : []));
    expect(evicted).toEqual([digest(2), digest(1)]);
    expect(await readdir(join(second.folder, "media", "objects", digest(2).slice(0, 2)))).toEqual([]);

    // Everything but 5 is protected now: what does not fit stays away though it is needed, and is told.
    second.cache.setApproved(listed(server, 10, [0]));
    second.cache.setNeeds(needs(second, [3, DAY], [6, HOUR], [7, HOUR], [8, DAY], [9, 2 * DAY]));
    await settled(second, [0, 3, 4, 6, 7, 8]);
    expect(stateOf(second, 9)).toBe("over-quota");
    expect(second.cache.account()?.squeezed).toEqual([digest(9)]);
    await playing.close();
    await settled(second, [0, 3, 6, 7, 8, 9]);
  });

  it("shrinks to a smaller quota at once, but evicts nothing while nobody has said what is needed", async () => {
    const [server, bench] = [await MediaServer.start(), await benchOf({})];
    bench.cache.setApproved(listed(server, 4));
    bench.run();
    await settled(bench, [0, 1, 2, 3]);
    bench.cache.setRules(rules({ quotaBytes: 2 * SIZE }));
    await eventually(() => bench.cache.account()?.capacityBytes === 2 * SIZE);
    expect(there(bench)).toEqual([0, 1, 2, 3]);
    await use(bench, 0);
    bench.cache.setNeeds(needs(bench, [1, DAY]));
    await settled(bench, [0, 1]);
  });

  it("lets go first what no approval names, and nothing at all where nothing is approved", async () => {
    const [server, bench] = [await MediaServer.start(), await benchOf({})];
    bench.cache.setApproved(listed(server, 3));
    bench.run();
    await settled(bench, [0, 1, 2]);
    await use(bench, 0);
    bench.cache.setApproved([]);
    bench.cache.setNeeds(new Map());
    bench.cache.setRules(rules({ quotaBytes: 0 }));
    await eventually(() => bench.cache.account()?.capacityBytes === 0);
    bench.cache.setRules(rules({ quotaBytes: 2 * SIZE }));
    bench.cache.setApproved(listed(server, 3).slice(1));
    const evicted = () => bench.events.flatMap((event) => (event.kind === "evicted" ? [event.sha256] : []));
    await eventually(() => evicted().length > 0);
    await settled(bench, [1, 2]);
    expect(evicted()).toEqual([digest(0)]);
  });

  it("keeps the reserve free by what the file system says, and takes the room when it is given back", async () => {
    // What others have of a disk of 100 MB.
    let others = 0;
    const free = async () => 100_000_000 - others - there(bench).length * SIZE;
    const bench: MediaBench = await benchOf({ rules: rules({ reserveBytes: 50_000_000 }), free });
    const server = await MediaServer.start();
    bench.cache.setNeeds(new Map());
    bench.cache.setApproved(listed(server, 3));
    bench.run();
    await settled(bench, [0, 1, 2]);
    bench.cache.setNeeds(needs(bench, [2, DAY]));
    others = 50_000_000 - 2 * SIZE;
    await settled(bench, [1, 2]);
    others = 50_000_000 - 3 * SIZE;
    // Above the reserve, but within the slack that what nobody needs leaves.
    await eventually(() => {
      bench.clock.advance(MINUTE);
      return stateOf(bench, 0) === "over-quota";
    });
    others = 0;
    await settled(bench, [0, 1, 2]);
  });

  it("measures a real file system", async () => {
    const bench = await benchOf({});
    bench.cache.setApproved([approved(bodies[0] as Buffer, [])]);
    bench.run();
    await eventually(() => bench.cache.account() !== null);
    expect(bench.cache.account()?.freeBytes).toBeGreaterThan(1_000_000);
  });

  it("does not import what has no room", async () => {
    const bench = await benchOf({ rules: rules({ quotaBytes: SIZE - 1 }) });
    bench.cache.setApproved([approved(bodies[0] as Buffer, [])]);
    await writeFile(join(bench.folder, "stick"), bodies[0] as Buffer);
    expect(await bench.cache.importFile(join(bench.folder, "stick"), digest(0))).toMatchObject({
      reason: "over-budget",
    });
  });
});
