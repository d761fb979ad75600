/** The Node that runs the program and the modules that it needs, for the board's processor, as the lock files name them. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Architecture, TARGETS } from "./architectures.ts";

export interface Place {
  readonly root: string;
  /** What may be kept between two builds. */
  readonly work: string;
  readonly stage: string;
  readonly arch: Architecture;
}

/** Where the program lives on a board. */
export const HOME = "usr/lib/loa";

function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Puts the runtime in place; gives the folder of its headers. */
export function installNode({ root, work, stage, arch }: Place): string {
  const { cpu } = TARGETS[arch];
  const folder = join(work, "runtime");
  const found = join(folder, "node_modules", `node-linux-${cpu}`);
  const lock = readFileSync(join(root, "deploy/runtime/package-lock.json"));
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) {
    cpSync(join(root, "deploy/runtime", name), join(folder, name));
  }
  once(folder, lock, () => npm(folder, ["ci", "--os=linux", `--cpu=${cpu}`]));
  mkdirSync(join(stage, HOME), { recursive: true });
  cpSync(join(found, "bin/node"), join(stage, HOME, "node"));
  return found;
}

/** Modules that others need to be compiled, and to nothing else: neither they nor what only they need is packed. */
const BUILDERS = ["node-gyp", "prebuild-install", "node-addon-api", "nan", "tar"];
/** What of a module only builds or describes it. */
const UNUSED_IN: Readonly<Record<string, readonly string[]>> = {
  sqlite3: ["deps", "src", "binding.gyp", "build/Makefile"],
  epoll: ["src", "binding.gyp", "build/Makefile"],
  koffi: ["doc", "vendor", "lib"],
  "fluent-ffmpeg": ["doc", "tools", "test"],
  zod: ["src"],
};
const NATIVE = ["sqlite3", "epoll"] as const;

export function installModules({ root, work, stage, arch, headers }: Place & { readonly headers: string }): void {
  const { cpu, cross } = TARGETS[arch];
  const folder = join(work, "modules");
  const lock = readFileSync(join(root, "package-lock.json"));
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(root, name), join(folder, name));
  once(folder, lock, () => {
    npm(folder, ["ci", "--omit=dev", "--ignore-scripts", "--os=linux", `--cpu=${cpu}`, "--libc=glibc"]);
    if (!copyNatives(root, folder, cpu)) compileNatives(folder, arch, headers);
  });
  const target = join(stage, HOME, "node_modules");
  cpSync(join(folder, "node_modules"), target, { recursive: true });
  prune(target, cpu, dependenciesOf(root));
  const strip = existsSync(`/usr/bin/${cross}-strip`) ? `${cross}-strip` : "strip";
  for (const file of natives(target)) {
    execFileSync(strip, ["--strip-unneeded", "--remove-section=.note.gnu.build-id", file]);
  }
}

/** Those of the checkout itself serve, where they are for this processor: the set-up compiled them from the same lock. */
function copyNatives(root: string, folder: string, cpu: string): boolean {
  const built = NATIVE.map((name) => `node_modules/${name}/build/Release`);
  if (cpu !== process.arch || !built.every((path) => existsSync(join(root, path)))) return false;
  for (const path of built) cpSync(join(root, path), join(folder, path), { recursive: true, dereference: true });
  return true;
}

function compileNatives(folder: string, arch: Architecture, headers: string): void {
  const { cpu, cross } = TARGETS[arch];
  npm(folder, ["rebuild", ...NATIVE], {
    npm_config_nodedir: headers,
    npm_config_arch: cpu,
    // Never what somebody else has built.
    npm_config_build_from_source: "true",
    CC: `${cross}-gcc`,
    CXX: `${cross}-g++`,
    AR: `${cross}-ar`,
    // Nothing of the place or the hour of the build stands in the result.
    CFLAGS: `-ffile-prefix-map=${folder}=. -g0`,
    CXXFLAGS: `-ffile-prefix-map=${folder}=. -g0`,
    LDFLAGS: "-Wl,--build-id=none -s",
  });
}

/** Does it once for one lock file; half a result is none. */
function once(folder: string, lock: Buffer, work: () => void): void {
  const stamp = join(folder, ".stamp");
  const wanted = createHash("sha256").update(lock).update(process.versions.modules).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(stamp, { force: true });
  work();
  writeFileSync(stamp, wanted);
}

function prune(modules: string, cpu: string, asked: readonly string[]): void {
  const needed = reachable(modules, asked);
  for (const name of installed(modules)) {
    if (!needed.has(name)) rmSync(join(modules, name), { recursive: true, force: true });
  }
  for (const [name, parts] of Object.entries(UNUSED_IN)) {
    for (const part of parts) rmSync(join(modules, name, part), { recursive: true, force: true });
  }
  for (const name of NATIVE) keepOnlyNative(join(modules, name, "build"));
  const own = `.linux-${cpu}-`;
  const audio = join(modules, "node-web-audio-api");
  for (const name of readdirSync(audio)) {
    if (name.endsWith(".node") && !name.includes(own)) rmSync(join(audio, name));
  }
  for (const path of walk(modules)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const font = path.includes("/@fontsource/");
    // The page knows two weights, upright.
    const otherFont =
      font && (/\.woff$/.test(name) || (/\.woff2$/.test(name) && !/-(400|700)-normal\.woff2$/.test(name)));
    const described = /\.(md|markdown|map|ts|mts|cts|flow|c|cc|h|gyp|gypi)$/i.test(name) && !/^license/i.test(name);
    const inner = path.slice(modules.length + 1);
    const hidden = /(^|\/)\.[^/]+/.test(inner) || ASIDE.test(inner) || name.endsWith(".html") || name.endsWith(".sh");
    if (described || otherFont || hidden || path.includes("/musl_")) rmSync(path);
  }
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function dependenciesOf(folder: string): string[] {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Manifest;
  return Object.keys({ ...dependencies, ...optionalDependencies });
}

/** Names of the modules in a folder, scoped ones too, and what npm keeps there for itself. */
function installed(modules: string): string[] {
  return readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

/** Modules that the program may load: its own dependencies, and theirs. */
function reachable(modules: string, asked: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (folder: string, names = dependenciesOf(folder)) => {
    for (const name of names) {
      if (BUILDERS.includes(name) || name.startsWith("@types/")) continue;
      const nested = join(folder, "node_modules", name);
      if (existsSync(nested)) visit(nested);
      else if (!found.has(name) && existsSync(join(modules, name))) {
        found.add(name);
        visit(join(modules, name));
      }
    }
  };
  visit(modules, [...asked]);
  return found;
}

/** Beside a module's own code, at its top: what its authors use. Deeper down the same names are code. */
const ASIDE = /^(@[^/]+\/)?[^/]+\/(test|tests|integration-test|example|examples|bin|docs?)\//;

/** Of a build folder only the module itself, where `bindings` looks for it. */
function keepOnlyNative(build: string): void {
  const kept = walk(build)
    .filter((path) => /\/Release\/[^/]+\.node$/.test(path))
    .map((path): [string, Buffer] => [path, readFileSync(path)]);
  rmSync(build, { recursive: true });
  for (const [path, bytes] of kept) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

function natives(folder: string): string[] {
  return walk(folder).filter((path) => path.endsWith(".node"));
}

/** Every file under a folder. */
export function walk(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}
