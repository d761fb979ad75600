/**
 * A region that fails stands still and says so in its faults; the others go on. Without this one content that nobody thought of would stop every
 * face, and after every reload again.
 */
import type { Moment, RegionView } from "./region-view.ts";
import { problemOf } from "./source.ts";

export class GuardedRegion implements RegionView {
  readonly element: HTMLElement;
  readonly #view: RegionView;
  #fault: string | null = null;

  constructor(view: RegionView) {
    this.element = view.element;
    this.#view = view;
  }

  get ready(): boolean {
    return this.#fault !== null || this.#view.ready;
  }

  frame(moment: Moment): boolean {
    if (this.#fault !== null) return false;
    try {
      return this.#view.frame(moment);
    } catch (error) {
      this.#fault = problemOf(error);
      return true;
    }
  }

  seen(): readonly string[] {
    return this.#view.seen();
  }

  faults(): readonly string[] {
    return this.#fault === null ? this.#view.faults() : [`the page failed: ${this.#fault}`];
  }

  /** Fonts that come late are another chance. */
  measureAgain(): void {
    this.#fault = null;
    this.#view.measureAgain();
  }

  close(): void {
    this.#view.close();
  }
}
