#!/usr/bin/env node
/**
 * `npm start`: tells the story. This process only keeps the terminal's signals: Ctrl-C goes to a whole process group, and would stop broker,
 * agent and recorder before anybody could ask them what they had done. So the story runs in a group of its own and is told once.
 */
import { spawn } from "node:child_process";
import { BadOption, HELP, parseOptions } from "./options.ts";
import { EXIT, tellStory } from "./story.ts";
import { JsonTeller, LiveTeller, PlainTeller } from "./teller.ts";
import { StoryWords } from "./words.ts";

const INSIDE = "LOA_STORY_INSIDE";
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function outside(argv: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const command = [process.execPath, ...process.execArgv, process.argv[1] ?? "", ...argv];
    // Nobody is left behind if this process is killed.
    const child = spawn("setpriv", ["--pdeathsig", "TERM", "--", ...command], {
      stdio: "inherit",
      detached: true,
      env: { ...process.env, [INSIDE]: "1" },
    });
    for (const signal of SIGNALS) process.on(signal, () => child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? (signal === null ? EXIT.wrong : EXIT.interrupted)));
  });
}

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv, process.env);
  if (options === "help") {
    process.stdout.write(HELP);
    return EXIT.right;
  }
  if (process.env[INSIDE] === undefined) return outside(argv);
  const asked = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => asked.abort());
  const words = new StoryWords(options.language);
  const live = process.stdout.isTTY === true;
  const teller = options.json ? new JsonTeller() : live ? new LiveTeller(words) : new PlainTeller(words);
  return tellStory(options, teller, words, asked.signal);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const wrongUse = error instanceof BadOption;
  process.stderr.write(`${wrongUse ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = wrongUse ? EXIT.usage : EXIT.wrong;
}
