/** An agent that stands still is ended and started again; a board that stands still starts itself again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Board } from "./board.ts";
import { secondsSince } from "./protocol.ts";

/** `WatchdogSec` and, because a stopped process does not hear the first signal, `TimeoutAbortSec`, as the emulated board has them; the rest is emulation. */
const AGENT_MS = (90 + 20 + 60) * 1_000;
/** `RuntimeWatchdogSec`, and a boot. */
const BOARD_MS = 360_000;

export async function watchdog(board: Board): Promise<void> {
  await agentStandsStill(board);
  await boardStandsStill(board);
}

async function agentStandsStill(board: Board): Promise<void> {
  const { protocol } = board;
  await board.until("the agent answers", () => true);
  const before = await board.unit("MainPID", "NRestarts");
  const from = performance.now();
  await board.sh(`kill -STOP ${before.MainPID}`);
  let now = before;
  while (now.NRestarts === before.NRestarts && performance.now() - from < AGENT_MS) {
    await sleep(1_000);
    now = await board.unit("MainPID", "NRestarts");
  }
  const ended = secondsSince(from);
  const why = (await board.sh("journalctl -q -u loa -o cat | grep -i watchdog | tail -1")).slice(0, 120);
  protocol.check(
    "a stopped agent (SIGSTOP) is ended by systemd's watchdog",
    now.NRestarts !== before.NRestarts,
    `after ${ended} s: ${why}`,
  );
  await board.until("the agent answers again", () => true);
  const { ActiveState, MainPID } = await board.unit("ActiveState", "MainPID");
  const again = ActiveState === "active" && MainPID !== before.MainPID;
  protocol.check("and started again", again, `answers ${secondsSince(from)} s after it stopped`);
  protocol.figure("agentWatchdog", { endedS: ended, answersS: secondsSince(from) });
}

async function boardStandsStill(board: Board): Promise<void> {
  const { protocol } = board;
  const device = await board.sh(
    "systemctl show -p WatchdogDevice -p RuntimeWatchdogUSec; cat /sys/class/watchdog/watchdog0/identity",
  );
  const boot = await board.sh("cat /proc/sys/kernel/random/boot_id");
  const from = performance.now();
  // systemd freezes itself on this signal: the kernel runs on, and nobody feeds its watchdog any more.
  await board.sh("kill -SEGV 1");
  let now = boot;
  while (now === boot && performance.now() - from < BOARD_MS) {
    await sleep(2_000);
    await board.bootedAgain();
    now = await board.sh("cat /proc/sys/kernel/random/boot_id").catch(() => boot);
  }
  const booted = secondsSince(from);
  protocol.check(
    "a board whose systemd stands still is started again by the kernel's watchdog",
    now !== boot,
    `runs commands ${booted} s later; ${device.replaceAll("\n", ", ")}`,
  );
  await board.until("the agent answers again", () => true);
  protocol.check("and the agent with it", true, `answers after ${secondsSince(from)} s`);
  protocol.figure("boardWatchdog", { bootedS: booted, answersS: secondsSince(from) });
}
