/**
 * Asks whoever sits at the terminal, line by line; works the same where the lines come from a pipe. Ctrl-C, the end of the input and a terminal that
 * is gone are `Interrupted`.
 */
import { createInterface, type Interface } from "node:readline";
import type { Words } from "./words.ts";

export class Interrupted extends Error {}

export class Prompt {
  readonly #lines: Interface;
  readonly #words: Words;
  readonly #typed: string[] = [];
  #waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | null = null;
  #closing = false;
  #closed = false;

  constructor(words: Words) {
    this.#words = words;
    const terminal = process.stdin.isTTY === true;
    this.#lines = createInterface({ input: process.stdin, output: process.stdout, terminal });
    this.#lines.on("line", (line) => {
      const waiting = this.#waiting;
      this.#waiting = null;
      if (waiting === null) this.#typed.push(line);
      else waiting.resolve(line);
    });
    this.#lines.on("SIGINT", () => this.close());
    // Of the input both: the lines hear no more of it once they are closed.
    for (const one of [this.#lines, process.stdin]) one.on("error", () => this.close());
    this.#lines.on("close", () => {
      this.#closed = true;
      this.#waiting?.reject(new Interrupted("interrupted"));
    });
  }

  /** Ctrl-C, or the end of the input. */
  get closed(): boolean {
    return this.#closed;
  }

  /** What is typed after the question; the suggestion where nothing is. @throws Interrupted */
  async ask(question: string, suggestion = ""): Promise<string> {
    const shown = suggestion === "" ? `${question}: ` : `${question} [${suggestion}]: `;
    this.#lines.setPrompt(shown);
    this.#lines.prompt();
    const typed = this.#typed.shift() ?? (await this.#next());
    const line = typed.trim().normalize("NFC");
    return line === "" ? suggestion : line;
  }

  /** c/k (có, không) or y/n. Without an answer what is suggested. @throws Interrupted */
  async confirm(question: string, suggestion: boolean): Promise<boolean> {
    const [yes, no] = this.#words.language === "vi" ? ["c", "k"] : ["y", "n"];
    for (;;) {
      const answer = (await this.ask(`${question} (${yes}/${no})`, suggestion ? yes : no)).toLowerCase();
      if (["c", "có", "y", "yes"].includes(answer)) return true;
      if (["k", "không", "n", "no"].includes(answer)) return false;
    }
  }

  /** One of the choices, by its number or its own text; `null` for none (0). @throws Interrupted */
  async choose(question: string, choices: readonly string[], suggestion = 1): Promise<number | null> {
    process.stdout.write(
      `${[...choices.map((one, at) => `  ${at + 1}. ${one}`), `  0. ${this.#words.say("none")}`].join("\n")}\n`,
    );
    for (;;) {
      const answer = await this.ask(question, String(Math.min(suggestion, choices.length)));
      const number = Number(answer);
      if (number === 0) return null;
      if (Number.isInteger(number) && number >= 1 && number <= choices.length) return number - 1;
      const named = choices.indexOf(answer);
      if (named >= 0) return named;
    }
  }

  /** Idempotent: a terminal that is gone cannot be given back as it was, and says so in the middle of this. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#lines.close();
  }

  #next(): Promise<string> {
    if (this.#closed) return Promise.reject(new Interrupted("interrupted"));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}
