/** Uploads that a signed command asks for: where they go, what they may cost, how they end. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LARGEST_UPLOAD, SLOWEST_UPLOAD } from "../../agent/commands/put.ts";
import { MOST_RUNNING } from "../../agent/commands/running.ts";
import { HOUR } from "../../playback/model/units.ts";
import { CommandBench } from "../unit/trust/command-bench.ts";

const PUT_TO = "https://files.example.vn/up?grant=secret";

let bench: CommandBench;
beforeEach(async () => {
  bench = await CommandBench.open();
});
afterEach(async () => {
  expect(bench.faults).toEqual([]);
  await bench.close();
});

const upload = { name: "upload-journal", afterSeq: 0, putTo: PUT_TO };
const states = async (count: number) => (await bench.results(count)).map(({ name, status }) => `${name} ${status}`);

describe("an upload", () => {
  let host: Server;
  let received: { method: string; path: string; type: string; body: string }[];
  let answer: { status: number; headers: Record<string, string> };

  beforeEach(async () => {
    received = [];
    answer = { status: 201, headers: {} };
    host = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const body = Buffer.concat(chunks).toString("utf8");
        received.push({ method, path: url, type: headers["content-type"] ?? "", body });
        // Where a redirect led to, everything would be welcome.
        const status = url === "/elsewhere" ? 201 : answer.status;
        response.writeHead(status, answer.headers).end("x".repeat(1_000));
      });
    });
    await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
    const { port } = host.address() as AddressInfo;
    // The contract knows HTTPS only; the certificate is another test's business.
    bench.fetch = (url, init) => fetch(url.replace("https://files.example.vn", `http://127.0.0.1:${port}`), init);
  });
  afterEach(() => new Promise((resolve) => host.close(resolve)));

  async function done(body: object = upload) {
    await bench.give(body);
    await bench.commands.idle();
    return (await bench.results())[0];
  }

  it("puts the journal after a record where the command says, as lines whose hashes can be checked", async () => {
    await bench.give({ name: "report" });
    const head = bench.door.store.journal.head().seq;
    const result = await done({ ...upload, afterSeq: 1 });
    expect(result).toMatchObject({ status: "done", detail: expect.stringContaining(`up to record ${head}`) });
    const [one] = received;
    expect([one?.method, one?.path, one?.type]).toEqual(["PUT", "/up?grant=secret", "application/x-ndjson"]);
    const lines = (one?.body ?? "").trim().split("\n");
    const seqs = lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual(Array.from({ length: head - 1 }, (_, n) => n + 2));
  });

  it("says how far it is, and never writes the grant down", async () => {
    await done();
    const records = await bench.door.journal(20);
    expect(records.filter(({ kind }) => kind === "command-progress")).toHaveLength(1);
    expect(JSON.stringify(records)).not.toContain("secret");
  });

  it("sends a support bundle for whoever signed for it, and none that is too large", async () => {
    const asked: string[] = [];
    let size = 2_000;
    bench.supportBundle = async (by) => {
      asked.push(by);
      return Buffer.alloc(size, "x");
    };
    await bench.start();
    const bundle = { name: "support-bundle", putTo: PUT_TO };
    expect(await done(bundle)).toMatchObject({ status: "done", detail: expect.stringContaining("2000 bytes") });
    expect([received[0]?.method, received[0]?.type, received[0]?.body.length]).toEqual([
      "PUT",
      "application/gzip",
      2_000,
    ]);
    expect(asked[0]).toMatch(/^command /);
    size = LARGEST_UPLOAD + 1;
    await bench.give(bundle);
    await bench.commands.idle();
    expect((await bench.results()).at(-1)).toMatchObject({ status: "failed" });
    expect(received).toHaveLength(1);
  });

  it("follows no redirect", async () => {
    answer = { status: 307, headers: { location: "/elsewhere" } };
    expect(await done()).toMatchObject({ status: "failed" });
    expect(received).toHaveLength(1);
  });

  it.each([400, 403, 500])("that the host answers with %i has failed", async (status) => {
    answer = { status, headers: {} };
    expect(await done()).toMatchObject({ status: "failed", detail: `files.example.vn answered ${status}` });
  });

  it("sends a month's report where the station makes one, and nothing that is too large", async () => {
    let bytes = Buffer.from("{}");
    bench.monthlyReport = () => Promise.resolve({ type: "application/json", bytes });
    await bench.start();
    const report = { name: "upload-report", month: "2026-11", putTo: PUT_TO };
    expect(await done(report)).toMatchObject({ status: "done" });
    bytes = Buffer.alloc(LARGEST_UPLOAD + 1);
    expect(await done(report)).toMatchObject({ status: "failed", detail: expect.stringContaining("at most") });
    expect(received.map(({ type }) => type)).toEqual(["application/json"]);
  });

  it("sends a recording that is kept, and says where there is none", async () => {
    bench.recording = async (id) =>
      id === "rec-1" ? { type: "audio/ogg; codecs=opus", bytes: Buffer.from("OggS") } : null;
    await bench.start();
    expect(await done({ name: "upload-recording", recording: "rec-1", putTo: PUT_TO })).toMatchObject({
      status: "done",
    });
    expect(await done({ name: "upload-recording", recording: "rec-2", putTo: PUT_TO })).toMatchObject({
      ...{ status: "failed", detail: expect.stringContaining("rec-2") },
    });
    expect(received.map(({ type, body }) => [type, body])).toEqual([["audio/ogg; codecs=opus", "OggS"]]);
  });

  it("refuses addresses that carry a user's name", async () => {
    expect(await done({ ...upload, putTo: "https://user:word@files.example.vn/up" })).toMatchObject({
      status: "failed",
    });
    expect(received).toEqual([]);
  });

  it("ends after ten minutes at a host that never answers, and at once when it is cancelled or the agent stops", async () => {
    const asked = Promise.withResolvers<void>();
    bench.fetch = (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        asked.resolve();
        if (signal?.aborted) reject(new Error("aborted"));
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    await bench.give(upload);
    await asked.promise;
    await bench.door.clock.advance(SLOWEST_UPLOAD);
    await bench.commands.idle();
    expect((await bench.results())[0]).toMatchObject({
      status: "failed",
      detail: expect.stringContaining("longer than"),
    });
    await bench.give(upload, { jti: "u2" });
    expect(await bench.give({ name: "cancel", command: "u2" })).toBe("taken");
    await bench.commands.idle();
    expect((await states(2)).sort()).toEqual(["cancel done", "upload-journal cancelled"]);
    for (let n = 0; n < MOST_RUNNING; n++) expect(await bench.give(upload)).toBe("taken");
    expect(await bench.give(upload)).toBe("policy");
    await bench.commands.close();
    expect(await states(MOST_RUNNING)).toEqual(Array(MOST_RUNNING).fill("upload-journal cancelled"));
  });

  it("sends a long journal in parts that one command each can carry", async () => {
    const { store, clock } = bench.door;
    await store.transaction(async (tx) => {
      for (let n = 0; n < 60; n++)
        await store.journal.append(tx, clock.now(), "note", { text: "x".repeat(100_000) }, "log");
    });
    const first = await done();
    expect(first?.detail).toContain("more follow");
    const last = Number(/record (\d+)/.exec(String(first?.detail))?.[1]);
    const second = await done({ ...upload, afterSeq: last });
    expect(second?.detail).not.toContain("more follow");
    const seqs = received.flatMap(({ body }) =>
      body
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { seq: number }).seq),
    );
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, n) => n + 1));
    expect(Math.max(...received.map(({ body }) => body.length))).toBeLessThanOrEqual(LARGEST_UPLOAD);
    expect(seqs.length).toBeGreaterThan(60);
    await bench.door.clock.advance(HOUR);
  });
});
