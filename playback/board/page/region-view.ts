/** A region as the page paints it. Its kind decides how; all of them are told the time once per animation frame, and only then change. */
export interface Moment {
  /** Station time. */
  readonly now: number;
}

export interface RegionView {
  readonly element: HTMLElement;
  /** What it is to show is there, or will not come: nothing that is seen changes badly when it appears now. */
  readonly ready: boolean;
  /** @returns whether what is painted is another item than before */
  frame(moment: Moment): boolean;
  /** Items painted now, by their identifiers. */
  seen(): readonly string[];
  faults(): readonly string[];
  /** Other fonts have come: sizes are measured again. */
  measureAgain(): void;
  close(): void;
}

/** What a region needs to know of where it stands. */
export interface Place {
  /** Pixels, of the region itself. */
  readonly width: number;
  readonly height: number;
  /** Letters are not made smaller than this: what can be read from the street. Pixels. */
  readonly least: number;
  /** Of the face, the first one first; at least one. */
  readonly languages: readonly string[];
}
