/** Charts as inline SVG: no script, no font and no picture from elsewhere. Pure. */
import { PRECEDENCES, type Precedence } from "../../playback/model/bulletin.ts";
import { HOUR } from "../../playback/model/units.ts";
import type { Day, LatenessBin } from "./report.ts";

/** Told apart by lightness too, for print in grey and for those who see red and green alike. */
export const CLASS_COLOURS: Readonly<Record<Precedence, string>> = {
  filler: "#b8c4ce",
  normal: "#3d7ea6",
  priority: "#e0a030",
  live: "#5c9e6f",
  emergency: "#a61c28",
};

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 44;
const BOTTOM = 28;
const TOP = 12;
const PLOT = { width: WIDTH - LEFT - 8, height: HEIGHT - TOP - BOTTOM };

const at = (value: number) => value.toFixed(1);

/** A round number at or above the highest value, in steps that a person counts in. */
export function ceilingOf(most: number): number {
  if (most <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * unit).find((top) => top >= most) ?? 10 * unit;
}

function frame(label: string, top: number, unit: string, inner: string): string {
  const lines = [0, 0.5, 1].map((share) => {
    const y = at(TOP + PLOT.height * (1 - share));
    return `<line x1="${LEFT}" x2="${WIDTH - 8}" y1="${y}" y2="${y}" class="grid"/><text x="${LEFT - 6}" y="${y}" class="tick end">${top * share} ${unit}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}"><title>${label}</title>${lines.join("")}${inner}</svg>`;
}

/** Hours per day, a bar a day, the classes stacked with the greatest right at the bottom. `label` is escaped already. */
export function hoursPerDay(days: readonly Day[], label: string): string {
  const totals = days.map(({ playedMs }) => Object.values(playedMs).reduce((sum, ms) => sum + ms, 0) / HOUR);
  const top = ceilingOf(Math.max(0, ...totals));
  const step = PLOT.width / Math.max(1, days.length);
  const bars = days.map(({ date, playedMs }, n) => {
    const x = LEFT + n * step;
    let y = TOP + PLOT.height;
    const parts = [...PRECEDENCES].reverse().map((name) => {
      const height = ((playedMs[name] ?? 0) / HOUR / top) * PLOT.height;
      if (height <= 0) return "";
      y -= height;
      return `<rect x="${at(x + step * 0.1)}" y="${at(y)}" width="${at(step * 0.8)}" height="${at(height)}" fill="${CLASS_COLOURS[name]}"/>`;
    });
    const day = `<text x="${at(x + step / 2)}" y="${HEIGHT - 10}" class="tick middle">${Number(date.slice(8))}</text>`;
    return `<g>${parts.join("")}${day}<title>${date}: ${(totals[n] ?? 0).toFixed(2)} h</title></g>`;
  });
  return frame(label, top, "h", bars.join(""));
}

/** What a bin is called: `≤ 20 ms`, `> 60 s`. */
export function binName(bins: readonly LatenessBin[], n: number): string {
  const signed = (ms: number) => String(ms).replace("-", "\u2212");
  const words = (ms: number) => (Math.abs(ms) >= 1_000 ? `${signed(ms / 1_000)} s` : `${signed(ms)} ms`);
  const upTo = bins[n]?.upToMs ?? null;
  return upTo === null ? `> ${words(bins[n - 1]?.upToMs ?? 0)}` : `≤ ${words(upTo)}`;
}

/** How late slots began, a bar a bin. `label` is escaped already. */
export function latenessHistogram(bins: readonly LatenessBin[], label: string): string {
  const top = ceilingOf(Math.max(0, ...bins.map(({ count }) => count)));
  const step = PLOT.width / Math.max(1, bins.length);
  const bars = bins.map(({ count }, n) => {
    const height = (count / top) * PLOT.height;
    const [x, y] = [LEFT + n * step, TOP + PLOT.height - height];
    const rect = `<rect x="${at(x + step * 0.1)}" y="${at(y)}" width="${at(step * 0.8)}" height="${at(height)}" fill="${CLASS_COLOURS.normal}"/>`;
    const middle = at(x + step / 2);
    const number = count === 0 ? "" : `<text x="${middle}" y="${at(y - 3)}" class="tick middle">${count}</text>`;
    return `<g>${rect}${number}<text x="${middle}" y="${HEIGHT - 10}" class="tick middle">${binName(bins, n).replace(">", "&gt;")}</text></g>`;
  });
  return frame(label, top, "", bars.join(""));
}
