/** The installation as a drawing: board, amplifier relay, horn, screen, network, clock, each in the colour of what was found. Inline SVG; pure. */
import type { Acceptance } from "./acceptance.ts";

const COLOURS = { well: "#3f7d52", bad: "#a61c28", skipped: "#7a8794", none: "#cfd8e0" } as const;
type Colour = keyof typeof COLOURS;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly vi: string;
  readonly en: string;
  readonly state: Colour;
}

const WIDTH = 130;
const HEIGHT = 50;

function box({ x, y, vi, en, state }: Box): string {
  const sign = { well: "✓", bad: "✗", skipped: "–", none: "" }[state];
  return `<g><rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="6" fill="#fff" stroke="${COLOURS[state]}" stroke-width="3"/><text x="${x + 10}" y="${y + 22}" font-size="14" fill="#1c2430">${vi}</text><text x="${x + 10}" y="${y + 39}" font-size="11" fill="#5a6675">${en}</text><text x="${x + WIDTH - 12}" y="${y + 31}" font-size="18" text-anchor="end" fill="${COLOURS[state]}">${sign}</text></g>`;
}

function wire(from: readonly [number, number], to: readonly [number, number], state: Colour): string {
  return `<path d="M${from[0]} ${from[1]} H${(from[0] + to[0]) / 2} V${to[1]} H${to[0]}" fill="none" stroke="${COLOURS[state]}" stroke-width="3"/>`;
}

export function wiringPicture({ results, station: _ }: Acceptance): string {
  const of = (step: string): Colour => results.find((one) => one.step === step)?.state ?? "none";
  const sources = [
    { vi: "Mạng", en: "network", step: "network" },
    { vi: "Đồng hồ", en: "clock", step: "clock" },
    { vi: "Thẻ nhớ", en: "storage", step: "storage" },
  ].map(({ step, ...words }, at) => ({ ...words, x: 10, y: 10 + at * 70, state: of(step) }));
  const boardAt = { x: 210, y: 80 };
  const sinks: Box[] = [
    { x: 410, y: 45, vi: "Tăng âm", en: "amplifier", state: of("wiring") },
    { x: 580, y: 45, vi: "Loa", en: "horn", state: of("tone") },
    ...(of("pattern") === "none" ? [] : [{ x: 410, y: 140, vi: "Bảng", en: "faces", state: of("pattern") }]),
  ];
  const [amplifier, horn, faces] = sinks as [Box, Box, Box | undefined];
  const middle = (one: { readonly y: number }) => one.y + HEIGHT / 2;
  const wires = [
    ...sources.map((one) => wire([one.x + WIDTH, middle(one)], [boardAt.x, middle(boardAt)], one.state)),
    wire([boardAt.x + WIDTH, middle(boardAt)], [amplifier.x, middle(amplifier)], amplifier.state),
    wire([amplifier.x + WIDTH, middle(amplifier)], [horn.x, middle(horn)], horn.state),
    ...(faces === undefined ? [] : [wire([boardAt.x + WIDTH, middle(boardAt)], [faces.x, middle(faces)], faces.state)]),
  ];
  const board = box({ ...boardAt, vi: "Bo mạch Loa", en: "board", state: of("write") });
  const label = "Sơ đồ lắp đặt / Drawing of the installation";
  return `<svg viewBox="0 0 720 215" role="img" aria-label="${label}"><title>${label}</title>${wires.join("")}${board}${[...sources, ...sinks].map(box).join("")}</svg>`;
}
