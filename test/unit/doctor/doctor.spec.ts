/** Each check is turned red by a fault, and green by doing exactly what it printed. */

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Invocation, UsageError } from "../../../agent/cli/command.ts";
import { doctor } from "../../../agent/cli/commands/doctor.ts";
import { linesOf } from "../../../agent/cli/doctor-lines.ts";
import { Words } from "../../../agent/cli/words.ts";
import { CHECKS, isBad } from "../../../agent/doctor/checks.ts";
import { EXPLANATIONS } from "../../../agent/doctor/explanations.ts";
import { CONCERN_CODES, CONCERN_KINDS } from "../../../agent/health/concerns.ts";
import { Authority } from "../../source/authority.ts";
import { Ceremony } from "../../source/ceremony.ts";
import { systemFaults, type World } from "../../support/doctor/faults.ts";
import { hardwareFaults } from "../../support/doctor/hardware-faults.ts";
import { MachineBench, NOW, WELL_AGENT } from "../../support/doctor/machine-bench.ts";

const world = {} as World;
const ROWS = [...systemFaults(world), ...hardwareFaults(world)];
let bench: MachineBench;

beforeAll(async () => {
  world.rootKeys = (await Ceremony.hold()).rootFile();
  world.authority = await Authority.found("Tỉnh thử", { from: NOW - 1e10, to: NOW + 1e11 });
});
const freshBench = async () => {
  bench = await MachineBench.open(world.rootKeys);
  world.bench = bench;
};

const [english, vietnamese] = [new Words("en"), new Words("vi")];

describe("a check of the doctor", () => {
  beforeEach(freshBench);
  it.each(ROWS.map((row) => [row.check, row.fault, row] as const))(
    "%s: %s is found, and mended as it says",
    async (name, _, row) => {
      await row.given?.();
      expect(isBad(await bench.check(name))).toBe(false);
      await row.break();
      let found = await bench.check(name);
      expect(isBad(found)).toBe(true);
      const printed = linesOf(found, english).join("\n");
      expect(printed).toMatch(row.says);
      expect(printed).not.toContain("mat-khau");
      expect(printed).not.toContain("PRIVATE KEY");
      expect(linesOf(found, vietnamese).join("\n")).toMatch(/nguyên nhân: .+\n {4}→ .+/);
      if (row.mend === undefined) {
        // What was put right may bring up the next thing; each says what to do.
        for (let step = 0; step < 3 && isBad(found); step++) {
          expect(found.verdict.commands?.length).toBeGreaterThan(0);
          await bench.type(found.verdict.commands ?? []);
          found = await bench.check(name);
        }
      } else await row.mend();
      expect(isBad(await bench.check(name))).toBe(false);
    },
  );

  it("has a fault of its own in this table, unless only the running agent can make it", () => {
    const tried = new Set(ROWS.map(({ check }) => check));
    const untried = CHECKS.map(({ name }) => name).filter((name) => !tried.has(name));
    expect(untried).toEqual(["schedule", "settings", "horns", "controllers"]);
  });
});

describe("a check that is none", () => {
  it.each([[["loudspeaker"]], [["sound", "starst"]]])(
    "is a mistake of whoever calls, who hears which there are: %j",
    async (args) => {
      const asked: string[] = [];
      const ask = (_: string, path: string) => {
        asked.push(path);
        return Promise.reject(new Error("nobody is to be asked"));
      };
      const invocation = { args, ask, words: vietnamese, flags: {}, print: () => undefined } as unknown as Invocation;
      const failure = await doctor.run(invocation).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(UsageError);
      const [strange] = args.slice(-1);
      const known = CHECKS.map(({ name }) => name).join(", ");
      expect([(failure as Error).message, asked]).toEqual([
        `Không có mục kiểm tra nào tên '${strange}'. Các mục: ${known}.`,
        [],
      ]);
    },
  );
});

describe("every concern", () => {
  beforeEach(freshBench);

  it("belongs to exactly one check", () => {
    const owned = CHECKS.flatMap(({ codes }) => codes);
    expect([...owned].sort()).toEqual([...CONCERN_CODES].sort());
  });

  it.each(CONCERN_CODES)("%s turns its check red, with its sentence, and green when it is gone", async (code) => {
    const check = CHECKS.find(({ codes }) => codes.includes(code));
    const name = check?.name ?? "";
    if (WELL_AGENT === null) throw new Error("the bench has no agent");
    const concern = { code, severity: CONCERN_KINDS[code].severity, since: NOW, detail: "chi tiết" };
    bench.agent = { ...WELL_AGENT, concerns: [concern] };
    const found = await bench.check(name);
    expect(isBad(found)).toBe(true);
    expect(linesOf(found, vietnamese).join("\n")).toContain(CONCERN_KINDS[code].vi);
    bench.agent = WELL_AGENT;
    expect(isBad(await bench.check(name))).toBe(false);
  });
});

describe("every explanation", () => {
  it.each(CONCERN_CODES)("%s is explained step by step in both languages, in NFC", (code) => {
    const { means, why, steps } = EXPLANATIONS[code];
    for (const { vi, en } of [means, why, ...steps]) {
      expect(vi.length).toBeGreaterThan(8);
      expect(en.length).toBeGreaterThan(8);
      expect(vi).toBe(vi.normalize("NFC"));
      expect(vi).not.toBe(en);
    }
    expect(steps.length).toBeGreaterThan(0);
  });
});

describe("what cannot be told without the agent", () => {
  beforeEach(freshBench);

  it("is said to be so, and is no fault", async () => {
    bench.agent = null;
    const found = await bench.check("horns");
    expect([isBad(found), linesOf(found, english)[0]]).toEqual([
      false,
      expect.stringMatching(/^– .*while the agent runs/),
    ]);
  });
});
