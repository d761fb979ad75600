/** `loa logs`: the service log, from the system's journal where there is one, else from the file that station.yaml names. */
import { spawn } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { readStation } from "../../doctor/read-station.ts";
import { type CliCommand, EXIT, type Invocation, Refused, UsageError } from "../command.ts";
import { instantOf, readable, sinceOf } from "../log-lines.ts";

const UNIT = "loa";
const FOLLOW_EVERY_MS = 300;
const LARGEST_STEP = 1_000_000;

export const logs: CliCommand = {
  usage: "loa logs [--since '1 hour ago'] [--follow]",
  help: { vi: "nhật ký dịch vụ", en: "the service log" },
  async run(invocation) {
    const { args, flags, words, print } = invocation;
    if (args.length > 0) throw new UsageError(logs.usage);
    const line = (text: string) => print(flags.json ? text : readable(text, (at) => words.time(at)));
    const named = (await readStation(flags.config))?.log.file;
    if (existsSync("/run/systemd/system")) return fromJournal(invocation, line);
    if (named === undefined) throw new Refused(words.say("noLog"));
    return fromFile(named, invocation, line);
  },
};

async function fromJournal({ flags }: Invocation, line: (text: string) => void): Promise<number> {
  const since = flags.since === null ? ["-n", "200"] : ["--since", flags.since];
  const args = ["-u", UNIT, "-o", "cat", "--no-pager", ...since, ...(flags.follow ? ["-f"] : [])];
  const child = spawn("journalctl", args, { stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise<number | null>((resolve, reject) => {
    child.once("close", resolve);
    child.once("error", reject);
  });
  process.once("SIGINT", () => child.kill("SIGTERM"));
  for await (const text of createInterface({ input: child.stdout })) line(text);
  return (await gone) === 0 || flags.follow ? EXIT.ok : EXIT.unavailable;
}

async function fromFile(name: string, { flags }: Invocation, line: (text: string) => void): Promise<number> {
  const from = flags.since === null ? Number.NEGATIVE_INFINITY : sinceOf(flags.since, Date.now());
  if (from === null)
    throw new UsageError(`--since '${flags.since}': '10 min ago', '2 hours ago', 2026-11-22T05:00:00+07:00`);
  // A line without a time belongs to the one before it.
  let shows = flags.since === null;
  for (const one of [`${name}.1`, name]) {
    if (!existsSync(one)) continue;
    for await (const text of createInterface({ input: createReadStream(one) })) {
      const at = instantOf(text);
      if (at !== null) shows = at >= from;
      if (shows) line(text);
    }
  }
  if (flags.follow) await follow(name, line);
  return EXIT.ok;
}

async function follow(name: string, line: (text: string) => void): Promise<void> {
  const ending = new AbortController();
  process.once("SIGINT", () => ending.abort());
  let at = (await stat(name).catch(() => null))?.size ?? 0;
  let rest = "";
  while (!ending.signal.aborted) {
    await sleep(FOLLOW_EVERY_MS, null, { signal: ending.signal }).catch(() => null);
    const size = (await stat(name).catch(() => null))?.size ?? 0;
    // It was put aside and begun anew.
    if (size < at) at = 0;
    if (size === at) continue;
    const file = await open(name, "r");
    const { buffer, bytesRead } = await file
      .read(Buffer.alloc(Math.min(size - at, LARGEST_STEP)), 0, Math.min(size - at, LARGEST_STEP), at)
      .finally(() => file.close());
    at += bytesRead;
    const lines = (rest + buffer.toString("utf8", 0, bytesRead)).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) line(text);
  }
}
