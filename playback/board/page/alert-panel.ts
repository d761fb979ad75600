/**
 * Alerts, over a whole face or in an `emergency` region: what it is, the headline, the words, in each of their languages in turn. Large, of high
 * contrast, from nothing but packaged words and fonts. An exercise says so, in another colour, and does not blink.
 */
import type { AlertWords, SceneAlert } from "../../model/board.ts";
import type { FittedBox } from "./fit.ts";
import { type PartPlace, partAt } from "./part.ts";
import type { Place } from "./region-view.ts";
import { turnAt } from "./turns.ts";
import { wordsFor } from "./words.ts";

interface Slide {
  readonly alert: SceneAlert;
  readonly words: AlertWords;
}
interface Arrangement {
  readonly banner: PartPlace;
  readonly headline: PartPlace;
  readonly text: PartPlace;
}

/** One language of one alert: six seconds, and what it takes to read it. Assumed: fifteen letters a second, aloud to a neighbour. */
const LEAST_MS = 6_000;
const MOST_MS = 40_000;
const LETTER_MS = 65;
/** Wider than so many heights: a ribbon. */
const RIBBON = 3;

export class AlertPanel {
  readonly element = document.createElement("div");
  readonly #place: Place;
  readonly #since: number;
  readonly #slides: readonly Slide[];
  readonly #lengths: readonly number[];
  #boxes: { banner: FittedBox; headline: FittedBox; text: FittedBox; worded: boolean } | null = null;
  #painted: Slide | null = null;

  constructor(alerts: readonly SceneAlert[], since: number, place: Place) {
    this.#place = place;
    this.#since = since;
    this.#slides = alerts.flatMap((alert) => alert.words.map((words) => ({ alert, words })));
    this.#lengths = this.#slides.map(({ words }) => readingTime(words));
    this.element.className = "alert";
    const frame = document.createElement("div");
    frame.className = "frame";
    frame.style.borderWidth = `${this.#frameWidth}px`;
    this.element.append(frame);
  }

  /** Everything that is or will be painted, for the fonts. */
  texts(): readonly string[] {
    return this.#slides.flatMap(({ words }) => [words.headline, words.text ?? ""]);
  }

  /** @returns whether another alert or language is painted than before */
  frame(now: number): boolean {
    const turn = turnAt(this.#lengths, this.#since, now);
    const slide = turn === null ? undefined : this.#slides[turn.index];
    if (turn === null || slide === undefined) return false;
    const { alert, words } = slide;
    const { language, headline, text } = words;
    const changed = this.#painted !== slide;
    this.#painted = slide;
    const boxes = this.#arranged(text !== null);
    const { least, height } = this.#place;
    const packaged = wordsFor(language);
    this.element.classList.toggle("exercise", alert.exercise);
    const banner = alert.exercise
      ? `${packaged.exercise} · ${packaged.exercise} · ${packaged.exercise}`
      : packaged.alert;
    boxes.banner.show({ text: banner, language, least: 6, most: height });
    const through = (now - turn.began) / (turn.ends - turn.began);
    boxes.headline.show({ text: headline, language, least, most: height }, through);
    if (text !== null) boxes.text.show({ text, language, least, most: height }, through);
    return changed;
  }

  /** Identifiers and language, as painted. */
  seen(): readonly string[] {
    return this.#painted === null ? [] : [`${this.#painted.alert.identifier}/${this.#painted.words.language}`];
  }

  measureAgain(): void {
    for (const box of [this.#boxes?.banner, this.#boxes?.headline, this.#boxes?.text]) box?.forget();
  }

  get #frameWidth(): number {
    return Math.max(2, Math.round(Math.min(this.#place.width, this.#place.height) * 0.02));
  }

  #arranged(worded: boolean) {
    if (this.#boxes !== null && this.#boxes.worded === worded) return this.#boxes;
    for (const box of [this.#boxes?.banner, this.#boxes?.headline, this.#boxes?.text]) box?.element.remove();
    // Inside the frame, which stands over everything.
    const edge = this.#frameWidth;
    const width = this.#place.width - 2 * edge;
    const height = this.#place.height - 2 * edge;
    const at = arrangement(width > height * RIBBON, worded);
    const made = (className: string, part: PartPlace) => {
      const box = partAt(className, part, width, height);
      box.element.style.transform = `translate(${edge}px, ${edge}px)`;
      this.element.prepend(box.element);
      return box;
    };
    this.#boxes = {
      banner: made("banner", at.banner),
      headline: made("headline", at.headline),
      text: made("text", at.text),
      worded,
    };
    return this.#boxes;
  }
}

function arrangement(ribbon: boolean, worded: boolean): Arrangement {
  if (ribbon) {
    const left = worded ? 36 : 100;
    return {
      banner: { x: 0, y: 0, width: left, height: 30 },
      headline: { x: 0, y: 30, width: left, height: 70 },
      text: { x: left, y: 0, width: 100 - left, height: 100 },
    };
  }
  const headline = worded ? 32 : 82;
  return {
    banner: { x: 0, y: 0, width: 100, height: 18 },
    headline: { x: 0, y: 18, width: 100, height: headline },
    text: { x: 0, y: 18 + headline, width: 100, height: 82 - headline },
  };
}

function readingTime({ headline, text }: AlertWords): number {
  return Math.min(MOST_MS, LEAST_MS + LETTER_MS * (headline.length + (text?.length ?? 0)));
}
