/** Pictures, videos and cameras: a canvas into which the source of the turn is drawn. The next one is made ready before its turn comes. */
import type { SceneRegion } from "../../model/board.ts";
import { FittedBox } from "./fit.ts";
import type { Moment, Place, RegionView } from "./region-view.ts";
import type { Source } from "./source.ts";
import type { DrawnItem, SourcePool } from "./source-pool.ts";
import { type Turn, turnAt } from "./turns.ts";
import { wordsFor } from "./words.ts";

/** The next item is fetched and unpacked so long before its turn. */
const AHEAD_MS = 5_000;
/** What stood there before stays so long while the next is not ready. */
const PATIENCE_MS = 3_000;

interface Held {
  readonly turn: Turn;
  readonly item: DrawnItem;
  readonly key: string;
  readonly source: Source;
}

export class DrawnRegion implements RegionView {
  readonly element = document.createElement("div");
  readonly #canvas = document.createElement("canvas");
  readonly #context = this.#canvas.getContext("2d", { alpha: false });
  readonly #placeholder = new FittedBox("placeholder");
  readonly #region: SceneRegion;
  readonly #items: readonly DrawnItem[];
  readonly #lengths: readonly number[];
  readonly #since: number;
  readonly #place: Place;
  readonly #pool: SourcePool;
  #current: Held | null = null;
  #next: Held | null = null;
  #painted: { readonly item: string | null; readonly version: number } | null = null;

  constructor(region: SceneRegion, since: number, place: Place, pool: SourcePool) {
    this.#region = region;
    this.#items = region.items.filter((item) => item.kind !== "text");
    this.#lengths = this.#items.map(({ ms }) => ms);
    this.#since = since;
    this.#place = place;
    this.#pool = pool;
    this.#canvas.width = place.width;
    this.#canvas.height = place.height;
    this.#placeholder.element.hidden = true;
    this.#placeholder.resize(place.width, place.height);
    this.element.append(this.#canvas, this.#placeholder.element);
  }

  get ready(): boolean {
    if (this.#items.length === 0) return true;
    if (this.#current === null) return false;
    const { item, source } = this.#current;
    // Connecting to a camera may take longer than a change may wait.
    return item.kind === "camera" || source.drawable !== null || source.fault !== null;
  }

  frame({ now }: Moment): boolean {
    const turn = turnAt(this.#lengths, this.#since, now);
    if (turn === null) return false;
    this.#turnTo(turn, now);
    const current = this.#current;
    if (current === null) return false;
    const { source, item } = current;
    const late = source.fault !== null || now - turn.began > PATIENCE_MS;
    if (source.drawable === null && !late) return false;
    const before = this.#painted;
    const painted = { item: source.drawable === null ? null : item.id, version: source.version };
    if (before !== null && before.item === painted.item && before.version === painted.version) return false;
    this.#painted = painted;
    this.#paint(source, item);
    return before?.item !== painted.item;
  }

  seen(): readonly string[] {
    const item = this.#painted?.item;
    return item === null || item === undefined ? [] : [item];
  }

  faults(): readonly string[] {
    const fault = this.#current?.source.fault;
    return fault === null || fault === undefined ? [] : [`${this.#current?.item.id}: ${fault}`];
  }

  measureAgain(): void {
    this.#placeholder.forget();
    this.#painted = null;
  }

  close(): void {
    for (const held of [this.#current, this.#next]) if (held !== null) this.#pool.release(held.key, held);
    this.#current = null;
    this.#next = null;
  }

  #turnTo(turn: Turn, now: number): void {
    if (this.#current?.turn.began !== turn.began) {
      const before = this.#current;
      const ready = this.#next?.turn.began === turn.began ? this.#next : null;
      if (ready === null && this.#next !== null) this.#pool.release(this.#next.key, this.#next);
      this.#current = ready ?? this.#hold(turn);
      this.#next = null;
      // After the new one is held: the same picture twice in a row is not unpacked twice.
      if (before !== null) this.#pool.release(before.key, before);
      // One picture after itself is the same frame.
      if (before?.source !== this.#current?.source) this.#forget();
    }
    if (this.#current !== null) this.#pool.play(this.#current.key, this.#current.turn.began);
    if (this.#next === null && turn.ends - now < AHEAD_MS) {
      const following = turnAt(this.#lengths, this.#since, turn.ends);
      if (following !== null) this.#next = this.#hold(following);
    }
  }

  #forget(): void {
    if (this.#painted !== null) this.#painted = { item: this.#painted.item, version: -1 };
  }

  #hold(turn: Turn): Held | null {
    const item = this.#items[turn.index];
    if (item === undefined) return null;
    const holder = { turn, item };
    const { key, source } = this.#pool.hold(item, turn.began, holder);
    return Object.assign(holder, { key, source });
  }

  #paint(source: Source, item: DrawnItem): void {
    const context = this.#context;
    if (context === null) return;
    const { width, height } = this.#canvas;
    context.fillStyle = this.#region.background;
    context.fillRect(0, 0, width, height);
    const { drawable } = source;
    const lost = drawable === null && item.kind === "camera";
    this.#placeholder.element.hidden = !lost;
    if (lost) {
      const [language = "vi"] = this.#place.languages;
      const most = Math.max(this.#place.least, height / 6);
      this.#placeholder.show({ text: wordsFor(language).noPicture, language, least: this.#place.least, most });
    }
    if (drawable === null || source.width === 0 || source.height === 0) return;
    const sides = [width / source.width, height / source.height] as const;
    const scale = this.#region.fit === "cover" ? Math.max(...sides) : Math.min(...sides);
    const [w, h] = [source.width * scale, source.height * scale];
    context.imageSmoothingQuality = "high";
    context.drawImage(drawable, (width - w) / 2, (height - h) / 2, w, h);
  }
}
