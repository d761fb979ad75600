/** What stands where on a board besides Node and the modules. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { HOME } from "./modules.ts";

/** Folders of the program; tests and set-up stay at home. */
const PROGRAM = ["agent", "drivers", "playback", "storage"] as const;

/** From `files/` to its place on the board. */
const FILES: Readonly<Record<string, string>> = {
  "loa.service": "usr/lib/systemd/system/loa.service",
  "loa-guard.socket": "usr/lib/systemd/system/loa-guard.socket",
  "loa-guard@.service": "usr/lib/systemd/system/loa-guard@.service",
  "loa.sysusers": "usr/lib/sysusers.d/loa.conf",
  "loa.tmpfiles": "usr/lib/tmpfiles.d/loa.conf",
  "loa.udev": "usr/lib/udev/rules.d/60-loa.rules",
  "loa.journald": "usr/lib/systemd/journald.conf.d/loa.conf",
  "loa.completion": "usr/share/bash-completion/completions/loa",
  "loa.overrides": "usr/share/lintian/overrides/loa",
  "faces.conf": "usr/share/doc/loa/examples/faces.conf",
  copyright: "usr/share/doc/loa/copyright",
};

export interface Layout {
  readonly root: string;
  /** The built program. */
  readonly dist: string;
  readonly stage: string;
  readonly epoch: number;
}

export function layOut({ root, dist, stage, epoch }: Layout): void {
  const put = (to: string, bytes: string | Uint8Array, mode = 0o644) => {
    const path = join(stage, to);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { mode });
  };
  for (const name of PROGRAM) cpSync(join(dist, name), join(stage, HOME, "dist", name), { recursive: true });
  const { name, version, type, description } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  put(`${HOME}/package.json`, `${JSON.stringify({ name, version, type, description, private: true })}\n`);
  const files = join(root, "deploy/package/files");
  for (const [from, to] of Object.entries(FILES)) put(to, readFileSync(join(files, from)));
  put("usr/bin/loa", readFileSync(join(files, "loa.sh")), 0o755);
  put("usr/share/man/man1/loa.1.gz", gzip(readFileSync(join(files, "loa.1"))));
  for (const name of ["station.yaml", "loa.sources"]) {
    put(`usr/share/doc/loa/examples/${name}`, readFileSync(join(root, "deploy/examples", name)));
  }
  // There is often no network where they are read.
  for (const name of ["HUONG-DAN.md", "GUIDE.md", "README.md"])
    put(`usr/share/doc/loa/${name}`, readFileSync(join(root, "deploy", name)));
  cpSync(join(root, "deploy/drawings"), join(stage, "usr/share/doc/loa/drawings"), { recursive: true });
  put("usr/share/doc/loa/changelog.gz", gzip(readFileSync(join(root, "CHANGELOG.md"))));
  const date = new Date(epoch * 1_000).toUTCString().replace("GMT", "+0000");
  const entry = `loa (${version}) stable; urgency=medium\n\n  * See changelog.gz.\n\n -- Loa <loa@localhost.localdomain>  ${date}\n`;
  put("usr/share/doc/loa/changelog.Debian.gz", gzip(Buffer.from(entry)));
}

/** Without a time stamp or a name in its head. */
function gzip(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level: 9 });
}
