/** The layers are law; the linter says so while writing, this test says so for the whole tree. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const LAYERS = ["agent", "drivers", "playback", "storage", "test"] as const;
const MAY_SEE: Record<string, readonly string[]> = {
  playback: ["playback"],
  drivers: ["drivers", "playback/model", "playback/ports"],
  storage: ["storage", "playback/model", "playback/ports"],
  agent: ["agent", "drivers", "playback", "storage"],
  test: LAYERS,
};
/** Calls into the C library, and into ALSA's. */
const FOREIGN = ["drivers/host/libc.ts", "drivers/sound/libasound.ts"];
const ONE_FILE = [
  "mqtt",
  "onoff",
  "sqlite3",
  "fluent-ffmpeg",
  "systeminformation",
  "node-web-audio-api",
  "pino",
  "rrule-temporal",
  "yaml",
  "@peculiar/x509",
  "ws",
  "node-rtsp-stream",
  "image-size",
  "pngjs",
  "suncalc",
  "@resvg/resvg-js",
];

interface Import {
  readonly file: string;
  readonly from: string;
}

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((name) => /^(agent|drivers|playback|storage|test)\/.*\.ts$/.test(name) && existsSync(join(ROOT, name)));

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/^(?:import|export)\b[^;"]*?from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm)].map(
    (match) => ({
      file,
      from: match[1] ?? match[2] ?? match[3] ?? "",
    }),
  );
});

/** Path from the root of what a relative import names. */
const target = ({ file, from }: Import) => relative(ROOT, resolve(ROOT, dirname(file), from));
const within = (path: string, folders: readonly string[]) => folders.some((folder) => path.startsWith(`${folder}/`));

describe("the layers", () => {
  it("are read from a tree that has them all", () => {
    for (const layer of LAYERS)
      expect(
        files.some((file) => file.startsWith(`${layer}/`)),
        layer,
      ).toBe(true);
    expect(imports.length).toBeGreaterThan(200);
  });

  it.each(Object.entries(MAY_SEE))("%s sees only what it may", (layer, allowed) => {
    const seen = imports.filter(({ file, from }) => file.startsWith(`${layer}/`) && from.startsWith("."));
    expect(seen.filter((one) => !within(target(one), allowed)).map((one) => `${one.file} → ${target(one)}`)).toEqual(
      [],
    );
  });

  it("keep the deciding part free of input, output and clocks", () => {
    const deciding = /^playback\/(model|ports|agenda|arbiter)\/|^playback\/(planner|playout|run-order)\.ts$/;
    const decidingFiles = files.filter((file) => deciding.test(file));
    const outside = imports.filter(({ file, from }) => decidingFiles.includes(file) && !from.startsWith("."));
    expect(outside.filter(({ file }) => file !== "playback/agenda/rrule.ts")).toEqual([]);
    const reading = decidingFiles.filter((file) =>
      /\bDate\.now\(|new Date\(\)|performance\.now|setTimeout|process\.(?:env|hrtime|argv|cwd|pid)|Math\.random/.test(
        readFileSync(join(ROOT, file), "utf8"),
      ),
    );
    expect(reading).toEqual([]);
  });

  it.each(ONE_FILE)("%s is imported by one file of the program", (library) => {
    const program = imports.filter(
      ({ file, from }) => !file.startsWith("test/") && (from === library || from.startsWith(`${library}/`)),
    );
    expect([...new Set(program.map(({ file }) => file))]).toHaveLength(1);
  });

  it("call foreign functions in one file for each library", () => {
    const program = imports.filter(({ file, from }) => !file.startsWith("test/") && from === "koffi");
    expect(program.map(({ file }) => file).sort()).toEqual(FOREIGN);
  });
});

describe("the tree", () => {
  it("has nothing at the top but what the owner named and what tools need", () => {
    const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    const top = new Set(
      tracked
        .split("\n")
        .filter(Boolean)
        .map((name) => name.split("/")[0] ?? ""),
    );
    const allowed =
      /^(agent|drivers|playback|storage|test|deploy|package(-lock)?\.json|tsconfig(\.build)?\.json|README\.md|CHANGELOG\.md|biome\.json|vitest\.config\.ts|\..+)$/;
    expect([...top].filter((name) => !allowed.test(name))).toEqual([]);
  });
});
