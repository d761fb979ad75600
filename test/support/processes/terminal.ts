/** A program at a terminal of its own, typed at by a test: util-linux's `script` holds the pseudo-terminal. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { onTestFinished } from "vitest";

const CTRL_C = "\u0003";

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<number | null>;
  #shown = "";
  #read = 0;

  constructor(command: readonly string[], environment: NodeJS.ProcessEnv) {
    const line = command.map(quoted).join(" ");
    this.#child = spawn("script", ["-qfec", line, "/dev/null"], {
      env: { ...environment, TERM: "xterm", COLUMNS: "80" },
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#shown += text;
    });
    this.exited = new Promise((resolve) => this.#child.once("close", (code) => resolve(code)));
    onTestFinished(() => void this.#child.kill("SIGKILL"));
  }

  /** Everything that was on the screen. */
  get shown(): string {
    return this.#shown;
  }

  /** Waits until this comes up after what was answered last; gives what came before it too. @throws Error with the screen */
  async until(wanted: RegExp, withinMs = 20_000): Promise<string> {
    const end = Date.now() + withinMs;
    let gone = false;
    void this.exited.then(() => {
      gone = true;
    });
    for (;;) {
      const fresh = this.#shown.slice(this.#read);
      const found = wanted.exec(fresh);
      if (found !== null) {
        this.#read += found.index + found[0].length;
        return fresh.slice(0, found.index + found[0].length);
      }
      if (gone || Date.now() > end) throw new Error(`${wanted} did not come up:\n${this.#shown.slice(-3_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\r`);
  }

  interrupt(): void {
    this.#child.stdin.write(CTRL_C);
  }

  /** As a power cut: nothing is told. */
  async kill(): Promise<void> {
    // The terminal goes, and with it whoever sits in it.
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  /** Waits for a question and answers it. */
  async answer(question: RegExp, line: string): Promise<void> {
    await this.until(question);
    this.type(line);
  }
}
