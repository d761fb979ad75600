/**
 * Power cuts in the middle of a programme. The emulator is killed, so what the board held in memory is gone; what it had handed to its disk is not,
 * because this machine's own cache keeps it: a disk that lies about what it has written is not emulated.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { localParts } from "../support/cluster/cluster.ts";
import { levelBetween } from "../support/sound/levels.ts";
import { decodeWav } from "../support/sound/wav.ts";
import type { Board } from "./board.ts";
import { secondsSince } from "./protocol.ts";
import { type Province, STATION } from "./province.ts";

const LEAD_MS = 20_000;
const UNTIL_MS = 6 * 3_600_000;
/** It plays for so long, at random, before the next cut. */
const BETWEEN_MS = { least: 3_000, most: 12_000 };
const HEARD_DB = -40;
const LISTEN_S = 6;

const record = z.object({ seq: z.int(), hash: z.string() });
const listed = z.object({ records: z.array(record) });
const verdict = z.object({ ok: z.boolean(), count: z.int().optional() });

export async function cuts(board: Board, province: Province, count: number): Promise<void> {
  const { protocol } = board;
  const at = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  const end = localParts(at + UNTIL_MS).time;
  await province.schedule([{ id: "ca-ngay", recurrence: { kind: "once", date }, start: time, end, loop: true }]);
  await board.until("the programme", ({ onAir }) => onAir?.sounding === true);
  const times: { bootS: number; playingS: number; loudestDb: number }[] = [];
  let [whole, kept] = [0, 0];
  for (let n = 1; n <= count; n += 1) {
    await sleep(BETWEEN_MS.least + Math.random() * (BETWEEN_MS.most - BETWEEN_MS.least));
    const before = await board.status();
    const { seq, hash } = before.journal;
    await board.cutPower();
    const from = performance.now();
    await board.switchOn();
    const bootS = secondsSince(from);
    await board.until("it plays again", ({ onAir }) => onAir?.sounding === true);
    const playingS = secondsSince(from);
    const loudestDb = await heard(board);
    times.push({ bootS, playingS, loudestDb });
    const now = verdict.parse(await board.ask("/v1/journal/verify"));
    const { records } = listed.parse(await board.ask("/v1/journal?limit=500"));
    const there = seq === 0 || records.some((one) => one.seq === seq && one.hash === hash);
    whole += Number(now.ok);
    kept += Number(there);
    protocol.check(
      `power cut ${n} of ${count}: plays again, with all it had journalled`,
      loudestDb > HEARD_DB && now.ok && there,
      `booted ${bootS} s, sounding ${playingS} s after power; ${loudestDb.toFixed(1)} dBFS; ${now.count ?? 0} records, head ${seq} ${there ? "kept" : "LOST"}`,
    );
  }
  protocol.figure("cuts", {
    count,
    whole,
    kept,
    bootS: spread(times.map((one) => one.bootS)),
    playingS: spread(times.map((one) => one.playingS)),
  });
  await board.until("everything told", ({ link, outbox }) => link.connected && outbox.rows === 0);
  const findings = province.source.findings(STATION.station);
  const gaps = province.source.gaps(STATION.station);
  const told = `${province.source.stored(STATION.station)} events, ${findings.length} findings, ${gaps.length} gaps`;
  protocol.check("the province has every event, each once, in one chain", findings.length + gaps.length === 0, told);
  await province.schedule([]);
}

/** Loudest second of what comes out of the card now, in dBFS (RMS). */
async function heard(board: Board): Promise<number> {
  const ear = `arecord -q -D plughw:Loopback,1 -f S16_LE -r 48000 -c 1 -d ${LISTEN_S} /run/cut.wav`;
  await board.sh(`${ear} && mkdir -p /host/sound && cp /run/cut.wav /host/sound/cut.wav`);
  const { samples } = decodeWav(await readFile(join(board.share, "sound/cut.wav")));
  const levels = Array.from({ length: LISTEN_S }, (_, n) => levelBetween(samples, n * 48_000, (n + 1) * 48_000).rms);
  return Math.max(...levels);
}

function spread(values: readonly number[]): { median: number; worst: number } {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? 0, worst: sorted.at(-1) ?? 0 };
}
