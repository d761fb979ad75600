/** A rectangle of a view, in percent of it, that holds one fitted text. */
import { FittedBox } from "./fit.ts";

export interface PartPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Puts a box for one text there; whole pixels, so that neighbours meet without a gap. */
export function partAt(className: string, place: PartPlace, width: number, height: number): FittedBox {
  const box = new FittedBox(`part ${className}`);
  const { left, top, right, bottom } = pixelsOf(place, width, height);
  Object.assign(box.element.style, {
    inset: "auto",
    left: `${left}px`,
    top: `${top}px`,
    width: `${right - left}px`,
    height: `${bottom - top}px`,
  });
  box.resize(right - left, bottom - top);
  return box;
}

/** Edges in whole pixels of a rectangle in percent. */
export function pixelsOf(place: PartPlace, width: number, height: number) {
  return {
    left: Math.round((place.x * width) / 100),
    top: Math.round((place.y * height) / 100),
    right: Math.round(((place.x + place.width) * width) / 100),
    bottom: Math.round(((place.y + place.height) * height) / 100),
  };
}
