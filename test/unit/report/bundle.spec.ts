import { execFileSync } from "node:child_process";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ImportPorts, importBundle } from "../../../agent/bundle/import-bundle.ts";
import { Bundle } from "../../../agent/bundle/read-bundle.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import { temporaryFolder } from "../../support/storage/temporary.ts";

const digest = (letter: string) => letter.repeat(64) as Sha256;
const secret = "not for this import";

/** A stick with a secret beside the bundle, as a board has files beside it. */
async function stick(documents: unknown[] = [], files: Record<string, string | Buffer> = {}): Promise<string> {
  const folder = await temporaryFolder();
  const bundle = join(folder, "bundle");
  await mkdir(join(bundle, "media"), { recursive: true });
  await mkdir(join(bundle, "docs"));
  await writeFile(join(folder, "secret"), secret);
  await writeFile(join(bundle, "bundle.json"), JSON.stringify({ version: 1, documents }));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(bundle, name), bytes);
  return bundle;
}

/** A door that remembers what came to it. */
function door(change: Partial<ImportPorts> = {}) {
  const received: string[] = [];
  const ports: ImportPorts = {
    receive: async (topic, bytes) => {
      received.push(`${topic} ${bytes}`);
      return null;
    },
    importMedia: async (_, sha256) => {
      received.push(sha256);
      return null;
    },
    hasMedia: () => false,
    ...change,
  };
  return { received, ports };
}

async function outcome(folder: string) {
  const { received, ports } = door();
  const report = await importBundle(folder, ports);
  if (isRefusal(report)) return { refused: `${report.reason}: ${report.detail}`, received };
  return { documents: report.documents.map(({ reason }) => reason), media: report.media, received };
}

describe("a bundle on a stick", () => {
  it("hands every document to the one door byte for byte, keys first, then the media", async () => {
    const folder = await stick(
      [
        { topic: "loa/v1/all/schedule/province", file: "docs/b" },
        { topic: "loa/v1/all/content/province", file: "a.json" },
        { topic: "loa/v1/all/trust", file: "docs/t" },
      ],
      { "a.json": "A", "docs/b": "B", "docs/t": "T", [`media/${digest("b")}`]: "m", "media/readme.txt": "?" },
    );
    expect((await outcome(folder)).received).toEqual([
      "loa/v1/all/trust T",
      "loa/v1/all/content/province A",
      "loa/v1/all/schedule/province B",
      digest("b"),
    ]);
  });

  it("tells per document and file what became of it, and goes on after a failure", async () => {
    const folder = await stick(
      ["a", "b", "c", "d"].map((file) => ({ topic: `loa/v1/all/content/${file}`, file })),
      {
        a: "1",
        b: "2",
        c: "3",
        [`media/${digest("a")}`]: "",
        [`media/${digest("b")}`]: "",
        [`media/${digest("c")}`]: "",
      },
    );
    const { ports } = door({
      receive: async (topic) => {
        if (topic.endsWith("a")) return refusal("bad-signature", "no");
        if (topic.endsWith("b")) return refusal("duplicate", "adopted already");
        throw new StationError("storage-failed", "disk full");
      },
      hasMedia: (sha256) => sha256 === digest("a"),
      importMedia: async (_, sha256) => (sha256 === digest("b") ? null : refusal("digest-not-approved", "no")),
    });
    const report = await importBundle(folder, ports);
    if (isRefusal(report)) throw new Error(report.detail);
    expect(report.documents.map(({ result, reason }) => `${result} ${reason}`)).toEqual([
      "refused bad-signature",
      "known null",
      "refused storage-failed",
      "refused malformed",
    ]);
    expect(report.media.map(({ result, reason }) => `${result} ${reason}`)).toEqual([
      "known null",
      "taken null",
      "refused digest-not-approved",
    ]);
  });

  it.each(["../secret", "/etc/hostname", "docs/../../secret", "..", ".hidden", "a/b/c", "", "a\u0000b"])(
    "refuses the file name '%s' as a whole",
    async (file) => {
      const found = await outcome(await stick([{ topic: "loa/v1/all/trust", file }]));
      expect(found).toMatchObject({
        refused: expect.stringMatching(/^malformed: bundle.json: documents.0.file/),
        received: [],
      });
    },
  );

  it("follows no link, whether file, folder, index or media", async () => {
    const folder = await stick([
      { topic: "loa/v1/all/trust", file: "link" },
      { topic: "loa/v1/all/trust", file: "linked/secret" },
      { topic: "loa/v1/all/trust", file: "pipe" },
    ]);
    await symlink("../secret", join(folder, "link"));
    await symlink("..", join(folder, "linked"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(await outcome(folder)).toEqual({ documents: Array(3).fill("malformed"), media: [], received: [] });

    await rename(join(folder, "bundle.json"), join(folder, "..", "index"));
    await symlink("../index", join(folder, "bundle.json"));
    expect(await outcome(folder)).toMatchObject({ refused: "malformed: bundle.json: no plain file" });

    const other = await stick();
    await rename(join(other, "media"), join(other, "..", "elsewhere"));
    await writeFile(join(other, "..", "elsewhere", digest("a")), "m");
    await symlink("../elsewhere", join(other, "media"));
    expect(await outcome(other)).toEqual({ documents: [], media: [], received: [] });
  });

  it("stays in the folder that it opened where its path comes to mean another", async () => {
    const folder = await stick([{ topic: "loa/v1/all/trust", file: "a" }], { a: "good" });
    const bundle = await Bundle.open(folder);
    if (isRefusal(bundle)) throw new Error(bundle.detail);
    await rename(folder, `${folder}.old`);
    await mkdir(folder);
    await writeFile(join(folder, "a"), "bad");
    const [entry] = bundle.entries;
    if (entry === undefined) throw new Error("no entry");
    expect(await bundle.document(entry)).toMatchObject({ bytes: Buffer.from("good") });
    await bundle.close();
  });

  it.each<[string, Record<string, string | Buffer>, RegExp]>([
    ["an index of more than 1 MB", { "bundle.json": Buffer.alloc(1_000_001, 32) }, /too-large/],
    [
      "more than 500 documents",
      { "bundle.json": JSON.stringify({ version: 1, documents: Array(501).fill({ topic: "t", file: "f" }) }) },
      /malformed: bundle.json: documents/,
    ],
    ["another version", { "bundle.json": '{"version":2,"documents":[]}' }, /malformed/],
    ["a member that it does not know", { "bundle.json": '{"version":1,"documents":[],"x":1}' }, /malformed/],
    ["a member given twice", { "bundle.json": '{"version":1,"documents":[],"documents":[]}' }, /malformed/],
    ["no JSON", { "bundle.json": "\u{feff}{" }, /malformed/],
    ["bytes that are no UTF-8", { "bundle.json": Buffer.from([0x7b, 0xff, 0x7d]) }, /malformed/],
  ])("refuses %s", async (_, files, problem) => {
    expect(await outcome(await stick([], files))).toMatchObject({
      refused: expect.stringMatching(problem),
      received: [],
    });
  });

  it("refuses a document of more than 256 KiB without handing it on, and a folder that is none", async () => {
    const folder = await stick([{ topic: "loa/v1/all/trust", file: "a" }], { a: Buffer.alloc(262_145) });
    expect(await outcome(folder)).toMatchObject({ documents: ["too-large"], received: [] });
    expect(await outcome(join(folder, "a"))).toMatchObject({ refused: expect.stringContaining("is no folder") });
    expect(await outcome(join(folder, "nothing"))).toMatchObject({ refused: expect.stringContaining("is no folder") });
  });
});
