#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
/** `loa`: one command a file, human text in Vietnamese or English, `--json` stable, exit codes of sysexits. */
import { parseArgs } from "node:util";
import { messageOf, StationError } from "../../playback/model/station-error.ts";
import { parseStationFile } from "../config/station-file.ts";
import { askDaemon } from "./client.ts";
import { type CliCommand, DaemonDown, EXIT, type Flags, Refused, UsageError } from "./command.ts";
import { agenda } from "./commands/agenda.ts";
import { bridge } from "./commands/bridge.ts";
import { bundle } from "./commands/bundle.ts";
import { commission, factoryReset } from "./commands/commission.ts";
import { config } from "./commands/config.ts";
import { emergency, mute, token, unmute, volume } from "./commands/controls.ts";
import { doctor } from "./commands/doctor.ts";
import { enrol } from "./commands/enrol.ts";
import { explain as explainConcern } from "./commands/explain.ts";
import { face } from "./commands/face.ts";
import { importBundle } from "./commands/import.ts";
import { journal } from "./commands/journal.ts";
import { logs } from "./commands/logs.ts";
import { page } from "./commands/page.ts";
import { recordings } from "./commands/recordings.ts";
import { report } from "./commands/report.ts";
import { run } from "./commands/run.ts";
import { safe } from "./commands/safe.ts";
import { safeMode } from "./commands/safe-mode.ts";
import { setup } from "./commands/setup.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { status } from "./commands/status.ts";
import { test } from "./commands/test.ts";
import { top } from "./commands/top.ts";
import { why } from "./commands/why.ts";
import { VERSION } from "./version.ts";
import { languageOf, Words } from "./words.ts";

const COMMANDS: Readonly<Record<string, CliCommand>> = {
  run,
  status,
  agenda,
  why,
  journal,
  report,
  simulate: simulateCommand,
  import: importBundle,
  volume,
  mute,
  unmute,
  emergency,
  test,
  page,
  face,
  recordings,
  bridge,
  top,
  logs,
  bundle,
  doctor,
  explain: explainConcern,
  "safe-mode": safeMode,
  safe,
  config,
  enrol,
  token,
  setup,
  commission,
  "factory-reset": factoryReset,
};
const DEFAULT_CONFIG = "/etc/loa/station.yaml";
const DEFAULT_SOCKET = "/run/loa/control.sock";

function help(words: Words): string {
  const rows = Object.values(COMMANDS).map(({ usage, help: text }) => `  ${usage.padEnd(46)} ${words.pick(text)}`);
  return [
    `loa ${VERSION}`,
    `${words.say("usage")}:`,
    ...rows,
    "",
    "  --json  --lang vi|en  --config FILE  --socket PATH",
  ].join("\n");
}

/** The socket that the configuration names, where there is one; otherwise the packaged place. */
function socketOf(flags: Flags): string {
  if (flags.socket !== null) return flags.socket;
  try {
    const parsed = parseStationFile(readFileSync(flags.config, "utf8"), dirname(resolve(flags.config)));
    return "length" in parsed ? DEFAULT_SOCKET : parsed.socket;
  } catch (error) {
    // A technician's laptop may hold no configuration, or he may not read it; the socket still has its place.
    if (["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return DEFAULT_SOCKET;
    throw error;
  }
}

function explain(error: unknown, words: Words, socket: string): number {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  if (error instanceof DaemonDown) {
    const denied = (error.cause as NodeJS.ErrnoException | undefined)?.code === "EACCES";
    say(words.say(denied ? "noPermission" : "daemonDown", { socket }));
    return denied ? EXIT.noPermission : EXIT.unavailable;
  }
  if (error instanceof UsageError) {
    say(`${words.say("usage")}: ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof Refused) {
    say(error.message);
    return EXIT.data;
  }
  if (error instanceof StationError) {
    say(`${error.message}\n→ ${error.hint}`);
    return error.code === "config-invalid" ? EXIT.config : EXIT.software;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.software;
}

async function main(argv: readonly string[]): Promise<number> {
  let words = new Words(languageOf(process.env));
  let socket = DEFAULT_SOCKET;
  try {
    const { values, positionals } = parse(argv);
    if (values.lang === "vi" || values.lang === "en") words = new Words(values.lang);
    const [name = "help", ...args] = positionals;
    if (values.version === true || name === "version") {
      process.stdout.write(`${VERSION}\n`);
      return EXIT.ok;
    }
    if (values.help === true || name === "help") {
      process.stdout.write(`${help(words)}\n`);
      return EXIT.ok;
    }
    const command = COMMANDS[name];
    if (command === undefined) throw new UsageError(`${words.say("unknownCommand", { name })}\n${help(words)}`);
    const flags: Flags = {
      json: values.json === true,
      config: values.config ?? process.env.LOA_CONFIG ?? DEFAULT_CONFIG,
      socket: values.socket ?? null,
      at: values.at ?? null,
      days: values.days ?? null,
      limit: values.limit ?? null,
      token: values.token ?? null,
      replace: values.replace ?? null,
      state: values.state ?? null,
      yes: values.yes === true,
      verify: values.verify === true,
      month: values.month ?? null,
      csv: values.csv === true,
      html: values.html ?? null,
      speed: values.speed ?? null,
      warnings: values.warnings === true,
      baseline: values.baseline === true,
      to: values.to ?? null,
      format: values.format ?? null,
      kbps: values.kbps ?? null,
      sdp: values.sdp ?? null,
      pattern: values.pattern ?? null,
      seconds: values.seconds ?? null,
      once: values.once === true,
      since: values.since ?? null,
      follow: values.follow === true,
      from: values.from ?? null,
    };
    socket = name === "run" ? DEFAULT_SOCKET : socketOf(flags);
    return await command.run({
      args,
      flags,
      words,
      print: (text) => process.stdout.write(`${text}\n`),
      ask: (method, path, body, timeoutMs) => askDaemon(socket, method, path, body, timeoutMs),
    });
  } catch (error) {
    return explain(error, words, socket);
  }
}

function parse(argv: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: flag,
        lang: text,
        config: text,
        socket: text,
        at: text,
        days: text,
        limit: text,
        token: text,
        replace: text,
        state: text,
        yes: flag,
        verify: flag,
        month: text,
        csv: flag,
        html: text,
        speed: text,
        warnings: flag,
        baseline: flag,
        to: text,
        format: text,
        kbps: text,
        sdp: text,
        pattern: text,
        seconds: text,
        once: flag,
        since: text,
        follow: flag,
        from: text,
        help: flag,
        version: flag,
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

process.exitCode = await main(process.argv.slice(2));
// Native audio threads outlive the loop; what had to be written is written.
if (process.argv[2] === "run") process.exit();
