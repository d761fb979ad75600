#!/usr/bin/env node
/**
 * Prepares a machine and then does what was asked: `start` (the story), `test` (the suite), `campaign` (long runs), `board` (the emulated board),
 * `package`, `repository` or `setup` (nothing more).
 * Plain JavaScript without dependencies, for any Node from 18 on; everything else of Loa runs on 22 or newer, fetched here where missing.
 * What is there already is not touched. Everything it says goes to standard error.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const OLDEST_NODE = 22;
/** What the program itself, its native modules and its story need. */
const PACKAGES = [
  "ffmpeg",
  "mosquitto",
  "pulseaudio",
  "pulseaudio-utils",
  "espeak-ng",
  "libasound2",
  "libasound2-plugins",
  "fonts-dejavu-core",
  "chromium",
  "g++",
  "make",
  "python3",
];
/** What only the suite needs: peers that are measured against, an oracle for calendars, a clock that lies, closed networks, another broker. */
const TEST_PACKAGES = [
  "mpv",
  "cage",
  "xwayland",
  "python3-dateutil",
  "faketime",
  "iproute2",
  "nats-server",
  "icecast2",
  "gir1.2-gst-rtsp-server-1.0",
  "gstreamer1.0-plugins-good",
  "python3-gi",
  "python3-seccomp",
];
/** What the package is tried with: Debian's own tools, a clean Debian, a compiler and an emulator for the other processor. */
const PACKAGE_TESTS = ["lintian", "mmdebstrap", "g++-aarch64-linux-gnu", "qemu-user", "systemd"];
/** What makes packages; of another processor's, its compiler. */
const PACKAGING = ["binutils", "dpkg-dev", "file"];
/** The emulated board: an emulator for the machine, another for the programs that fill its disk. */
const BOARD = [
  ...["mmdebstrap", "arch-test", "qemu-user-static", "binfmt-support", "e2fsprogs"],
  ...["qemu-system-arm", "qemu-system-common", "ipxe-qemu"],
];
/** All that publishing takes: it builds nothing. */
const PUBLISHING = ["dpkg-dev", "gnupg"];
const CROSS = {
  arm64: { arm64: [], amd64: ["g++-x86-64-linux-gnu"] },
  x64: { amd64: [], arm64: ["g++-aarch64-linux-gnu"] },
};
/** Services that come with those packages; none may run or be enabled because of us. */
const SERVICES = {
  mosquitto: ["mosquitto.service"],
  "nats-server": ["nats-server.service"],
  icecast2: ["icecast2.service"],
  "binfmt-support": ["binfmt-support.service"],
  pulseaudio: ["--global pulseaudio.service pulseaudio.socket"],
};
/** dpkg's own placeholder. */
const STATUS_FORMAT = "-f=$" + "{Status}";
/** sysexits: EX_NOPERM, EX_UNAVAILABLE. */
const NO_PERMISSION = 77;
const UNAVAILABLE = 69;

const [task = "setup", ...rest] = process.argv.slice(2);
const yes = rest.includes("--yes") || rest.includes("-y");
const began = Date.now();
const steps = { done: 0, of: task === "repository" ? 2 : 4 };

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(code, text) {
  say(`loa set-up: ${text}`);
  process.exit(code);
}

