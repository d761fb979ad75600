/**
 * What regions draw: a picture, a video or a camera, unpacked once and drawn by every face that shows it in the same frame. A face never
 * has a player of its own, so two faces cannot drift apart.
 */
export interface Source {
  /** Grows with every new frame. */
  readonly version: number;
  /** The frame to be drawn now, or `null` while there is none. */
  readonly drawable: CanvasImageSource | null;
  readonly width: number;
  readonly height: number;
  /** In words, what keeps it from being drawn; `null` where nothing does. */
  readonly fault: string | null;
  /** Once per animation frame. `began`: when its turn began, in station time; `null` while it only gets ready. */
  frame(now: number, began: number | null): void;
  close(): void;
}

/** A fault in a few words. */
export function problemOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}
