/**
 * The guard: a process apart that hears the agent's heartbeat on its standard input and makes every amplifier safe when the agent is gone or hangs. It
 * touches no line before that.
 * Under systemd each agent gets one as a unit of its own (`loa-guard.socket`), because systemd ends all that a dead agent leaves in its control group at
 * once; without systemd the agent starts the guard itself.
 */
import { loadOnoff } from "../gpio/onoff-line.ts";
import { loadLibc } from "../host/libc.ts";
import { AgentLine } from "./agent-line.ts";
import { makeAllSafe } from "./make-safe.ts";
import type { GuardWord } from "./words.ts";

const TRY_FOR_MS = 30_000;

// Ctrl-C or a stop goes to the whole group: the guard must be the last to leave.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
// Whoever read us may be dead; what must be done is done all the same.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const line = new AgentLine(process.stdin);
const order = await line.order;
// Nobody asked for anything.
if (order === null) process.exit(2);
const { agent, amplifiers, timeoutMs } = order;
// Now, while there is a disk: a card that died is a reason to be called.
if (amplifiers.some(({ kind }) => kind === "gpio")) {
  await loadOnoff().catch((error: unknown) => process.stderr.write(`${(error as Error).message}\n`));
  loadLibc();
}

say({ event: "ready", pid: process.pid });
const why = await line.gone(timeoutMs);
const start = performance.now();
const made = await makeAllSafe(amplifiers, TRY_FOR_MS, () => why === "silent" && endAgent());
const tookMs = Math.round(performance.now() - start);
say({ event: "done", why, amplifiers: made, tookMs }, () => process.exit(made.every(({ safe }) => safe) ? 0 : 1));

/**
 * A hanging agent may hold what only one can hold: lines of the character device, the one connection of a relay board. Its service manager
 * starts it again. The number is its own as long as its end of the line is open.
 */
function endAgent(): void {
  if (line.closed) return;
  try {
    process.kill(agent, "SIGKILL");
  } catch {
    // It went by itself, or is not ours to end.
  }
}

function say(word: GuardWord, then?: () => void): void {
  process.stdout.write(`${JSON.stringify(word)}\n`, then);
}
