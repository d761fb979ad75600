/** Runs engines in processes of their own and measures, at many points of a recording, how far they are off. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { correlate } from "./cross-correlation.ts";
import type { EngineAccount, EngineOrder } from "./engine-process.ts";
import { levelBetween } from "./levels.ts";

const RATE = 48_000;
const SCRIPT = fileURLToPath(new URL("./engine-process.ts", import.meta.url));
/** As much sound as one point is measured by, and the way from one point to the next. */
const WINDOW = RATE / 4;
const POINT_EVERY = RATE / 2;
const LOUD_ENOUGH_DB = -40;
/** Below this it is another sound, or none: a break. */
const ALIKE = 0.6;

/** A running engine. */
export interface RunningEngine {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  /** Resolves when it has ended. @throws Error where it said nothing. */
  readonly account: Promise<EngineAccount>;
}

/** Starts an engine that plays what it is ordered; it dies with this process. */
export function startEngine(order: EngineOrder, env: NodeJS.ProcessEnv): RunningEngine {
  const command = ["--pdeathsig", "KILL", "--", process.execPath, SCRIPT, JSON.stringify(order)];
  const child = spawn("setpriv", command, { env, stdio: ["ignore", "pipe", "inherit"] });
  return { child, account: text(child.stdout).then((line) => JSON.parse(line) as EngineAccount) };
}

/** One measured point. */
export interface Point {
  /** Sample of the reference at which it was taken. */
  readonly at: number;
  /** How much later than expected it stands, in milliseconds. */
  readonly offMs: number;
}

/**
 * Where each loud stretch of `reference` stands in `recording`, against where it is expected. Looks `within` milliseconds to either side;
 * what is not found there is off by that much.
 */
export function measurePoints(
  recording: Float32Array,
  reference: Float32Array,
  expectedAt: (sample: number) => number,
  within: number,
): Point[] {
  const points: Point[] = [];
  const reach = Math.round((within * RATE) / 1_000);
  for (let at = 0; at + WINDOW <= reference.length; at += POINT_EVERY) {
    if (levelBetween(reference, at, at + WINDOW).rms < LOUD_ENOUGH_DB) continue;
    const from = Math.round(expectedAt(at)) - reach;
    const to = from + 2 * reach + WINDOW;
    if (from < 0 || to > recording.length) continue;
    const likeness = correlate(recording.subarray(from, to), reference.subarray(at, at + WINDOW));
    let best = 0;
    for (let lag = 1; lag < likeness.length; lag++) if ((likeness[lag] ?? 0) > (likeness[best] ?? 0)) best = lag;
    const found = (likeness[best] ?? 0) >= ALIKE;
    points.push({ at, offMs: found ? ((from + best - expectedAt(at)) * 1_000) / RATE : within });
  }
  return points;
}

/** Median, and what 95 % and 99 % of the points are within of a value. */
export function spreadAround(points: readonly Point[], value: number) {
  const sorted = points.map(({ offMs }) => Math.abs(offMs - value)).sort((a, b) => a - b);
  const share = (part: number) => round(sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN);
  return {
    points: points.length,
    p50: share(0.5),
    p95: share(0.95),
    p99: share(0.99),
    worst: round(sorted.at(-1) ?? 0),
  };
}

/** Medians of every ten seconds, to see what a figure is made of. */
export function byTenSeconds(points: readonly Point[]): number[] {
  const tens = Map.groupBy(points, ({ at }) => Math.floor(at / (10 * RATE)));
  return [...tens.values()].map((ten) => round(medianOf(ten)));
}

/** The value in the middle. */
export function medianOf(points: readonly Point[]): number {
  return points.map(({ offMs }) => offMs).sort((a, b) => a - b)[points.length >> 1] ?? Number.NaN;
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
