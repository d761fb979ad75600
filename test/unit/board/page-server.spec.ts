/** Who may come in to the page's server, what is given out, and that nobody can hold it up. */
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { text as wholeText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { MediaShelf } from "../../../playback/board/media-shelf.ts";
import { PageServer } from "../../../playback/board/page-server.ts";
import { MOST_FROM_PAGE } from "../../../playback/board/protocol.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import type { ScreenReport } from "../../../playback/ports/screen.ts";
import { FolderLibrary } from "../../support/seen/board.ts";
import { testCard } from "../../support/seen/cards.ts";
import { alone, image, layout, region } from "../../support/seen/scenes.ts";
import { realClock } from "../../support/sound/real-clock.ts";

let server: PageServer;
let library: FolderLibrary;
let url: URL;
let origin: string;
const heard: (ScreenReport | null)[] = [];
const logged: object[] = [];

beforeEach(async () => {
  library = await FolderLibrary.make();
  const log = (event: string, fields: object) => void logged.push({ event, ...fields });
  server = new PageServer({ clock: realClock, media: library, log });
  heard.length = 0;
  logged.length = 0;
  server.onReport((report) => heard.push(report));
  await server.open();
  url = new URL(server.url);
  origin = url.origin;
});
afterEach(async () => {
  await server.close();
  await library.remove();
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

async function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  const asked = request({ host: "127.0.0.1", port: url.port, path, headers, method });
  asked.end();
  const [response] = await once(asked, "response");
  return { status: response.statusCode, headers: response.headers, body: await wholeText(response) };
}

function socket(path: string, headers: Record<string, string>): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${url.port}${path}`, { headers });
}
async function opened(path = `${url.pathname}socket`): Promise<WebSocket> {
  const one = socket(path, { origin });
  await once(one, "open");
  return one;
}
async function refused(path: string, headers: Record<string, string>): Promise<number> {
  const one = socket(path, headers);
  const [, response] = await once(one, "unexpected-response");
  one.on("error", () => {});
  one.terminate();
  return response.statusCode;
}

async function shown(type = "image/png", bytes: Buffer = testCard(64, 48)) {
  const sha256 = await library.add(bytes, type);
  server.show({
    ...alone({ width: 100, height: 100 }, layout([region("image", [0, 0, 100, 100], [image("it", sha256)])])),
    revision: 1,
  });
  return sha256;
}

describe("the page's server", () => {
  it("listens on the loopback and gives the page with a policy under which nothing inline runs and nothing is reached", async () => {
    const { status, headers, body } = await ask(url.pathname);
    expect([url.hostname, status]).toEqual(["127.0.0.1", 200]);
    expect(body).toContain('<script type="module" src="page/main.');
    expect(String(headers["content-security-policy"])).toMatch(/^default-src 'none'; script-src 'self'; /);
    expect(String(headers["content-security-policy"])).not.toMatch(/unsafe|\*|data:|blob:/);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
  });

  it("gives every file that the page's program and style name", async () => {
    const seen = new Set<string>();
    const follow = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const { status, body, headers } = await ask(path);
      expect(status, path).toBe(200);
      const here = new URL(path, origin);
      const type = String(headers["content-type"]);
      const named = type.includes("javascript")
        ? [...body.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)]
        : type.includes("html")
          ? [...body.matchAll(/(?:src|href)="([^"]+)"/g)]
          : [];
      for (const [, name = ""] of named) await follow(new URL(name, here).pathname);
    };
    await follow(url.pathname);
    expect(seen.size).toBeGreaterThan(25);
    expect([...seen].some((path) => path.endsWith("/fonts/noto-sans-khmer/700.css"))).toBe(true);
    const font = await ask(`${url.pathname}fonts/noto-sans/files/noto-sans-vietnamese-400-normal.woff2`);
    expect([font.status, font.headers["content-type"]]).toEqual([200, "font/woff2"]);
  });

  it("has another token at every start", async () => {
    const other = new PageServer({ clock: realClock, media: library });
    await other.open();
    expect(new URL(other.url).pathname).not.toBe(url.pathname);
    expect(url.pathname).toMatch(/^\/[\w-]{32}\/$/);
    await other.close();
  });

  it.each([
    ["no token", () => ask("/")],
    ["another token", () => ask(`/${"A".repeat(32)}/`)],
    ["half a token", () => ask(url.pathname.slice(0, 20))],
    ["the token without its slash", () => ask(url.pathname.slice(0, -1))],
    ["what does not exist", () => ask(`${url.pathname}page/none.js`)],
    ["a way out", () => ask(`${url.pathname}../../../etc/passwd`)],
    ["an escaped way out", () => ask(`${url.pathname}fonts/%2e%2e/%2e%2e/package.json`)],
    ["a hidden file", () => ask(`${url.pathname}page/.npmrc`)],
    ["a type declaration", () => ask(`${url.pathname}page/jsmpeg.d.ts`)],
    ["the compiler's settings", () => ask(`${url.pathname}page/tsconfig.json`)],
    ["an address without end", () => ask(`${url.pathname}${"a/".repeat(300)}`)],
    ["media that nothing shows", () => ask(`${url.pathname}media/${"0".repeat(64)}`)],
  ])("gives nothing for %s", async (_, asked) => {
    expect((await asked()).status).toBe(404);
  });

  it("answers nobody who names another host or comes from another page", async () => {
    const port = url.port;
    for (const host of ["localhost", `localhost:${port}`, `evil.example:${port}`, "127.0.0.1"]) {
      expect((await ask(url.pathname, { host })).status, host).toBe(403);
    }
    expect((await ask(url.pathname, { origin: "http://evil.example" })).status).toBe(403);
    expect((await ask(url.pathname, { origin: "null" })).status).toBe(403);
    expect((await ask(url.pathname, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await ask(url.pathname, {}, "POST")).status).toBe(405);
    expect(await refused(`${url.pathname}socket`, {})).toBe(403);
    expect(await refused(`${url.pathname}socket`, { origin: "http://evil.example" })).toBe(403);
    expect(await refused(`${url.pathname}socket`, { origin, host: `evil.example:${port}` })).toBe(403);
    expect(await refused("/socket", { origin })).toBe(404);
    expect(await refused(`${url.pathname}camera/cong`, { origin })).toBe(404);
  });

  it("gives media of the scene only, whole or in parts, and closes them with the scene", async () => {
    const card = testCard(64, 48);
    const sha256 = await shown("image/png", card);
    const path = `${url.pathname}media/${sha256}`;
    const whole = await ask(path);
    expect([whole.status, whole.headers["content-type"], whole.headers["loa-size"]]).toEqual([
      200,
      "image/png",
      "64x48",
    ]);
    expect(whole.headers["content-length"]).toBe(String(card.length));
    const part = await ask(path, { range: "bytes=1-3" });
    expect([part.status, part.body, part.headers["content-range"]]).toEqual([206, "PNG", `bytes 1-3/${card.length}`]);
    expect((await ask(path, { range: `bytes=${card.length}-` })).status).toBe(416);
    expect(library.held).toBe(1);
    server.show({ ...alone({ width: 100, height: 100 }, { kind: "blank", why: "night" }), revision: 2 });
    expect((await ask(path)).status).toBe(404);
    await expect.poll(() => library.held).toBe(0);
  });

  it("says why a file is not shown, and leaves it closed", async () => {
    const sha256 = await shown("image/png", Buffer.from("<svg onload='x()'/>"));
    const { status, body, headers } = await ask(`${url.pathname}media/${sha256}`);
    expect([status, body, headers["content-type"]]).toEqual([
      415,
      "its bytes are not image/png",
      "text/plain; charset=utf-8",
    ]);
    await expect.poll(() => library.held).toBe(0);
  });

  it("says what keeps a file from being read, and gives it when it can be", async () => {
    const sha256 = await shown();
    const path = `${url.pathname}media/${sha256}`;
    const error = new StationError("storage-failed", "EIO: i/o error, read");
    vi.spyOn(library, "open").mockRejectedValueOnce(error);
    const { status, body } = await ask(path);
    expect([status, body, logged]).toEqual([404, "EIO: i/o error, read", [{ event: "page-fault", error }]]);
    expect((await ask(path)).status).toBe(200);
  });

  it("answers and goes on where it fails itself", async () => {
    const sha256 = await shown();
    const path = `${url.pathname}media/${sha256}`;
    const error = new Error("nobody thought of it");
    vi.spyOn(MediaShelf.prototype, "take").mockRejectedValueOnce(error);
    expect([(await ask(path)).status, logged]).toEqual([500, [{ event: "page-fault", error }]]);
    expect((await ask(path)).status).toBe(200);
  });

  it("closes with a file that cannot be closed, and says so", async () => {
    const sha256 = await shown();
    const open = library.open.bind(library);
    vi.spyOn(library, "open").mockImplementationOnce(async (asked) => {
      const media = await open(asked);
      if (isRefusal(media)) return media;
      const close = () => media.close().then(() => Promise.reject(new Error("EIO: i/o error, close")));
      return { ...media, close };
    });
    expect((await ask(`${url.pathname}media/${sha256}`)).status).toBe(200);
    server.show({ ...alone({ width: 100, height: 100 }, { kind: "blank", why: "night" }), revision: 2 });
    await expect.poll(() => logged).toEqual([{ event: "page-fault", error: new Error("EIO: i/o error, close") }]);
  });

  it("tells a page the scene with the time, at once and again when it comes back", async () => {
    server.show({ ...alone({ width: 100, height: 100 }, { kind: "blank", why: "night" }), revision: 7 });
    for (let times = 0; times < 2; times++) {
      const page = socket(`${url.pathname}socket`, { origin });
      const [data] = await once(page, "message");
      const said = JSON.parse(String(data));
      expect([said.kind, said.scene.revision]).toEqual(["scene", 7]);
      expect(Math.abs(said.now - Date.now())).toBeLessThan(1_000);
      page.terminate();
    }
  });

  it("hears the newer of two pages, and says when it is gone", async () => {
    const report = { kind: "report", paintedAt: 1, revision: 1, frames: 1, worstFrameMs: 1, faces: [] };
    const first = await opened();
    const replaced = once(first, "close");
    const second = await opened();
    expect((await replaced)[0]).toBe(4001);
    second.send(JSON.stringify(report));
    await expect.poll(() => server.report?.revision).toBe(1);
    second.close();
    await expect.poll(() => server.report).toBe(null);
    expect(heard.map((one) => one?.revision ?? null)).toEqual([1, null]);
  });

  it.each([
    ["what is no report", "hello", 4002],
    ["bytes", Buffer.from("hello"), 4002],
    ["more than a report can be", "x".repeat(MOST_FROM_PAGE + 1), 1009],
  ])("hangs up on a page that says %s", async (_, data, code) => {
    const page = await opened();
    page.send(data);
    expect((await once(page, "close"))[0]).toBe(code);
    expect(server.report).toBe(null);
  });

  it("is not held up by clients that send slowly, or only connect", async () => {
    const slow = Array.from({ length: 60 }, (_, n) => {
      const one = connect(Number(url.port), "127.0.0.1");
      one.on("error", () => {});
      if (n % 2 === 0) one.write("GET / HTTP/1.1\r\nHost: ");
      return one;
    });
    await sleep(100);
    // As many as may be are there; those that say nothing are sent away, and the page comes in.
    await expect
      .poll(
        () =>
          ask(url.pathname).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 12_000, interval: 250 },
      )
      .toBe(200);
    for (const one of slow) one.destroy();
  });

  it("ends at once, whoever is there", async () => {
    await opened();
    const idle = connect(Number(url.port), "127.0.0.1");
    idle.on("error", () => {});
    await once(idle, "connect");
    const began = performance.now();
    await server.close();
    expect(performance.now() - began).toBeLessThan(1_000);
    idle.destroy();
  });
});
