/** What sounds now and what comes next, as the station knows it. */
import type { OnAir } from "../../model/board.ts";
import type { FittedBox } from "./fit.ts";
import type { LocalTime } from "./local-time.ts";
import { partAt } from "./part.ts";
import type { Moment, Place, RegionView } from "./region-view.ts";
import { wordsFor } from "./words.ts";

const WIDE = 4.5;
const LANGUAGE_MS = 10_000;
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
    const { width, height } = place;
    const wide = width > height * WIDE;
    this.#airing = partAt(
      "bold",
      wide ? { x: 0, y: 0, width: 50, height: 100 } : { x: 0, y: 0, width: 100, height: 50 },
      width,
      height,
    );
    this.#next = partAt(
      "",
      wide ? { x: 50, y: 0, width: 50, height: 100 } : { x: 0, y: 50, width: 100, height: 50 },
      width,
      height,
    );
    this.element.append(this.#airing.element, this.#next.element);
  }

  frame({ now }: Moment): boolean {
    const { languages, height } = this.#place;
    const least = Math.max(SMALLEST, Math.round(this.#place.least * SMALLER));
    const language = languages[Math.floor(now / LANGUAGE_MS) % languages.length] ?? "vi";
    const { airing, next } = this.#onAir();
    const words = wordsFor(language);
    const first = airing === null ? "" : `${words.airing}\n${airing}`;
    const lines = next.slice(0, MOST_NEXT).map(({ at, title }) => `${this.#local.time(at, false)}  ${title}`);
    const second = lines.length === 0 ? "" : `${words.next}\n${lines.join("\n")}`;
    const through = (now % LANGUAGE_MS) / LANGUAGE_MS;
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
