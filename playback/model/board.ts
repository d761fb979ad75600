/**
 * Faces and what they show. A face is a rectangle of the one framebuffer that the board's computer paints (a sending card cuts it up), or an
 * asynchronous card that keeps a picture by itself. Playlists are to faces what programmes are to outputs: rules with the same recurrence,
 * classes and order.
 */
import type { BulletinClass, Level } from "./bulletin.ts";
import type { Severity } from "./emergency.ts";
import type { Item, LocalTime, Origin, Recurrence } from "./schedule.ts";
import type { Instant, Millis, Percent, Sha256 } from "./units.ts";

/** Clockwise, in degrees: how the content is turned before it is painted into the face's rectangle. */
export const ROTATIONS = [0, 90, 180, 270] as const;
export type Rotation = (typeof ROTATIONS)[number];

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}
/** Pixels of the framebuffer, from its upper left corner. */
export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Face {
  readonly name: string;
  /** Where on the framebuffer it stands, as its lamps see it (before rotation); `null`: an asynchronous card, of the size of `size`. */
  readonly rect: Rect | null;
  readonly size: Size;
  readonly rotation: Rotation;
  /** BCP 47, the first one first; what an alert says is shown in these, where it says it. */
  readonly languages: readonly string[];
}

/**
 * What a region holds. `live`: a camera. `emergency`: where lesser alerts and exercises stand, so that they need not take the whole face.
 */
export const REGION_KINDS = ["video", "image", "ticker", "text", "clock", "now-next", "live", "emergency"] as const;
export type RegionKind = (typeof REGION_KINDS)[number];

export const FITS = ["contain", "cover"] as const;
export type Fit = (typeof FITS)[number];

/** `#rrggbb`. */
export type Colour = string;

/** A part of a face, in percent of its (turned) size; later regions stand over earlier ones. */
export interface Region {
  readonly id: string;
  readonly kind: RegionKind;
  readonly x: Percent;
  readonly y: Percent;
  readonly width: Percent;
  readonly height: Percent;
  readonly items: readonly Item[];
  /** How long a picture, a text or a camera stands before the next item. */
  readonly dwellMs: Millis;
  readonly fit: Fit;
  readonly foreground: Colour;
  readonly background: Colour;
  /** Of a ticker: letter heights a second. */
  readonly pace: number;
}

export interface Playlist {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly class: BulletinClass;
  /** Shown where nothing else is. */
  readonly filler: boolean;
  readonly order: number;
  readonly recurrence: Recurrence;
  readonly start: LocalTime;
  readonly end: LocalTime;
  /** Empty means all. */
  readonly faces: readonly string[];
  readonly layout: readonly Region[];
  readonly stopAfter?: Instant | undefined;
  readonly origin: Origin;
}

/** What may be painted of an item: everything is approved, cached and verified, or it is not here. Lengths in milliseconds. */
export type SceneItem =
  | {
      readonly kind: "image";
      readonly id: string;
      readonly title: string;
      readonly sha256: Sha256;
      readonly ms: Millis;
    }
  | {
      readonly kind: "video";
      readonly id: string;
      readonly title: string;
      readonly sha256: Sha256;
      readonly ms: Millis;
    }
  | {
      readonly kind: "text";
      readonly id: string;
      readonly text: string;
      readonly language: string;
      readonly ms: Millis;
    }
  /** `pin` names an approved live source; the page learns nothing of its address. */
  | { readonly kind: "camera"; readonly id: string; readonly title: string; readonly pin: string; readonly ms: Millis };

export interface SceneRegion extends Omit<Region, "items" | "dwellMs"> {
  readonly items: readonly SceneItem[];
}

/** An alert in one language. */
export interface AlertWords {
  readonly language: string;
  readonly headline: string;
  readonly text: string | null;
}
export interface SceneAlert {
  readonly identifier: string;
  readonly severity: Severity;
  readonly exercise: boolean;
  readonly sent: Instant;
  /** In the face's languages where the alert has them, else in its own; at least one. They take turns. */
  readonly words: readonly AlertWords[];
}

/** Packaged pictures to look at a face by; `identify` shows its name, size and number. */
export const FACE_PATTERNS = ["identify", "grid", "red", "green", "blue", "white", "black", "grey"] as const;
export type FacePattern = (typeof FACE_PATTERNS)[number];

/** What a face is to show. */
export type Showing =
  | { readonly kind: "blank"; readonly why: string }
  | {
      readonly kind: "layout";
      /** Key of the playlist's slot. */
      readonly key: string;
      readonly title: string;
      /** Items take turns by the time since then, so that every face and every restart shows the same one. */
      readonly since: Instant;
      readonly regions: readonly SceneRegion[];
      /** For the layout's `emergency` regions. */
      readonly alerts: readonly SceneAlert[];
    }
  | { readonly kind: "alert"; readonly since: Instant; readonly alerts: readonly SceneAlert[] }
  | { readonly kind: "pattern"; readonly pattern: FacePattern };

export interface FaceScene {
  readonly face: Face;
  /** How much darker the page makes it, 0 not at all, 100 black: for a face whose controller cannot be told its brightness. */
  readonly dim: Percent;
  readonly showing: Showing;
}

/** What sounds and what comes next, for `now-next`. */
export interface OnAir {
  readonly airing: string | null;
  readonly next: readonly { readonly at: Instant; readonly title: string }[];
}

/** All that a board shows, at once: faces of one scene are painted in one frame. */
export interface BoardScene {
  /** Grows with every change. */
  readonly revision: number;
  /** IANA name. */
  readonly zone: string;
  /** Of the framebuffer. */
  readonly screen: Size;
  readonly faces: readonly FaceScene[];
  readonly onAir: OnAir;
}
