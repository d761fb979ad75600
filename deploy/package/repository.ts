/**
 * Makes the apt repository that stations update from: packages, their lists, and the one signature under which all of it stands.
 * The same packages, key and `SOURCE_DATE_EPOCH` give the same bytes. Nothing is published without a signature, and nothing that stations would
 * silently ignore (an older date) or mistake for what they know (other bytes under a known name).
 *
 * `npm run repository -- --from FOLDER --to FOLDER --key FILE [--passphrase-file FILE] [--valid-days N]`. Plain Node, Debian's tools and gpg.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { isArchitecture, TARGETS } from "./architectures.ts";
import { INDEXED, releaseDate, releaseText, sha256Of } from "./release.ts";
import { Signer } from "./signer.ts";

const USAGE =
  "npm run repository -- --from FOLDER --to FOLDER --key SECRET-KEY-FILE [--passphrase-file FILE] [--valid-days N]";
/** Assumed: a board that was offline for a season still updates from its stick; a mirror that was frozen is found out in three months. */
const VALID_DAYS = "90";
const LONGEST_DAYS = 400;
const KNOWN = Object.keys(TARGETS).sort();
/** Of one list. */
const MOST_BYTES = 64 * 1_048_576;

/** What somebody can put right; everything else is a fault. */
class Refusal extends Error {
  readonly code: number;
  constructor(why: string, code = 65) {
    super(why);
    this.code = code;
  }
}

interface Job {
  readonly from: string;
  readonly to: string;
  /** Everything is made here first; what is published is exchanged as a whole, or stays. */
  readonly stage: string;
  readonly epoch: number;
  readonly days: number;
}

/** Where a package stands in the repository; its own words decide, not the file's name. */
function poolPath(file: string): string {
  const fields = ["Package", "Version", "Architecture"].map((name) => `\${${name}}`).join(" ");
  const said = execFileSync("dpkg-deb", ["--show", `--showformat=${fields}`, file], { encoding: "utf8" });
  const [name = "", version = "", arch = ""] = said.split(" ");
  if (arch !== "all" && !isArchitecture(arch)) throw new Refusal(`${file} is for ${arch}: ${KNOWN.join(", ")}`);
  return join("pool/main", name.slice(0, 1), name, `${name}_${version.replace(/^\d+:/, "")}_${arch}.deb`);
}

function gatherPool({ from, to, stage }: Job): number {
  const files = readdirSync(from).filter((name) => name.endsWith(".deb"));
  if (files.length === 0) throw new Refusal(`there is no package in ${from}: make one with \`npm run package\``);
  for (const name of files) {
    const file = join(from, name);
    const path = poolPath(file);
    const known = join(to, path);
    if (existsSync(known) && sha256Of(readFileSync(known)) !== sha256Of(readFileSync(file))) {
      throw new Refusal(`${path} was published with other bytes before: give the package a new version`);
    }
    if (existsSync(join(stage, path))) throw new Refusal(`two packages in ${from} are ${basename(path)}`);
    mkdirSync(join(stage, dirname(path)), { recursive: true });
    cpSync(file, join(stage, path));
  }
  return files.length;
}

/** Each list under its name and under its digest, so that a station that reads while the repository is exchanged gets what it was promised. */
function writeLists({ stage }: Job): void {
  for (const arch of KNOWN) {
    const list = execFileSync("dpkg-scanpackages", ["--multiversion", "--hash", "sha256", "--arch", arch, "pool"], {
      cwd: stage,
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: MOST_BYTES,
    });
    const folder = join(stage, INDEXED, `main/binary-${arch}`);
    mkdirSync(join(folder, "by-hash/SHA256"), { recursive: true });
    const packed = gzipSync(list, { level: 9 });
    for (const [name, bytes] of [["Packages", list] as const, ["Packages.gz", packed] as const]) {
      writeFileSync(join(folder, name), bytes);
      writeFileSync(join(folder, "by-hash/SHA256", sha256Of(bytes)), bytes);
    }
  }
}

/** @throws Refusal where stations would not follow */
function checkPredecessor({ to, epoch }: Job): void {
  const release = join(to, INDEXED, "Release");
  if (existsSync(release)) {
    if (releaseDate(readFileSync(release, "utf8")) <= epoch) return;
    throw new Refusal("what is published bears a later date than this: stations would ignore it");
  }
  if (existsSync(to) && readdirSync(to).length > 0) throw new Refusal(`${to} holds something else than a repository`);
}

function publish(job: Job, signer: Signer): number {
  const { to, stage, epoch, days } = job;
  const place = join(stage, INDEXED);
  mkdirSync(place, { recursive: true });
  const packages = gatherPool(job);
  writeLists(job);
  const release = releaseText(place, epoch, days);
  writeFileSync(join(place, "Release"), release);
  writeFileSync(join(place, "InRelease"), signer.clearSign(release, epoch));
  writeFileSync(join(place, "Release.gpg"), signer.detachSign(release, epoch));
  writeFileSync(join(stage, "loa.asc"), signer.publicKey());
  const old = `${stage}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(to)) renameSync(to, old);
  renameSync(stage, to);
  rmSync(old, { recursive: true, force: true });
  return packages;
}

function run(): void {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: { from: text, to: text, key: text, "passphrase-file": text, "valid-days": text },
  });
  const { from, to: target, key } = values;
  if (from === undefined || target === undefined || key === undefined) throw new Refusal(USAGE, 64);
  const days = Number(values["valid-days"] ?? VALID_DAYS);
  if (!(days >= 1 && days <= LONGEST_DAYS)) throw new Refusal(`--valid-days 1–${LONGEST_DAYS}`, 64);
  const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? Math.floor(Date.now() / 1_000));
  const to = resolve(target);
  const job = { from: resolve(from), to, stage: join(dirname(to), `.${basename(to)}.new`), epoch, days };
  checkPredecessor(job);
  const signer = Signer.open(resolve(key), values["passphrase-file"]);
  try {
    rmSync(job.stage, { recursive: true, force: true });
    const packages = publish(job, signer);
    process.stdout.write(`${JSON.stringify({ repository: to, packages, fingerprint: signer.fingerprint })}\n`);
  } finally {
    // The secret key leaves this machine's disk whatever happened.
    signer.close();
    rmSync(job.stage, { recursive: true, force: true });
  }
}

try {
  run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof Refusal ? error.code : 70;
}
