import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MINUTE } from "../../../playback/model/units.ts";
import type { Fetch } from "../../../storage/content/download.ts";
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
const wrong = bytes(300_000, 2);

const present = (bench: MediaBench) => bench.cache.status().every(({ state }) => state === "present");
const failures = (bench: MediaBench) =>
  bench.events.flatMap((event) => (event.kind === "failed" ? [event.problem] : []));

/** Lets the pause after a failure pass, once the loop waits in it. */
async function pass(bench: MediaBench, failed: number, pause = 5 * MINUTE): Promise<void> {
  await eventually(() => failures(bench).length >= failed && bench.clock.waiting() > 0, `failure ${failed}`);
  bench.clock.advance(pause);
}

/** Lets the time pass in which no byte came, once the first object's file has this length. */
async function stall(bench: MediaBench, length: number): Promise<void> {
  await eventually(() => {
    const [first] = bench.cache.status();
    return first?.state === "downloading" && first.bytes === length;
  }, `${length} bytes`);
  bench.clock.advance(10_000);
}

/** One address whose answer comes as the test gives it; every other is asked as usual. */
function dripping() {
  const url = "http://drip.invalid/a";
  let tap: ReadableStreamDefaultController<Uint8Array> | null = null;
  const fetch: Fetch = async (asked, init) => {
    if (asked !== url) return globalThis.fetch(asked, init);
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        tap = controller;
        init.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
      },
    });
    return new Response(stream);
  };
  return { url, fetch, asked: () => tap !== null, give: (some: Uint8Array) => tap?.enqueue(some) };
}

