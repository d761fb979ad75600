/** A contact that a hand closes: a keyed switch, a button, a door. */
export interface Contact {
  readonly name: string;
  /** @throws StationError `contact-unreachable`, `gpio-unavailable` */
  open(): Promise<void>;
  /** True while it is closed. @throws StationError `contact-unreachable` */
  read(): Promise<boolean>;
  /**
   * Whether it moved since this was last asked, also to and fro between two readings; `null` where it does not tell.
   * @throws StationError `contact-unreachable`
   */
  moved?(): Promise<boolean | null>;
  close(): Promise<void>;
}
