/** What the disk refused, and the station went on without: tried again, in the order in which it came true, until it is written. */
import { MINUTE, type Millis, type Monotonic } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";
import { type OnUnwritten, orUnwritten } from "./unwritten.ts";

const TRY_AGAIN: Millis = MINUTE;
/** More than comes true before a card is changed; beyond it the oldest leave no record. */
const MOST = 200;

export interface OwedWritesPorts {
  readonly clock: Pick<Clock, "monotonic">;
  /** What the disk refuses, and gets later. Where it is not given, that is an error. */
  readonly onUnwritten?: OnUnwritten;
}

interface Owed {
  readonly what: string;
  readonly write: () => Promise<unknown>;
}

export class OwedWrites {
  readonly #ports: OwedWritesPorts;
  readonly #owed: Owed[] = [];
  #until: Monotonic = Number.NEGATIVE_INFINITY;

  constructor(ports: OwedWritesPorts) {
    this.#ports = ports;
  }

  /** Writes it now, or behind what is owed already. @throws StationError `storage-failed` where nobody hears what was refused */
  write(what: string, write: () => Promise<unknown>): Promise<void> {
    this.#owed.push({ what, write });
    if (this.#owed.length > MOST) this.#owed.shift();
    return this.again();
  }

  /** Call it every second. @throws StationError `storage-failed` where nobody hears what was refused */
  async again(): Promise<void> {
    const { clock, onUnwritten } = this.#ports;
    if (clock.monotonic() < this.#until) return;
    for (let next = this.#owed[0]; next !== undefined; next = this.#owed[0]) {
      if (!(await orUnwritten(next.what, next.write, onUnwritten))) {
        this.#until = clock.monotonic() + TRY_AGAIN;
        return;
      }
      // Others may have come and gone meanwhile.
      const place = this.#owed.indexOf(next);
      if (place >= 0) this.#owed.splice(place, 1);
    }
  }
}
