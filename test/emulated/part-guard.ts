/**
 * The agent is killed while its amplifier is on. Lines of sysfs stay as they were left, and systemd ends what a dead agent leaves in its control group: the
 * guard is apart, and the kernel's own view says when the power line fell.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { localParts } from "../support/cluster/cluster.ts";
import type { Board } from "./board.ts";
import { movesOf, readings, WATCH } from "./gpio-log.ts";
import type { Province } from "./province.ts";
import { hardware, MUTE, POWER } from "./wiring.ts";

/** Between the schedule's publication and its instant. */
const LEAD_MS = 30_000;
const INTO_IT_MS = 2_000;
/** What listeners are promised, on any board. */
const OFF_MS = 3_000;

export async function guard(board: Board, province: Province): Promise<void> {
  const { protocol } = board;
  await board.configure(hardware("sysfs"));
  await board.until(
    "media and time",
    ({ media, clock }) => media.present > 0 && media.unmeasured === 0 && clock.trust === "attested",
  );
  const units = await board.sh("systemctl list-units --no-legend --plain 'loa-guard@*.service'");
  const running = units.split("\n").filter((unit) => unit.includes("running"));
  protocol.check("the guard runs as a unit of its own", running.length === 1, units);

  const at = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  await province.schedule([{ id: "giet", recurrence: { kind: "once", date }, start: time }]);
  await board.until("the schedule", ({ next }) =>
    next.some(({ at: planned }) => planned !== null && Date.parse(planned) === at),
  );
  await board.sh(`systemd-run -q --collect --unit=lines sh -c '${WATCH} > /run/lines'`);
  const { MainPID } = await board.unit("MainPID");
  const wait = `while [ $(date +%s%3N) -lt ${at + INTO_IT_MS} ]; do sleep 0.05; done`;
  const killed = Number(await board.sh(`${wait}; kill -KILL ${MainPID}; date +%s%3N`));
  await board.until("the agent answers again", () => true);
  await sleep(1_000);
  await board.sh("systemctl stop lines; mkdir -p /host/guard; cp /run/lines /host/guard/lines");

  const log = readings(await readFile(join(board.share, "guard/lines"), "utf8"));
  const fell = (offset: number, off: boolean) => {
    const moves = movesOf(log, offset);
    const before = moves.findLast((move) => move.at <= killed);
    const after = moves.find((move) => move.at > killed && move.high === off);
    return before !== undefined && before.high !== off && after !== undefined ? after.at - killed : Number.NaN;
  };
  const powerMs = fell(POWER, false);
  const muteMs = fell(MUTE, true);
  protocol.check(
    "SIGKILL while it sounds: the amplifier is off within 3 s, though systemd ended all of the agent's",
    powerMs <= OFF_MS && muteMs <= OFF_MS,
    `muted after ${muteMs} ms, power off after ${powerMs} ms`,
  );
  protocol.figure("guard", { powerMs, muteMs });
}
