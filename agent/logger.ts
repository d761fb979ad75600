/** The service log: structured, secrets removed, floods held back. The journal is the record; this is for whoever looks over the shoulder. */

import { appendFileSync, renameSync, statSync } from "node:fs";
import { pino } from "pino";
import { withoutSecrets } from "../playback/model/live.ts";

export interface Logger {
  debug(event: string, fields?: object): void;
  info(event: string, fields?: object): void;
  warn(event: string, fields?: object): void;
  error(event: string, fields?: object): void;
}

type LogLevel = "debug" | "info" | "warn" | "error";

/** The same event at most this often; what is held back is counted into the next line. */
const SAME_EVENT_MS = 1_000;
const REMEMBERED = 500;

function cleaned(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (value instanceof Error) return [name, withoutSecrets(value.stack ?? value.message)];
      return [name, typeof value === "string" ? withoutSecrets(value) : value];
    }),
  );
}

/** A log file is put aside at this size; one older stays. */
const LARGEST_FILE = 2_000_000;

/** Beside standard error into a file of two generations. A disk that refuses ends the file, never the agent. */
function alsoInto(file: string, destination: number) {
  const plain = pino.destination({ dest: destination, sync: true });
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let refused = false;
  return {
    write(line: string) {
      plain.write(line);
      if (refused) return;
      try {
        if (size > LARGEST_FILE) renameSync(file, `${file}.1`);
        size = (size > LARGEST_FILE ? 0 : size) + Buffer.byteLength(line);
        appendFileSync(file, line, { mode: 0o640 });
      } catch {
        // What was to be written stands on standard error.
        refused = true;
      }
    },
  };
}

export interface LogFile {
  readonly level: LogLevel;
  readonly file?: string | undefined;
}

/** Writes JSON lines to standard error, and to a file where one is named. `monotonic` paces repeated events. */
export function createLogger({ level, file }: LogFile, monotonic: () => number, destination = 2): Logger {
  const sink = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ["password", "token", "privateKey", "*.password", "*.token", "*.privateKey"], censor: "***" },
    },
    file === undefined ? pino.destination({ dest: destination, sync: true }) : alsoInto(file, destination),
  );
  const recent = new Map<string, { at: number; held: number }>();
  const write =
    (severity: LogLevel) =>
    (event: string, fields: object = {}) => {
      const now = monotonic();
      const last = recent.get(event);
      if (last !== undefined && now - last.at < SAME_EVENT_MS) {
        last.held += 1;
        return;
      }
      recent.delete(event);
      recent.set(event, { at: now, held: 0 });
      const oldest = recent.keys().next().value;
      if (recent.size > REMEMBERED && oldest !== undefined) recent.delete(oldest);
      const held = last === undefined || last.held === 0 ? {} : { heldBack: last.held };
      sink[severity]({ ...cleaned(fields), ...held }, event);
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
