/**
 * The largest letters with which a text fits its box. A text that would become too small to be read from the street is shown in parts, one
 * after the other, instead.
 */
import { inParts, readable } from "./readable.ts";

export interface Fitted {
  readonly parts: readonly string[];
  /** Pixels. */
  readonly size: number;
  /** Words had to be broken. */
  readonly broken: boolean;
}

export interface Wish {
  readonly text: string;
  readonly language: string;
  /** Letters are not made smaller before the text is shown in parts. Pixels. */
  readonly least: number;
  /** Nor larger. Pixels. */
  readonly most: number;
}

const SMALLEST = 6;
const MOST_PARTS = 60;
/** Room left free at each side, of the box's shorter one. */
const MARGIN = 0.05;

/** A box whose words are as large as they can be. It must stand in the document to be measured. */
export class FittedBox {
  readonly element = document.createElement("div");
  readonly #words = document.createElement("div");
  #fitted = new Map<string, Fitted>();
  #shown = "";
  #width = 0;
  #height = 0;

  constructor(className: string) {
    this.element.className = `box ${className}`;
    this.#words.className = "words";
    this.element.append(this.#words);
  }

  /** Inner size in pixels; what was measured for another is forgotten. */
  resize(width: number, height: number): void {
    const margin = Math.floor(Math.min(width, height) * MARGIN);
    const inner = { width: Math.max(1, width - 2 * margin), height: Math.max(1, height - 2 * margin) };
    if (inner.width === this.#width && inner.height === this.#height) return;
    this.#width = inner.width;
    this.#height = inner.height;
    this.forget();
  }

  /** What was measured is measured again: other fonts have come. */
  forget(): void {
    this.#fitted.clear();
    this.#shown = "";
  }

  /** Shows a text, or of a long one the part that `through` (0 to 1) of its time has come to. Cheap while nothing changes. */
  show(wish: Wish, through = 0): void {
    const key = `${wish.language}\n${wish.text}`;
    let fitted = this.#fitted.get(key);
    if (fitted === undefined) {
      // Turns are few; a clock's texts are not, and all have the same size anyway.
      if (this.#fitted.size > 400) this.#fitted.clear();
      fitted = this.#fit(wish);
      this.#fitted.set(key, fitted);
    }
    const index = Math.min(fitted.parts.length - 1, Math.max(0, Math.floor(through * fitted.parts.length)));
    const shown = `${index}\n${key}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#set(fitted.parts[index] ?? "", wish.language, fitted.size, fitted.broken);
  }

  /** Shows a text in the size of another: digits that change do not change the size. */
  showSized(wish: Wish, sample: string): void {
    this.show({ ...wish, text: sample });
    const { size = wish.least, broken = false } = this.#fitted.get(`${wish.language}\n${sample}`) ?? {};
    this.#set(wish.text, wish.language, size, broken);
  }

  #set(text: string, language: string, size: number, broken: boolean): void {
    this.#words.lang = language;
    this.#words.style.fontSize = `${size}px`;
    this.element.classList.toggle("broken", broken);
    this.#words.textContent = text;
  }

  #fit({ text, language, least, most }: Wish): Fitted {
    const words = readable(text);
    const floor = Math.max(SMALLEST, Math.min(least, Math.floor(this.#height * 0.7)));
    for (const broken of [false, true]) {
      const size = this.#largest(words, language, floor, most, broken);
      if (size !== null) return { parts: [words], size, broken };
    }
    // About how often it is too long tells where to begin.
    this.#set(words, language, floor, true);
    const times = Math.ceil(this.#words.offsetHeight / this.#height);
    for (let count = Math.max(2, times); count <= MOST_PARTS; count++) {
      const parts = inParts(words, count, language);
      if (parts.every((part) => this.#fits(part, language, floor, true))) return { parts, size: floor, broken: true };
    }
    return { parts: inParts(words, MOST_PARTS, language), size: floor, broken: true };
  }

  /** Whole pixels between the two, or `null` where not even the least fits. */
  #largest(text: string, language: string, least: number, most: number, broken: boolean): number | null {
    if (!this.#fits(text, language, least, broken)) return null;
    let fits = least;
    let fails = Math.max(least, Math.min(most, this.#height)) + 1;
    while (fails - fits > 1) {
      const middle = Math.floor((fits + fails) / 2);
      if (this.#fits(text, language, middle, broken)) fits = middle;
      else fails = middle;
    }
    return fits;
  }

  #fits(text: string, language: string, size: number, broken: boolean): boolean {
    this.#set(text, language, size, broken);
    this.#words.style.width = `${this.#width}px`;
    const fits = this.#words.offsetHeight <= this.#height && this.#words.scrollWidth <= this.#width;
    return fits;
  }
}
