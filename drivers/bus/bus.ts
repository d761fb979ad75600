/**
 * A line with one or more controllers on it. One turn at a time, because two questions on one wire have one answer. Connects when there is
 * something to say, lets go after a silence (controllers serve few at once, and projectors hang up by themselves), and after a fault begins
 * with a new connection.
 */
import type { Millis } from "../../playback/model/units.ts";
import { Turns } from "../amplifier/turns.ts";
import { Connection, type Line } from "./connection.ts";
import { createLink, type Link, type LinkConfig } from "./link.ts";
import { WireFault } from "./wire-fault.ts";

export interface BusTimes {
  readonly connectMs: Millis;
  /** For each answer. */
  readonly replyMs: Millis;
  /** The connection is given up after so long without a turn. */
  readonly idleMs: Millis;
  /** Silence between two turns, for lines on which nobody marks their ends. */
  readonly pauseMs: Millis;
}

/** Assumed, after PJLink class 1 and controllers' manuals: an answer within 300–1,000 ms on a serial line, PJLink within 2 s; projectors hang up after 30 s. */
export const DEFAULT_BUS_TIMES: BusTimes = { connectMs: 2_000, replyMs: 1_000, idleMs: 5_000, pauseMs: 0 };

/** More than a few boards never wait on one line; who comes then is told at once. */
const MOST_WAITING = 64;

export class Bus {
  readonly #link: Link;
  readonly #times: BusTimes;
  readonly #turns = new Turns();
  #connection: Connection | null = null;
  #idle: NodeJS.Timeout | undefined;
  #waiting = 0;
  /** Whose turn it is. */
  #speaker: object | null = null;

  constructor(link: Link, times: BusTimes) {
    this.#link = link;
    this.#times = times;
  }

  /** `speaker` has the line to itself while `work` runs. @throws WireFault, and whatever `work` throws */
  async talk<T>(speaker: object, work: (line: Line) => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) throw new WireFault(`${this.#link.address}: too many wait for this line`);
    this.#waiting += 1;
    return this.#turns
      .run(() => this.#turn(speaker, work))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** Drops the connection, failing what this speaker has under way; others on the line finish first. */
  close(speaker: object): void {
    if (this.#speaker === null || this.#speaker === speaker) this.#drop("closed");
  }

  /** The next turn connects again. */
  #drop(why: string): void {
    clearTimeout(this.#idle);
    this.#connection?.fail(why);
    this.#connection = null;
  }

  async #turn<T>(speaker: object, work: (line: Line) => Promise<T>): Promise<T> {
    clearTimeout(this.#idle);
    this.#speaker = speaker;
    const connection = await this.#connected().catch((error: unknown) => {
      this.#speaker = null;
      throw error;
    });
    try {
      return await work(connection);
    } catch (error) {
      if (error instanceof WireFault) {
        connection.fail(error.message);
        throw new WireFault(`${this.#link.address}: ${error.message}`, { cause: error });
      }
      throw error;
    } finally {
      this.#speaker = null;
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#drop("idle"), this.#times.idleMs);
      this.#idle.unref();
      if (this.#times.pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#times.pauseMs));
    }
  }

  async #connected(): Promise<Connection> {
    if (this.#connection !== null && !this.#connection.broken) return this.#connection;
    const stream = await this.#link.connect(this.#times.connectMs);
    this.#connection = new Connection(stream, this.#times.replyMs);
    return this.#connection;
  }
}

/** Whoever has one address shares its line: two questions on one wire have one answer. The agent makes one of these for all its hardware. */
export class Buses {
  readonly #buses = new Map<string, Bus>();

  /** The times of the first who named the line count. */
  at(config: LinkConfig, usualPort: number | undefined, times: BusTimes): Bus {
    const link = createLink(config, usualPort);
    const known = this.#buses.get(link.address);
    if (known !== undefined) return known;
    const bus = new Bus(link, times);
    this.#buses.set(link.address, bus);
    return bus;
  }
}
