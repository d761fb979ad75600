/** A newer package, and the way back: who the station is, what it is to play and what it has played stay. */
import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { localParts } from "../support/cluster/cluster.ts";
import type { Board } from "./board.ts";
import type { Province } from "./province.ts";

/** Beyond both upgrades, and within what the status tells of the future. */
const FAR_MS = 45 * 60_000;
const INSTALL_MS = 600_000;
const listed = z.object({ records: z.array(z.object({ seq: z.int(), hash: z.string() })) });
const verdict = z.object({ ok: z.boolean() });

/** `debs`: in the order in which they are installed. */
export async function upgrade(board: Board, province: Province, debs: readonly string[]): Promise<void> {
  const { protocol } = board;
  const at = Math.ceil((Date.now() + FAR_MS) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  await province.schedule([{ id: "toi", recurrence: { kind: "once", date }, start: time }]);
  const planned = ({ next }: Awaited<ReturnType<Board["status"]>>) =>
    next.some((one) => Date.parse(one.at ?? "") === at);
  await board.until("the schedule", planned);
  const identity = () =>
    board.sh("cd /var/lib/loa/identity && find . -type f | sort | xargs sha256sum; sha256sum /etc/loa/*");
  const version = () => board.sh("dpkg-query -W -f='$" + "{Version}' loa");
  for (const deb of debs) {
    await copyFile(deb, join(board.share, basename(deb)));
    const [from, who, { journal }] = [await version(), await identity(), await board.status()];
    const began = performance.now();
    const { code, output } = await board.run(
      `DEBIAN_FRONTEND=noninteractive dpkg -i /host/${basename(deb)}`,
      INSTALL_MS,
    );
    const status = await board.until("the agent answers, with its schedule", planned);
    const took = `${((performance.now() - began) / 1_000).toFixed(1)} s`;
    const now = await version();
    const moved = code === 0 && now !== from && basename(deb).includes(now);
    protocol.check(`${from} → ${now}`, moved, code === 0 ? `plays on after ${took}` : output.slice(-300));
    protocol.check(
      "identity and configuration are the same",
      (await identity()) === who,
      `${who.split("\n").length} files`,
    );
    const { records } = listed.parse(await board.ask("/v1/journal?limit=500"));
    const { ok } = verdict.parse(await board.ask("/v1/journal/verify"));
    const kept = records.some(({ seq, hash }) => seq === journal.seq && hash === journal.hash);
    protocol.check(
      "schedule and journal are kept",
      ok && kept,
      `${journal.count} records before, ${status.journal.count} now`,
    );
  }
}
