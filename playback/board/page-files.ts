/**
 * The page's own files: its program, its style, the player of cameras and the fonts. They are listed once, when the server opens; a name that
 * is not in the list is not looked for. In a checkout the program stands here as TypeScript and is stripped of its types, in a build it is there
 * as JavaScript.
 */
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { STYLE, shell } from "./page-shell.ts";

export interface PageFile {
  readonly type: string;
  /** In memory, but for fonts: there are four hundred, and few are ever asked for. */
  readonly open: () => Uint8Array | Readable;
}
/** By path below the token, the page itself under the empty one. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const SCRIPT = "text/javascript; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const PROGRAM = join(import.meta.dirname, "page");
/** One family a script; the style names them in this order. */
export const FONT_PACKAGES = ["noto-sans", "noto-sans-sc", "noto-sans-lao", "noto-sans-khmer"] as const;
const WEIGHTS = [400, 700] as const;

/** One transparent pixel: a browser asks for an icon, and without one of the page's own it asks outside the token. */
const ICON = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==";

const packages = createRequire(import.meta.url);

/** @throws Error where a package is missing: the installation is incomplete */
export async function readPageFiles(): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  const add = (path: string, type: string, text: string | Uint8Array) => {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    files.set(path, { type, open: () => bytes });
  };
  for (const name of await readdir(PROGRAM)) {
    if (name.endsWith(".d.ts") || !/\.[jt]s$/.test(name)) continue;
    const text = await readFile(join(PROGRAM, name), "utf8");
    add(`page/${name}`, SCRIPT, name.endsWith(".ts") ? stripTypeScriptTypes(text) : text);
  }
  const entry = ["page/main.js", "page/main.ts"].find((path) => files.has(path));
  if (entry === undefined) throw new Error("the page's program is not there: build again");
  const sheets = FONT_PACKAGES.flatMap((name) => WEIGHTS.map((weight) => `fonts/${name}/${weight}.css`));
  add("", "text/html; charset=utf-8", shell(entry, [...sheets, "page.css"]));
  add("page.css", CSS, STYLE);
  add("icon.png", "image/png", Buffer.from(ICON, "base64"));
  const player = join(dirname(packages.resolve("@cycjimmy/jsmpeg-player")), "jsmpeg-player.esm.js");
  add("page/jsmpeg.js", SCRIPT, await readFile(player));
  for (const name of FONT_PACKAGES) await addFonts(name, files, add);
  return files;
}

async function addFonts(
  name: string,
  files: Map<string, PageFile>,
  add: (path: string, type: string, text: string) => void,
): Promise<void> {
  for (const weight of WEIGHTS) {
    const sheet = packages.resolve(`@fontsource/${name}/${weight}.css`);
    const text = await readFile(sheet, "utf8");
    add(`fonts/${name}/${weight}.css`, CSS, text);
    for (const [, file = ""] of text.matchAll(/url\(\.\/files\/([a-z0-9-]+\.woff2)\)/g)) {
      const path = join(dirname(sheet), "files", file);
      files.set(`fonts/${name}/files/${file}`, { type: "font/woff2", open: () => createReadStream(path) });
    }
  }
}
