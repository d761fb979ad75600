/**
 * One face: a rectangle of the framebuffer, turned as it hangs, in which one content after the other stands. A new content is laid out unseen
 * and takes the old one's place in one frame.
 */
import type { FaceScene, OnAir } from "../../model/board.ts";
import type { SeenFace } from "../../ports/screen.ts";
import { bounded } from "./bounds.ts";
import { type Content, makeContent } from "./content.ts";
import type { LocalTime } from "./local-time.ts";
import type { Moment } from "./region-view.ts";
import type { SourcePool } from "./source-pool.ts";

export interface FaceTools {
  readonly pool: SourcePool;
  readonly local: LocalTime;
  readonly onAir: () => OnAir;
}

export class FaceView {
  readonly element = document.createElement("div");
  readonly #turned = document.createElement("div");
  readonly #dim = document.createElement("div");
  #name = "";
  #size = { width: 1, height: 1 };
  #content: Content | null = null;
  #waiting: Content | null = null;

  constructor() {
    this.element.className = "face";
    this.#turned.className = "turned";
    this.#dim.className = "dim";
    this.element.append(this.#turned, this.#dim);
  }

  /** What is shown now or will be with the next `swap`. */
  get wanted(): string | null {
    return (this.#waiting ?? this.#content)?.key ?? null;
  }

  get ready(): boolean {
    return this.#waiting === null || this.#waiting.ready;
  }

  get isAlert(): boolean {
    return (this.#waiting ?? this.#content)?.showing === "alert";
  }

  /** Lays out what the face is to show. What it shows already is left alone. */
  set({ face, dim, showing }: FaceScene, number: number, tools: FaceTools): void {
    const { rect } = face;
    if (rect === null) return;
    this.#name = face.name;
    this.#put(rect, face.rotation);
    this.#dim.style.opacity = String(Math.min(100, Math.max(0, dim)) / 100);
    const key = JSON.stringify([showing, rect, face.rotation, face.languages, tools.local.zone]);
    if (key === this.wanted) return;
    this.#drop();
    if (key === this.#content?.key) return;
    const waiting = makeContent({ key, face, number, showing, ...this.#size }, tools);
    this.#waiting = waiting;
    waiting.element.classList.add("waiting");
    this.#turned.append(waiting.element);
    waiting.begin();
  }

  /** @returns whether another item is painted than before */
  frame(moment: Moment): boolean {
    this.#waiting?.frame(moment);
    return this.#content?.frame(moment) ?? false;
  }

  swap(): void {
    if (this.#waiting === null) return;
    this.#content?.close();
    this.#content?.element.remove();
    this.#content = this.#waiting;
    this.#waiting = null;
    this.#content.element.classList.remove("waiting");
  }

  seen(): SeenFace {
    const content = this.#content;
    if (content === null) return { face: this.#name, showing: "blank", items: [], faults: [] };
    const { showing } = content;
    return bounded({ face: this.#name, showing, items: content.seen(), faults: content.faults() });
  }

  measureAgain(): void {
    this.#content?.measureAgain();
    this.#waiting?.measureAgain();
  }

  close(): void {
    this.#drop();
    this.#content?.close();
    this.element.remove();
  }

  #drop(): void {
    this.#waiting?.close();
    this.#waiting?.element.remove();
    this.#waiting = null;
  }

  /** The content has its own width and height, is turned about its upper left corner and moved back into the rectangle. */
  #put(rect: { x: number; y: number; width: number; height: number }, rotation: 0 | 90 | 180 | 270): void {
    const { x, y, width, height } = rect;
    Object.assign(this.element.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
    const lying = rotation === 90 || rotation === 270;
    this.#size = lying ? { width: height, height: width } : { width, height };
    const back = {
      0: "",
      90: `translate(${width}px, 0)`,
      180: `translate(${width}px, ${height}px)`,
      270: `translate(0, ${height}px)`,
    };
    this.#turned.style.width = `${this.#size.width}px`;
    this.#turned.style.height = `${this.#size.height}px`;
    this.#turned.style.transform = rotation === 0 ? "" : `${back[rotation]} rotate(${rotation}deg)`;
  }
}
