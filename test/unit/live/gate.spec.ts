/** No source leads a station anywhere but to its pinned hosts: real ffmpeg, real sockets. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import type { LiveKind, LivePin } from "../../../playback/model/live.ts";
import { openGate } from "../../../playback/sound/live/gate.ts";
import { Reception } from "../../../playback/sound/live/reception.ts";
import { broadcast, type Door, door, rawDoor, toneMp3 } from "../../support/live/radio.ts";
import { realClock } from "../../support/sound/real-clock.ts";

const open: { close(): Promise<void> }[] = [];
const supervisor = new ChildSupervisor();
const tone = toneMp3();

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  expect(supervisor.count()).toBe(0);
  delete process.env.no_proxy;
});

function kept<T extends { close(): Promise<void> }>(one: T): T {
  open.push(one);
  return one;
}
const pinned = (url: string, kind: LiveKind = "icecast", hosts: string[] = []): LivePin => ({
  id: "p",
  kind,
  url,
  hosts,
});
/** A door that nobody may knock at. */
const secret = async () => kept(await door((_, response) => response.end("secret")));
const radio = async () => kept(await door((_, response) => broadcast(response, tone)));

function receive(pin: LivePin): Reception {
  return kept(new Reception(pin, { clock: realClock, supervisor, random: () => 0.1 }));
}

async function until(reception: Reception, holds: (signal: ReturnType<Reception["signal"]>) => boolean) {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const signal = reception.signal();
    if (holds(signal)) return signal;
    if (performance.now() > deadline) throw new Error(`not within 15 s: ${JSON.stringify(signal)}`);
    await realClock.wait(20);
  }
}

/** What the gate answers to a raw request. */
async function ask(pin: LivePin, request: string): Promise<string> {
  const gate = kept(await openGate(pin));
  const socket = connect(Number(new URL(gate.env.http_proxy ?? "").port), "127.0.0.1");
  socket.write(request);
  const timer = setTimeout(() => socket.end(), 1_500);
  const answer = await text(socket);
  clearTimeout(timer);
  return `${answer.split("\r\n")[0]}|${answer.split("\r\n\r\n").slice(1).join("").trim()}`;
}

describe("a redirect", () => {
  const redirecting = (to: string) =>
    door((_, response) => {
      response.writeHead(302, { Location: to }).end();
    });

  it("to a pinned host is followed", async () => {
    const end = await radio();
    const start = kept(await redirecting(`http://127.0.0.1:${end.port}/live`));
    const reception = receive(pinned(`http://127.0.0.1:${start.port}/a`, "icecast", [`127.0.0.1:${end.port}`]));
    const { level } = await until(reception, ({ ready }) => ready);
    expect(level).toBeGreaterThan(-25);
    expect(end.asked[0]).toBe("GET /live");
  });

  it.each([
    ["another port of this machine", (port: number) => `http://127.0.0.1:${port}/metadata`],
    ["this machine by its name", (port: number) => `http://localhost:${port}/`],
    ["a file of this machine", () => "file:///etc/passwd"],
  ])("to %s is refused, and nobody is asked there", async (_, to) => {
    const forbidden = await secret();
    const start = kept(await redirecting(to(forbidden.port)));
    // The agent's own environment must not open the gate.
    process.env.no_proxy = "*";
    const reception = receive(pinned(`http://127.0.0.1:${start.port}/a`));
    const { problem } = await until(reception, ({ losses }) => losses > 0);
    expect(problem).toMatch(/leads to (127\.0\.0\.1|localhost):\d+, which the pin 'p' does not name|Invalid argument/);
    expect(start.connections).toBeGreaterThan(0);
    expect(forbidden.connections).toBe(0);
  });

  it("is told in words", async () => {
    const forbidden = await secret();
    const start = kept(await redirecting(`http://127.0.0.1:${forbidden.port}/`));
    const { problem } = await until(receive(pinned(`http://127.0.0.1:${start.port}/a`)), ({ losses }) => losses > 0);
    expect(problem).toBe(`the source leads to 127.0.0.1:${forbidden.port}, which the pin 'p' does not name`);
  });

  it("of RTSP is not followed", async () => {
    const forbidden = await rawDoor("RTSP/1.0 200 OK\r\nCSeq: {CSeq}\r\n\r\n");
    kept(forbidden);
    const start = await rawDoor(
      `RTSP/1.0 302 Moved\r\nCSeq: {CSeq}\r\nLocation: rtsp://127.0.0.1:${forbidden.port}/x\r\n\r\n`,
    );
    kept(start);
    const { problem } = await until(
      receive(pinned(`rtsp://127.0.0.1:${start.port}/a`, "rtsp")),
      ({ losses }) => losses > 0,
    );
    expect(start.asked[0]).toMatch(/^OPTIONS rtsp:/);
    expect(problem).toContain("sends it elsewhere");
    expect(forbidden.connections).toBe(0);
  });
});

