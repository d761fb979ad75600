import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";

const supervisor = new ChildSupervisor();
afterEach(() => supervisor.stopAll());

async function text(output: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of output) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function shell(script: string) {
  return supervisor.run({ name: "shell", command: "sh", args: ["-c", script] });
}

describe("a supervised child", () => {
  it("gives its output, its code and its words", async () => {
    const child = shell("echo heard; echo why >&2; exit 3");
    expect(await text(child.stdout)).toBe("heard\n");
    expect(await child.exited).toEqual({ code: 3, signal: null, stderr: "why\n" });
    expect(supervisor.count()).toBe(0);
  });

  it("keeps only the last 4 KiB of standard error", async () => {
    const child = shell("head -c 20000 /dev/zero | tr '\\0' x >&2; echo END >&2");
    const { stderr } = await child.exited;
    expect(stderr.length).toBe(4096);
    expect(stderr.endsWith("xEND\n")).toBe(true);
  });

  it("reads a descriptor handed on as 3", async () => {
    const folder = mkdtempSync(join(tmpdir(), "loa-child-"));
    writeFileSync(join(folder, "media"), "approved bytes");
    const fd = openSync(join(folder, "media"), "r");
    const child = supervisor.run({ name: "cat", command: "cat", args: ["/proc/self/fd/3"], fds: [fd] });
    expect(await text(child.stdout)).toBe("approved bytes");
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  it("has the environment that it is given, and no other", async () => {
    const child = supervisor.run({ name: "env", command: "env", args: [], env: { SAID: "so" } });
    const lines = (await text(child.stdout)).trim().split("\n");
    expect(lines.filter((line) => !line.startsWith("PATH="))).toEqual(["SAID=so"]);
  });

  it("reads what it is given on its standard input, or ends without", async () => {
    const child = supervisor.run({ name: "cat", command: "cat", args: [], input: "v=0\n" });
    expect(await text(child.stdout)).toBe("v=0\n");
    const deaf = supervisor.run({ name: "deaf", command: "true", args: [], input: "x".repeat(60_000) });
    expect((await deaf.exited).code).toBe(0);
  });

  it("gives code 127 for a program that is not there", async () => {
    const child = supervisor.run({ name: "ghost", command: "no-such-program-here", args: [] });
    expect(await text(child.stdout)).toBe("");
    const exit = await child.exited;
    expect(exit.code).toBe(127);
    expect(exit.stderr).toContain("no-such-program-here");
    expect((await child.stop()).code).toBe(127);
  });

  it("gives code 127 where no descriptor is left for its pipes", async () => {
    const script = join(import.meta.dirname, "../../support/processes/no-descriptors.ts");
    const child = shell(`ulimit -n 60; exec ${process.execPath} ${script}`);
    expect(await child.exited).toMatchObject({ code: 0 });
  });

  it("ends on SIGTERM when asked to stop, also twice", async () => {
    const child = shell("exec sleep 60");
    await sleep(50);
    const [first, second] = await Promise.all([child.stop(), child.stop()]);
    expect(first.signal).toBe("SIGTERM");
    expect(second).toEqual(first);
  });

  it("is killed 2 s after it ignored SIGTERM", async () => {
    const child = shell("trap '' TERM; echo ready; while :; do sleep 0.1; done");
    for await (const _ of child.stdout) break;
    const asked = performance.now();
    expect((await child.stop()).signal).toBe("SIGKILL");
    expect(performance.now() - asked).toBeGreaterThan(1_900);
    expect(performance.now() - asked).toBeLessThan(4_000);
  });

  it("holds a child back that nobody reads", async () => {
    const child = shell("head -c 50000000 /dev/zero; echo done >&2");
    await sleep(300);
    expect(supervisor.count()).toBe(1);
    expect((await child.stop()).stderr).not.toContain("done");
  });

  it("stops a child whose reader no longer asks", async () => {
    const child = shell("exec cat /dev/zero");
    const output = child.stdout[Symbol.asyncIterator]();
    expect((await output.next()).done).toBe(false);
    await sleep(50);
    const asked = performance.now();
    expect((await child.stop()).signal).toMatch(/SIGTERM|SIGPIPE/);
    expect(performance.now() - asked).toBeLessThan(1_000);
    while (!(await output.next()).done);
  });

  it("counts and stops all", async () => {
    shell("exec sleep 60");
    shell("exec sleep 60");
    expect(supervisor.count()).toBe(2);
    await supervisor.stopAll();
    expect(supervisor.count()).toBe(0);
  });
});

describe("a child that talks", () => {
  it("reads descriptor 3 and writes descriptor 4", async () => {
    const child = supervisor.run({ name: "echo", command: "sh", args: ["-c", "cat <&3 >&4"], talks: true });
    await child.talk?.say(Buffer.from("Xin chào"));
    const heard = child.talk?.heard[Symbol.asyncIterator]();
    expect(Buffer.from((await heard?.next())?.value ?? []).toString("utf8")).toBe("Xin chào");
    await child.kill();
    expect((await heard?.next())?.done).toBe(true);
    await child.talk?.say(Buffer.from("nobody takes this"));
  });

  it("that takes nothing holds up who talks to it, and lets go when it is killed", async () => {
    const child = supervisor.run({ name: "deaf", command: "sleep", args: ["60"], talks: true });
    let taken = false;
    const said = child.talk?.say(Buffer.alloc(4_000_000)).then(() => {
      taken = true;
    });
    await sleep(100);
    expect(taken).toBe(false);
    expect((await child.kill()).signal).toBe("SIGKILL");
    await said;
    expect(taken).toBe(true);
  });
});

describe("a group", () => {
  const groupOf = () =>
    supervisor.run({ name: "group", command: "sh", args: ["-c", "sleep 60 & echo $!; wait"], group: true });
  const firstLine = async (output: AsyncIterable<Uint8Array>) =>
    Number(Buffer.from((await output[Symbol.asyncIterator]().next()).value ?? []).toString("utf8"));

  it("ends with the child that it was begun for, also where its members stand still", async () => {
    const child = groupOf();
    const pid = await firstLine(child.stdout);
    process.kill(pid, "SIGSTOP");
    process.kill(child.pid ?? 0, "SIGKILL");
    expect((await child.exited).signal).toBe("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 2_000 }).toBe(false);
  });

  it("that a member left, and its pipes with it, ends all the same", async () => {
    const script = "setsid sleep 5 & sleep 0.1; echo gone >&2; exit 4";
    const child = supervisor.run({ name: "group", command: "sh", args: ["-c", script], group: true });
    const began = performance.now();
    expect(await child.exited).toEqual({ code: 4, signal: null, stderr: "gone\n" });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it("is killed at once", async () => {
    const child = groupOf();
    const pid = await firstLine(child.stdout);
    const asked = performance.now();
    expect((await child.kill()).signal).toBe("SIGKILL");
    expect(performance.now() - asked).toBeLessThan(500);
    await expect.poll(() => isAlive(pid), { timeout: 2_000 }).toBe(false);
  });
});

describe("the kernel", () => {
  it("kills the child when the agent is killed", async () => {
    const module = new URL("../../../agent/child-supervisor.ts", import.meta.url).href;
    const script = `const { ChildSupervisor } = await import(${JSON.stringify(module)});
      const child = new ChildSupervisor().run({ name: "s", command: "sleep", args: ["60"] });
      console.log(child.pid); setInterval(() => {}, 1000);`;
    const agent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = Number(await new Promise((resolve) => agent.stdout.once("data", (data) => resolve(String(data)))));
    await sleep(100);
    expect(isAlive(pid)).toBe(true);
    agent.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 3_000 }).toBe(false);
  });
});

/** A zombie that nobody has waited for is dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
