/**
 * A picture of a recording for people: what was heard, when by the wall clock, which item it was, what happened meanwhile, and the
 * verdict. Drawn as SVG; the only file that knows resvg.
 */
import { writeFile } from "node:fs/promises";
import { Resvg } from "@resvg/resvg-js";

const WIDTH = 1_600;
const LEFT = 40;
const RIGHT = 40;
const INNER = WIDTH - LEFT - RIGHT;
const WAVE_HEIGHT = 220;
const LANE = 34;
const FONT = "DejaVu Sans";
const PALETTE = ["#2b6cb0", "#2f855a", "#b7791f", "#6b46c1", "#c05621", "#2c7a7b", "#b83280", "#4a5568"];
const GOOD = "#22703f";
const BAD = "#b91c1c";
const INK = "#1a202c";
const PALE = "#718096";

/** A stretch in which an item was heard; times are wall times in milliseconds. */
export interface PictureItem {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Shown under the picture; `ok` decides its colour. */
  readonly verdict?: { readonly ok: boolean; readonly text: string };
  /** CSS colour; without one the items take turns. */
  readonly color?: string;
}

/** Something that happened at one moment. */
export interface PictureEvent {
  readonly at: number;
  readonly label: string;
  readonly kind?: "fault" | "note";
}

export interface TimelinePicture {
  readonly title: string;
  readonly subtitle?: string;
  /** The recording, or a part of it. */
  readonly samples: Float32Array;
  /** Samples per second. */
  readonly rate: number;
  /** Wall time of its first sample. */
  readonly startsAt: number;
  readonly items: readonly PictureItem[];
  readonly events: readonly PictureEvent[];
  /** IANA zone of the time axis; default Asia/Ho_Chi_Minh. */
  readonly timeZone?: string;
}

/** Draws the picture as PNG, 1600 pixels wide. @throws Error where the file cannot be written. */
export async function drawTimeline(picture: TimelinePicture, path: string): Promise<void> {
  const font = { loadSystemFonts: true, defaultFontFamily: FONT };
  const png = new Resvg(timelineSvg(picture), { font, background: "#ffffff" }).render().asPng();
  await writeFile(path, png);
}

