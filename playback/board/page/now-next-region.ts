/** What sounds now and what comes next, as the station knows it. */
import type { OnAir } from "../../model/board.ts";
import type { FittedBox } from "./fit.ts";
import type { LocalTime } from "./local-time.ts";
import type { Moment, Place, RegionView } from "./region-view.ts";
import { languageAt, twoParts } from "./two-parts.ts";
import { wordsFor } from "./words.ts";

/** A list is read from nearer than a notice, and should stand whole. */
const SMALLER = 0.7;
const SMALLEST = 12;
/** Lines of what comes next. */
const MOST_NEXT = 3;

export class NowNextRegion implements RegionView {
  readonly ready = true;
  readonly element = document.createElement("div");
  readonly #airing: FittedBox;
  readonly #next: FittedBox;
  readonly #place: Place;
  readonly #local: LocalTime;
  readonly #onAir: () => OnAir;
  #painted = false;

  constructor(place: Place, local: LocalTime, onAir: () => OnAir) {
    this.#place = place;
    this.#local = local;
    this.#onAir = onAir;
    [this.#airing, this.#next] = twoParts(place, { wide: 50, high: 50 }, ["bold", ""]);
    this.element.append(this.#airing.element, this.#next.element);
  }

  frame({ now }: Moment): boolean {
    const { height } = this.#place;
    const least = Math.max(SMALLEST, Math.round(this.#place.least * SMALLER));
    const { language, through } = languageAt(this.#place, now);
    const { airing, next } = this.#onAir();
    const words = wordsFor(language);
    const first = airing === null ? "" : `${words.airing}\n${airing}`;
    const lines = next.slice(0, MOST_NEXT).map(({ at, title }) => `${this.#local.time(at, false)}  ${title}`);
    const second = lines.length === 0 ? "" : `${words.next}\n${lines.join("\n")}`;
    this.#airing.show({ text: first, language, least, most: height }, through);
    this.#next.show({ text: second, language, least, most: height }, through);
    const changed = !this.#painted;
    this.#painted = true;
    return changed;
  }

  seen(): readonly string[] {
    return this.#painted ? ["now-next"] : [];
  }

  faults(): readonly string[] {
    return [];
  }

  measureAgain(): void {
    this.#airing.forget();
    this.#next.forget();
  }

  close(): void {}
}
