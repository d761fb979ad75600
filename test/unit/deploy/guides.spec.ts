/** The guides say what the program says: their snippets are read by it, their commands exist, its sentences stand there word by word. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { CliCommand } from "../../../agent/cli/command.ts";
import { parseStationFile } from "../../../agent/config/station-file.ts";
import { formatYaml, parseYaml } from "../../../agent/config/yaml.ts";
import { CONCERN_KINDS } from "../../../agent/health/concerns.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const DEPLOY = join(ROOT, "deploy");
const read = (name: string) => readFileSync(join(DEPLOY, name), "utf8");
const GUIDES = [
  { name: "HUONG-DAN.md", language: "vi" },
  { name: "GUIDE.md", language: "en" },
] as const;
const ALL = [...GUIDES.map(({ name }) => name), "README.md"];
const MINIMAL = { station: "xa-00004-cum-01", commune: "00004", province: "01", root: "root.json" };

const blocks = (text: string, kind: string) =>
  [...text.matchAll(new RegExp(`^ *\`\`\`${kind}\n([^]*?)^ *\`\`\`$`, "gm"))].map((found) => found[1] ?? "");

function yamlOf(name: string): object[] {
  return blocks(read(name), "yaml").map((text) => {
    const parsed = parseYaml(text);
    if (!("value" in parsed)) throw new Error(`${name}: ${JSON.stringify(parsed)}\n${text}`);
    return parsed.value as object;
  });
}

/** What stands after `loa` wherever a guide names a command, in a sentence or in a block. */
function commandsOf(name: string): string[][] {
  const text = read(name);
  const inline = [...text.matchAll(/`(?:sudo )?loa ([^`]+)`/g)].map((found) => found[1] ?? "");
  const typed = blocks(text, "sh").flatMap((block) =>
    [...block.matchAll(/^ *(?:sudo )?loa (.+)$/gm)].map((found) => found[1] ?? ""),
  );
  return [...inline, ...typed].map((words) => words.split(/\s+/));
}

async function usages(): Promise<ReadonlyMap<string, string>> {
  const folder = join(ROOT, "agent/cli/commands");
  const modules = await Promise.all(readdirSync(folder).map((file) => import(join(folder, file))));
  const found = modules
    .flatMap((module: object) => Object.values(module))
    .filter((one: unknown): one is CliCommand => {
      return typeof one === "object" && one !== null && "usage" in one;
    });
  return new Map(found.map(({ usage }) => [usage.split(" ")[1] ?? "", usage]));
}

const OPTIONS = /^ +"?([a-z-]+)"?: (?:text|flag),$/gm;
const flags = [...readFileSync(join(ROOT, "agent/cli/main.ts"), "utf8").matchAll(OPTIONS)].map(
  (found) => found[1] ?? "",
);

describe.each(GUIDES)("$name", ({ name, language }) => {
  const text = read(name);

  it("has snippets of station.yaml that the station takes", () => {
    const snippets = yamlOf(name);
    expect(snippets.length).toBeGreaterThanOrEqual(3);
    for (const snippet of snippets) {
      const parsed = parseStationFile(formatYaml({ ...MINIMAL, ...snippet }), "/etc/loa");
      expect("length" in parsed ? parsed : [], JSON.stringify(snippet)).toEqual([]);
    }
  });

  it("tells each concern once, in the station's own words", () => {
    const found = [...text.matchAll(/^\| `([a-z-]+)` +\| (.+?) +\| [^|]+ \|$/gm)];
    const codes = found.map(([, code]) => code);
    const rows = new Map(found.map(([, code, said]) => [code, said]));
    expect(codes.toSorted()).toEqual(Object.keys(CONCERN_KINDS).toSorted());
    for (const [code, kind] of Object.entries(CONCERN_KINDS)) expect(rows.get(code), code).toBe(kind[language]);
  });
});

describe("the guides", () => {
  it("have the same snippets and the same troubles with the same commands in both languages", () => {
    expect(yamlOf("GUIDE.md")).toEqual(yamlOf("HUONG-DAN.md"));
    const plain = (name: string) =>
      commandsOf(name)
        .map((words) => words.filter((word) => !/^\p{Lu}/u.test(word)).join(" "))
        .toSorted();
    expect(plain("GUIDE.md")).toEqual(expect.arrayContaining(["emergency stop", "face identify"]));
    // What the Vietnamese sentences of the station name, the English ones name too.
    expect(new Set(plain("GUIDE.md"))).toEqual(new Set(plain("HUONG-DAN.md")));
  });

  it.each(ALL)("%s names only commands and options that exist", async (name) => {
    const known = await usages();
    expect(known.size).toBeGreaterThan(20);
    expect(flags).toEqual(expect.arrayContaining(["json", "baseline", "replace"]));
    for (const [command = "", ...rest] of commandsOf(name)) {
      const usage = known.get(command);
      expect(usage, `loa ${command}`).toBeDefined();
      // A second word is a verb where the command has verbs.
      const [verb] = rest;
      if (verb !== undefined && /^[a-z-]+$/.test(verb) && /\b[a-z]+\|[a-z]|^loa (test|emergency) /.test(usage ?? "")) {
        expect(usage, `loa ${command} ${verb}`).toMatch(new RegExp(`\\b${verb}\\b`));
      }
      for (const word of rest) if (word.startsWith("--")) expect([...flags, "help"], word).toContain(word.slice(2));
    }
  });

  it.each(ALL)("%s is NFC and its links lead somewhere", (name) => {
    const text = read(name);
    expect(text.normalize("NFC")).toBe(text);
    const links = [...text.matchAll(/\]\(([^)#]+)(?:#([^)]+))?\)/g)].filter(([, to = ""]) => !to.startsWith("http"));
    expect(links.length).toBeGreaterThan(1);
    for (const [, to = "", anchor] of links) {
      const target = read(to);
      const heads = [...target.matchAll(/^#+ (.+)$/gm)].map(([, head = ""]) =>
        head
          .toLowerCase()
          .replace(/[^\p{L}\d -]/gu, "")
          .replaceAll(" ", "-"),
      );
      if (anchor !== undefined) expect(heads, `${to}#${anchor}`).toContain(anchor);
    }
  });

  it("have drawings in both languages, each shown in both guides, that print on a sheet of A4", () => {
    const drawings = readdirSync(join(DEPLOY, "drawings"));
    expect(drawings).toHaveLength(4);
    for (const file of drawings) {
      const svg = read(`drawings/${file}`);
      expect(svg.normalize("NFC")).toBe(svg);
      expect(svg).toMatch(/<svg [^>]*width="297mm" height="210mm"/);
      expect(svg).toMatch(/<title[^>]*>[^<]*\/[^<]*<\/title>/);
      for (const { name } of GUIDES) expect(read(name)).toContain(`](drawings/${file})`);
    }
  });
});
