/** How the story reaches the person: JSON lines for programs, plain lines for a file, a live view for a terminal. */
import type { StatusView } from "../../agent/control/views.ts";
import type { Expectation } from "./plan.ts";
import { footer } from "./view.ts";
import { type Sentence, type StoryWords, timeOfDay } from "./words.ts";

export type Values = Readonly<Record<string, string | number>>;

/** A moment marked on the timeline. */
export interface Mark {
  readonly atS: number;
  readonly sign: string;
}

/** What is shown of the present moment. */
export interface Snapshot {
  readonly t0: number;
  readonly now: number;
  readonly seconds: number | null;
  readonly expectations: readonly Expectation[];
  readonly marks: readonly Mark[];
  /** `null` while no agent answers. */
  readonly status: StatusView | null;
  readonly levelDb: number;
}

export interface Teller {
  /** Something happened. `bad` is a failed check. */
  tell(sentence: Sentence, values?: Values, bad?: boolean): void;
  /** The present moment, several times a second. */
  show(snapshot: Snapshot): void;
  /** Lines for people, such as the table at the end. */
  print(lines: readonly string[]): void;
  /** The summary: the last line of `--json`. */
  end(summary: object): void;
}

export class JsonTeller implements Teller {
  tell(event: Sentence, values: Values = {}, bad = false): void {
    this.#line({ at: new Date().toISOString(), event, ...(bad ? { bad } : {}), ...values });
  }

  show(): void {}

  print(): void {}

  end(summary: object): void {
    this.#line(summary);
  }

  #line(value: object): void {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  }
}

export class PlainTeller implements Teller {
  readonly words: StoryWords;

  constructor(words: StoryWords) {
    this.words = words;
  }

  tell(sentence: Sentence, values: Values = {}): void {
    this.print([`${timeOfDay(Date.now())}  ${this.words.say(sentence, values)}`]);
  }

  show(_snapshot: Snapshot): void {}

  print(lines: readonly string[]): void {
    process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  }

  end(): void {}
}

const RED = "\x1b[31m";
const PLAIN = "\x1b[0m";
const LEAST_WIDTH = 40;
const MOST_WIDTH = 120;

/** What happened scrolls; below it a few lines are drawn again and again. */
export class LiveTeller extends PlainTeller {
  #footer: readonly string[] = [];

  override tell(sentence: Sentence, values: Values = {}, bad = false): void {
    const line = `${timeOfDay(Date.now())}  ${this.words.say(sentence, values)}`;
    this.#draw([bad ? `${RED}${line}${PLAIN}` : line], this.#footer);
  }

  override show(snapshot: Snapshot): void {
    const width = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, (process.stdout.columns || 80) - 1));
    this.#draw([], footer(snapshot, this.words, width));
  }

  override print(lines: readonly string[]): void {
    this.#draw(lines, []);
  }

  #draw(lines: readonly string[], next: readonly string[]): void {
    const up = this.#footer.length > 0 ? `\x1b[${this.#footer.length}A` : "";
    // One write, and each line cleared only to its right: nothing flickers.
    const text = [...lines, ...next].map((line) => `${line}\x1b[K\n`).join("");
    process.stdout.write(`\r${up}${text}\x1b[J`);
    this.#footer = next;
  }
}
