/**
 * A controller that is spoken to in some protocol. What it says it did is not believed where it can be asked: it is read back, for a while,
 * because boards take a moment.
 */
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import {
  type BoardImage,
  DISPLAY_ASPECTS,
  type DisplayAbilities,
  type DisplayController,
  type DisplayStatus,
  type DisplayWish,
} from "../../playback/ports/display-controller.ts";
import type { Bus } from "../bus/bus.ts";
import type { Line } from "../bus/connection.ts";
import { named, Refused } from "../bus/wire-fault.ts";
import type { Dialect } from "./dialect.ts";
import { assertFits, combined, differing, ordersOf } from "./obedience.ts";

/** Between two readings back. */
const LOOK_EVERY: Millis = 100;

export class ProtocolDisplay implements DisplayController {
  readonly name: string;
  readonly can: DisplayAbilities;
  readonly #bus: Bus;
  readonly #dialect: Dialect;
  readonly #settleMs: Millis;
  #commanded: DisplayWish = {};
  #driven: DisplayWish = {};
  #isOpen = false;

  /** `settleMs`: how long a report may lag behind what was taken. */
  constructor(name: string, bus: Bus, dialect: Dialect, settleMs: Millis) {
    this.name = name;
    this.can = dialect.can;
    this.#bus = bus;
    this.#dialect = dialect;
    this.#settleMs = settleMs;
  }

  async open(): Promise<void> {
    await this.#named(() => this.#bus.talk(this, (line) => this.#dialect.report(line, [])));
    this.#isOpen = true;
  }

  async apply(wish: DisplayWish): Promise<void> {
    await this.#turn(async (line) => {
      const orders = ordersOf(wish, this.can);
      this.#commanded = { ...this.#commanded, ...wish };
      for (const order of orders) {
        await this.#dialect.tell(line, order);
        this.#driven = { ...this.#driven, [order.aspect]: order.value };
      }
      await this.#obeyed(line, Object.fromEntries(orders.map(({ aspect, value }) => [aspect, value])));
    });
  }

  status(): Promise<DisplayStatus> {
    return this.#turn(async (line) => {
      const reports = await this.#dialect.report(line, DISPLAY_ASPECTS);
      const health = await this.#dialect.health(line);
      const reported = combined(reports, this.#commanded, this.can);
      return { commanded: this.#commanded, driven: this.#driven, reported, ...health };
    });
  }

  show(image: BoardImage): Promise<void> {
    return this.#turn(async (line) => {
      const { show } = this.#dialect;
      if (show === undefined || this.can.images === null) throw new Refused("this board shows what it is fed");
      assertFits(image, this.can.images);
      await show.call(this.#dialect, line, image);
    });
  }

  clear(area: number): Promise<void> {
    return this.#turn(async (line) => {
      if (this.#dialect.clear === undefined) throw new Refused("this board shows what it is fed");
      await this.#dialect.clear(line, area);
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#driven = {};
    this.#bus.close(this);
  }

  async #obeyed(line: Line, told: DisplayWish): Promise<void> {
    const until = performance.now() + this.#settleMs;
    const aspects = DISPLAY_ASPECTS.filter((aspect) => told[aspect] !== undefined);
    for (;;) {
      const reported = combined(await this.#dialect.report(line, aspects), told, this.can);
      const wrong = differing(told, reported, this.can);
      if (wrong === null) return;
      if (performance.now() >= until) throw new Refused(wrong);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  }

  #turn<T>(work: (line: Line) => Promise<T>): Promise<T> {
    return this.#named(async () => {
      this.#assertOpen();
      return this.#bus.talk(this, (line) => {
        // It may have been closed while this waited for its turn.
        this.#assertOpen();
        return work(line);
      });
    });
  }

  async #named<T>(work: () => Promise<T>): Promise<T> {
    return named(this.name, work).catch((error: unknown) => {
      // Whoever was away may have lost its settings.
      if (error instanceof StationError && error.code === "display-unreachable") this.#driven = {};
      throw error;
    });
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new StationError("display-unreachable", `${this.name} is not open`);
  }
}
