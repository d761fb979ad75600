/** A blank board gets our package and becomes a station; the units run as they are written, confined as they say. */
import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Board } from "./board.ts";
import { secondsSince } from "./protocol.ts";
import type { Province } from "./province.ts";
import { hardware } from "./wiring.ts";

/**
 * An emulated processor that has half a core takes 77 s to start the agent and over 20 s for `loa safe` (seen): longer times, openly; everything else of
 * the unit is as shipped.
 */
const PATIENT = ["TimeoutStartSec=240", "TimeoutStopSec=120", "TimeoutAbortSec=20", "WatchdogSec=90"];
const DROP_IN = "/etc/systemd/system/loa.service.d";
/** Our limit for the service as it is shipped; see `deploy/README.md`. */
const EXPOSURE = 1.5;

export async function install(board: Board, province: Province, deb: string): Promise<void> {
  const { protocol } = board;
  await copyFile(deb, join(board.share, basename(deb)));
  await province.writeStick(join(board.share, "stick"));
  let from = performance.now();
  await board.switchOn();
  protocol.figure("bootS", secondsSince(from));
  protocol.say(`booted in ${secondsSince(from)} s: ${await board.sh("uname -srm")}`);
  from = performance.now();
  const installed = await board.run(`DEBIAN_FRONTEND=noninteractive dpkg -i /host/${basename(deb)}`, 600_000);
  protocol.check("the package installs without a network", installed.code === 0, tail(installed.output));
  protocol.figure("installS", secondsSince(from));
  const made = await board.run("loa commission /host/stick --lang en", 300_000);
  protocol.check("the board is made a station from a stick", made.code === 0, tail(made.output));
}

/** Needs `install`. */
export async function units(board: Board): Promise<void> {
  const { protocol } = board;
  const lines = ["[Service]", ...PATIENT].join("\\n");
  await board.sh(`mkdir -p ${DROP_IN} && printf '${lines}\\n' > ${DROP_IN}/emulated.conf && systemctl daemon-reload`);
  const from = performance.now();
  await board.configure(hardware("cdev"));
  await board.until("the agent answers", () => true);
  protocol.figure("startS", secondsSince(from));
  const unit = await board.unit(
    "ActiveState",
    "SubState",
    "Type",
    "NotifyAccess",
    "WatchdogUSec",
    "User",
    "NRestarts",
    "MainPID",
  );
  const running = unit.ActiveState === "active" && unit.SubState === "running" && unit.NRestarts === "0";
  protocol.check("loa.service runs since its first start", running, unit);
  const told = unit.Type === "notify" && unit.NotifyAccess === "main" && unit.WatchdogUSec === "1min 30s";
  protocol.check("it tells systemd that it is ready, and that it gets on", told, `${unit.Type}, ${unit.WatchdogUSec}`);
  const user = await board.sh(`stat -c %U /proc/${unit.MainPID}`);
  protocol.check("it is not root", user === "loa" && unit.User === "loa", user);
  const secured = await board.sh("systemd-analyze security --no-pager loa.service | tail -1");
  const exposure = Number(/: ([\d.]+)/.exec(secured)?.[1]);
  protocol.check(`the running service is exposed by no more than ${EXPOSURE}`, exposure <= EXPOSURE, secured);
  const listeners = await board.sh("ss -Hltun | awk '{print $5}'");
  const outside = listeners.split("\n").filter((one) => one !== "" && !/^(127\.0\.0\.1|\[::1\])/.test(one));
  protocol.check("nothing listens beyond the loopback", outside.length === 0, listeners);
  const taken = await board.run("loa import /host/stick --lang en", 300_000);
  protocol.check("the signed documents and media of a stick are taken", taken.code === 0, tail(taken.output));
  const status = await board.until("the link", ({ link, clock }) => link.connected && clock.trust === "attested");
  protocol.check("it reaches the province's broker, and its clock is attested", true, status.clock.detail);
}
const tail = (text: string) => text.trim().split("\n").slice(-3).join(" | ");
