/** Time and date of a place as a face writes them. */
import { wordsFor } from "./words.ts";

export class LocalTime {
  readonly zone: string;
  readonly #parts: Intl.DateTimeFormat;

  /** `zone`: an IANA name; one that the browser does not know counts as Viet Nam's. */
  constructor(zone: string) {
    this.zone = zone;
    this.#parts = formatOf(zone) ?? (formatOf("Asia/Ho_Chi_Minh") as Intl.DateTimeFormat);
  }

  /** `05:07:09`, or without seconds. */
  time(at: number, seconds: boolean): string {
    const { hour, minute, second } = this.#of(at);
    return seconds ? `${hour}:${minute}:${second}` : `${hour}:${minute}`;
  }

  /** `Thứ hai, 23/11/2026`. */
  date(at: number, language: string): string {
    const { year, month, day } = this.#of(at);
    const { weekdays, date } = wordsFor(language);
    const weekday = weekdays[new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay()] ?? "";
    const chinese = date.includes("年");
    const numbers: Record<string, string> = {
      d: chinese ? String(Number(day)) : (day ?? ""),
      m: chinese ? String(Number(month)) : (month ?? ""),
      y: year ?? "",
    };
    const written = date.replace(/[dmy]/g, (letter) => numbers[letter] ?? "");
    return chinese ? `${written} ${weekday}` : `${weekday}, ${written}`;
  }

  /** The farthest instants that a calendar of the browser knows; what is beyond is told as the last of them. */
  #of(at: number): Partial<Record<string, string>> {
    return Object.fromEntries(this.#parts.formatToParts(within(at)).map(({ type, value }) => [type, value]));
  }
}

const FARTHEST = 8.64e15;

function within(at: number): number {
  return Number.isNaN(at) ? 0 : Math.min(FARTHEST, Math.max(-FARTHEST, at));
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  const numbers = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone, ...numbers, ...clock });
  } catch {
    return null;
  }
}
