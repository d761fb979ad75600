/** Texts that take turns, each as large as it can be; a long one is shown in parts within its turn. */
import type { SceneItem, SceneRegion } from "../../model/board.ts";
import { FittedBox } from "./fit.ts";
import type { Moment, Place, RegionView } from "./region-view.ts";
import { turnAt } from "./turns.ts";

export class TextRegion implements RegionView {
  readonly ready = true;
  readonly #box = new FittedBox("");
  readonly element = this.#box.element;
  readonly #items: readonly Extract<SceneItem, { kind: "text" }>[];
  readonly #lengths: readonly number[];
  readonly #since: number;
  readonly #place: Place;
  #painted: string | null = null;

  constructor(region: SceneRegion, since: number, place: Place) {
    this.#items = region.items.filter((item) => item.kind === "text");
    this.#lengths = this.#items.map(({ ms }) => ms);
    this.#since = since;
    this.#place = place;
    this.#box.resize(place.width, place.height);
  }

  frame({ now }: Moment): boolean {
    const turn = turnAt(this.#lengths, this.#since, now);
    const item = turn === null ? undefined : this.#items[turn.index];
    if (turn === null || item === undefined) return false;
    const through = (now - turn.began) / (turn.ends - turn.began);
    const { least, height } = this.#place;
    this.#box.show({ text: item.text, language: item.language, least, most: height }, through);
    const changed = this.#painted !== item.id;
    this.#painted = item.id;
    return changed;
  }

  seen(): readonly string[] {
    return this.#painted === null ? [] : [this.#painted];
  }

  faults(): readonly string[] {
    return [];
  }

  measureAgain(): void {
    this.#box.forget();
  }

  close(): void {}
}
