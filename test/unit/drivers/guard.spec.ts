import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAmplifier } from "../../../drivers/amplifier/create.ts";
import { type BoardLogLine, boardMonotonic } from "../../../drivers/board/protocol.ts";
import { type GuardExit, GuardLink, type GuardOptions, type GuardOrigin } from "../../../drivers/guard/guard-link.ts";
import type { BoardProcess } from "../../support/drivers/board-process.ts";
import { GuardListener } from "../../support/drivers/guard-listener.ts";
import { startedBoard, temporaryFolder } from "../../support/drivers/temporary.ts";

const script = join(import.meta.dirname, "../../../drivers/guard/main.ts");
const holderScript = join(import.meta.dirname, "../../support/drivers/guard-holder.ts");

const isSafe = (line: BoardLogLine) => line.event === "lines" && line.power === false && line.muted === true;

const spawned: GuardOrigin = { nodePath: process.execPath, script };

async function activated(): Promise<GuardOrigin> {
  const listener = await GuardListener.start(await temporaryFolder(), [process.execPath, script]);
  onTestFinished(() => listener.stop());
  return { socket: listener.socket };
}

const ORIGINS: [string, () => Promise<GuardOrigin>][] = [
  ["that it started itself", async () => spawned],
  ["that systemd started for it", activated],
];

