/** `loa top`: the station as it is now, redrawn twice a second; `--once` prints one picture and ends. */
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import type { FacesView } from "../../board/faces-view.ts";
import type { StatusView } from "../../control/views.ts";
import { type CliCommand, EXIT, type Invocation, Refused, UsageError } from "../command.ts";
import { type FrameOptions, frame } from "../top/frame.ts";

const EVERY_MS = 500;
const SCREEN = {
  enter: "\u001b[?1049h\u001b[?25l",
  leave: "\u001b[?25h\u001b[?1049l",
  home: "\u001b[H",
  below: "\u001b[J",
  line: "\u001b[K",
};
const COLOURS = { bad: "red", good: "green", dim: "dim", bold: "bold" } as const;

async function picture({ ask }: Invocation, options: FrameOptions): Promise<string[]> {
  const status = (await ask("GET", "/v1/status")) as StatusView;
  const faces = await ask("GET", "/v1/faces").catch((error: unknown) => {
    // A cluster without a board has no faces; anything else is worth an end.
    if (error instanceof Refused) return null;
    throw error;
  });
  return frame({ status, faces: faces as FacesView | null }, options);
}

export const top: CliCommand = {
  usage: "loa top [--once]",
  help: { vi: "bảng theo dõi trực tiếp trên màn hình", en: "live dashboard in the terminal" },
  async run(invocation) {
    const { args, flags, words, print } = invocation;
    if (args.length > 0) throw new UsageError(top.usage);
    const { stdout, stdin } = process;
    const colour = stdout.isTTY === true && process.env.NO_COLOR === undefined;
    const paint: FrameOptions["paint"] = (style, text) =>
      colour ? styleText(COLOURS[style], text, { validateStream: false }) : text;
    const options = () => ({ words, columns: stdout.columns ?? 80, paint });
    if (flags.once || stdout.isTTY !== true) {
      for (const line of await picture(invocation, options())) print(line);
      return EXIT.ok;
    }
    const ending = new AbortController();
    const end = () => ending.abort();
    const key = (bytes: Buffer) => {
      if (bytes.toString() === "q" || bytes[0] === 3) end();
    };
    process.once("SIGINT", end).once("SIGTERM", end);
    if (stdin.isTTY) stdin.setRawMode(true).on("data", key);
    stdout.write(SCREEN.enter);
    try {
      while (!ending.signal.aborted) {
        const lines = await picture(invocation, options());
        const shown = lines.slice(0, (stdout.rows ?? 24) - 1);
        stdout.write(SCREEN.home + shown.map((line) => `${line}${SCREEN.line}\r\n`).join("") + SCREEN.below);
        // Cut short by a key: that it was aborted is no fault.
        await sleep(EVERY_MS, null, { signal: ending.signal }).catch(() => null);
      }
    } finally {
      stdout.write(SCREEN.leave);
      if (stdin.isTTY) stdin.setRawMode(false).off("data", key).pause();
    }
    return EXIT.ok;
  },
};
