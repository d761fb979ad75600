/** Asks python3-dateutil, the widest used implementation of RFC 5545 recurrence, about many rules at once. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { RandomRule } from "./random-rules.ts";

/** Starts in the window, in local time; or what the oracle stumbled over. */
export type OracleAnswer = readonly string[] | { readonly error: string };

const SCRIPT = join(import.meta.dirname, "oracle.py");

function run(command: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [SCRIPT], { stdio: ["pipe", "pipe", "pipe"] });
    let [output, problem] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      problem += text;
    });
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ended with ${code}: ${problem}\nIs the package python3-dateutil installed?`));
    });
    child.stdin.end(input);
  });
}

/** One answer for each rule. The system's own Python is asked first, because the package belongs to it. */
export async function askOracle(rules: readonly RandomRule[]): Promise<OracleAnswer[]> {
  const input = rules.map((rule) => `${JSON.stringify(rule)}\n`).join("");
  const output = await run("/usr/bin/python3", input).catch(() => run("python3", input));
  const answers = output.trimEnd().split("\n");
  if (answers.length !== rules.length) throw new Error(`${rules.length} rules, ${answers.length} answers`);
  return answers.map((line) => JSON.parse(line) as OracleAnswer);
}