/** A process that holds the amplifier on, and the pid of its guard. */
async function holder(board: BoardProcess, from = spawned): Promise<{ child: ChildProcess; guard: number }> {
  const args = [holderScript, board.socket, JSON.stringify(from)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [pid] = (await once(child.stdout as NodeJS.EventEmitter, "data")) as [Buffer];
  expect(await board.truth()).toEqual({ power: true, muted: false, sensed: true });
  return { child, guard: Number(pid.toString()) };
}

async function linked(
  board: BoardProcess,
  options: Partial<GuardOptions> = {},
): Promise<{ link: GuardLink; lost: GuardExit[] }> {
  const lost: GuardExit[] = [];
  const config = { kind: "simulated", socket: board.socket } as const;
  const link = await GuardLink.start({
    ...{ from: spawned, amplifiers: [config], onLost: (exit: GuardExit) => void lost.push(exit) },
    ...options,
  });
  onTestFinished(async () => void (await link.close()));
  await board.drive({ power: true, muted: false });
  return { link, lost };
}

async function until(condition: () => boolean, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms`);
    await sleep(10);
  }
}

describe("the guard", () => {
  it.each(ORIGINS)(
    "%s has the amplifier safe within 3 s of a SIGKILL of the agent, as the board itself saw it",
    async (_, origin) => {
      const board = await startedBoard();
      const { child, guard } = await holder(board, await origin());
      const killed = boardMonotonic();
      child.kill("SIGKILL");
      const safe = await board.logged(isSafe, killed);
      expect(safe.pid).toBe(guard);
      expect(safe.monotonicMs - killed).toBeLessThan(3_000);
      // Nothing is left behind.
      await expect.poll(() => alive(guard), { timeout: 5_000 }).toBe(false);
    },
  );

  it.each(ORIGINS)(
    "%s has it safe within 3 s of a SIGSTOP, and the agent hears that its guard acted when it runs again",
    async (_, origin) => {
      const board = await startedBoard();
      const { child, guard } = await holder(board, await origin());
      // Past the first heartbeats.
      await sleep(1_200);
      expect(await board.truth()).toMatchObject({ power: true });
      const stopped = boardMonotonic();
      child.kill("SIGSTOP");
      const safe = await board.logged(isSafe, stopped);
      expect(safe.pid).toBe(guard);
      expect(safe.monotonicMs - stopped).toBeGreaterThan(1_900);
      expect(safe.monotonicMs - stopped).toBeLessThan(3_000);
      const word = once(child.stdout as NodeJS.EventEmitter, "data");
      child.kill("SIGCONT");
      expect(String((await word)[0])).toBe("lost\n");
    },
  );

  it.each(ORIGINS)(
    "%s ends an agent that hangs where the amplifier cannot be made safe: it may hold what only one can hold",
    async (_, origin) => {
      const board = await startedBoard();
      const { child } = await holder(board, await origin());
      const exited = once(child, "exit");
      await board.behave({ unplugged: true });
      child.kill("SIGSTOP");
      expect(await exited).toEqual([null, "SIGKILL"]);
      await board.behave({});
      await expect.poll(() => board.truth(), { timeout: 5_000 }).toMatchObject({ power: false, muted: true });
    },
  );

  it.each(ORIGINS)("%s makes safe and ends when it is closed, without calling that a loss", async (_, origin) => {
    const board = await startedBoard();
    const { link, lost } = await linked(board, { from: await origin() });
    const exit = await link.close();
    expect(exit).toMatchObject({
      done: { why: "closed", amplifiers: [{ name: "amplifier", safe: true, attempts: 1 }] },
    });
    expect(await board.truth()).toEqual({ power: false, muted: true, sensed: false });
    expect(lost).toEqual([]);
    await expect.poll(() => alive(link.pid), { timeout: 5_000 }).toBe(false);
    expect(await link.close()).toEqual(exit);
  });

  it("acts when the agent lives but makes no progress", async () => {
    const board = await startedBoard();
    let healthy = true;
    const { lost } = await linked(board, { healthy: () => healthy, timeoutMs: 1_200 });
    await sleep(2_000);
    expect([lost, (await board.truth()).power]).toEqual([[], true]);
    healthy = false;
    await until(() => lost.length === 1);
    expect(lost[0]).toMatchObject({ how: "exit 0", done: { why: "silent" } });
    expect(await board.truth()).toMatchObject({ power: false, muted: true });
  });

  it.each(ORIGINS)("%s tells the agent when it is killed itself, and leaves the lines alone", async (_, origin) => {
    const board = await startedBoard();
    const from = await origin();
    const { link, lost } = await linked(board, { from });
    process.kill(link.pid, "SIGKILL");
    await until(() => lost.length === 1);
    expect(lost[0]).toEqual({ how: "socket" in from ? "connection closed" : "SIGKILL", done: null });
    expect(await board.truth()).toMatchObject({ power: true });
    await board.drive({ power: false, muted: true });
  });

  it("stays through Ctrl-C, hang-up and a polite stop while the agent lives", async () => {
    const board = await startedBoard();
    const { link, lost } = await linked(board);
    for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.kill(link.pid, signal);
    await sleep(300);
    expect([alive(link.pid), lost, (await board.truth()).power]).toEqual([true, [], true]);
    expect((await link.close()).how).toBe("exit 0");
  });

  it("goes on trying while the board is unplugged, until it reads back safe", async () => {
    const board = await startedBoard();
    const { link } = await linked(board);
    await board.behave({ unplugged: true });
    const closing = link.close();
    await sleep(1_500);
    expect(await board.truth()).toMatchObject({ power: true });
    await board.behave({});
    const exit = await closing;
    expect(exit.how).toBe("exit 0");
    expect(exit.done?.amplifiers[0]?.attempts).toBeGreaterThan(1);
    expect(await board.truth()).toMatchObject({ power: false, muted: true });
  });

  it("guards several amplifiers, also where one of them is none", async () => {
    const board = await startedBoard();
    const amplifiers = [
      { kind: "simulated", socket: board.socket, name: "a" },
      { kind: "simulated", socket: board.socket, name: "b" },
      { kind: "none", name: "c" },
    ] as const;
    const { link } = await linked(board, { amplifiers });
    for (const name of ["a", "b"]) await board.drive({ power: true, muted: false }, name);
    const exit = await link.close();
    expect(exit.done?.amplifiers.map(({ name, safe }) => [name, safe])).toEqual([
      ["a", true],
      ["b", true],
      ["c", true],
    ]);
    for (const name of ["a", "b"]) expect(await board.truth(name)).toMatchObject({ power: false, muted: true });
    expect(createAmplifier(amplifiers[2]).name).toBe("c");
  });

  it.each([
    ["a program that is not there", { ...spawned, script: "/nowhere/guard.ts" }, "exit 1"],
    ["no runtime", { nodePath: "/nowhere/node", script }, "ENOENT"],
    ["nobody who listens", { socket: "/nowhere/guard.sock" }, "ENOENT"],
  ])("says child-failed, and why, where there is %s", async (_, from, why) => {
    const board = await startedBoard();
    await expect(linked(board, { from })).rejects.toMatchObject({
      code: "child-failed",
      message: expect.stringContaining(why),
    });
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
