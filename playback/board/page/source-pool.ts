/** The sources that are shown now or next, by what they are: each exists once, however many regions draw it, and ends when none does. */
import type { SceneItem, Size } from "../../model/board.ts";
import { CameraSource } from "./camera-source.ts";
import { PictureSource } from "./picture-source.ts";
import type { Source } from "./source.ts";
import { VideoSource } from "./video-source.ts";

export type DrawnItem = Exclude<SceneItem, { kind: "text" }>;

interface Held {
  readonly source: Source;
  readonly holders: Set<object>;
  /** When its turn began; `null` while nobody shows it. */
  began: number | null;
}

export class SourcePool {
  readonly #held = new Map<string, Held>();
  #screen: Size = { width: 1920, height: 1080 };

  resize(screen: Size): void {
    this.#screen = screen;
  }

  /** The source of an item whose turn begins then; it stays until `release` says the same. */
  hold(item: DrawnItem, began: number, holder: object): { readonly key: string; readonly source: Source } {
    const key = keyOf(item, began);
    let held = this.#held.get(key);
    if (held === undefined) {
      held = { source: this.#make(item), holders: new Set(), began: null };
      this.#held.set(key, held);
    }
    held.holders.add(holder);
    return { key, source: held.source };
  }

  /** Its turn has come. */
  play(key: string, began: number): void {
    const held = this.#held.get(key);
    if (held !== undefined) held.began = began;
  }

  release(key: string, holder: object): void {
    const held = this.#held.get(key);
    if (held === undefined || !held.holders.delete(holder) || held.holders.size > 0) return;
    held.source.close();
    this.#held.delete(key);
  }

  /** Before any region draws: all of them then draw the same frame. */
  frame(now: number): void {
    for (const { source, began } of this.#held.values()) source.frame(now, began);
  }

  #make(item: DrawnItem): Source {
    if (item.kind === "image") return new PictureSource(`media/${item.sha256}`, this.#screen);
    if (item.kind === "video") return new VideoSource(`media/${item.sha256}`);
    return new CameraSource(new URL(`camera/${item.pin}`, document.baseURI.replace(/^http/, "ws")).href);
  }
}

/** Every turn of a video is a source of its own, so that the next one is ready while this one still plays. */
function keyOf(item: DrawnItem, began: number): string {
  if (item.kind === "image") return `image ${item.sha256}`;
  if (item.kind === "video") return `video ${item.sha256} ${Math.round(began)}`;
  return `camera ${item.pin}`;
}
