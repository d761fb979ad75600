/** A line of the service log as a person reads it. Pure. */
import { plain } from "./plain-text.ts";

/** Of pino. */
const LEVELS: Readonly<Record<number, string>> = { 20: "DEBUG", 30: "INFO", 40: "WARN", 50: "ERROR", 60: "FATAL" };

interface Line {
  readonly level?: number;
  readonly time?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** `12:00:05 WARN  link down  reason="…"`; what is no line of the log stays as it is, without its controls. `local` turns an instant into local time. */
export function readable(text: string, local: (at: string) => string): string {
  const line = parsed(text);
  if (line === null) return plain(text);
  const { level = 30, time = "", msg = "", ...fields } = line;
  const named = Object.entries(fields).map(([name, value]) => {
    const said = typeof value === "string" ? value.split("\n")[0] : JSON.stringify(value);
    return `${name}=${said}`;
  });
  return plain(
    `${time === "" ? "" : local(time)} ${(LEVELS[level] ?? "").padEnd(5)} ${msg}  ${named.join(" ")}`,
  ).trim();
}

/** The instant of a line; `null` where it says none. */
export function instantOf(text: string): number | null {
  const at = Date.parse(parsed(text)?.time ?? "");
  return Number.isFinite(at) ? at : null;
}

function parsed(text: string): Line | null {
  if (!text.startsWith("{")) return null;
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3_600,
  hour: 3_600,
  d: 86_400,
  day: 86_400,
};

/** `10 min ago`, `2 hours ago`, `1h`, or an instant, for a log that is a file; `null` where it is none of these. */
export function sinceOf(text: string, now: number): number | null {
  const ago = /^(\d+)\s*([a-z]+?)s?(?:\s+ago)?$/i.exec(text.trim());
  const unit = UNITS[ago?.[2]?.toLowerCase() ?? ""];
  if (ago?.[1] !== undefined && unit !== undefined) return now - Number(ago[1]) * unit * 1_000;
  const at = Date.parse(text);
  return Number.isFinite(at) ? at : null;
}
