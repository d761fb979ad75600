/**
 * The emulated board: Debian for arm64 on an emulated machine, our package as a technician installs it, the reference source beside it. Slow, and no
 * part of `npm test`; it wants two cores to itself. `npm run board` runs all parts; `npm run board -- sound cuts` those, on the board that an earlier
 * `install` left. `LOA_BOARD_CUTS`: how many power cuts, 3 where nothing is said.
 */
import { execFile, execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { release } from "../support/package/debian-root.ts";
import { Board } from "./board.ts";
import { boardImage } from "./image.ts";
import { cuts } from "./part-cuts.ts";
import { guard } from "./part-guard.ts";
import { install, units } from "./part-install.ts";
import { sound } from "./part-sound.ts";
import { upgrade } from "./part-upgrade.ts";
import { watchdog } from "./part-watchdog.ts";
import { Protocol } from "./protocol.ts";
import { Province } from "./province.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDER = join(ROOT, ".loa/board");
const RUN = join(FOLDER, "run");
const LOG = join(FOLDER, "log.txt");
const CUTS = Number(process.env.LOA_BOARD_CUTS ?? 3);
/** The newer package is the same program under a later date. */
const LATER_S = 86_400;

const execute = promisify(execFile);
const built = z.object({ file: z.string(), version: z.string() });

async function pack(epoch?: number): Promise<z.infer<typeof built>> {
  const args = ["deploy/package/package.ts", "--arch", "arm64", "--quick", "--out", join(FOLDER, "packages")];
  const env = { ...process.env, ...(epoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(epoch) }) };
  const { stdout } = await execute(process.execPath, args, { cwd: ROOT, env, maxBuffer: 50_000_000 });
  return built.parse(JSON.parse(stdout));
}

function committed(...format: string[]): string {
  return execFileSync("git", format, { cwd: ROOT, encoding: "utf8" }).trim();
}

const PARTS: Readonly<Record<string, (board: Board, province: Province) => Promise<void>>> = {
  install: async (board, province) => install(board, province, (await pack()).file),
  units: (board) => units(board),
  sound: (board, province) => sound(board, province, "cdev"),
  sysfs: (board, province) => sound(board, province, "sysfs"),
  guard: (board, province) => guard(board, province),
  cuts: (board, province) => cuts(board, province, CUTS),
  watchdog: (board) => watchdog(board),
  upgrade: async (board, province) => {
    const newer = await pack(Number(committed("log", "-1", "--format=%ct")) + LATER_S);
    await upgrade(board, province, [newer.file, (await pack()).file]);
  },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  process.stderr.write(`no such part: ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}\n`);
  process.exit(64);
}
if (process.getuid?.() !== 0) {
  process.stderr.write("the board's disk is made as root: run this with sudo\n");
  process.exit(77);
}
const parts = asked.length === 0 ? Object.keys(PARTS) : asked;
await mkdir(FOLDER, { recursive: true });
const protocol = new Protocol((line) => {
  process.stdout.write(`${line}\n`);
  appendFileSync(LOG, `${line}\n`);
});
// A whole run begins a new log, single parts go on with it.
await writeFile(LOG, "", { flag: asked.length === 0 ? "w" : "a" });
const emulator = execFileSync("qemu-system-aarch64", ["--version"], { encoding: "utf8" }).split("\n")[0] ?? "";
protocol.say(`parts ${parts.join(", ")}; commit ${committed("describe", "--always", "--dirty")}; ${emulator}`);
const [load = 0] = loadavg();
if (load > 1)
  protocol.say(
    `load average ${load.toFixed(1)}: the agent on an emulated board keeps its times only where two cores have nothing else to do`,
  );

const image = await boardImage(join(FOLDER, "image"), release(), (text) => protocol.say(text));
if (parts.includes("install")) {
  await rm(RUN, { recursive: true, force: true });
  await mkdir(join(RUN, "share"), { recursive: true });
  // Most of it is empty, and stays so.
  await execute("cp", ["--sparse=always", "--reflink=auto", image.disk, join(RUN, "disk")]);
}
const board = new Board(RUN, image, protocol);
await using province = await Province.open(join(RUN, "province"));
// The broker ends with `exit`, the emulator with us however we end.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
try {
  if (parts[0] !== "install") await board.switchOn();
  for (const name of parts) {
    protocol.say(`— ${name}`);
    try {
      await PARTS[name]?.(board, province);
    } catch (error) {
      protocol.broke(name, error);
      const said = await board.run("systemctl status loa; journalctl -q -o short-monotonic -u loa -n 40").catch(String);
      protocol.say(typeof said === "string" ? said : said.output);
      break;
    }
  }
  await board.shutDown().catch((error: unknown) => protocol.broke("shutting down", error));
} finally {
  await board.cutPower();
}
await writeFile(join(FOLDER, "figures.json"), `${JSON.stringify(protocol.figures, null, 2)}\n`);
// What was heard and what the kernel printed stay; a disk of gigabytes only for who runs single parts.
if (asked.length === 0) await rm(join(RUN, "disk"), { force: true });
protocol.say(`log, figures, recordings and the board's console: ${relative(process.cwd(), FOLDER) || "."}`);
process.stdout.write(`\n${protocol.summary()}\n`);
process.exitCode = protocol.good ? 0 : 1;
