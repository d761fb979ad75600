/**
 * Texts that run through, one after the other and round again without a gap. The compositor moves them; the page only says where they are, once,
 * by the time since the layout began, so that every face has the same letter at the same place.
 */
import type { SceneItem, SceneRegion } from "../../model/board.ts";
import { inView, positive, type Stretch } from "./in-view.ts";
import { readable } from "./readable.ts";
import type { Moment, Place, RegionView } from "./region-view.ts";

/** Letters, of the region's height: what is left is for marks above and below. */
const LETTERS = 0.6;
/** Between two texts, in letter heights. */
const GAP = 1.6;
/** The station's clock is followed when the animation is further off than that. */
const OFF_MS = 120;

export class TickerRegion implements RegionView {
  readonly ready = true;
  readonly element = document.createElement("div");
  readonly #strip = document.createElement("div");
  readonly #items: readonly Extract<SceneItem, { kind: "text" }>[];
  readonly #since: number;
  readonly #place: Place;
  readonly #pace: number;
  #animation: Animation | null = null;
  #durationMs = 1;
  /** Pixels after which it repeats, and where each text stands until then. */
  #width = 1;
  #stretches: readonly Stretch[] = [];
  #checkedAt = 0;

  constructor(region: SceneRegion, since: number, place: Place) {
    this.#items = region.items.filter((item) => item.kind === "text");
    this.#since = since;
    this.#place = place;
    this.#pace = region.pace;
    this.#strip.className = "ticker";
    this.element.append(this.#strip);
  }

  frame({ now }: Moment): boolean {
    if (this.#items.length === 0) return false;
    const began = this.#animation === null;
    if (began) this.#build();
    const animation = this.#animation;
    if (animation === null || (!began && now - this.#checkedAt < 1_000 && now >= this.#checkedAt)) return began;
    this.#checkedAt = now;
    const wanted = positive(now - this.#since, this.#durationMs);
    const is = positive(Number(animation.currentTime ?? 0), this.#durationMs);
    const off = Math.abs(wanted - is);
    if (began || Math.min(off, this.#durationMs - off) > OFF_MS) animation.currentTime = wanted;
    return began;
  }

  /** Those that stand in the region now: hundreds may run through it. */
  seen(): readonly string[] {
    if (this.#animation === null) return [];
    const through = positive(Number(this.#animation.currentTime ?? 0), this.#durationMs) / this.#durationMs;
    return inView(this.#stretches, this.#width, through * this.#width, this.#place.width);
  }

  faults(): readonly string[] {
    return [];
  }

  measureAgain(): void {
    this.#animation?.cancel();
    this.#animation = null;
  }

  close(): void {
    this.#animation?.cancel();
  }

  #build(): void {
    const letters = Math.max(6, Math.floor(this.#place.height * LETTERS));
    this.#strip.style.fontSize = `${letters}px`;
    const first = this.#round(letters);
    this.#strip.replaceChildren(...first);
    const width = Math.max(1, this.#strip.scrollWidth);
    this.#width = width;
    this.#stretches = this.#items.map(({ id }, index) => {
      const { offsetLeft, offsetWidth } = first[index] as HTMLElement;
      return { id, from: offsetLeft, to: offsetLeft + offsetWidth - gapOf(letters) };
    });
    // As often as it takes to fill the region while the first one leaves it.
    for (let filled = width; filled < width + this.#place.width; filled += width) {
      this.#strip.append(...this.#round(letters));
    }
    this.#durationMs = (width / (letters * this.#pace)) * 1_000;
    const way = [{ transform: "translateX(0)" }, { transform: `translateX(${-width}px)` }];
    this.#animation = this.#strip.animate(way, { duration: this.#durationMs, iterations: Number.POSITIVE_INFINITY });
  }

  #round(letters: number): HTMLElement[] {
    return this.#items.map(({ text, language }) => {
      const span = document.createElement("span");
      span.lang = language;
      span.textContent = readable(text.replaceAll("\n", "  "));
      span.style.paddingRight = `${gapOf(letters)}px`;
      return span;
    });
  }
}

const gapOf = (letters: number) => Math.round(letters * GAP);
