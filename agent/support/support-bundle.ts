/**
 * What somebody far away needs to understand a station: status, doctor, configuration, journal, log, machine. Bounded, and without secrets: every
 * file passes `redact` as it goes in.
 */

import { readFile } from "node:fs/promises";
import { messageOf } from "../../playback/model/station-error.ts";
import { parseYaml } from "../config/yaml.ts";
import { readCards } from "../doctor/cards.ts";
import { type CheckResult, isBad, type Question, runChecks } from "../doctor/checks.ts";
import type { Machine } from "../doctor/machine.ts";
import { readStation } from "../doctor/read-station.ts";
import { readStarts } from "../start/start-book.ts";
import { redact, redactText } from "./redact.ts";
import { type TarEntry, tarGz } from "./tar.ts";

/** Together far below what an upload takes. */
const JOURNAL_RECORDS = 500;
const LOG_LINES = 3_000;
const LARGEST_FILE = 1_000_000;

export interface BundleSources {
  readonly machine: Machine;
  readonly config: string;
  readonly version: string;
  /** Who asked for it. */
  readonly by: string;
  readonly agent: Question["agent"];
  /** Answers of the running agent by route; `null` where none runs. */
  readonly ask: ((path: string) => Promise<unknown>) | null;
}

const json = (value: unknown) => `${JSON.stringify(redact(value), null, 1)}\n`;
/** The end of a text, which is what counts in a log. */
const tail = (text: string) => (text.length > LARGEST_FILE ? `…\n${text.slice(-LARGEST_FILE)}` : text);

/** A gzipped tar. What cannot be had stands in `missing.txt`, with its reason. */
export async function supportBundle(sources: BundleSources): Promise<Buffer> {
  const { machine, version, by, agent } = sources;
  const missing: string[] = [];
  const entries: TarEntry[] = [];
  const add = async (name: string, make: () => Promise<string | null>) => {
    try {
      const text = await make();
      if (text === null) missing.push(`${name}: there is none`);
      else entries.push({ name, text: tail(text) });
    } catch (error) {
      missing.push(redactText(`${name}: ${messageOf(error)}`));
    }
  };
  const asked = (path: string) => async () => (sources.ask === null ? null : json(await sources.ask(path)));
  const madeAt = new Date(machine.now()).toISOString();
  await add("about.json", async () => json({ madeAt, version, by, running: agent !== null }));
  await add("doctor.json", async () => {
    const results = await runChecks({ machine, config: sources.config, agent });
    return json(results.map(plain));
  });
  await add("status.json", asked("/v1/status"));
  await add("config.json", asked("/v1/config"));
  await add("agenda-warnings.json", asked("/v1/agenda/warnings?days=3"));
  await add("journal.json", asked(`/v1/journal?limit=${JOURNAL_RECORDS}`));
  await add("station.yaml", () => stationText(sources.config));
  await add("machine.json", () => machineFacts(sources));
  await add("log.txt", () => logText(sources));
  if (missing.length > 0) entries.push({ name: "missing.txt", text: `${missing.join("\n")}\n` });
  return tarGz(entries, machine.now());
}

function plain(result: CheckResult) {
  const { check, verdict, concerns } = result;
  return { name: check.name, ok: !isBad(result), ...verdict, concerns };
}

/** By its structure where it has one; what no parser reads is searched by shape alone. */
async function stationText(name: string): Promise<string> {
  const text = await readFile(name, "utf8");
  const read = parseYaml(text);
  if ("value" in read && read.value !== null && typeof read.value === "object") return json(read.value);
  return redactText(text);
}

async function machineFacts({ machine, config }: BundleSources): Promise<string> {
  const file = await readStation(config);
  const lines = async (path: string) => (await machine.read(path))?.trim().split("\n") ?? null;
  return json({
    system: await lines("/etc/os-release"),
    kernel: await lines("/proc/version"),
    model: await lines("/proc/device-tree/model"),
    boot: await lines("/proc/cmdline"),
    uptime: await lines("/proc/uptime"),
    load: await lines("/proc/loadavg"),
    memory: (await lines("/proc/meminfo"))?.slice(0, 8) ?? null,
    mounts: await lines("/proc/self/mountinfo"),
    cards: await readCards(machine),
    gpio: await Promise.all(
      (await machine.list("/sys/class/gpio"))
        .filter((name) => name.startsWith("gpiochip"))
        .map(async (name) => ({ name, label: (await machine.read(`/sys/class/gpio/${name}/label`))?.trim() })),
    ),
    network: await machine.list("/sys/class/net"),
    space: file === null ? null : await machine.space(file.state),
    starts: file === null ? null : await readStarts(file.state),
  });
}

async function logText({ machine, config }: BundleSources): Promise<string | null> {
  const named = (await readStation(config))?.log.file;
  if (named !== undefined) return redactText((await readFile(named, "utf8")).slice(-LARGEST_FILE));
  const { code, stdout, stderr } = await machine.run("journalctl", [
    ...["-u", "loa", "-o", "cat", "--no-pager", "-n", String(LOG_LINES)],
  ]);
  if (code !== 0) throw new Error(stderr.split("\n")[0] ?? "no journal");
  return redactText(stdout);
}
