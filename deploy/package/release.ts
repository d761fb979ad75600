/** The text that is signed: which lists belong to this state of the repository, when it was made, how long it may be believed. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TARGETS } from "./architectures.ts";

/** Folder of the one suite. */
export const INDEXED = "dists/stable";

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** As apt reads it. Source: Debian repository format, "Date, Valid-Until". */
const date = (seconds: number) => new Date(seconds * 1_000).toUTCString().replace("GMT", "+0000");

/** Seconds since 1970 of what is published; 0 where it names none. */
export function releaseDate(release: string): number {
  const said = /^Date: (.+)$/m.exec(release)?.[1];
  return said === undefined ? 0 : Date.parse(said) / 1_000;
}

/** `epoch` in seconds. apt refuses it after `days`, and keeps what it has when it is offered one with an earlier date. */
export function releaseText(folder: string, epoch: number, days: number): string {
  const lists = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\/Packages(\.gz)?$/.test(name))
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  return [
    "Origin: Loa",
    "Label: Loa",
    "Suite: stable",
    "Codename: stable",
    `Date: ${date(epoch)}`,
    `Valid-Until: ${date(epoch + days * 86_400)}`,
    "Acquire-By-Hash: yes",
    `Architectures: ${Object.keys(TARGETS).sort().join(" ")}`,
    "Components: main",
    "Description: Loa, agent of a commune's loudspeaker station",
    "SHA256:",
    ...lists.map(({ name, bytes }) => ` ${sha256Of(bytes)} ${bytes.length} ${name}`),
    "",
  ].join("\n");
}
