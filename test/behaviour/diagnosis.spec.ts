/** Diagnosis with the real program: the dashboard, the log, the relays under a finger, the page, and a bundle that leaves by signed command. */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isLoopback } from "../../agent/control/status-page.ts";
import type { WiringResult } from "../../agent/outputs/wiring-test.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { Cluster } from "../support/cluster/cluster.ts";
import { freePort } from "../support/processes/free-port.ts";

let folder: string;
let cluster: Cluster;
let port: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-diagnosis-"));
  port = await freePort();
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  cluster = await Cluster.open({
    ...{ environment, folder: join(folder, "cluster"), clock: { kind: "simulated", trust: "held" } },
    station: { statusPage: { port }, log: { level: "info", file: join(folder, "loa.log") } },
  });
});
afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

function get(
  headers: Record<string, string>,
  path = "/",
  method = "GET",
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, method, headers });
    call.on("error", reject);
    call.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.end();
  });
}
const moved = async () =>
  (await cluster.board.log()).filter((line) => "power" in line).map(({ power, muted }) => `${power}/${muted}`);

describe("loa top", () => {
  it("prints one picture of 80 columns for a script", { timeout: 40_000 }, async () => {
    await cluster.startAgent();
    const top = await cli(cluster.place, ["top", "--once", "--lang", "vi"]);
    expect([top.code, top.stdout]).toEqual([0, expect.stringMatching(/^Loa .*xa-00004-cum-01[\s\S]*horn {6}im lặng/)]);
    expect(Math.max(...top.stdout.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(80);
  });
});

describe("loa logs", () => {
  it("reads the file that station.yaml names, where there is no system journal", { timeout: 40_000 }, async () => {
    await cluster.startAgent();
    const read = await cli(cluster.place, ["logs", "--since", "5 min ago"]);
    expect([read.code, read.stdout]).toEqual([0, expect.stringMatching(/INFO {2}ready/)]);
    expect((await stat(join(folder, "loa.log"))).mode & 0o007).toBe(0);
  });
});

describe("loa test amp", () => {
  it("moves each line through the agent, reads it back, and leaves all safe", { timeout: 40_000 }, async () => {
    await cluster.startAgent();
    const before = (await moved()).length;
    const tested = await cli(cluster.place, ["test", "amp", "--yes", "--json"]);
    const [result] = JSON.parse(tested.stdout) as WiringResult[];
    expect([tested.code, result?.well]).toEqual([0, true]);
    expect(
      result?.steps.map(({ step, reading }) => [step, reading.driven.power, reading.driven.muted, reading.sensed]),
    ).toEqual([
      ["power-on", true, true, true],
      ["unmute", true, false, true],
      ["mute", true, true, true],
      ["power-off", false, true, false],
    ]);
    expect((await moved()).slice(before).at(-1)).toBe("false/true");
    const journal = await cli(cluster.place, ["journal", "--json", "--limit", "20"]);
    expect(journal.stdout).toContain("amplifier-test");
  });

  it("leaves lines safe that somebody moved and forgot, within ten seconds", { timeout: 40_000 }, async () => {
    const agent = await cluster.startAgent();
    const reading = await agent.ask("POST", "/v1/test/amplifier", {
      output: "horn",
      power: true,
      muted: true,
      by: "lan",
    });
    expect(reading).toMatchObject({ driven: { power: true, muted: true } });
    for (let tries = 0; (await moved()).at(-1) !== "false/true"; tries++) {
      expect(tries).toBeLessThan(110);
      await sleep(100);
    }
  });

  it("knows no amplifier but those that are wired", { timeout: 40_000 }, async () => {
    const agent = await cluster.startAgent();
    await expect(
      agent.ask("POST", "/v1/test/amplifier", { output: "nowhere", power: true, muted: true, by: "" }),
    ).rejects.toThrow("'nowhere' has no amplifier lines; there are horn");
  });
});

describe("loa test storage and clock", () => {
  it("measure the card and judge the clock", { timeout: 40_000 }, async () => {
    await cluster.startAgent();
    const storage = await cli(cluster.place, ["test", "storage", "--json"]);
    const { speed } = JSON.parse(storage.stdout) as { speed: { medianMs: number; worstMs: number } };
    expect(speed.medianMs).toBeGreaterThan(0);
    expect(speed.worstMs).toBeGreaterThanOrEqual(speed.medianMs);
    const clock = await cli(cluster.place, ["test", "clock", "--lang", "en"]);
    expect(clock.stdout).toMatch(/clock .*held/);
    expect((await cli(cluster.place, ["test", "everything"])).code).toBe(64);
  });
});

describe("the status page", () => {
  it("shows the station on the loopback, without a script, to nobody who comes by another name", {
    timeout: 40_000,
  }, async () => {
    await cluster.startAgent();
    const page = await get({ host: `localhost:${port + 1}` });
    expect([page.status, page.body]).toEqual([200, expect.stringContaining("xa-00004-cum-01")]);
    const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(page.body) ?? [];
    const digest = createHash("sha256").update(style).digest("base64");
    expect(page.headers["content-security-policy"]).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(page.body).not.toMatch(/<script|<form|<a |https?:/);
    expect((await get({ host: "loa.evil.example" })).status).toBe(421);
    expect((await get({ host: "127.0.0.1" }, "/", "POST")).status).toBe(405);
    expect((await get({ host: "127.0.0.1" }, "/etc/passwd")).status).toBe(404);
    const listening = await readFile("/proc/net/tcp", "utf8");
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    expect(listening).toContain(`0100007F:${hex} 00000000:0000 0A`);
    expect(listening).not.toContain(`00000000:${hex} 00000000:0000 0A`);
  });

  it("is off unless it is asked for", { timeout: 40_000 }, async () => {
    await cluster.configure({ statusPage: undefined });
    await cluster.startAgent();
    await expect(get({ host: "127.0.0.1" })).rejects.toThrow("ECONNREFUSED");
  });

  it.each([
    ["127.0.0.1:8080", true],
    ["LOCALHOST", true],
    ["[::1]:99", true],
    ["localhost.evil.example", false],
    ["127.0.0.1.evil.example:80", false],
    ["evil@localhost", false],
    ["", false],
    [undefined, false],
  ])("takes the host %s for its own: %s", (host, own) => {
    expect(isLoopback(host)).toBe(own);
  });
});

describe("loa bundle", () => {
  it("writes a bundle that only its owner reads, with the agent up and down", { timeout: 40_000 }, async () => {
    await cluster.startAgent();
    const file = join(folder, "goi.tar.gz");
    const made = await cli(cluster.place, ["bundle", file, "--lang", "vi"]);
    expect([made.code, made.stdout]).toEqual([0, expect.stringContaining("không có mật khẩu")]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await cluster.agent?.kill("SIGTERM");
    cluster.agent = null;
    expect((await cli(cluster.place, ["bundle", join(folder, "down.tar.gz")])).code).toBe(0);
  });
});
