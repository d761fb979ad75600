/** What the disk refused to note, and the station went on without: tried again, in the order in which it came true, until it is written. */
import { MINUTE, type Millis, type Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { type OnUnwritten, orUnwritten } from "../unwritten.ts";

const TRY_AGAIN: Millis = MINUTE;

interface OwedPorts {
  readonly clock: Pick<Clock, "monotonic">;
  readonly onUnwritten?: OnUnwritten;
}

export class OwedNotes {
  readonly #ports: OwedPorts;
  readonly #owed: (() => Promise<unknown>)[] = [];
  #until: Monotonic = Number.NEGATIVE_INFINITY;

  constructor(ports: OwedPorts) {
    this.#ports = ports;
  }

  /** Writes it now, or behind what is owed already. @throws StationError `storage-failed` where nobody hears what was refused */
  write(note: () => Promise<unknown>): Promise<void> {
    this.#owed.push(note);
    return this.again();
  }

  /** Call it every second. @throws StationError `storage-failed` where nobody hears what was refused */
  async again(): Promise<void> {
    const { clock, onUnwritten } = this.#ports;
    if (clock.monotonic() < this.#until) return;
    for (let next = this.#owed[0]; next !== undefined; next = this.#owed[0]) {
      if (!(await orUnwritten("config", next, onUnwritten))) {
        this.#until = clock.monotonic() + TRY_AGAIN;
        return;
      }
      this.#owed.shift();
    }
  }
}
