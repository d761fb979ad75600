/** A contact that a hand closes: a keyed switch, a button, a door. */
export interface Contact {
  readonly name: string;
  /** @throws StationError `contact-unreachable`, `gpio-unavailable` */
  open(): Promise<void>;
  /** True while it is closed. @throws StationError `contact-unreachable` */
  read(): Promise<boolean>;
  close(): Promise<void>;
}
