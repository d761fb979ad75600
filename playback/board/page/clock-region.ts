/** Time and date of the station's zone. */
import type { FittedBox } from "./fit.ts";
import type { LocalTime } from "./local-time.ts";
import type { Moment, Place, RegionView } from "./region-view.ts";
import { languageAt, twoParts } from "./two-parts.ts";

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
    [this.#time, this.#date] = twoParts(place, { wide: 42, high: 60 }, ["bold clock", "clock"]);
    this.element.append(this.#time.element, this.#date.element);
  }

  frame({ now }: Moment): boolean {
    const second = this.#local.time(now, true);
    if (second === this.#second) return false;
    const first = this.#second === "";
    this.#second = second;
    const { least, height } = this.#place;
    const { language } = languageAt(this.#place, now);
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
