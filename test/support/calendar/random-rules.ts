/** Random recurrence rules of every shape that RFC 5545 allows here, from a seed, so that a failure can be repeated. */
import { WEEKDAYS } from "../../../playback/model/schedule.ts";
import { randomFrom } from "../../source/random.ts";

export interface RandomRule {
  readonly dtstart: string;
  readonly rrule: string;
  readonly exdates: readonly string[];
  readonly rdates: readonly string[];
  readonly from: string;
  readonly to: string;
}

const DAY = 86_400_000;

const local = (at: number) => new Date(at).toISOString().slice(0, 19);

export class RuleMaker {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  #int(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }
  #chance(share: number): boolean {
    return this.#random() < share;
  }
  #pick<T>(list: readonly T[]): T {
    return list[this.#int(0, list.length - 1)] as T;
  }
  #some(most: number, from: number, to: number, negative = false): string {
    const values = new Set<number>();
    for (let n = this.#int(1, most); n > 0; n--) {
      const value = this.#int(from, to);
      values.add(negative && this.#chance(0.35) ? -value : value);
    }
    return [...values].join(",");
  }

  next(): RandomRule {
    const freq = this.#pick(["HOURLY", "DAILY", "DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "YEARLY"]);
    const begin = Date.UTC(
      this.#int(2019, 2026),
      this.#int(0, 11),
      this.#int(1, 31),
      this.#int(0, 23),
      this.#int(0, 59),
    );
    const parts = [`FREQ=${freq}`, ...this.#parts(freq)];
    const hours = freq === "HOURLY" ? 15 * DAY : 400 * DAY;
    const after = begin + Math.floor(this.#random() * (freq === "HOURLY" ? 40 : 900)) * DAY - 5 * DAY;
    if (this.#chance(0.2)) parts.push(`COUNT=${this.#int(1, 40)}`);
    else if (this.#chance(0.25)) {
      const until = new Date(begin + this.#int(1, 900) * DAY + this.#int(0, 23) * 3_600_000).toISOString();
      parts.push(`UNTIL=${until.replaceAll(/[-:]/g, "").slice(0, 15)}Z`);
    }
    const near = () => local(begin + this.#int(0, 60) * DAY);
    return {
      dtstart: local(begin),
      rrule: parts.join(";"),
      exdates: this.#chance(0.2) ? Array.from({ length: this.#int(1, 5) }, near) : [],
      rdates: this.#chance(0.2) ? Array.from({ length: this.#int(1, 5) }, near) : [],
      from: local(after),
      to: local(after + hours),
    };
  }

  #parts(freq: string): string[] {
    const parts: string[] = [];
    const with_ = (share: number, part: () => string) => {
      if (this.#chance(share)) parts.push(part());
    };
    with_(0.4, () => `INTERVAL=${this.#int(1, freq === "HOURLY" ? 30 : 6)}`);
    with_(0.3, () => `WKST=${this.#pick(WEEKDAYS)}`);
    with_(0.25, () => `BYMONTH=${this.#some(4, 1, 12)}`);
    if (freq === "YEARLY" && this.#chance(0.15)) parts.push(`BYWEEKNO=${this.#some(3, 1, 53, true)}`);
    if (["YEARLY", "HOURLY"].includes(freq)) with_(0.15, () => `BYYEARDAY=${this.#some(4, 1, 366, true)}`);
    if (freq !== "WEEKLY") with_(0.25, () => `BYMONTHDAY=${this.#some(4, 1, 31, true)}`);
    with_(
      0.4,
      () =>
        `BYDAY=${this.#days(
          freq,
          parts.some((part) => part.startsWith("BYWEEKNO")),
        )}`,
    );
    with_(0.15, () => `BYHOUR=${this.#some(3, 0, 23)}`);
    with_(0.15, () => `BYMINUTE=${this.#some(3, 0, 59)}`);
    with_(0.05, () => `BYSECOND=${this.#some(2, 0, 59)}`);
    const expands = parts.some((part) => /^BY/.test(part));
    if (expands) with_(0.1, () => `BYSETPOS=${this.#some(2, 1, 4, true)}`);
    return parts;
  }

  #days(freq: string, weeks: boolean): string {
    const ordinal = (freq === "MONTHLY" || freq === "YEARLY") && !weeks && this.#chance(0.5);
    const days = new Set<string>();
    for (let n = this.#int(1, 4); n > 0; n--) {
      const number = this.#int(1, freq === "MONTHLY" ? 5 : 20) * (this.#chance(0.35) ? -1 : 1);
      days.add(`${ordinal ? number : ""}${this.#pick(WEEKDAYS)}`);
    }
    return [...days].join(",");
  }
}
