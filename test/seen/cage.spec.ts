/**
 * The compositor itself, without a graphics card: cage refuses to run as root, so the kiosk runs as another user there. Its picture is not judged
 * here, only that the browser is shown by it and that both can be replaced.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmod, chown } from "node:fs/promises";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/drivers/temporary.ts";
import { processesOf } from "../support/kiosk/browsers.ts";

const NOBODY = 65_534;
const SCRIPT = new URL("../support/kiosk/cage-process.ts", import.meta.url).pathname;
const IS_ROOT = process.getuid?.() === 0;
const AS_NOBODY = ["setpriv", "--reuid", String(NOBODY), "--regid", String(NOBODY), "--clear-groups", "--"];
/** A checkout that only root may read cannot be run by anybody else. */
const readable =
  !IS_ROOT || spawnSync("setpriv", [...AS_NOBODY.slice(1), process.execPath, "--check", SCRIPT]).status === 0;

describe("a kiosk under cage", () => {
  it.skipIf(!readable)("shows its page, survives the end of the compositor, and leaves nothing", async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o700);
    if (IS_ROOT) await chown(folder, NOBODY, NOBODY);
    const [program = "", ...args] = [...(IS_ROOT ? AS_NOBODY : []), process.execPath, SCRIPT, folder];
    const agent = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void agent.kill("SIGKILL"));
    const said: { readonly event?: string; readonly picture?: string }[] = [];
    createInterface(agent.stdout).on("line", (line) => said.push(JSON.parse(line)));
    const events = () => said.flatMap(({ event }) => event ?? []);
    await expect.poll(events, { timeout: 30_000 }).toContain("started");
    await expect.poll(() => said.flatMap(({ picture }) => picture ?? []), { timeout: 10_000 }).not.toEqual([]);
    expect(said.find(({ picture }) => picture !== undefined)?.picture).toBe("1280×720");
    const cage = (await processesOf(folder)).find(({ command: line }) => line.startsWith("/usr/bin/cage\0"));
    if (cage === undefined) throw new Error("no compositor runs");
    const began = performance.now();
    process.kill(cage.pid, "SIGKILL");
    await expect.poll(() => events().filter((event) => event === "started"), { timeout: 20_000 }).toHaveLength(2);
    expect(performance.now() - began).toBeLessThan(10_000);
    agent.kill("SIGKILL");
    await expect.poll(() => processesOf(folder), { timeout: 5_000 }).toEqual([]);
  });
});
