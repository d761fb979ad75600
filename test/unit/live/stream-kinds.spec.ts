/** Sources that are no web pages, sent by a real ffmpeg and received through the gate: heard, lost, and heard again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import type { LivePin } from "../../../playback/model/live.ts";
import type { Supervisor } from "../../../playback/ports/supervisor.ts";
import { Reception } from "../../../playback/sound/live/reception.ts";
import { ended } from "../../support/live/live-rig.ts";
import { freeDatagramPort, freePort } from "../../support/processes/free-port.ts";
import { realClock } from "../../support/sound/real-clock.ts";
import { temporaryFolder } from "../../support/storage/temporary.ts";

const supervisor = new ChildSupervisor();
const KEY = "khoa-cua-xa-004";
let sender: ChildProcess | null = null;
let reception: Reception | null = null;

afterEach(async () => {
  await reception?.close();
  await ended(sender);
  expect(supervisor.count()).toBe(0);
});

const TONE = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-af", "volume=6dB"];
function send(to: readonly string[], inside: readonly string[] = []): void {
  const ffmpeg = [...inside, "ffmpeg", "-nostdin", "-v", "error", ...TONE, ...to];
  sender = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...ffmpeg], { stdio: "ignore" });
}

interface Kind {
  readonly kind: LivePin["kind"];
  readonly port: () => Promise<number>;
  readonly url: (port: number) => string;
  readonly sent: (port: number) => readonly string[];
}
const kinds: readonly Kind[] = [
  {
    kind: "rtmp",
    port: freePort,
    url: (port) => `rtmp://127.0.0.1:${port}/xa/loa`,
    sent: (port) => ["-c:a", "aac", "-f", "flv", "-listen", "1", `rtmp://127.0.0.1:${port}/xa/loa`],
  },
  {
    kind: "srt",
    port: freeDatagramPort,
    url: (port) => `srt://127.0.0.1:${port}?streamid=loa&passphrase=${KEY}`,
    sent: (port) => ["-c:a", "aac", "-f", "mpegts", `srt://127.0.0.1:${port}?mode=listener&passphrase=${KEY}`],
  },
  {
    kind: "rtp",
    port: freeDatagramPort,
    url: (port) => `rtp://127.0.0.1:${port}`,
    sent: (port) => ["-c:a", "libmp3lame", "-f", "rtp", `rtp://127.0.0.1:${port}`],
  },
];

function receive(kind: LivePin["kind"], url: string, over: { sdp?: string; supervisor?: Supervisor } = {}): void {
  const { sdp, ...ports } = over;
  const pin = { id: "p", kind, url, hosts: [], sdp };
  reception = new Reception(pin, { clock: realClock, supervisor, random: () => 0.2, ...ports });
}
async function until(what: string, holds: (signal: ReturnType<Reception["signal"]>) => boolean) {
  const deadline = performance.now() + 25_000;
  for (;;) {
    const signal = reception?.signal();
    if (signal !== undefined && holds(signal)) return signal;
    if (performance.now() > deadline) throw new Error(`not within 25 s: ${what}: ${JSON.stringify(signal)}`);
    await realClock.wait(20);
  }
}

describe.each(kinds)("a source of kind $kind", ({ kind, port, url, sent }) => {
  it("is heard at its level, noticed when it goes, and heard again when it is back", async () => {
    const at = await port();
    send(sent(at));
    receive(kind, url(at));
    await until("heard", ({ ready, level }) => ready && level > -24 && level < -12);
    await ended(sender);
    const { losses } = await until("lost", (signal) => signal.losses > 0 && signal.problem !== null);
    send(sent(at));
    const again = await until("heard again", ({ ready, problem, level }) => ready && problem === null && level > -24);
    expect(again.losses).toBeGreaterThanOrEqual(losses);
  });
});

describe("an SRT source", () => {
  it("is not heard by another key, and no key is told", async () => {
    const at = await freeDatagramPort();
    send(["-c:a", "aac", "-f", "mpegts", `srt://127.0.0.1:${at}?mode=listener&passphrase=${KEY}`]);
    receive("srt", `srt://127.0.0.1:${at}?passphrase=another-key-entirely`);
    const { problem, receivedAt } = await until("refused", ({ losses }) => losses > 0);
    expect(receivedAt).toBeNull();
    expect(problem).not.toMatch(/another-key|khoa/);
  });

  it("that is not there says so", async () => {
    const at = await freeDatagramPort();
    receive("srt", `srt://127.0.0.1:${at}`);
    const { problem } = await until("refused", ({ losses }) => losses > 0);
    expect(problem).toMatch(/ECONNREFUSED|Connection setup failure/);
  });
});

describe("an RTP group in a network of its own", () => {
  /** Where nothing but a loopback that takes groups is; the process keeps it. */
  async function closedNetwork(): Promise<readonly string[]> {
    const made = "ip link set lo up && ip route add 239.0.0.0/8 dev lo && echo made && exec sleep 600";
    const keeper = spawn("setpriv", ["--pdeathsig", "KILL", "--", "unshare", "-n", "sh", "-c", made]);
    onTestFinished(() => ended(keeper));
    const [said] = await Promise.race([once(keeper.stdout, "data"), once(keeper.stderr, "data")]);
    expect(String(said)).toBe("made\n");
    return ["nsenter", "-t", String(keeper.pid), "-n", "--"];
  }

  it("is heard by its description, whose coding no payload type tells", async () => {
    const inside = await closedNetwork();
    const description = join(await temporaryFolder(), "xa.sdp");
    const group = "rtp://239.255.7.7:5004";
    send(["-c:a", "libopus", "-f", "rtp", "-sdp_file", description, group], inside);
    await expect.poll(() => existsSync(description), { timeout: 10_000 }).toBe(true);
    const sdp = readFileSync(description, "utf8").replace(/^SDP:\s*/, "");
    expect(sdp).toContain("opus/48000");
    const [command = "", ...words] = inside;
    receive("rtp", group, {
      sdp,
      supervisor: {
        run: (spec) => supervisor.run({ ...spec, command, args: [...words, spec.command, ...spec.args] }),
        count: () => supervisor.count(),
        stopAll: () => supervisor.stopAll(),
      },
    });
    await until("heard", ({ ready, level }) => ready && level > -24 && level < -12);
  });
});
