/** `loa config`: `check` with the daemon up or down; what is in force, how it differs, and the technician's own layer with the daemon up. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseStationFile } from "../../config/station-file.ts";
import { parseYaml } from "../../config/yaml.ts";
import type { ConfigView } from "../../control/config-view.ts";
import { caller } from "../caller.ts";
import { type CliCommand, EXIT, type Invocation, UsageError } from "../command.ts";
import { difference, flatten } from "../flatten.ts";

const USAGE = "loa config check|show|diff|history|confirm|rollback|apply FILE|reset";
const HISTORY = 10_000;

async function check({ args, flags, words, print }: Invocation): Promise<number> {
  const name = args[1] ?? flags.config;
  const parsed = parseStationFile(await readFile(name, "utf8"), dirname(resolve(name)));
  const mistakes = "length" in parsed ? parsed : [];
  if (flags.json) print(JSON.stringify({ file: name, mistakes }));
  else if (mistakes.length === 0) print(words.say("configOk", { file: name }));
  else {
    print(words.say("configBad", { file: name, count: mistakes.length }));
    for (const { path, message } of mistakes) print(`  ${path}: ${message}`);
  }
  return mistakes.length === 0 ? EXIT.ok : EXIT.config;
}

function tell({ flags, words, print }: Invocation, view: ConfigView): number {
  if (flags.json) {
    print(JSON.stringify(view));
    return EXIT.ok;
  }
  for (const [name, value] of flatten({ policy: view.policy, brokers: view.brokers })) print(`${name}: ${value}`);
  for (const { address, seq, sha256 } of view.layers) {
    print(`  ${words.say("configLayer")}: ${address} ${seq} ${sha256.slice(0, 12)}`);
  }
  if (view.pending !== null) print(words.say("configPending", { seconds: view.pending.secondsLeft }));
  if (view.waiting !== null) print(words.say("configWaiting", { why: view.waiting }));
  if (view.failed.length > 0) {
    print(words.say("configFailed", { digests: view.failed.map((one) => one.slice(0, 12)).join(", ") }));
  }
  return EXIT.ok;
}

async function diff(invocation: Invocation): Promise<number> {
  const { ask, flags, words, print } = invocation;
  const view = (await ask("GET", "/v1/config")) as ConfigView;
  const bodies = (layers: ConfigView["layers"]) =>
    Object.fromEntries(layers.map(({ address, body }) => [address, body as object]));
  const lines = difference(bodies(view.confirmed.layers), bodies(view.layers));
  if (flags.json) print(JSON.stringify({ pending: view.pending, lines }));
  else if (lines.length === 0) print(words.say("configSame"));
  else for (const { sign, name, value } of lines) print(`${sign} ${name}: ${value}`);
  return EXIT.ok;
}

async function history({ ask, flags, words, print }: Invocation): Promise<number> {
  const { records, zone } = (await ask("GET", `/v1/journal?limit=${HISTORY}`)) as {
    zone: string;
    records: { seq: number; at: string; kind: string; body: Record<string, unknown> }[];
  };
  const found = records.filter(({ kind }) => kind.startsWith("config-"));
  if (flags.json) print(JSON.stringify(found));
  else if (found.length === 0) print(words.say("nothing"));
  for (const { at, kind, body } of flags.json ? [] : found) {
    const generation = typeof body.generation === "string" ? body.generation.slice(0, 12) : "—";
    print(`${words.time(at, zone)}  ${kind.padEnd(18)} ${generation}  ${String(body.by ?? body.why ?? "")}`.trimEnd());
  }
  return EXIT.ok;
}

async function post(invocation: Invocation, path: string, body: object): Promise<number> {
  return tell(
    invocation,
    (await invocation.ask("POST", `/v1/config/${path}`, { ...body, by: caller() })) as ConfigView,
  );
}

async function apply(invocation: Invocation): Promise<number> {
  const name = invocation.args[1];
  if (name === undefined) throw new UsageError("loa config apply FILE");
  const read = parseYaml(await readFile(name, "utf8"));
  if ("value" in read) return post(invocation, "apply", { layer: read.value });
  for (const { path, message } of read) invocation.print(`${path}: ${message}`);
  return EXIT.config;
}

export const config: CliCommand = {
  usage: USAGE,
  help: {
    vi: "kiểm tra station.yaml; xem, so sánh, xác nhận hoặc trả lại cấu hình",
    en: "check station.yaml; show, compare, confirm or take back configuration",
  },
  async run(invocation) {
    switch (invocation.args[0]) {
      case "check":
        return check(invocation);
      case "show":
        return tell(invocation, (await invocation.ask("GET", "/v1/config")) as ConfigView);
      case "diff":
        return diff(invocation);
      case "history":
        return history(invocation);
      case "confirm":
        return post(invocation, "confirm", {});
      case "rollback":
        return post(invocation, "rollback", {});
      case "apply":
        return apply(invocation);
      case "reset":
        return post(invocation, "apply", { layer: null });
      default:
        throw new UsageError(USAGE);
    }
  },
};
