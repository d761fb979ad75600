/**
 * The controller of a public board: a sender card of a video wall, a display with a control port, a card that keeps texts, a relay. Some boards
 * show what they are fed and are only managed; asynchronous cards are also sent the pictures that they show. What was asked, what the controller
 * took and what it says of itself are three facts and stay three.
 *
 * Invariants: every method ends by itself, because each exchange has a time-out; nothing is put into a controller's permanent memory, which wears.
 */
import type { Millis, Percent } from "../model/units.ts";

/** What a board shows by itself to be looked at; `none` is what it is fed. */
export const TEST_PATTERNS = [
  "none",
  "red",
  "green",
  "blue",
  "white",
  "horizontal",
  "vertical",
  "diagonal",
  "grey",
] as const;
export type TestPattern = (typeof TEST_PATTERNS)[number];

export interface DisplaySettings {
  readonly power: boolean;
  /** Of the board's own range, in the steps that it has; above 0 it is never rounded down to dark. */
  readonly brightness: Percent;
  /** Black, whatever it is fed. */
  readonly blank: boolean;
  readonly pattern: TestPattern;
}

export type DisplayAspect = keyof DisplaySettings;
/** In the order in which they are applied: what is dark takes nothing else. */
export const DISPLAY_ASPECTS = ["power", "brightness", "blank", "pattern"] as const satisfies readonly DisplayAspect[];

export type DisplayWish = Partial<DisplaySettings>;
/** What a controller says of itself; `null` where its protocol cannot say, or it could not say now. */
export type DisplayReport = { readonly [A in DisplayAspect]: DisplaySettings[A] | null };

/** Where something is broken, as far as the protocol tells. */
export interface DisplayFault {
  readonly part: "fan" | "lamp" | "temperature" | "cover" | "filter" | "smoke" | "input" | "receiver" | "other";
  readonly severity: "warning" | "error";
  /** Which of several, in the controller's words; `null` where there is one. */
  readonly at: string | null;
}

export interface DisplayStatus {
  /** What was last asked of each aspect. */
  readonly commanded: DisplayWish;
  /** What the controller last took without complaint; a lost connection forgets it. */
  readonly driven: DisplayWish;
  readonly reported: DisplayReport;
  readonly model: string | null;
  readonly firmware: string | null;
  /** Degrees Celsius; of several sensors the hottest. */
  readonly temperature: number | null;
  /** A picture is fed in. */
  readonly input: boolean | null;
  /** Empty where all is well, `null` where the protocol cannot say. */
  readonly faults: readonly DisplayFault[] | null;
}

/** A picture for a rectangle of an asynchronous card. */
export interface BoardImage {
  /** Which of the card's areas; a later picture of the same area takes its place. */
  readonly area: number;
  /** Pixels, from the upper left corner of the board. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** `width × height × 3` bytes: red, green, blue, row after row. */
  readonly rgb: Uint8Array;
  /** The card takes it away by itself when it was not sent again for so long; whole seconds, at least one. */
  readonly timeoutMs: Millis;
}

export interface ImageAbility {
  readonly width: number;
  readonly height: number;
  /** Areas 0 to `areas − 1`. */
  readonly areas: number;
}

export interface DisplayAbilities {
  readonly aspects: ReadonlySet<DisplayAspect>;
  /** Empty, or `none` and at least one other. */
  readonly patterns: readonly TestPattern[];
  /** `null` where the board shows what it is fed. */
  readonly images: ImageAbility | null;
  /** The brightness that the board really takes for the one asked. */
  readonly brightnessTaken: (asked: Percent) => Percent;
}

export interface DisplayController {
  readonly name: string;
  /** What it can be told. Anything else is refused as `display-disobeys`. */
  readonly can: DisplayAbilities;
  /** Reaches it once. Changes nothing, but that a relay starts switched off. @throws StationError `display-unreachable` */
  open(): Promise<void>;
  /**
   * Resolves when the controller took it and, where it can say, reports it. With `power: false` nothing else is applied.
   * @throws StationError `display-unreachable`, `display-disobeys`
   */
  apply(wish: DisplayWish): Promise<void>;
  /** @throws StationError `display-unreachable`, `display-disobeys` */
  status(): Promise<DisplayStatus>;
  /** Asynchronous cards only. @throws StationError `display-unreachable`, `display-disobeys` */
  show(image: BoardImage): Promise<void>;
  /** Takes a picture away; also where there is none. @throws StationError `display-unreachable`, `display-disobeys` */
  clear(area: number): Promise<void>;
  /** Lets go of it and changes nothing. What was still under way fails as `display-unreachable`. */
  close(): Promise<void>;
}

/** A report of a controller that says nothing. */
export const SILENT_REPORT: DisplayReport = { power: null, brightness: null, blank: null, pattern: null };
