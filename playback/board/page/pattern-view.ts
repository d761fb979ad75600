/** Pictures to look at a face by: which one it is, whether it stands straight, whether every lamp of a colour burns. */
import type { FacePattern } from "../../model/board.ts";
import { partAt } from "./part.ts";

const PLAIN: Partial<Record<FacePattern, string>> = {
  red: "#ff0000",
  green: "#00ff00",
  blue: "#0000ff",
  white: "#ffffff",
  black: "#000000",
};
const COLOURS = ["#ffffff", "#ffff00", "#00ffff", "#00ff00", "#ff00ff", "#ff0000", "#0000ff", "#000000"];
const GREYS = 16;
/** Squares of the grid: so many along the shorter side. */
const SQUARES = 8;

/** `number`: which face of the board, from 1. Made once; nothing of it moves. It must stand in the document when it is made. */
export function paintPattern(
  into: HTMLElement,
  pattern: FacePattern,
  face: { readonly name: string; readonly number: number; readonly width: number; readonly height: number },
): void {
  const { width, height } = face;
  into.className = "pattern";
  into.style.background = PLAIN[pattern] ?? "#000";
  if (pattern === "grey") {
    into.append(
      ...bars(
        Array.from({ length: GREYS }, (_, n) => grey(n)),
        0,
        100,
      ),
    );
  } else if (pattern === "grid" || pattern === "identify") {
    into.append(grid(width, height));
  }
  if (pattern !== "identify") return;
  into.append(...bars(COLOURS, 88, 12));
  const label = partAt("bold", { x: 10, y: 14, width: 80, height: 68 }, width, height);
  label.element.style.background = "#000";
  into.append(label.element);
  label.show({ text: `${face.number}\n${face.name}\n${width} × ${height}`, language: "en", least: 6, most: height });
}

function grey(step: number): string {
  const value = Math.round((step * 255) / (GREYS - 1));
  return `rgb(${value}, ${value}, ${value})`;
}

function bars(colours: readonly string[], top: number, height: number): HTMLElement[] {
  return colours.map((colour, index) => {
    const bar = document.createElement("div");
    const left = (index * 100) / colours.length;
    Object.assign(bar.style, {
      left: `${left}%`,
      width: `${100 / colours.length + 0.1}%`,
      top: `${top}%`,
      height: `${height}%`,
    });
    bar.style.background = colour;
    return bar;
  });
}

/** Lines every eighth of the shorter side, a circle that shows whether pixels are square, and the outermost row of lamps. */
function grid(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return canvas;
  context.strokeStyle = "#ffffff";
  context.lineWidth = 1;
  const step = Math.min(width, height) / SQUARES;
  context.beginPath();
  for (let x = step; x < width; x += step) line(context, Math.round(x), 0, Math.round(x), height);
  for (let y = step; y < height; y += step) line(context, 0, Math.round(y), width, Math.round(y));
  context.stroke();
  context.beginPath();
  context.arc(width / 2, height / 2, Math.min(width, height) / 2 - 1, 0, 2 * Math.PI);
  context.strokeRect(0.5, 0.5, width - 1, height - 1);
  context.stroke();
  return canvas;
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.moveTo(x1 + 0.5, y1 + 0.5);
  context.lineTo(x2 + 0.5, y2 + 0.5);
}
