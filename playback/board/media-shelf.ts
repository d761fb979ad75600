/**
 * The media of the scene, held open while they are shown. Opening verifies every byte against the digest, which a video of 100 MB cannot
 * pay at every range that a browser asks for. Bounded: the least lately used that nobody reads are closed.
 */
import { fstat, read } from "node:fs";
import { promisify } from "node:util";
import type { BoardScene, Size } from "../model/board.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import type { Sha256 } from "../model/units.ts";
import { isRefusal, type MediaLibrary, type OpenMedia } from "../ports/media.ts";
import { checkVisual, HEAD_BYTES } from "./picture-check.ts";

/** Regions of one scene seldom show more at a time. */
const MOST_OPEN = 12;

export interface Visual {
  readonly fd: number;
  readonly type: string;
  readonly bytes: number;
  /** Of a picture. */
  readonly size: Size | null;
  /** Once; what it was taken for is done. */
  readonly giveBack: () => void;
}

interface Volume {
  readonly opening: Promise<Omit<Visual, "giveBack"> | Refusal>;
  readonly close: () => Promise<void>;
  readers: number;
}

export class MediaShelf {
  readonly #library: MediaLibrary;
  readonly #onFault: (error: unknown) => void;
  /** In the order of use. */
  readonly #volumes = new Map<Sha256, Volume>();
  #inScene: ReadonlySet<Sha256> = new Set();
  /** Of the scene before: it is painted, and asks for its next item, until the page has taken the new one. */
  #leaving: ReadonlySet<Sha256> = new Set();

  /** `onFault`: a file that could not be read or closed. */
  constructor(library: MediaLibrary, onFault: (error: unknown) => void) {
    this.#library = library;
    this.#onFault = onFault;
  }

  /** What stands in this scene is given out from now on, and until `settle` what stood in the one before. */
  set(scene: BoardScene): void {
    this.#leaving = this.#inScene;
    this.#inScene = mediaOf(scene);
  }

  /** The scene is painted, or nobody is there to paint it: what stood in the one before is given out no more. */
  settle(): void {
    this.#leaving = new Set();
    this.#tidy();
  }

  async take(sha256: Sha256): Promise<Visual | Refusal> {
    if (!this.#isShown(sha256)) return refusal("digest-not-approved", "nothing that is shown now names this file");
    const volume = this.#volumes.get(sha256) ?? this.#open(sha256);
    this.#volumes.delete(sha256);
    this.#volumes.set(sha256, volume);
    volume.readers += 1;
    const found = await volume.opening;
    let given = true;
    const giveBack = () => {
      if (given) volume.readers -= 1;
      given = false;
      this.#tidy();
    };
    if (!isRefusal(found)) return { ...found, giveBack };
    giveBack();
    // What is missing now may have been fetched when it is asked for again.
    if (this.#volumes.get(sha256) === volume) this.#volumes.delete(sha256);
    return found;
  }

  async close(): Promise<void> {
    const volumes = [...this.#volumes.values()];
    this.#volumes.clear();
    this.#inScene = new Set();
    this.#leaving = new Set();
    await Promise.all(volumes.map((volume) => volume.close()));
  }

  #open(sha256: Sha256): Volume {
    const opened = this.#library.open(sha256).catch((error: unknown) => {
      // A disk that cannot be read costs this item, and may give it when it is asked for again.
      this.#onFault(error);
      return refusal("media-missing", (error as Error).message);
    });
    const opening = opened.then((media) => (isRefusal(media) ? media : this.#looked(media)));
    const close = async () => {
      const media = await opened;
      if (!isRefusal(media) && !isRefusal(await opening)) await this.#closed(media);
    };
    const volume: Volume = { opening, close, readers: 0 };
    this.#volumes.set(sha256, volume);
    return volume;
  }

  /** A file that is refused is closed. */
  async #looked(media: OpenMedia): Promise<Omit<Visual, "giveBack"> | Refusal> {
    const checked = await check(media).catch((error: Error) => refusal("media-altered", error.message));
    if (isRefusal(checked)) await this.#closed(media);
    return checked;
  }

  async #closed(media: OpenMedia): Promise<void> {
    await media.close().catch(this.#onFault);
  }

  #isShown(sha256: Sha256): boolean {
    return this.#inScene.has(sha256) || this.#leaving.has(sha256);
  }

  #tidy(): void {
    let over = this.#volumes.size - MOST_OPEN;
    for (const [sha256, volume] of this.#volumes) {
      if (volume.readers > 0 || (this.#isShown(sha256) && over <= 0)) continue;
      this.#volumes.delete(sha256);
      over -= 1;
      void volume.close();
    }
  }
}

async function check({ fd, type }: OpenMedia): Promise<Omit<Visual, "giveBack"> | Refusal> {
  const { size: bytes } = await promisify(fstat)(fd);
  const head = new Uint8Array(Math.min(bytes, HEAD_BYTES));
  const { bytesRead } = await promisify(read)(fd, head, 0, head.length, 0);
  const checked = checkVisual(type, head.subarray(0, bytesRead));
  return isRefusal(checked) ? checked : { fd, type, bytes, size: checked.size };
}

/** Every picture and video that the scene may paint. */
export function mediaOf(scene: BoardScene): ReadonlySet<Sha256> {
  const found = new Set<Sha256>();
  for (const { showing } of scene.faces) {
    if (showing.kind !== "layout") continue;
    for (const { items } of showing.regions) {
      for (const item of items) if (item.kind === "image" || item.kind === "video") found.add(item.sha256);
    }
  }
  return found;
}

/** Every camera that the scene may paint. */
export function pinsOf(scene: BoardScene): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { showing } of scene.faces) {
    if (showing.kind !== "layout") continue;
    for (const { items } of showing.regions) for (const item of items) if (item.kind === "camera") found.add(item.pin);
  }
  return found;
}
