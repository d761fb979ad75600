/** Throwaway archive keys, packages of a few bytes, and the publishing program as it is run by hand. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const PROGRAM = resolve(import.meta.dirname, "../../../deploy/package/repository.ts");
/** Before every release of the tests: a key signs nothing that is older than itself. */
const KEY_BORN = "20250101T000000!";

/** A file with a new secret key, without a passphrase unless one is given. */
export function secretKey(folder: string, name: string, passphrase = ""): string {
  const home = join(folder, `gpg-${name}`);
  const file = join(folder, `${name}.asc`);
  execFileSync("mkdir", ["-m", "700", home]);
  const gpg = (...args: string[]) =>
    execFileSync("gpg", [
      "--homedir",
      home,
      "--batch",
      "--quiet",
      "--pinentry-mode",
      "loopback",
      "--passphrase",
      passphrase,
      ...args,
    ]);
  gpg(
    "--faked-system-time",
    KEY_BORN,
    "--quick-generate-key",
    `${name} <${name}@localhost>`,
    "ed25519",
    "sign",
    "never",
  );
  gpg("--armor", "--output", file, "--export-secret-keys");
  gpg("--armor", "--output", `${file}.pub`, "--export");
  execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
  return file;
}

export async function dummyPackage(folder: string, version: string, content = version, arch = "amd64"): Promise<void> {
  const tree = join(folder, `.tree-${version}`);
  await mkdir(join(tree, "DEBIAN"), { recursive: true });
  await mkdir(join(tree, "usr/share/loa"), { recursive: true });
  const control = {
    Package: "loa",
    Version: version,
    Architecture: arch,
    Maintainer: "Loa <loa@localhost>",
    Description: "dummy",
  };
  const lines = Object.entries(control).map(([name, value]) => `${name}: ${value}\n`);
  await writeFile(join(tree, "DEBIAN/control"), lines.join(""));
  await writeFile(join(tree, "usr/share/loa/version"), content);
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", tree, join(folder, `loa_${version}_${arch}.deb`)], {
    env: { ...process.env, SOURCE_DATE_EPOCH: "1760000000" },
    stdio: "ignore",
  });
}

export interface Publishing {
  readonly from: string;
  readonly to: string;
  readonly key?: string;
  /** Seconds since 1970; now where not given. */
  readonly epoch?: number;
  readonly more?: readonly string[];
}

export function publish({ from, to, key, epoch, more = [] }: Publishing): { code: number | null; text: string } {
  const args = ["--from", from, "--to", to, ...(key === undefined ? [] : ["--key", key]), ...more];
  const env = { ...process.env, ...(epoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(epoch) }) };
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { env, encoding: "utf8" });
  return { code: status, text: `${stdout}${stderr}` };
}
