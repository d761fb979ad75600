/**
 * The guard: a process apart that holds a pipe from the agent and makes every amplifier safe when the agent is gone or hangs. It touches
 * no line before that. `node drivers/guard/main.ts --config JSON [--timeout-ms 2500]`, the configuration being one amplifier or a list.
 * Under systemd it is in the agent's control group: with KillMode=control-group it gets SIGTERM, which it ignores; with KillMode=mixed it is ended as
 * soon as systemd notices that the agent is gone, and `loa safe` (ExecStopPost) does what it had no time for.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { AmplifierConfig } from "../amplifier/create.ts";
import { loadOnoff } from "../gpio/onoff-line.ts";
import { loadLibc } from "../host/libc.ts";
import { makeAllSafe } from "./make-safe.ts";
import type { GuardWord } from "./words.ts";

const TRY_FOR_MS = 30_000;

const agent = process.ppid;
const { values } = parseArgs({
  options: { config: { type: "string" }, "timeout-ms": { type: "string", default: "2500" } },
});
const timeoutMs = Number(values["timeout-ms"]);
if (values.config === undefined || !(timeoutMs > 0)) {
  process.stderr.write("usage: main --config JSON [--timeout-ms MS]\n");
  process.exit(2);
}
const parsed = JSON.parse(values.config) as AmplifierConfig | AmplifierConfig[];
const configs = Array.isArray(parsed) ? parsed : [parsed];

// Ctrl-C or a stop goes to the whole group: the guard must be the last to leave.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
// Whoever read us may be dead; what must be done is done all the same.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

// Now, while there is a disk: a card that died is a reason to be called.
if (configs.some((config) => config.kind === "gpio")) {
  await loadOnoff().catch((error: unknown) => process.stderr.write(`${(error as Error).message}\n`));
  loadLibc();
}

say({ event: "ready", pid: process.pid });
const why = await agentGone();
const start = performance.now();
const amplifiers = await makeAllSafe(configs, TRY_FOR_MS, () => why === "silent" && endAgent());
const word: GuardWord = { event: "done", why, amplifiers, tookMs: Math.round(performance.now() - start) };
process.stdout.write(`${JSON.stringify(word)}\n`, () => process.exit(amplifiers.every(({ safe }) => safe) ? 0 : 1));

/**
 * A hanging agent may hold what only one can hold: lines of the character device, the one connection of a relay board. Its service manager
 * starts it again. Only our own parent, which is known to be it as long as it has not changed.
 */
function endAgent(): boolean {
  if (process.ppid !== agent) return false;
  try {
    return process.kill(agent, "SIGKILL");
  } catch {
    // It went by itself, or is not ours to end.
    return false;
  }
}

function say(spoken: GuardWord): void {
  process.stdout.write(`${JSON.stringify(spoken)}\n`);
}

async function agentGone(): Promise<"closed" | "silent"> {
  let last = performance.now();
  let closed = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      closed = true;
      resolve();
    };
    process.stdin.on("data", () => {
      last = performance.now();
    });
    process.stdin.on("end", end).on("close", end).on("error", end);
  });
  for (;;) {
    const left = last + timeoutMs - performance.now();
    if (left > 0) await Promise.race([ended, sleep(left)]);
    // A guard that itself was kept from running reads what lies in the pipe before it judges.
    else await sleep(20);
    if (closed) return "closed";
    if (left <= 0 && performance.now() - last >= timeoutMs) return "silent";
  }
}
