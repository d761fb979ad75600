/**
 * The suite as `npm test` runs it: checks, fast tests in parallel, what is heard two at a time, what is seen and real-time tests one by one; ends with
 * "N passed, N failed".
 */
import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { z } from "zod";

const ROOT = resolve(import.meta.dirname, "..");
const RESULTS = join(ROOT, ".loa");

const report = z.object({
  testResults: z.array(
    z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});
type FileResult = z.infer<typeof report>["testResults"][number];

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** The whole takes half of this. A test that never returns to its event loop escapes the runner's own limits, and would hold everybody up. */
const LONGEST_MS = 40 * 60_000;
const began = Date.now();

/** `patient`: it takes what the others leave of the cores. */
function run(args: readonly string[], patient = false): Promise<number> {
  return new Promise((resolveCode) => {
    const [command, ...words] = [...(patient ? ["nice", "-n", "19"] : []), process.execPath, ...args];
    // A group of its own, so that what the runner started ends with it.
    const child = spawn(command ?? "", words, {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
    const end = () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL");
    const late = setTimeout(
      () => {
        process.stdout.write(`\nended, the suite took over ${LONGEST_MS / 60_000} minutes: ${args.join(" ")}\n`);
        end();
      },
      LONGEST_MS - (Date.now() - began),
    );
    const interrupted = () => {
      end();
      process.exit(130);
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    child.on("close", (code) => {
      clearTimeout(late);
      process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
      resolveCode(code ?? 1);
    });
  });
}

async function check(title: string, args: readonly string[]): Promise<Count> {
  process.stdout.write(`\n— ${title}\n`);
  return (await run(args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** What each file of a project came to; `null` where the runner died without a report. */
async function runProject(name: string, files: readonly string[]): Promise<FileResult[] | null> {
  process.stdout.write(`\n— tests: ${name} ${files.map((file) => relative(ROOT, file)).join(" ")}\n`);
  const file = join(RESULTS, `results-${name}.json`);
  await mkdir(RESULTS, { recursive: true });
  await rm(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  await run(["node_modules/vitest/vitest.mjs", "run", "--project", name, ...reporters, ...files], name === "package");
  const text = await readFile(file, "utf8").catch(() => null);
  return text === null ? null : report.parse(JSON.parse(text)).testResults;
}

function count(files: readonly FileResult[] | null): Count {
  if (files === null) return { passed: 0, failed: 1 };
  const all = files.flatMap(({ assertionResults }) => assertionResults);
  // A file that could not be loaded holds no test, and has failed all the same.
  const unloaded = files.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  ).length;
  const failed = all.filter(({ status }) => status === "failed").length + unloaded;
  const passed = all.filter(({ status }) => status === "passed").length;
  return passed + failed === 0 ? { passed: 0, failed: 1 } : { passed, failed };
}

/**
 * Files that failed are run once more, alone, and named at the end. Real-time promises are judged in milliseconds, and a virtual machine may stand
 * still for a fifth of a second with nothing running on it (measured); the others share the cores with three neighbours while they wait for real
 * processes. What is wrong in the program is wrong twice.
 */
async function twice(project: string, filters: readonly string[]): Promise<Count> {
  const first = await runProject(project, filters);
  const failed = (first ?? []).filter(({ status }) => status === "failed");
  if (first === null || failed.length === 0) return count(first);
  const names = failed.map(({ name }) => name);
  process.stdout.write(`\n— once more, because they failed: ${names.length} file(s) of ${project}\n`);
  const again = await runProject(project, names);
  for (const { name, status } of again ?? []) {
    if (status === "passed") secondRun.push(relative(ROOT, name));
  }
  const second = count(again);
  const rest = first.filter((file) => !failed.includes(file));
  const kept = rest.length === 0 ? { passed: 0, failed: 0 } : count(rest);
  return { passed: kept.passed + second.passed, failed: kept.failed + second.failed };
}

const secondRun: string[] = [];
const filters = process.argv.slice(2);
const counts: Count[] = [];
if (filters.length === 0) {
  const compiler = "node_modules/typescript/bin/tsc";
  counts.push(
    ...(await Promise.all([
      check("format and lint", ["node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings", "."]),
      check("types", [compiler, "-p", "tsconfig.json"]),
      check("types of the page", [compiler, "-p", "playback/board/page"]),
    ])),
  );
}
// Packages wait for compilers, archives and a registry: nothing of theirs is measured, so they go beside the fast tests.
counts.push(...(await Promise.all([twice("fast", filters), twice("package", filters)])));
counts.push(await twice("heard", filters));
counts.push(await twice("seen", filters));
counts.push(await twice("realtime", filters));
if (secondRun.length > 0) process.stdout.write(`\npassed only when run again: ${secondRun.join(", ")}\n`);
const passed = counts.reduce((sum, one) => sum + one.passed, 0);
const failed = counts.reduce((sum, one) => sum + one.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