/** The same as SVG text. */
export function timelineSvg(picture: TimelinePicture): string {
  const endsAt = picture.startsAt + (picture.samples.length * 1_000) / picture.rate;
  const xOf = (at: number) =>
    LEFT +
    (INNER * (Math.min(Math.max(at, picture.startsAt), endsAt) - picture.startsAt)) / (endsAt - picture.startsAt);
  const rows = rowsOf(picture.events, xOf);
  const eventsTop = 92;
  const waveTop = eventsTop + Math.max(1, rows.count) * 22 + 12;
  const axisTop = waveTop + WAVE_HEIGHT;
  const lanes = lanesOf(picture.items, xOf);
  const lanesTop = axisTop + 44;
  const verdictsTop = lanesTop + lanes.count * LANE + 30;
  const verdicts = picture.items.filter((item) => item.verdict);
  const height = verdictsTop + verdicts.length * 26 + 20;
  const colors = new Map(picture.items.map((item, n) => [item, item.color ?? PALETTE[n % PALETTE.length] ?? INK]));
  const parts = [
    text(LEFT, 42, picture.title, { size: 26, weight: "bold" }),
    text(LEFT, 70, picture.subtitle ?? "", { size: 15, color: PALE }),
    `<rect x="${LEFT}" y="${waveTop}" width="${INNER}" height="${WAVE_HEIGHT}" fill="#f7fafc" stroke="#e2e8f0"/>`,
    ...picture.items.map((item) => {
      const width = Math.max(1, xOf(item.to) - xOf(item.from));
      return `<rect x="${xOf(item.from)}" y="${waveTop}" width="${width}" height="${WAVE_HEIGHT}" fill="${colors.get(item)}" opacity="0.13"/>`;
    }),
    axis(picture, endsAt, { waveTop, axisTop, xOf }),
    waveform(picture, waveTop),
    ...picture.items.map((item, n) => lane(item, colors.get(item) ?? INK, lanesTop + (lanes.of[n] ?? 0) * LANE, xOf)),
    ...picture.events.map((event, n) => eventMark(event, eventsTop + (rows.of[n] ?? 0) * 22, axisTop, xOf(event.at))),
    ...verdicts.map((item, n) => verdictLine(item, colors.get(item) ?? INK, verdictsTop + n * 26)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="${FONT}">${parts.join("")}</svg>`;
}

/** One vertical line per pixel, from the least to the greatest sample under it. */
function waveform({ samples }: TimelinePicture, top: number): string {
  const middle = top + WAVE_HEIGHT / 2;
  const scale = (WAVE_HEIGHT / 2 - 8) / Math.max(0.05, peakOf(samples));
  let path = "";
  for (let x = 0; x < INNER; x++) {
    let least = 0;
    let most = 0;
    const to = Math.ceil(((x + 1) * samples.length) / INNER);
    for (let at = Math.floor((x * samples.length) / INNER); at < to; at++) {
      const value = samples[at] ?? 0;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    path += `M${LEFT + x + 0.5} ${(middle - most * scale - 0.4).toFixed(1)}V${(middle - least * scale + 0.4).toFixed(1)}`;
  }
  return `<path d="${path}" stroke="#2d3748" stroke-width="1" fill="none"/>`;
}

function peakOf(samples: Float32Array): number {
  return samples.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
}

interface Frame {
  readonly waveTop: number;
  readonly axisTop: number;
  readonly xOf: (at: number) => number;
}

function axis(picture: TimelinePicture, endsAt: number, frame: Frame): string {
  const span = endsAt - picture.startsAt;
  const steps = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 3_600_000];
  const step = steps.find((each) => span / each <= 14) ?? 3_600_000;
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: picture.timeZone ?? "Asia/Ho_Chi_Minh",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    ...(step < 1_000 ? { fractionalSecondDigits: 1 as const } : {}),
  });
  const marks: string[] = [];
  for (let at = Math.ceil(picture.startsAt / step) * step; at <= endsAt; at += step) {
    const x = frame.xOf(at);
    marks.push(`<line x1="${x}" x2="${x}" y1="${frame.waveTop}" y2="${frame.axisTop + 6}" stroke="#cbd5e0"/>`);
    marks.push(text(x, frame.axisTop + 22, format.format(at), { size: 13, color: PALE, anchor: "middle" }));
  }
  return marks.join("");
}

function lane(item: PictureItem, color: string, y: number, xOf: (at: number) => number): string {
  const x = xOf(item.from);
  const width = Math.max(4, xOf(item.to) - x);
  const inside = widthOf(item.label, 14) + 16 < width;
  const label = inside
    ? text(x + 8, y + 18, item.label, { size: 14, color: "#ffffff" })
    : text(...besideOf(x, width, item.label), item.label, { size: 14, color });
  function besideOf(left: number, wide: number, words: string): [number, number] {
    const fits = left + wide + 8 + widthOf(words, 14) < WIDTH - RIGHT;
    return [fits ? left + wide + 8 : left - 8 - widthOf(words, 14), y + 18];
  }
  return `<rect x="${x}" y="${y}" width="${width}" height="26" rx="4" fill="${color}"/>${label}`;
}

function eventMark(event: PictureEvent, y: number, bottom: number, x: number): string {
  const color = event.kind === "fault" ? BAD : INK;
  const left = x + widthOf(event.label, 13) + 12 > WIDTH - RIGHT;
  return (
    `<line x1="${x}" x2="${x}" y1="${y}" y2="${bottom}" stroke="${color}" stroke-width="1.6" stroke-dasharray="5 3"/>` +
    `<circle cx="${x}" cy="${y + 8}" r="4" fill="${color}"/>` +
    text(left ? x - 9 : x + 9, y + 13, event.label, { size: 13, color, weight: "bold", anchor: left ? "end" : "start" })
  );
}

function verdictLine(item: PictureItem, color: string, y: number): string {
  const ok = item.verdict?.ok ?? false;
  return (
    `<rect x="${LEFT}" y="${y - 12}" width="14" height="14" rx="3" fill="${color}"/>` +
    text(LEFT + 24, y, ok ? "✔" : "✘", { size: 16, color: ok ? GOOD : BAD, weight: "bold" }) +
    text(LEFT + 48, y, `${item.label}: ${item.verdict?.text ?? ""}`, { size: 15, color: ok ? INK : BAD })
  );
}

/** Rows for labels that would overlap on one line. */
function rowsOf(events: readonly PictureEvent[], xOf: (at: number) => number) {
  return pack(events.map((event) => [xOf(event.at), xOf(event.at) + widthOf(event.label, 13) + 24]));
}

function lanesOf(items: readonly PictureItem[], xOf: (at: number) => number) {
  return pack(
    items.map((item): [number, number] => {
      const [from, to] = [xOf(item.from), xOf(item.to)];
      const label = widthOf(item.label, 14) + 16;
      // A label that does not fit inside stands beside, and needs its own room there; at the right edge it stands before.
      if (label < to - from) return [from, to];
      return to + label < WIDTH - RIGHT ? [from, to + label] : [from - label, to];
    }),
  );
}

function pack(spans: readonly (readonly [number, number])[]): {
  readonly of: readonly number[];
  readonly count: number;
} {
  const ends: number[] = [];
  const of = spans.map(([from, to]) => {
    const free = ends.findIndex((end) => end <= from);
    const row = free < 0 ? ends.length : free;
    ends[row] = to;
    return row;
  });
  return { of, count: ends.length };
}

function widthOf(words: string, size: number): number {
  return words.length * size * 0.62;
}

interface TextStyle {
  readonly size: number;
  readonly color?: string;
  readonly weight?: "bold";
  readonly anchor?: "start" | "middle" | "end";
}

function text(x: number, y: number, words: string, style: TextStyle): string {
  const { size, color = INK, weight = "normal", anchor = "start" } = style;
  // A white rim keeps a label readable where a line of another one crosses it.
  const halo =
    color === "#ffffff" ? "" : ' stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"';
  const safe = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<text x="${x.toFixed(1)}" y="${y}" font-size="${size}" fill="${color}" font-weight="${weight}" text-anchor="${anchor}"${halo}>${safe}</text>`;
}