function step(text) {
  steps.done += 1;
  say(`[${steps.done}/${steps.of}] ${text}  (+${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

/** Runs with a sign of life every ten seconds; what it printed is shown only when it fails. */
function run(title, command, args, options = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], ...options });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    const from = Date.now();
    const alive = setInterval(() => say(`      … ${title}, ${Math.round((Date.now() - from) / 1000)} s`), 10_000);
    child.on("error", (error) => output.push(Buffer.from(String(error))));
    child.on("close", (code) => {
      clearInterval(alive);
      if (code !== 0) {
        say(Buffer.concat(output).toString());
        fail(UNAVAILABLE, `${title} failed: ${command} ${args.join(" ")}`);
      }
      done();
    });
  });
}

function missingPackages() {
  const wanted = task === "repository" ? [] : [...PACKAGES];
  if (task === "test" || task === "campaign") wanted.push(...TEST_PACKAGES);
  if (task === "test") wanted.push(...PACKAGING, ...PACKAGE_TESTS);
  if (task === "test" || task === "repository") wanted.push(...PUBLISHING);
  if (task === "package") wanted.push(...PACKAGING, ...(CROSS[process.arch]?.[rest[rest.indexOf("--arch") + 1]] ?? []));
  if (task === "board") wanted.push(...PACKAGING, ...(CROSS[process.arch]?.arm64 ?? []), ...BOARD);
  if (spawnSync("dpkg-query", ["--version"]).error) {
    fail(UNAVAILABLE, `this machine has no dpkg. Install the equivalents of: ${wanted.join(" ")}`);
  }
  return wanted.filter((name) => {
    const { stdout } = spawnSync("dpkg-query", ["-W", STATUS_FORMAT, name]);
    // Debian 13 renamed some libraries with a t64 ending.
    const renamed = spawnSync("dpkg-query", ["-W", STATUS_FORMAT, `${name}t64`]);
    return ![stdout, renamed.stdout].some((status) => String(status).includes("ok installed"));
  });
}

/** One shell script: installs, and leaves every service that came along stopped and disabled. */
function installScript(missing) {
  const quiet = missing
    .flatMap((name) => SERVICES[name] ?? [])
    .map((units) => `command -v systemctl >/dev/null && systemctl disable ${units} >/dev/null 2>&1 || true`);
  return [
    "set -e",
    "if [ ! -e /usr/sbin/policy-rc.d ]; then printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; trap 'rm -f /usr/sbin/policy-rc.d' EXIT; fi",
    "export DEBIAN_FRONTEND=noninteractive",
    "apt-get update -qq",
    `apt-get install -y -qq --no-install-recommends ${missing.join(" ")}`,
    ...quiet,
  ].join("\n");
}

async function agreed(question) {
  if (yes || process.env.CI || process.getuid?.() === 0) return true;
  if (!process.stdin.isTTY) return false;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`${question} [y/N] `);
  asking.close();
  return /^(y|yes|c|có|co)$/i.test(answer.trim());
}

async function systemPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return step("system packages: all there");
  const script = installScript(missing);
  const isRoot = process.getuid?.() === 0;
  const hasSudo = !spawnSync("sudo", ["--version"]).error;
  say(`Missing system packages: ${missing.join(" ")}`);
  if (!(await agreed("Install them with apt-get (no service is started or enabled)?")) || (!isRoot && !hasSudo)) {
    say("Run this as root, then try again:\n");
    say(`sh -c '${script.replaceAll("'", "'\\''")}'\n`);
    process.exit(NO_PERMISSION);
  }
  step(`system packages: installing ${missing.length}`);
  if (isRoot) await run("apt-get", "sh", ["-c", script]);
  else await run("apt-get", "sudo", ["sh", "-c", script], { stdio: ["inherit", "pipe", "pipe"] });
}

/** The node to use, and the folder of its headers where it brings them along. */
async function runtime() {
  const own = Number(process.versions.node.split(".")[0]);
  if (own >= OLDEST_NODE) {
    step(`Node ${process.versions.node}: the machine's own`);
    const prefix = resolve(dirname(process.execPath), "..");
    return { node: process.execPath, headers: existsSync(join(prefix, "include/node/node.h")) ? prefix : null };
  }
  const name = `node-linux-${process.arch}`;
  const folder = join(ROOT, "deploy/runtime/node_modules", name);
  const node = join(folder, "bin/node");
  const pinned = JSON.parse(readFileSync(join(ROOT, "deploy/runtime/package.json"), "utf8")).optionalDependencies[name];
  if (!pinned) fail(UNAVAILABLE, `install Node ${OLDEST_NODE} or newer by hand: none is packaged for ${process.arch}`);
  const installed = existsSync(join(folder, "package.json"))
    ? JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version
    : null;
  if (installed === pinned) step(`Node ${pinned}: fetched before`);
  else {
    step(`Node ${pinned}: fetching from the npm registry, because ${process.versions.node} is too old`);
    await run("fetching Node", "npm", ["ci", "--prefix", "deploy/runtime", "--no-audit", "--no-fund"]);
  }
  return { node, headers: folder };
}

function environment({ node, headers }) {
  return {
    ...process.env,
    PATH: `${dirname(node)}:${process.env.PATH}`,
    ...(headers ? { npm_config_nodedir: headers } : {}),
  };
}

async function modules(found) {
  const version = spawnSync(found.node, ["-p", "process.versions.modules"]).stdout.toString().trim();
  const lock = createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .update(version)
    .digest("hex");
  const stamp = join(ROOT, "node_modules/.loa-stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return step("npm packages: as locked");
  step("npm packages: installing as locked; two are compiled, about 90 s");
  await run("installing npm packages", "npm", ["ci", "--no-audit", "--no-fund"], { env: environment(found) });
  writeFileSync(stamp, lock);
}

async function build(found) {
  step("build");
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  const compiler = "node_modules/typescript/bin/tsc";
  // The page that a browser runs knows other things than the program does.
  for (const args of [
    ["-p", "tsconfig.build.json"],
    ["-p", "playback/board/page", "--noEmit", "false", "--outDir", "dist"],
  ]) {
    await run("build", found.node, [compiler, ...args], { env: environment(found) });
  }
  chmodSync(join(ROOT, "dist/agent/cli/main.js"), 0o755);
}

/** Hands over to the program; signals reach it, its exit code is ours. */
function handOver(found, args) {
  const child = spawn(found.node, args, { cwd: ROOT, stdio: "inherit", env: environment(found) });
  // The terminal sends Ctrl-C to both; the program ends first and tells its story's end.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
  child.on("close", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

if (process.platform !== "linux") fail(UNAVAILABLE, "Loa runs on Linux");
if (!["setup", "start", "test", "campaign", "board", "package", "repository"].includes(task))
  fail(64, `unknown task '${task}': setup, start, test, campaign, board, package or repository`);
mkdirSync(join(ROOT, ".loa"), { recursive: true });
await systemPackages();
const found = await runtime();
if (task !== "repository") {
  await modules(found);
  // A package builds its own program, beside this one.
  if (task !== "package") await build(found);
}
const passed = rest.filter((word) => word !== "--yes" && word !== "-y");
if (task === "start") handOver(found, ["dist/test/demo/main.js", ...passed]);
if (task === "package") handOver(found, ["deploy/package/package.ts", ...passed]);
if (task === "repository") handOver(found, ["deploy/package/repository.ts", ...passed]);
if (task === "campaign") handOver(found, ["test/campaign/run.ts", ...passed]);
if (task === "board") handOver(found, ["test/emulated/main.ts", ...passed]);
if (task === "test") handOver(found, ["test/run.ts", ...passed]);
