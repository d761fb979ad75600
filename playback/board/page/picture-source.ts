/** A picture of the scene: fetched, unpacked no larger than the screen needs, held until nobody shows it. */
import { problemOf, type Source } from "./source.ts";

export class PictureSource implements Source {
  version = 0;
  drawable: ImageBitmap | null = null;
  fault: string | null = null;
  #closed = false;

  /** `most`: the screen's size in pixels. */
  constructor(address: string, most: { readonly width: number; readonly height: number }) {
    this.#load(address, most).catch((error: unknown) => {
      this.fault = problemOf(error);
    });
  }

  get width(): number {
    return this.drawable?.width ?? 0;
  }
  get height(): number {
    return this.drawable?.height ?? 0;
  }

  frame(): void {}

  close(): void {
    this.#closed = true;
    this.drawable?.close();
    this.drawable = null;
  }

  async #load(address: string, most: { readonly width: number; readonly height: number }): Promise<void> {
    const response = await fetch(address);
    if (!response.ok) throw new Error((await response.text()) || `the picture is not there (${response.status})`);
    const [width = 1, height = 1] = (response.headers.get("loa-size") ?? "").split("x").map(Number);
    // Large enough to fill the screen whichever way round it stands.
    const scale = Math.min(1, Math.max(most.width / width, most.height / height));
    const resized = { resizeWidth: Math.max(1, Math.round(width * scale)), resizeQuality: "high" } as const;
    const bitmap = await createImageBitmap(await response.blob(), scale < 1 ? resized : {});
    if (this.#closed) return bitmap.close();
    this.drawable = bitmap;
    this.version += 1;
  }
}
