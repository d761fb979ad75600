/** `loa simulate`: days of a station in seconds, from a scenario file, with no station at all. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProofSlot } from "../../simulate/proof.ts";
import type { Scenario } from "../../simulate/scenario.ts";
import type { SimulationResult } from "../../simulate/simulation.ts";
import type { TimelineEntry } from "../../simulate/timeline.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";
import { fill } from "../fill.ts";
import { entryLine, SIMULATION } from "../simulation-words.ts";
import { CLASS_WORDS, type Words } from "../words.ts";

const USAGE = "loa simulate FILE [--speed N|max]";

function speedOf(text: string | null): number | null {
  if (text === null || text === "max") return null;
  const speed = Number(text);
  if (!(speed > 0 && speed <= 1_000_000)) throw new UsageError(USAGE);
  return speed;
}

const wire = (at: number | null) => (at === null ? null : new Date(at).toISOString());

function slotLine(slot: ProofSlot, words: Words, zone: string): string {
  const heardS = Math.round(slot.items.reduce((sum, { heardMs }) => sum + heardMs, 0) / 1_000);
  const reason = slot.reason === null ? "" : ` (${slot.reason})`;
  const kind = words.pick(CLASS_WORDS[slot.class]);
  return `  ${words.time(wire(slot.plannedAt), zone)}  ${slot.outcome}${reason}  ${slot.title} [${kind}]  ${heardS} s`;
}

function summary(result: SimulationResult, words: Words, zone: string): string[] {
  const { proof, outbox, journal, differences, faults } = result;
  const say = (name: keyof typeof SIMULATION, values: Record<string, string | number> = {}) =>
    fill(words.pick(SIMULATION[name]), values);
  return [
    "",
    `${say("proof")}:`,
    ...proof.map((slot) => slotLine(slot, words, zone)),
    "",
    say("outbox", { ...outbox, count: journal.count }),
    ...(faults.length === 0 ? [] : [say("faults"), ...faults.map((line) => `  ${line}`)]),
    ...(differences === null || differences.length > 0 ? [] : [say("asExpected")]),
    ...(differences === null || differences.length === 0
      ? []
      : [say("otherwise"), ...differences.map((line) => `  ${line}`)]),
    say("claims"),
  ];
}

function json(scenario: Scenario, { timeline, proof, ...rest }: SimulationResult): string {
  return JSON.stringify({
    claims: "decisions, not sound",
    title: scenario.title,
    zone: scenario.station.zone,
    timeline: timeline.map((entry) => ({ ...entry, at: wire(entry.at) })),
    proof: proof.map((slot) => ({
      ...slot,
      plannedAt: wire(slot.plannedAt),
      startedAt: wire(slot.startedAt),
      items: slot.items.map((item) => ({ ...item, startedAt: wire(item.startedAt) })),
    })),
    ...rest,
  });
}

export const simulateCommand: CliCommand = {
  usage: USAGE,
  help: { vi: "mô phỏng trạm theo tệp kịch bản", en: "run a station through a scenario file" },
  async run({ args, flags, words, print }) {
    const [name] = args;
    if (name === undefined) throw new UsageError(USAGE);
    const speed = speedOf(flags.speed);
    const text = await readFile(name, "utf8").catch((error: Error) => {
      throw new UsageError(error.message);
    });
    // Loaded here and not above, as the agent is: no other command needs it.
    const [{ parseScenario }, { simulate: play }] = await Promise.all([
      import("../../simulate/scenario.ts"),
      import("../../simulate/simulation.ts"),
    ]);
    const scenario = parseScenario(text);
    if ("length" in scenario) {
      if (flags.json) print(JSON.stringify({ file: name, mistakes: scenario }));
      else {
        print(fill(words.pick(SIMULATION.mistakes), { file: name, count: scenario.length }));
        for (const { path, message } of scenario) print(`  ${path}: ${message}`);
      }
      return EXIT.data;
    }
    const { zone } = scenario.station;
    const tell = (entry: TimelineEntry) =>
      print(`${words.time(wire(entry.at), zone)}  ${entryLine(entry, words.language)}`);
    const folder = await mkdtemp(join(tmpdir(), "loa-simulate-"));
    try {
      if (!flags.json) print(words.pick(scenario.title));
      const result = await play(scenario, { folder, speed, ...(flags.json ? {} : { onEntry: tell }) });
      if (flags.json) print(json(scenario, result));
      else for (const line of summary(result, words, zone)) print(line);
      return result.faults.length > 0 || (result.differences?.length ?? 0) > 0 ? EXIT.concern : EXIT.ok;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