describe("a playlist", () => {
  const playlist = (segment: string) =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:2,\n${segment}\n#EXTINF:2,\n${segment}\n`;
  it.each(["http", "https"])("leads over %s to no host that is not pinned", async (scheme) => {
    const forbidden = await secret();
    const body = playlist(`${scheme}://127.0.0.1:${forbidden.port}/a.ts`);
    const start = kept(await door((_, response) => response.end(body)));
    const { problem } = await until(
      receive(pinned(`http://127.0.0.1:${start.port}/a.m3u8`, "hls")),
      ({ losses, problem: why }) => losses > 0 && why !== null,
    );
    expect(problem).toContain(`leads to 127.0.0.1:${forbidden.port}`);
    expect(forbidden.connections).toBe(0);
  });

  it("is not taken for sound where a stream was pinned", async () => {
    const forbidden = await secret();
    const body = playlist(`http://127.0.0.1:${forbidden.port}/a.ts`);
    const start = kept(await door((_, response) => response.end(body)));
    await until(receive(pinned(`http://127.0.0.1:${start.port}/a`)), ({ losses }) => losses > 0);
    expect(forbidden.connections).toBe(0);
  });
});

describe("the gate", () => {
  const to = (at: Door, change = 0) => `127.0.0.1:${at.port + change}`;
  it("tunnels to the pinned host and port, and to nothing beside it", async () => {
    const allowed = await radio();
    const pin = pinned(`https://${to(allowed)}/live`);
    const request = (target: string) => `CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect(await ask(pin, request(to(allowed)))).toBe("HTTP/1.1 200 Connection established|");
    expect(await ask(pin, request(to(allowed, 1)))).toMatch(/^HTTP\/1\.1 403 Forbidden\|the source leads to /);
    expect(await ask(pin, request("169.254.169.254:80"))).toMatch(/^HTTP\/1\.1 403/);
    expect(await ask(pin, request("[::1]:80"))).toMatch(/^HTTP\/1\.1 403/);
    expect(await ask(pin, request("nonsense"))).toMatch(/^HTTP\/1\.1 400/);
    expect(allowed.connections).toBe(1);
  });

  it("survives whoever resets the connection instead of taking its refusal", async () => {
    const thrown: unknown[] = [];
    const note = (error: unknown) => thrown.push(error);
    process.on("uncaughtException", note);
    onTestFinished(() => void process.off("uncaughtException", note));
    const gate = kept(await openGate(pinned("https://127.0.0.1:1/live")));
    for (let n = 0; n < 20; n++) {
      const socket = connect(Number(new URL(gate.env.http_proxy ?? "").port), "127.0.0.1");
      socket.write("CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n");
      await vi.waitUntil(() => gate.takeRefusal() !== null, { interval: 1 });
      await new Promise((closed) => socket.on("close", closed).resetAndDestroy());
    }
    await realClock.wait(50);
    expect(thrown).toEqual([]);
  });

  it.each(["POST", "PUT"])("lets nobody %s", async (method) => {
    const allowed = await radio();
    const line = `${method} http://${to(allowed)}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`;
    expect(await ask(pinned(`http://${to(allowed)}/live`), line)).toMatch(/^HTTP\/1\.1 400/);
    expect(allowed.connections).toBe(0);
  });

  it("does not follow a pinned name to this machine", async () => {
    const allowed = await radio();
    const answer = await ask(
      pinned(`http://localhost:${allowed.port}/live`),
      `GET http://localhost:${allowed.port}/live HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    expect(answer).toBe("HTTP/1.1 502 Bad Gateway|localhost leads to this machine or link itself");
    expect(allowed.connections).toBe(0);
  });

  it("does not relay datagrams to a pinned name that is this machine", async () => {
    const listener = createSocket("udp4").bind(0, "127.0.0.1");
    onTestFinished(() => void listener.close());
    await once(listener, "listening");
    let datagrams = 0;
    listener.on("message", () => {
      datagrams += 1;
    });
    const pin = pinned(`srt://localhost:${listener.address().port}`, "srt");
    const { problem } = await until(receive(pin), ({ losses }) => losses > 0);
    expect(problem).toBe("localhost leads to this machine or link itself");
    expect(datagrams).toBe(0);
  });

  it("judges each request of one connection by itself", async () => {
    const allowed = kept(await door((_, response) => response.end("ok")));
    const forbidden = await secret();
    const two = [allowed, forbidden].map((at) => `GET http://${to(at)}/ HTTP/1.1\r\nHost: x\r\n\r\n`).join("");
    await ask(pinned(`http://${to(allowed)}/`), two);
    expect(allowed.connections).toBe(1);
    expect(forbidden.connections).toBe(0);
  });
});

describe("secrets of an address", () => {
  it("are in nothing that a failed source says of itself", async () => {
    const closed = kept(await door((_, response) => response.writeHead(401, { "WWW-Authenticate": "Basic" }).end()));
    const events: object[] = [];
    const pin = pinned(`http://xa:mat-khau@127.0.0.1:${closed.port}/live?token=bi-mat`);
    const log = (event: string, fields: object) => events.push({ event, ...fields });
    const reception = kept(new Reception(pin, { clock: realClock, supervisor, log, random: () => 0.1 }));
    const { problem } = await until(reception, ({ losses }) => losses > 1);
    expect(closed.asked.length).toBeGreaterThan(1);
    expect(problem).toMatch(/401|Unauthorized/);
    expect(JSON.stringify([problem, events])).not.toMatch(/mat-khau|bi-mat/);
  });
});
