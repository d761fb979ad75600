/** What the kernel itself says of GPIO lines (debugfs), read again and again while a driver moves them. Pure. */

export interface LineState {
  readonly consumer: string;
  readonly output: boolean;
  readonly high: boolean;
}

/** One reading: when, and the lines that somebody holds by their offset on the first chip. */
export interface Reading {
  /** Wall time in milliseconds. */
  readonly at: number;
  readonly lines: ReadonlyMap<number, LineState>;
}

/** The shell loop that makes such a log until it is ended. */
export const WATCH = 'while :; do echo "at $(date +%s%3N)"; cat /sys/kernel/debug/gpio; sleep 0.1; done';

/** Readings of a log that `WATCH` wrote; what was cut off at its end is left out. */
export function readings(log: string): Reading[] {
  return log
    .split(/^at /m)
    .slice(1, -1)
    .map((text) => ({ at: Number(/^\d+/.exec(text)?.[0]), lines: linesOf(text) }));
}

function linesOf(text: string): Map<number, LineState> {
  const base = Number(/^gpiochip\d+: GPIOs (\d+)-/m.exec(text)?.[1] ?? 0);
  const lines = new Map<number, LineState>();
  for (const [, number, label = "", direction, level] of text.matchAll(
    /^ gpio-(\d+) \(([^)]*)\) (in|out) +(hi|lo)/gm,
  )) {
    const consumer = label.slice(label.indexOf("|") + 1).trim();
    lines.set(Number(number) - base, { consumer, output: direction === "out", high: level === "hi" });
  }
  return lines;
}

export interface Moved {
  readonly at: number;
  readonly high: boolean;
}

/** When a line stood otherwise than before; the first reading in which somebody drives it counts as a move. */
export function movesOf(log: readonly Reading[], offset: number): Moved[] {
  const moves: Moved[] = [];
  for (const { at, lines } of log) {
    const line = lines.get(offset);
    if (line === undefined || !line.output || line.high === moves.at(-1)?.high) continue;
    moves.push({ at, high: line.high });
  }
  return moves;
}
