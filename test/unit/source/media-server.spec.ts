import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { sha256Of } from "../../source/envelope.ts";
import { MediaServer } from "../../source/media-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = await temporaryFolder();
const content = randomBytes(200_000);
const sha256 = sha256Of(content);
const file = join(folder, "media");
await writeFile(file, content);
const server = await MediaServer.start();
afterAll(() => server.stop());

let url = "";
beforeEach(() => {
  url = server.add({ sha256, file, type: "audio/mpeg" });
});

async function get(headers: Record<string, string> = {}, method = "GET") {
  const response = await fetch(url, { headers, method });
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

describe("the media server", () => {
  it("serves a file by its digest and counts", async () => {
    const { status, headers, body } = await get();
    expect([status, headers.get("content-length"), headers.get("content-type")]).toEqual([200, "200000", "audio/mpeg"]);
    expect(sha256Of(body)).toBe(sha256);
    expect(server.traffic(sha256)).toEqual({ requests: 1, ranged: 0, bytes: 200_000 });
    expect((await fetch(server.url("0".repeat(64)))).status).toBe(404);
    expect((await fetch(url, { method: "PUT" })).status).toBe(405);
  });

  it("answers HEAD without a body", async () => {
    const { status, headers, body } = await get({}, "HEAD");
    expect([status, headers.get("content-length"), body.length]).toEqual([200, "200000", 0]);
    expect(server.traffic(sha256)).toEqual({ requests: 1, ranged: 0, bytes: 0 });
  });

  it.each([
    ["bytes=150000-", 150_000, 199_999],
    ["bytes=0-9", 0, 9],
    ["bytes=-7", 199_993, 199_999],
    ["bytes=199990-300000", 199_990, 199_999],
  ])("answers the range %s", async (range, first, last) => {
    const { status, headers, body } = await get({ range });
    expect([status, headers.get("content-range")]).toEqual([206, `bytes ${first}-${last}/200000`]);
    expect(body.equals(content.subarray(first, last + 1))).toBe(true);
    expect(server.traffic(sha256).ranged).toBe(1);
  });

  it("refuses a range behind the end", async () => {
    const { status, headers } = await get({ range: "bytes=200000-" });
    expect([status, headers.get("content-range")]).toEqual([416, "bytes */200000"]);
  });

  it("breaks off after the bytes it was told", async () => {
    server.setFault(sha256, { kind: "truncate", afterBytes: 70_000 });
    const got = await new Promise<number>((resolve, reject) => {
      let bytes = 0;
      request(url, (response) => {
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on("error", () => resolve(bytes));
        response.on("end", () => reject(new Error("came to an end")));
      }).end();
    });
    expect(got).toBe(70_000);
  });

  it("serves the right length with the wrong digest, also from the middle", async () => {
    server.setFault(sha256, { kind: "swap", fromByte: 100_000 });
    const whole = (await get()).body;
    expect(whole.length).toBe(200_000);
    expect(whole.subarray(0, 100_000).equals(content.subarray(0, 100_000))).toBe(true);
    expect(whole[100_000]).toBe((content[100_000] ?? 0) ^ 0xff);
    const part = (await get({ range: "bytes=99999-100000" })).body;
    expect([...part]).toEqual([content[99_999], (content[100_000] ?? 0) ^ 0xff]);
  });

  it("is slow, ignores ranges, or answers another status on request, and heals", async () => {
    server.setFault(sha256, { kind: "slow", bytesPerSecond: 1_000_000 });
    const started = performance.now();
    await get();
    expect(performance.now() - started).toBeGreaterThan(150);
    server.setFault(sha256, { kind: "no-ranges" });
    expect((await get({ range: "bytes=5-" })).status).toBe(200);
    server.setFault(sha256, { kind: "status", status: 503 });
    expect((await get()).status).toBe(503);
    server.setFault(sha256, null);
    expect((await get()).status).toBe(200);
  });

  it("closes open connections when it stops, and comes back on the same port", async () => {
    server.setFault(sha256, { kind: "slow", bytesPerSecond: 20_000 });
    const response = await fetch(url);
    const { port } = server;
    await server.stop();
    await expect(response.arrayBuffer()).rejects.toThrow();
    await expect(fetch(url)).rejects.toThrow();
    await server.restart();
    expect(server.port).toBe(port);
    server.setFault(sha256, null);
    expect((await get()).status).toBe(200);
  });
});
