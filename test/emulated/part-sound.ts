/**
 * One programme at its instant: recorded at the other end of the kernel's loopback and compared with the file that the province signed, while the
 * kernel's own view of the relay lines is written down.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { localParts } from "../support/cluster/cluster.ts";
import { findHead } from "../support/sound/correlate.ts";
import { decodeFile } from "../support/sound/decode.ts";
import { measurePoints } from "../support/sound/own-pace.ts";
import { decodeWav } from "../support/sound/wav.ts";
import type { Board } from "./board.ts";
import { movesOf, readings, WATCH } from "./gpio-log.ts";
import type { Province } from "./province.ts";
import { AMPLIFIER_TIMES, hardware, MUTE, POWER } from "./wiring.ts";

/** Between the schedule's publication and its instant. */
const LEAD_MS = 30_000;
/** The ear opens so long before. */
const EARLY_MS = 8_000;
/** An emulated processor tears sound, and its clock is no crystal: so much of it must be there, each quarter second so near to where it belongs. */
const COVERED = 0.8;
const NEAR_MS = 800;
/** The ear's own start is known no better. */
const START_MS = 1_000;
/** Between two readings of the lines, under emulation. */
const READING_MS = 500;

export async function sound(board: Board, province: Province, by: "cdev" | "sysfs"): Promise<void> {
  const { protocol } = board;
  const { bulletin } = province;
  await board.configure(hardware(by));
  await board.until(
    "media and time",
    ({ media, clock }) => media.present > 0 && media.unmeasured === 0 && clock.trust === "attested",
  );
  const at = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  await province.schedule([{ id: `nghe-${by}`, recurrence: { kind: "once", date }, start: time }]);
  await board.until("the schedule", ({ next }) =>
    next.some(({ at: planned }) => planned !== null && Date.parse(planned) === at),
  );
  await board.sh(`systemd-run -q --collect --unit=lines sh -c '${WATCH} > /run/lines'`);
  await sleep(at - EARLY_MS - Date.now());
  const lasts = Math.ceil((EARLY_MS + bulletin.durationMs + 6_000) / 1_000);
  const ear = `arecord -q -D plughw:Loopback,1 -f S16_LE -r 48000 -c 1 -d ${lasts} /run/ear.wav`;
  await board.sh(`systemd-run -q --collect --unit=ear sh -c 'date +%s%3N > /run/ear.at; exec ${ear}'`);
  await sleep(at + bulletin.durationMs + AMPLIFIER_TIMES.holdMs + 12_000 - Date.now());
  await board.sh(
    `systemctl stop lines; mkdir -p /host/sound; cp /run/lines /host/sound/${by}.lines; cp /run/ear.wav /host/sound/${by}.wav`,
  );
  const earAt = Number(await board.sh("cat /run/ear.at"));

  const recording = decodeWav(await readFile(join(board.share, `sound/${by}.wav`))).samples;
  const source = await decodeFile(bulletin.file);
  const found = findHead(recording, source);
  const points = measurePoints(recording, source, (sample) => found.sample + sample, NEAR_MS);
  const there = points.filter(({ offMs }) => offMs < NEAR_MS).map(({ offMs }) => Math.round(offMs));
  const covered = there.length / points.length;
  const startedMs = Math.round(earAt + found.sample / 48 - at);
  const said = `${there.length} of ${points.length} quarter seconds of it, off by ${there.join(", ")} ms`;
  protocol.check(`the loopback carries the programme (${by})`, covered >= COVERED, said);
  protocol.check(`at its instant (${by})`, Math.abs(startedMs) < START_MS, `${startedMs} ms by the ear's clock`);
  protocol.figure(`sound-${by}`, { covered, offMs: there, startedMs });

  const log = readings(await readFile(join(board.share, `sound/${by}.lines`), "utf8"));
  const who = log.map(({ lines }) => lines.get(POWER)?.consumer).find((name) => name !== undefined) ?? "nobody";
  const told = (offset: number) =>
    movesOf(log, offset)
      .map((move) => `${move.high ? "high" : "low"} ${move.at - at} ms`)
      .join(", ");
  const power = movesOf(log, POWER).filter(({ at: moved }) => moved > at - EARLY_MS);
  const on = power.find(({ high }) => high)?.at ?? Number.NaN;
  const off = power.find(({ high, at: moved }) => !high && moved > on)?.at ?? Number.NaN;
  const before = on < at && on > at - AMPLIFIER_TIMES.settleMs - 3_000;
  const after = off > at + bulletin.durationMs - READING_MS;
  protocol.check(
    `the kernel sees the power line move for it (${by})`,
    before && after,
    `held by "${who}"; ${told(POWER)}`,
  );
  const mute = movesOf(log, MUTE).filter(({ at: moved }) => moved > at - EARLY_MS);
  const open = mute.some(({ high, at: moved }) => !high && moved < at + READING_MS);
  const shut = mute.at(-1)?.high === true;
  protocol.check(`and the mute line (${by})`, open && shut, told(MUTE));
}
