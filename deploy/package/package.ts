/**
 * Makes the Debian package: the built program, its production modules with natives for the board's processor, and the Node that runs them.
 * The same checkout gives the same bytes, whoever builds it and where: every time stamp is the commit's, every path and owner is fixed.
 *
 * `npm run package -- --arch arm64|amd64 [--out FOLDER] [--quick]` (`--quick` packs less tightly, for trying it out). Plain Node and Debian's tools; imports nothing of the program.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isArchitecture, TARGETS } from "./architectures.ts";
import { writeControl } from "./control.ts";
import { installModules, installNode } from "./modules.ts";
import { layOut } from "./tree.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const { values } = parseArgs({
  options: { arch: { type: "string" }, out: { type: "string" }, quick: { type: "boolean" } },
});
const arch = values.arch ?? "";
if (!isArchitecture(arch)) {
  process.stderr.write(`--arch ${Object.keys(TARGETS).join("|")}\n`);
  process.exit(64);
}
const out = resolve(values.out ?? join(ROOT, ".loa/packages"));
const began = Date.now();
const say = (text: string) => process.stderr.write(`${text}  (+${((Date.now() - began) / 1_000).toFixed(1)} s)\n`);

const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? git("log", "-1", "--format=%ct"));
// A later commit of one version is a later package; what was changed and not committed says so.
const dirty = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+dirty";
const stamp = new Date(epoch * 1_000).toISOString().replace(/[-:T]/g, "").slice(0, 14);
const version = `${manifest.version}+${stamp}.${git("rev-parse", "--short=10", "HEAD")}${dirty}`;

const work = join(ROOT, ".loa/package", arch);
const stage = join(work, "root");
rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
mkdirSync(out, { recursive: true });

say(`[1/4] Node for ${arch}`);
const headers = installNode({ root: ROOT, work, stage, arch });
say("[2/4] production modules; two are compiled, about 90 s unless they were before");
installModules({ root: ROOT, work, stage, arch, headers });
say("[3/4] program, units, manual");
// From this checkout, now: what an earlier build left may be of another commit.
const dist = join(work, "dist");
rmSync(dist, { recursive: true, force: true });
for (const project of [["tsconfig.build.json"], ["playback/board/page", "--noEmit", "false"]]) {
  const args = [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", ...project, "--outDir", dist];
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
}
layOut({ root: ROOT, dist, stage, epoch });
say("[4/4] archive");
writeControl({ stage, arch, version, epoch });
const file = join(out, `loa_${version}_${arch}.deb`);
const environment = { ...process.env, SOURCE_DATE_EPOCH: String(epoch) };
// One thread: the number of cores must not show in the bytes.
const tight = values.quick === true ? ["-Zgzip", "-z1"] : ["-Zxz", "-z2"];
execFileSync("dpkg-deb", ["--root-owner-group", ...tight, "--threads-max=1", "--build", stage, file], {
  env: environment,
  stdio: ["ignore", "ignore", "inherit"],
});
const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
say(`${file}`);
process.stdout.write(`${JSON.stringify({ file, version, arch, sha256 })}\n`);
