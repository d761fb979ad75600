/** The suite as `npm test` runs it: checks, fast tests in parallel, real-time tests one by one; ends with "N passed, N failed". */
import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";

const ROOT = resolve(import.meta.dirname, "..");
const RESULTS = join(ROOT, ".loa");

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

interface Count {
  readonly passed: number;
  readonly failed: number;
}

function run(args: readonly string[]): Promise<number> {
  return new Promise((resolveCode) => {
    const child = spawn(process.execPath, [...args], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
    child.on("close", (code) => resolveCode(code ?? 1));
  });
}

async function check(title: string, args: readonly string[]): Promise<Count> {
  process.stdout.write(`\n— ${title}\n`);
  return (await run(args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function project(name: string, filters: readonly string[]): Promise<Count> {
  process.stdout.write(`\n— tests: ${name}\n`);
  const file = join(RESULTS, `results-${name}.json`);
  await rm(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await run(["node_modules/vitest/vitest.mjs", "run", "--project", name, ...reporters, ...filters]);
  const text = await readFile(file, "utf8").catch(() => null);
  // A runner that died leaves no report: that is a failure, not nothing.
  if (text === null) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, testResults } = report.parse(JSON.parse(text));
  const unloaded = testResults.filter((one) => one.status === "failed" && one.assertionResults.length === 0).length;
  const failed = numFailedTests + unloaded;
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

const filters = process.argv.slice(2);
const counts: Count[] = [];
if (filters.length === 0) {
  counts.push(
    await check("format and lint", ["node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings", "."]),
  );
  counts.push(await check("types", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]));
}
counts.push(await project("fast", filters));
counts.push(await project("realtime", filters));
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
