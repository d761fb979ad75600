/** Time and date of the station's zone. In a wide region they stand side by side, else one under the other. */
import type { FittedBox } from "./fit.ts";
import type { LocalTime } from "./local-time.ts";
import { partAt } from "./part.ts";
import type { Moment, Place, RegionView } from "./region-view.ts";

/** Wider than so many heights: side by side. */
const WIDE = 4.5;
/** The date takes turns between the face's languages. */
const LANGUAGE_MS = 10_000;
/** Letters of one width: a clock does not change its size with every second. */
const ALL_DIGITS = /\d/g;

export class ClockRegion implements RegionView {
  readonly ready = true;
  readonly element = document.createElement("div");
  readonly #time: FittedBox;
  readonly #date: FittedBox;
  readonly #place: Place;
  readonly #local: LocalTime;
  #second = "";

  constructor(place: Place, local: LocalTime) {
    this.#place = place;
    this.#local = local;
    const { width, height } = place;
    const wide = width > height * WIDE;
    this.#time = partAt(
      "bold clock",
      wide ? { x: 0, y: 0, width: 42, height: 100 } : { x: 0, y: 0, width: 100, height: 60 },
      width,
      height,
    );
    this.#date = partAt(
      "clock",
      wide ? { x: 42, y: 0, width: 58, height: 100 } : { x: 0, y: 60, width: 100, height: 40 },
      width,
      height,
    );
    this.element.append(this.#time.element, this.#date.element);
  }

  frame({ now }: Moment): boolean {
    const second = this.#local.time(now, true);
    if (second === this.#second) return false;
    const first = this.#second === "";
    this.#second = second;
    const { languages, least, height } = this.#place;
    const language = languages[Math.floor(now / LANGUAGE_MS) % languages.length] ?? "vi";
    this.#time.showSized({ text: second, language: "en", least, most: height }, second.replace(ALL_DIGITS, "0"));
    const date = this.#local.date(now, language);
    this.#date.showSized({ text: date, language, least, most: height }, date.replace(ALL_DIGITS, "0"));
    return first;
  }

  seen(): readonly string[] {
    return this.#second === "" ? [] : ["clock"];
  }

  faults(): readonly string[] {
    return [];
  }

  measureAgain(): void {
    this.#time.forget();
    this.#date.forget();
    this.#second = "";
  }

  close(): void {}
}
