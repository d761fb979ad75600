/**
 * The suite as `npm test` runs it: checks, fast tests in parallel, what is heard two at a time, what is seen and real-time tests one by one; ends with
 * "N passed, N failed".
 */
import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { PauseWatch } from "./support/sound/pause-watch.ts";
import { vitestCommand } from "./support/vitest-command.ts";

const ROOT = resolve(import.meta.dirname, "..");
const RESULTS = join(ROOT, ".loa");

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});
type FileResult = z.infer<typeof report>["testResults"][number];

/** The whole takes two thirds of this. A test that never returns to its event loop escapes the runner's own limits, and would hold everybody up. */
const LONGEST_MS = 40 * 60_000;
const began = Date.now();

function run([command, ...args]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolveCode) => {
    // A group of its own, so that what the runner started ends with it.
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      // The program is started some hundred times, and need not be compiled each time.
      env: { ...process.env, NODE_COMPILE_CACHE: join(RESULTS, "compiled") },
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

/** Resolves with how many passed: one or none. */
async function check(title: string, args: readonly string[]): Promise<number> {
  process.stdout.write(`\n— ${title}\n`);
  if ((await run([process.execPath, ...args])) === 0) return 1;
  lost.push(title);
  return 0;
}

/** What failed in a file, and why in a line; the file alone where it could not be loaded. */
function failuresOf({ name, status, assertionResults }: FileResult): string[] {
  const tests = assertionResults.filter((test) => test.status === "failed");
  if (tests.length === 0) return status === "failed" ? [relative(ROOT, name)] : [];
  return tests.map(({ fullName, failureMessages: [why = ""] }) =>
    [`${relative(ROOT, name)}: ${fullName}`, why.split("\n")[0]].filter(Boolean).join(" – "),
  );
}

/** What each file of a project came to; none where the runner died without a report. */
async function runProject(name: string, files: readonly string[], options: readonly string[]): Promise<FileResult[]> {
  process.stdout.write(`\n— tests: ${name} ${files.map((file) => relative(ROOT, file)).join(" ")}\n`);
  const file = join(RESULTS, `results-${name}.json`);
  await mkdir(RESULTS, { recursive: true });
  await rm(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await run(vitestCommand(name, [...reporters, ...options, ...files]));
  const text = await readFile(file, "utf8").catch(() => null);
  const results = text === null ? [] : report.parse(JSON.parse(text)).testResults;
  // What is thrown outside every test is in no file's report; in the program it would have ended the agent.
  const stray = code !== 0 && results.every(({ status }) => status !== "failed");
  if (stray || results.length === 0) lost.push(`${name}: an error outside every test, told above`);
  return results;
}

function passedIn(files: readonly FileResult[]): number {
  return files.flatMap((file) => file.assertionResults).filter(({ status }) => status === "passed").length;
}

/** Runs of a file that fails, the last two only while the machine itself is seen to stand still. */
const MOST_RUNS = 4;

/**
 * Files that failed are run once more, one by one, and named at the end. Real-time promises are judged in milliseconds, and a virtual machine may stand
 * still for a fifth of a second with nothing running on it (measured); the others share the cores with three neighbours while they wait for real
 * processes. What is wrong in the program is wrong twice; what the machine spoils by standing still was not judged, and is run again.
 * Only what runs alone tells the machine's own pauses from what its neighbours take: `machine` is given where no other project runs beside.
 * Resolves with how many tests passed.
 */
async function patiently(project: string, filters: readonly string[], machine?: PauseWatch): Promise<number> {
  let files: readonly string[] = filters;
  const kept: FileResult[] = [];
  for (let runs = 1; ; runs++) {
    const from = Date.now();
    const results = await runProject(project, files, runs === 1 ? [] : ["--no-file-parallelism"]);
    const failed = results.filter(({ status }) => status === "failed");
    kept.push(...results.filter((file) => !failed.includes(file)));
    if (runs > 1) for (const { name, status } of results) if (status === "passed") again.push(relative(ROOT, name));
    const spoilt = runs === 1 || machine?.disturbed(from, Date.now()) === true;
    if (failed.length === 0 || !spoilt || runs === MOST_RUNS) {
      lost.push(...failed.flatMap(failuresOf));
      return passedIn([...kept, ...failed]);
    }
    files = failed.map(({ name }) => name);
    const why = runs === 1 ? "they failed" : "the machine stood still while they failed again";
    process.stdout.write(`\n— once more, because ${why}: ${files.length} file(s) of ${project}\n`);
  }
}

function pausesOf(machine: PauseWatch, since: number): string {
  const lengths = machine.pauses.filter(({ from }) => from >= since).map(({ from, to }) => to - from);
  if (lengths.length === 0) return "the machine ran without a pause";
  const [all, longest] = [lengths.reduce((sum, ms) => sum + ms, 0), Math.max(...lengths)];
  return `the machine stood still ${lengths.length} times, ${Math.round(all)} ms in all, ${Math.round(longest)} ms the longest`;
}

const again: string[] = [];
/** What stays failed, told last, where it is looked for. */
const lost: string[] = [];
const filters = process.argv.slice(2);
const counts: number[] = [];
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
counts.push(...(await Promise.all([patiently("fast", filters), patiently("package", filters)])));
const machine = new PauseWatch();
counts.push(await patiently("heard", filters, machine));
counts.push(await patiently("seen", filters, machine));
const realTime = Date.now();
counts.push(await patiently("realtime", filters, machine));
await machine.stop();
process.stdout.write(`\nduring the real-time tests ${pausesOf(machine, realTime)}\n`);
if (again.length > 0) process.stdout.write(`\npassed only when run again: ${again.join(", ")}\n`);
for (const name of lost) process.stdout.write(`\nfailed: ${name}`);
if (lost.length > 0) process.stdout.write("\n");
const passed = counts.reduce((sum, one) => sum + one, 0);
process.stdout.write(`\n${passed} passed, ${lost.length} failed\n`);
process.exitCode = lost.length === 0 && passed > 0 ? 0 : 1;
