/** What paints the faces of a framebuffer: a page in a browser, or a memory of what it would paint. */
import type { BoardScene } from "../model/board.ts";
import type { Instant, Millis, Monotonic } from "../model/units.ts";

/** What a face had on it, as the page itself says after the frame was presented. */
export interface SeenFace {
  readonly face: string;
  /** `blank`, `alert`, `pattern`, or the key of the layout's slot. */
  readonly showing: string;
  /** Items painted now, `region/item`. */
  readonly items: readonly string[];
  /** What could not be painted, in words: a picture that does not decode, a camera that gives nothing. */
  readonly faults: readonly string[];
}

/** A round trip through the page. */
export interface ScreenReport {
  /** When the station heard it. */
  readonly heardAt: Monotonic;
  /** What the page took the time to be when it painted. */
  readonly paintedAt: Instant;
  /** Revision of the scene that is painted. */
  readonly revision: number;
  /** Frames presented since the page was loaded. */
  readonly frames: number;
  /** The longest time between two frames since the last report. */
  readonly worstFrameMs: Millis;
  readonly faces: readonly SeenFace[];
}

export interface Screen {
  /** Replaces all that is to be shown; the page is told at once, and again whenever it comes back. */
  show(scene: BoardScene): void;
  /** The last round trip; `null` while no page has answered. */
  readonly report: ScreenReport | null;
  /** Called after every report, and with `null` when the page went away. */
  onReport(listener: (report: ScreenReport | null) => void): void;
}