describe("fetching media", () => {
  it("fetches what is approved, pinned first, then in order, and stores it under its digest", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    const bodies = [1, 2, 3].map((seed) => bytes(1_000, seed));
    const list = bodies.map((each, n) => approved(each, [server.serve(`/${n}`, each)], { pinned: n === 2 }));
    bench.cache.setApproved(list);
    bench.run();
    await eventually(() => present(bench));
    expect(server.asked.map(({ path }) => path)).toEqual(["/2", "/0", "/1"]);
    for (const each of bodies) expect((await readFile(bench.objectPath(sha256Of(each)))).equals(each)).toBe(true);
    expect(await readdir(join(bench.folder, "media", "partial"))).toEqual([]);
    expect(bench.events.map((event) => event.kind)).toEqual(["downloaded", "downloaded", "downloaded"]);
  });

  it("goes on by range where a connection broke, across restarts, and fetches no byte twice", async () => {
    const [server, first] = [await MediaServer.start(), await mediaBench()];
    const media = approved(body, [server.serve("/a", body, { kind: "stall", after: 100_000 })]);
    first.cache.setApproved([media]);
    const loop = first.run();
    await stall(first, 100_000);
    await eventually(() => failures(first).length === 1);
    await loop.stop();
    await first.store.close();
    expect((await stat(first.partialPath(sha256))).size).toBe(100_000);

    const second = await mediaBench({ folder: first.folder });
    second.cache.setApproved([media]);
    await second.cache.reconcile();
    second.run();
    await stall(second, 200_000);
    await pass(second, 1);
    await eventually(() => present(second));
    expect(server.asked.map(({ range }) => range)).toEqual([null, "bytes=100000-", "bytes=200000-"]);
    expect(server.sent).toBe(body.length);
  });

  it("keeps a right beginning, and nothing else, where the server hangs up", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    bench.cache.setApproved([approved(body, [server.serve("/a", body, { kind: "cut", after: 100_000 })])]);
    bench.run();
    await eventually(() => failures(bench).length === 1);
    // What the runtime had not handed on yet, its own buffer, is lost with the connection: so how much stays depends on the machine.
    const { size } = await stat(bench.partialPath(sha256));
    expect(size).toBeLessThanOrEqual(100_000);
    expect((await readFile(bench.partialPath(sha256))).equals(body.subarray(0, size))).toBe(true);
    expect(bench.cache.status()).toEqual([{ sha256, state: "missing", bytes: size }]);
  });

  it("starts anew where the server knows no ranges", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    await writeFile(bench.partialPath(sha256), body.subarray(0, 1_000));
    bench.cache.setApproved([approved(body, [server.serve("/a", body, { kind: "no-ranges" })])]);
    bench.run();
    await eventually(() => present(bench));
    expect(server.asked).toEqual([{ path: "/a", range: "bytes=1000-" }]);
  });

  it("does not take a range that it did not ask for", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    await writeFile(bench.partialPath(sha256), body.subarray(0, 1_000));
    bench.cache.setApproved([approved(body, [server.serve("/a", body, { kind: "wrong-range" })])]);
    bench.run();
    await eventually(() => failures(bench).length === 1);
    expect(failures(bench)[0]).toMatch(/range "bytes 1001-/);
    expect((await stat(bench.partialPath(sha256))).size).toBe(1_000);
  });

  it("asks the next address where one fails", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    const urls = [
      server.serve("/a", body, { kind: "status", status: 503 }),
      "http://127.0.0.1:1/b",
      server.serve("/c", body),
    ];
    bench.cache.setApproved([approved(body, urls)]);
    bench.run();
    await eventually(() => present(bench));
    expect(failures(bench)).toEqual(["answered 503", expect.stringContaining("fetch failed")]);
  });

  it("stops at the approved length of an endless answer", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    bench.cache.setApproved([approved(body, [server.serve("/a", body, { kind: "endless" })])]);
    bench.run();
    await eventually(() => failures(bench).length === 1);
    expect(failures(bench)).toEqual(["the bytes are not the approved ones"]);
    expect((await stat(bench.partialPath(sha256))).size).toBe(0);
    const sent = server.sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
    // It was cut off: nothing more goes out.
    expect(server.sent).toBe(sent);
  });

  it("never stores wrong bytes, and leaves an address alone for an hour after the third time", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench({ random: () => 1 })];
    const urls = [server.serve("/bad", wrong)];
    bench.cache.setApproved([approved(body, urls)]);
    bench.run();
    for (const n of [1, 2, 3]) await pass(bench, n);
    await eventually(() => bench.clock.waiting() > 0);
    expect(server.asked).toHaveLength(3);
    bench.clock.advance(54 * MINUTE);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.asked).toHaveLength(3);
    server.serve("/bad", body);
    bench.clock.advance(2 * MINUTE);
    await eventually(() => present(bench));
    expect(server.asked).toHaveLength(4);
  });

  it("is not spoilt for ever by an address that begins wrong and then hangs", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    const urls = [server.serve("/bad", wrong, { kind: "stall", after: 1_000 }), server.serve("/good", body)];
    bench.cache.setApproved([approved(body, urls)]);
    bench.run();
    // First round: a mixture, which is wrong and nobody's proven fault. Second: each address for itself.
    await stall(bench, 1_000);
    await pass(bench, 2);
    await stall(bench, 1_000);
    await eventually(() => present(bench));
    expect(server.asked.map(({ path, range }) => [path, range])).toEqual([
      ["/bad", null],
      ["/good", "bytes=1000-"],
      ["/bad", null],
      ["/good", null],
    ]);
  });

  it("gives up on a connection that brings no byte for 10 s", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    bench.cache.setApproved([approved(body, [server.serve("/a", body, { kind: "stall", after: 5_000 })])]);
    bench.run();
    await eventually(() => bench.cache.status()[0]?.bytes === 5_000);
    expect(bench.cache.status()).toEqual([{ sha256, state: "downloading", bytes: 5_000 }]);
    bench.clock.advance(9_999);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(failures(bench)).toEqual([]);
    bench.clock.advance(10_000);
    await eventually(() => failures(bench).length === 1);
    expect(failures(bench)).toEqual(["no byte for 10000 ms"]);
    expect(bench.cache.status()).toEqual([{ sha256, state: "missing", bytes: 5_000 }]);
  });

  it("gives up on a server that drips, keeps what came, and lets the next address go on", async () => {
    const [server, tap] = [await MediaServer.start(), dripping()];
    const bench = await mediaBench({ fetch: tap.fetch });
    bench.cache.setApproved([approved(body, [tap.url, server.serve("/b", body)])]);
    bench.run();
    let came = 0;
    const drip = async (length: number) => {
      tap.give(body.subarray(came, came + length));
      came += length;
      await eventually(() => bench.cache.status()[0]?.bytes === came, `${came} bytes`);
      bench.clock.advance(7_500);
    };
    await eventually(tap.asked);
    // The first minute brings enough, the second all but a byte of it.
    for (const length of [20_000, 20_000, 20_000, 5_532, 1, 1, 1, 1]) await drip(length);
    for (const length of [65_528, 1, 1, 1, 1, 1, 1, 1]) await drip(length);
    await eventually(() => present(bench));
    expect(failures(bench)).toEqual(["only 65535 bytes in 60000 ms"]);
    expect(server.asked).toEqual([{ path: "/b", range: `bytes=${came}-` }]);
  });

  it("waits 1 s to 5 min, doubling, with full jitter", async () => {
    const jitter = [1, 0.5, 1, 0.25, 1, 1, 1, 1, 1, 1, 1];
    let n = 0;
    const bench = await mediaBench({ random: () => jitter[n++] as number });
    bench.cache.setApproved([approved(body, ["http://127.0.0.1:1/"])]);
    bench.run();
    for (let failed = 1; failed <= 10; failed++) await pass(bench, failed);
    const pauses = bench.events.flatMap((event) => (event.kind === "failed" ? [event.retryInMs] : [])).slice(0, 10);
    expect(pauses).toEqual([1_000, 1_000, 4_000, 2_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000]);
  });

  it.each([
    ["a file address", "file:///etc/hostname", /not an http or https address/],
    ["no address at all", "nonsense", /not an http or https address/],
  ])("does not fetch from %s", async (_, url, problem) => {
    const bench = await mediaBench();
    bench.cache.setApproved([approved(body, [url])]);
    bench.run();
    await eventually(() => failures(bench).length === 1);
    expect(failures(bench)[0]).toMatch(problem);
  });

  it("follows a redirect to http, a few times, and to nothing else", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    const good = server.serve("/good", body);
    const urls = [
      server.serve("/file", body, { kind: "redirect", to: "file:///etc/hostname" }),
      server.serve("/data", body, { kind: "redirect", to: "data:text/plain,x" }),
      server.serve("/round", body, { kind: "redirect", to: "/round" }),
      server.serve("/moved", body, { kind: "redirect", to: good }),
    ];
    bench.cache.setApproved([approved(body, urls)]);
    bench.run();
    await eventually(() => present(bench));
    expect(failures(bench)).toEqual([
      expect.stringContaining("file:///etc/hostname"),
      expect.stringContaining("data:text/plain"),
      "redirects more than 5 times",
    ]);
  });

  it("breaks off what is no longer approved and takes up what newly is", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    bench.cache.setApproved([approved(body, [server.serve("/a", body, { kind: "stall", after: 10 })])]);
    bench.run();
    await eventually(() => bench.cache.status()[0]?.state === "downloading");
    const other = bytes(1_000, 7);
    bench.cache.setApproved([approved(other, [server.serve("/b", other)])]);
    await eventually(() => present(bench));
    expect([bench.cache.status().length, failures(bench)]).toEqual([1, []]);
  });

  it("asks for nothing when there is nothing to fetch, and ends when told", async () => {
    const [server, bench] = [await MediaServer.start(), await mediaBench()];
    bench.cache.setApproved([approved(body, [])]);
    const loop = bench.run();
    await eventually(() => bench.clock.waiting() > 0);
    bench.clock.advance(60 * MINUTE);
    await loop.stop();
    expect(server.asked).toEqual([]);
  });
});
