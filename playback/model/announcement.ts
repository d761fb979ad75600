/** Approved media or a live source that an authorised command asks for now. It is manual: it does not depend on the wall clock. */
import type { Item, Origin } from "./schedule.ts";
import type { Millis, Percent } from "./units.ts";

export interface Announcement {
  /** Command identifier, unique per issuer. */
  readonly id: string;
  readonly title: string;
  readonly items: readonly Item[];
  readonly volume?: Percent | undefined;
  readonly longestMs: Millis;
  /** Who asked for it on the spot. */
  readonly by?: string | undefined;
  /** It sounds over a programme of lesser right, which goes on underneath. */
  readonly duck?: boolean | undefined;
  /** Empty means all. */
  readonly outputs: readonly string[];
  readonly origin: Origin;
}
