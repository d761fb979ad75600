/** Every scenario that is shipped runs on the real admission, deciding, storage and outbox, and comes out as it says. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Flags, UsageError } from "../../agent/cli/command.ts";
import { simulateCommand } from "../../agent/cli/commands/simulate.ts";
import { Words } from "../../agent/cli/words.ts";
import { parseScenario, type Scenario } from "../../agent/simulate/scenario.ts";
import { simulate } from "../../agent/simulate/simulation.ts";
import { decibelsOf } from "../../playback/model/units.ts";
import { MEMORY_FOLDER } from "../support/memory-folder.ts";

const FOLDER = resolve(import.meta.dirname, "../../deploy/scenarios");
const files = (await readdir(FOLDER)).filter((name) => name.endsWith(".yaml")).sort();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(MEMORY_FOLDER, "loa-scenario-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function scenarioOf(text: string): Scenario {
  const parsed = parseScenario(text);
  if ("length" in parsed) throw new Error(JSON.stringify(parsed));
  return parsed;
}

describe("the shipped scenarios", () => {
  it("are the ones that a commune meets", () => {
    expect(files.map((name) => name.replace(".yaml", ""))).toEqual(
      expect.arrayContaining([
        "battery-night",
        "clock-jumps",
        "midnight-window",
        "mute",
        "ordinary-day",
        "power-cuts-with-rtc",
        "power-cuts-without-rtc",
        "session-caps",
        "tet-suspension",
        "three-levels",
        "typhoon",
        "weeks-offline",
      ]),
    );
  });

  it.each(files)("%s comes out as it says", { timeout: 60_000 }, async (name) => {
    const scenario = scenarioOf(await readFile(join(FOLDER, name), "utf8"));
    expect(scenario.expect?.length ?? 0).toBeGreaterThan(0);
    const result = await simulate(scenario, { folder, speed: null });
    expect(result.differences).toEqual([]);
    expect(result.faults).toEqual([]);
    expect(result.journal.intact).toBe(true);
    // Each event arrived at the source once, or waits.
    expect(result.outbox.received + result.outbox.waiting).toBe(result.outbox.issued);
  });
});

describe("a scenario", () => {
  const day = readFile(join(FOLDER, "ordinary-day.yaml"), "utf8");

  it("whose expectation is wrong says every difference", async () => {
    const text = (await day)
      .replace("slot: tinh-sang, outcome: played", "slot: tinh-sang, outcome: missed, reason: muted")
      .replace('slot: sang, outcome: played, starts: "05:01"', 'slot: sang, outcome: played, starts: "05:02"')
      .replace("slot: chieu,", "slot: trua,");
    const { differences } = await simulate(scenarioOf(text), { folder, speed: null });
    expect(differences?.map((line) => line.replace(/ at \d{4}-\S+Z:/, ":"))).toEqual([
      "tinh-sang: expected missed, was played",
      "tinh-sang: expected reason muted, was none",
      expect.stringContaining("sang: expected to start"),
      "trua: there is no record of it",
      "chieu: not expected, was played",
    ]);
  });

  it("turns the volume at the hours that its configuration names, also while something sounds", async () => {
    const periods = '{ from: "05:02", to: "12:00", percent: 50 }, { from: "17:00", to: "18:00", db: -12 }';
    const text = (await day).replace(
      "documents:\n",
      `documents:\n  - config:\n      policy: { volume: 100, volumePeriods: [${periods}] }\n`,
    );
    const { timeline, differences } = await simulate(scenarioOf(text), { folder, speed: null });
    expect(differences).toEqual([]);
    const heard = timeline.filter(({ what }) => what === "heard").map(({ about, detail }) => [about, detail]);
    const half = `${decibelsOf(50).toFixed(1)} dB`;
    expect(heard).toEqual([
      ["ban-tin-tinh", ""],
      ["nhac-hieu", ""],
      // It sounds from 05:01:08 on.
      ["ban-tin-xa", `0.0 dB → ${half}`],
      ["thoi-tiet", half],
      ["ban-tin-xa", "-12.0 dB"],
    ]);
  });

  it("reports every mistake at once, by path", () => {
    const mistakes = parseScenario(
      JSON.stringify({
        title: { vi: "Sai", en: "Wrong" },
        start: "2026-11-20 04:00",
        lasts: "1d",
        media: [{ name: "a", length: "30s" }],
        documents: [
          {
            schedule: {
              level: "commune",
              programmes: [{ id: "x", title: "X", class: "loud", start: "5:00", items: ["b"] }],
            },
          },
        ],
        events: [
          { at: "2026-12-24 05:00", link: "down" },
          { at: "2026-11-31 05:00", mute: true },
          { at: "05:00", media: { name: "c", state: "missing" } },
        ],
      }),
    );
    if (!("length" in mistakes)) throw new Error("it was taken");
    expect(mistakes.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        "documents.0.schedule.programmes.0.class",
        "documents.0.schedule.programmes.0.start",
        "documents.0.schedule.programmes.0.recurrence",
        "documents.0.schedule.programmes.0.items.0",
        "events.0.at",
        "(times)",
        "events.2.media.name",
      ]),
    );
  });

  it.each([
    ["no YAML", "a: [", "line"],
    ["an unknown member", "title: { vi: a, en: b }\nstart: 2026-11-20 04:00\nlasts: 1d\nloud: 1", "(root)"],
    [
      "an event of two kinds",
      "title: { vi: a, en: b }\nstart: 2026-11-20 04:00\nlasts: 1d\nevents: [{ at: '05:00', link: up, mute: true }]",
      "events.0",
    ],
    ["a span without a unit", "title: { vi: a, en: b }\nstart: 2026-11-20 04:00\nlasts: 90", "lasts"],
  ])("with %s is refused", (_name, text, path) => {
    const mistakes = parseScenario(text);
    expect("length" in mistakes && mistakes.some((mistake) => mistake.path.startsWith(path))).toBe(true);
  });

  it("what its desks may not sign is refused by the station itself", async () => {
    const text = (await day).replace(
      "- schedule:\n      level: province",
      "- by: commune\n    schedule:\n      level: province",
    );
    expect(text).not.toBe(await day);
    const { timeline, proof } = await simulate(scenarioOf(text), { folder, speed: null });
    expect(timeline.some(({ what, detail }) => what === "refused" && detail.startsWith("out-of-scope"))).toBe(true);
    expect(proof.map(({ id }) => id)).toEqual(["sang", "chieu"]);
  });

  it("paced at sixty times real time takes the time that it should", async () => {
    const text = (await day).replace("lasts: 1d", "lasts: 30s").replace(/expect:[\s\S]*$/, "");
    const before = performance.now();
    await simulate(scenarioOf(text), { folder, speed: 60 });
    expect(performance.now() - before).toBeGreaterThan(450);
  });
});

describe("loa simulate", () => {
  async function run(args: readonly string[], flags: Partial<Flags> = {}, language: "vi" | "en" = "en") {
    const lines: string[] = [];
    const code = await simulateCommand.run({
      args,
      flags: { json: false, speed: null, ...flags } as Flags,
      words: new Words(language),
      print: (line) => lines.push(line),
      ask: () => Promise.reject(new Error("no daemon is asked")),
    });
    return { code, lines };
  }
  const file = join(FOLDER, "ordinary-day.yaml");

  it("tells the timeline and the proof, and that it claims decisions, not sound", async () => {
    const { code, lines } = await run([file]);
    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes("♪ on air"))).toHaveLength(5);
    expect(lines.join("\n")).toContain("2026-11-20 05:01:00  ♪ on air nhac-hieu");
    expect(lines.slice(-2)).toEqual(["As expected.", expect.stringContaining("decisions, not sound")]);
    const vi = await run([file], {}, "vi");
    expect(vi.lines.at(-1)).toContain("không khẳng định âm thanh");
  });

  it("answers in JSON with the proof of play", async () => {
    const { code, lines } = await run([file], { json: true, speed: "max" });
    expect([code, lines.length]).toEqual([0, 1]);
    const told = JSON.parse(lines[0] ?? "") as {
      claims: string;
      proof: { id: string; outcome: string }[];
      differences: [];
    };
    expect(told.claims).toBe("decisions, not sound");
    expect(told.proof.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      "tinh-sang played",
      "sang played",
      "chieu played",
    ]);
    expect(told.differences).toEqual([]);
  });

  it("ends with 1 where it comes out otherwise, with 65 and every mistake where the file is wrong", async () => {
    const other = join(folder, "other.yaml");
    await writeFile(other, (await readFile(file, "utf8")).replace("slot: chieu,", "slot: trua,"));
    const { code, lines } = await run([other]);
    expect([code, lines.some((line) => line.includes("trua: there is no record of it"))]).toEqual([1, true]);
    await writeFile(other, "title: { vi: a, en: b }\nlasts: 1\n");
    const wrong = await run([other]);
    expect(wrong.code).toBe(65);
    expect(wrong.lines[0]).toContain("2 mistake(s)");
    await expect(run([])).rejects.toThrow(UsageError);
    await expect(run([file], { speed: "0" })).rejects.toThrow(UsageError);
    await expect(run([join(folder, "none.yaml")])).rejects.toThrow(UsageError);
  });
});
