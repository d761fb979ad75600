/** One contract over every amplifier driver: the simulated one on a real board process, GPIO through the real `onoff`, and none. */
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createAmplifier } from "../../drivers/amplifier/create.ts";
import { type Bench, contractFor, type Trouble } from "../support/drivers/amplifier-contract.ts";
import { startedBoard } from "../support/drivers/temporary.ts";

async function simulated(): Promise<Bench> {
  const board = await startedBoard();
  return {
    amplifier: () => createAmplifier({ kind: "simulated", socket: board.socket }),
    truth: async () => {
      const { power, muted } = await board.truth();
      return { power, muted };
    },
    async cause(trouble: Trouble) {
      if (trouble === "absent") return board.stop();
      if (trouble === "energised") return board.drive({ power: true, muted: false });
      if (trouble === "well" && !board.isRunning) return board.start();
      if (trouble === "well") await board.behave({});
      if (trouble === "slow") await board.behave({ slowMs: 150 });
      if (trouble === "hanging") await board.behave({ slowMs: 2_000 });
      if (trouble === "stuck") await board.behave({ stuckPower: true });
      if (trouble === "lying") await board.behave({ lying: true });
      if (trouble === "unplugged") await board.behave({ unplugged: true });
    },
  };
}

describe("the simulated amplifier", () => {
  const cases = contractFor(["absent", "energised", "slow", "hanging", "stuck", "lying", "unplugged"]);
  it.each(cases)("$name", async ({ run }) => run(await simulated()));

  it("senses the current that a welded contact lets through, though the lines read back safe", async () => {
    const board = await startedBoard();
    const amplifier = createAmplifier({ kind: "simulated", socket: board.socket });
    await amplifier.open();
    await amplifier.drive({ power: true, muted: false });
    await board.behave({ welded: true, fault: true });
    expect(await amplifier.makeSafe()).toBe(true);
    expect(await amplifier.read()).toMatchObject({ driven: { power: false }, sensed: true, fault: true });
    await amplifier.close();
  });

  it("leaves the board's own record of each movement, mute before power on the way down, with the pid that asked", async () => {
    const board = await startedBoard();
    const amplifier = createAmplifier({ kind: "simulated", socket: board.socket });
    await amplifier.open();
    await amplifier.drive({ power: true, muted: false });
    await amplifier.makeSafe();
    await amplifier.close();
    const moves = (await board.log()).filter(({ event }) => event === "lines");
    expect(moves.map(({ power, muted, pid }) => [power, muted, pid])).toEqual([
      [true, true, process.pid],
      [true, false, process.pid],
      [true, true, process.pid],
      [false, true, process.pid],
    ]);
  });
});

describe("no amplifier", () => {
  const bench: Bench = {
    amplifier: () => createAmplifier({ kind: "none" }),
    truth: async () => null,
    cause: async () => undefined,
  };
  it.each(contractFor([]))("$name", async ({ run }) => run(bench));

  it("senses nothing", async () => {
    const amplifier = createAmplifier({ kind: "none", name: "horn" });
    await amplifier.open();
    expect([amplifier.name, await amplifier.read()]).toMatchObject(["horn", { sensed: null, fault: null }]);
  });
});

describe("the GPIO amplifier", () => {
  const script = join(import.meta.dirname, "../support/drivers/sysfs-bench.ts");
  const own = JSON.parse(execFileSync(process.execPath, [script, "--list"], { encoding: "utf8" })) as string[];
  const names = [...contractFor(["absent", "energised", "stuck", "unplugged"]).map(({ name }) => name), ...own];

  it.each(names)("%s", async (name) => {
    // A user who is not root gets a namespace in which it is.
    const asRoot = process.getuid?.() === 0 ? [] : ["-r"];
    const args = [...asRoot, "-m", "--propagation", "private", process.execPath, script, name];
    const { stdout } = await promisify(execFile)("unshare", args).catch((error: Error & { stderr?: string }) => {
      if (/^unshare:|ENOENT|mount:/m.test(error.stderr ?? error.message)) {
        throw new Error(
          `this test needs a private mount namespace (unshare -m, mount), which is not permitted here: ${error.stderr ?? error}`,
        );
      }
      throw new Error(error.stderr ?? String(error));
    });
    expect(stdout).toBe("ok");
  });
});
