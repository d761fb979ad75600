/**
 * A board's power behind a relay, driven as an amplifier's power line is. Alone it is a board that can only be on or off; around another
 * controller it gives that one the power switch that its protocol has not.
 */
import { StationError } from "../../playback/model/station-error.ts";
import type { Amplifier } from "../../playback/ports/amplifier.ts";
import {
  type BoardImage,
  type DisplayAbilities,
  type DisplayController,
  type DisplayStatus,
  type DisplayWish,
  SILENT_REPORT,
} from "../../playback/ports/display-controller.ts";
import { Turns } from "../amplifier/turns.ts";
import { named } from "../bus/wire-fault.ts";
import { NO_HEALTH } from "./dialect.ts";
import { ordersOf } from "./obedience.ts";

const NOTHING: DisplayAbilities = {
  aspects: new Set(),
  patterns: [],
  images: null,
  brightnessTaken: (asked) => asked,
};

export class RelayDisplay implements DisplayController {
  readonly name: string;
  readonly can: DisplayAbilities;
  readonly #relay: Amplifier;
  readonly #inner: DisplayController | null;
  #commanded: DisplayWish = {};
  readonly #turns = new Turns();
  #driven: DisplayWish = {};
  #isOpen = false;
  #innerIsOpen = false;
  #relayIsHeld = false;

  /** `inner`: what the relay feeds. */
  constructor(name: string, relay: Amplifier, inner: DisplayController | null) {
    this.name = name;
    this.#relay = relay;
    this.#inner = inner;
    const can = inner?.can ?? NOTHING;
    this.can = { ...can, aspects: new Set([...can.aspects, "power"]) };
  }

  /** What the relay feeds is dark from here on, and is reached when it is switched on. */
  open(): Promise<void> {
    return this.#turns.run(async () => {
      this.#relayIsHeld = false;
      await this.#switching(async () => undefined);
      this.#isOpen = true;
    });
  }

  apply(wish: DisplayWish): Promise<void> {
    return this.#turn(async () => {
      const { power, ...rest } = wish;
      await named(this.name, async () => ordersOf(wish, this.can));
      this.#commanded = { ...this.#commanded, ...wish };
      if (power !== undefined) await this.#switch(power);
      if (power === false || Object.keys(rest).length === 0) return;
      await (await this.#fed()).apply(rest);
    });
  }

  status(): Promise<DisplayStatus> {
    return this.#turn(async () => {
      const { driven, sensed, fault } = await this.#switching(() => this.#relay.read());
      const fed = driven.power && this.#inner !== null ? await (await this.#fed()).status() : null;
      const faults = fault === true ? [{ part: "other", severity: "error", at: "relay" } as const] : [];
      return {
        ...(fed ?? NO_HEALTH),
        commanded: this.#commanded,
        driven: { ...fed?.driven, ...this.#driven },
        reported: { ...(fed?.reported ?? SILENT_REPORT), power: sensed ?? driven.power },
        faults: fault === null && fed === null ? null : [...faults, ...(fed?.faults ?? [])],
      };
    });
  }

  show(image: BoardImage): Promise<void> {
    return this.#turn(async () => (await this.#fed()).show(image));
  }

  clear(area: number): Promise<void> {
    return this.#turn(async () => (await this.#fed()).clear(area));
  }

  async close(): Promise<void> {
    // What is fed is closed at once, so that nobody waits for its answers; the relay when its turn comes.
    await this.#inner?.close();
    this.#innerIsOpen = false;
    this.#isOpen = false;
    await this.#turns.run(() => this.#relay.close());
  }

  async #switch(power: boolean): Promise<void> {
    if (!power && this.#innerIsOpen) {
      this.#innerIsOpen = false;
      await this.#inner?.close();
    }
    await this.#switching(() => this.#relay.drive({ power, muted: !power }));
    this.#driven = { power };
  }

  /** The controller behind the relay. @throws StationError `display-disobeys` where it is switched off or there is none */
  async #fed(): Promise<DisplayController> {
    if (this.#inner === null) throw this.#disobeys("a relay can only switch on and off");
    if (this.#driven.power !== true) throw this.#disobeys("it is switched off");
    if (!this.#innerIsOpen) await this.#inner.open();
    this.#innerIsOpen = true;
    return this.#inner;
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run(() => {
      if (!this.#isOpen) throw new StationError("display-unreachable", `${this.name} is not open`);
      return work();
    });
  }

  /** A relay that fails is a board that fails. */
  async #switching<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (!this.#relayIsHeld) {
        await this.#relay.open();
        this.#relayIsHeld = true;
        this.#driven = { power: false };
      }
      return await work();
    } catch (error) {
      if (!(error instanceof StationError)) throw error;
      if (error.code !== "amplifier-disobeys") {
        // A relay board that was away has let go, and what was held of it leads nowhere.
        this.#driven = {};
        this.#relayIsHeld = false;
      }
      const code = error.code === "amplifier-disobeys" ? "display-disobeys" : "display-unreachable";
      throw new StationError(code, `${this.name}: ${error.message}`, { cause: error });
    }
  }

  #disobeys(why: string): StationError {
    return new StationError("display-disobeys", `${this.name}: ${why}`);
  }
}
