/** The lines that are drawn again and again below what happened. Pure. */
import { CLASS_WORDS, TRUST_WORDS } from "../../agent/cli/words.ts";
import type { Expectation } from "./plan.ts";
import type { Snapshot } from "./teller.ts";
import { type StoryWords, timeOfDay } from "./words.ts";

const COLORS = { normal: "\x1b[34m", priority: "\x1b[33m", emergency: "\x1b[31m" } as const;
const DIM = "\x1b[2m";
const BOLD = "\x1b[1m";
const GOOD = "\x1b[32m";
const BAD = "\x1b[31m";
const PLAIN = "\x1b[0m";
const LEVEL_CELLS = 40;
const QUIETEST_DB = -60;
const LOUD_DB = -12;
/** Without an end the bar always has so much future. */
const AHEAD_S = 15;
const LABEL = 10;

export function footer(snapshot: Snapshot, words: StoryWords, width: number): string[] {
  const nowS = (snapshot.now - snapshot.t0) / 1_000;
  const planned = Math.max(...snapshot.expectations.map(({ toS }) => toS));
  const totalS = snapshot.seconds ?? Math.max(planned, nowS) + AHEAD_S;
  return [
    `${DIM}${"─".repeat(width)}${PLAIN}`,
    heading(snapshot, nowS, words),
    bar(snapshot.expectations, nowS, totalS, width),
    signs(snapshot, nowS, totalS, width),
    labelled(words.say("labelOnAir"), onAir(snapshot, words), width),
    labelled(words.say("labelLevel"), meter(snapshot.levelDb), width),
    states(snapshot, words),
  ];
}

function heading({ now, seconds }: Snapshot, nowS: number, words: StoryWords): string {
  const of = seconds === null ? "Ctrl-C" : `${seconds} s`;
  return `${BOLD}${words.say("title")}${PLAIN}   ${timeOfDay(now)}   ${nowS.toFixed(1)} s / ${of}`;
}

/** One cell a stretch of time, coloured by what is planned in it; what is past is solid. */
function bar(expectations: readonly Expectation[], nowS: number, totalS: number, width: number): string {
  const cells = Array.from({ length: width }, (_, cell) => {
    const fromS = (cell * totalS) / width;
    const toS = ((cell + 1) * totalS) / width;
    const here = expectations.filter((one) => one.fromS < toS && one.toS > fromS);
    const of = (wanted: Expectation["class"]) => here.some((one) => one.class === wanted);
    const right = (["emergency", "priority", "normal"] as const).find(of);
    const past = fromS <= nowS;
    if (right === undefined) return `${DIM}${past ? "━" : "─"}${PLAIN}`;
    return `${COLORS[right]}${past ? "█" : "▒"}${PLAIN}`;
  });
  return cells.join("");
}

function signs({ marks }: Snapshot, nowS: number, totalS: number, width: number): string {
  const row = new Array<string>(width).fill(" ");
  const put = (atS: number, sign: string) => {
    row[Math.max(0, Math.min(width - 1, Math.floor((atS * width) / totalS)))] = sign;
  };
  for (const { atS, sign } of marks) put(atS, sign);
  put(nowS, "▲");
  return row.join("");
}

function onAir({ status }: Snapshot, words: StoryWords): string {
  if (status === null) return `${BAD}${words.say("labelAgentGone")}${PLAIN}`;
  const { onAir: slot } = status;
  if (slot === null) return `${DIM}${words.say("labelNothing")}${PLAIN}`;
  const right = CLASS_WORDS[slot.class]?.[words.language] ?? slot.class;
  const position = `${seconds(slot.positionMs)}/${seconds(slot.durationMs)} s`;
  const color = COLORS[slot.class as keyof typeof COLORS] ?? "";
  return `${color}${slot.title} · ${slot.item ?? "…"}${PLAIN}  [${right} · ${slot.issuer}]  ${position}`;
}

function meter(levelDb: number): string {
  const share = Math.max(0, Math.min(1, (levelDb - QUIETEST_DB) / -QUIETEST_DB));
  const filled = Math.round(share * LEVEL_CELLS);
  const color = levelDb > LOUD_DB ? BAD : GOOD;
  const reading = levelDb > QUIETEST_DB ? `${levelDb.toFixed(0)} dBFS` : "−∞";
  return `${color}${"█".repeat(filled)}${PLAIN}${DIM}${"░".repeat(LEVEL_CELLS - filled)}${PLAIN} ${reading}`;
}

function states({ status }: Snapshot, words: StoryWords): string {
  if (status === null) return "";
  const link = status.link.connected
    ? `${GOOD}${words.say("linked")}${PLAIN}`
    : `${BAD}${words.say("unlinked")}${PLAIN}`;
  const trust = TRUST_WORDS[status.clock.trust]?.[words.language] ?? status.clock.trust;
  return [
    `${words.say("labelAmplifier").padEnd(LABEL)}${words.code(status.amplifier.phase)}`,
    `${words.say("labelLink")}: ${link}`,
    `${words.say("labelClock")}: ${trust}`,
  ].join("   ");
}

function labelled(label: string, text: string, width: number): string {
  return cut(`${label.padEnd(LABEL)}${text}`, width);
}

/** Shortens a line to so many visible characters; colours do not count. */
export function cut(line: string, width: number): string {
  let seen = 0;
  let out = "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
  for (const part of line.split(/(\x1b\[\d*m)/)) {
    const room = part.startsWith("\x1b") ? part.length : Math.max(0, width - seen);
    if (!part.startsWith("\x1b")) seen += part.length;
    out += part.slice(0, room);
  }
  return out;
}

function seconds(ms: number | null): string {
  return ms === null ? "–" : (ms / 1_000).toFixed(1);
}
