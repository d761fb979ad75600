/** `loa bridge` pushes the office's microphone to servers that are called: SRT and RTMP, received by a real ffmpeg. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { builtFolder } from "../support/cluster/agent-process.ts";
import { ended } from "../support/live/live-rig.ts";
import { freeDatagramPort, freePort } from "../support/processes/free-port.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

const HEARD_MS = 2_000;
const RATE = 48_000;
const KEY = "khoa-cua-xa-004";
let card: VirtualSoundCard;
const running: ChildProcess[] = [];

beforeAll(async () => {
  card = await VirtualSoundCard.start();
  const tone = ["-re", "-f", "lavfi", "-i", `sine=frequency=440:sample_rate=${RATE}`, "-af", "volume=6dB"];
  start("ffmpeg", ["-nostdin", "-v", "error", ...tone, "-f", "pulse", "-device", "station", "tone"], card.env);
});
afterEach(async () => {
  for (const one of running.splice(1)) await ended(one);
});
afterAll(async () => {
  for (const one of running.splice(0)) await ended(one);
  await card?.close();
});

function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  running.push(child);
  return child;
}

/** What a server receives in two seconds, as root mean square in dBFS. */
async function received(from: readonly string[]): Promise<number> {
  const raw = ["-ac", "1", "-ar", String(RATE), "-f", "f32le", "-flush_packets", "1", "pipe:1"];
  const server = start("ffmpeg", ["-nostdin", "-v", "error", ...from, ...raw], process.env);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of server.stdout ?? []) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= (HEARD_MS * RATE * 4) / 1_000) break;
  }
  const all = Buffer.concat(chunks);
  const samples = new Float32Array(new Uint8Array(all.subarray(all.length % 4)).buffer).slice(-RATE);
  return 10 * Math.log10(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
}

function carry(to: string): Promise<string> {
  const program = [join(builtFolder(), "agent/cli/main.js"), "bridge", "pulse:station.monitor", "--json"];
  const bridge = start(process.execPath, program, { ...card.env, LOA_BRIDGE_TO: to });
  let said = "";
  return new Promise((resolve, reject) => {
    bridge.stdout?.on("data", (text) => {
      said += text;
      if (said.includes('"carrying"')) resolve(said);
    });
    bridge.once("close", (code) => reject(new Error(`the bridge ended with ${code}: ${said}`)));
  });
}

describe("the bridge", () => {
  it("pushes to an SRT server that knows the key", async () => {
    const port = await freeDatagramPort();
    const hears = received(["-f", "mpegts", "-i", `srt://127.0.0.1:${port}?mode=listener&passphrase=${KEY}`]);
    const said = await carry(`srt://127.0.0.1:${port}?streamid=xa&passphrase=${KEY}`);
    expect(await hears).toBeGreaterThan(-18);
    expect(said).not.toContain(KEY);
  });

  it("pushes to an RTMP server", async () => {
    const port = await freePort();
    const hears = received(["-f", "flv", "-listen", "1", "-i", `rtmp://127.0.0.1:${port}/xa/khoa`]);
    await carry(`rtmp://127.0.0.1:${port}/xa/khoa`);
    expect(await hears).toBeGreaterThan(-18);
  });

  it("says what is wrong where nobody answers, and tells no key", async () => {
    const port = await freeDatagramPort();
    const program = [join(builtFolder(), "agent/cli/main.js"), "bridge", "pulse:station.monitor", "--json"];
    const to = `srt://127.0.0.1:${port}?passphrase=${KEY}`;
    const bridge = start(process.execPath, program, { ...card.env, LOA_BRIDGE_TO: to });
    let said = "";
    for await (const text of bridge.stdout ?? []) {
      said += text;
      if (/"problem":"[^"]/.test(said)) break;
    }
    expect(said).toMatch(/"problem":"[^"]*srt:\/\/127\.0\.0\.1/);
    expect(said).not.toContain(KEY);
  });
});
