/** Texts spoken by the real espeak-ng, kept on a real disk. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { MINUTE } from "../../../playback/model/units.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import type { ChildSpec, Supervisor } from "../../../playback/ports/supervisor.ts";
import { SpokenTexts } from "../../../playback/sound/spoken-texts.ts";
import { textDigest } from "../../../playback/sound/text-digest.ts";
import { DerivedStore } from "../../../storage/content/derived-store.ts";
import { realClock } from "../../support/sound/real-clock.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";

const TEXT = "Xin chào bà con.";

let folder: string;
let started: string[];
let supervisor: Supervisor;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-speech-"));
  started = [];
  const real = new ChildSupervisor();
  const run = (spec: ChildSpec) => {
    started.push(spec.name);
    return real.run(spec);
  };
  supervisor = { run, count: () => real.count(), stopAll: () => real.stopAll() };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function speech(mostBytes?: number): Promise<SpokenTexts> {
  const texts = new SpokenTexts({ clock: realClock, supervisor, derived: await DerivedStore.open(folder, mostBytes) });
  await texts.findVoices();
  return texts;
}

async function spoken(texts: SpokenTexts, text: string, language = "vi"): Promise<number | string> {
  const opened = await texts.open(text, language);
  if (isRefusal(opened)) return opened.reason;
  await opened.close();
  return opened.durationMs;
}

describe("texts to be spoken", () => {
  it("are refused where nobody approved them, letter for letter", async () => {
    const texts = await speech();
    expect(await spoken(texts, TEXT)).toBe("digest-not-approved");
    texts.setApproved([textDigest(TEXT)]);
    expect(await spoken(texts, `${TEXT} `)).toBe("digest-not-approved");
    // The same letters, composed otherwise, are the same text.
    expect(await spoken(texts, TEXT.normalize("NFD"))).toBeGreaterThan(500);
  });

  it("are rendered once, and again only where the file is no longer what was made", async () => {
    const texts = await speech();
    texts.setApproved([textDigest(TEXT)]);
    const first = await spoken(texts, TEXT);
    expect(await spoken(texts, TEXT)).toBe(first);
    expect(started.filter((name) => name === "speech")).toHaveLength(1);
    const [file = ""] = await readdir(folder);
    await writeFile(join(folder, file), "something else");
    expect(await spoken(texts, TEXT)).toBe(first);
    expect(started.filter((name) => name === "speech")).toHaveLength(2);
    const again = await speech();
    again.setApproved([textDigest(TEXT)]);
    expect(await spoken(again, TEXT)).toBe(first);
    expect(started.filter((name) => name === "speech")).toHaveLength(2);
  });

  it("have voices for Vietnamese, English and Mandarin, and none for Khmer", async () => {
    const texts = await speech();
    texts.setApproved([textDigest(TEXT)]);
    expect(["vi", "vi-VN", "en", "en-US", "zh", "zh-Hans", "km"].map((one) => texts.speaks(TEXT, one))).toEqual([
      ...[true, true, true, true, true, true, false],
    ]);
    expect(await spoken(texts, TEXT, "km")).toBe("no-voice");
  });

  it("that begin like an option are words all the same", async () => {
    const texts = await speech();
    const text = "--stdout -w /tmp/x";
    texts.setApproved([textDigest(text)]);
    expect(await spoken(texts, text, "en")).toBeGreaterThan(500);
    expect((await readdir(folder)).length).toBe(1);
  });

  it("of which there are too many lose the one that was used the longest ago", async () => {
    const texts = await speech(120_000);
    const many = ["Một hai ba bốn năm.", "Sáu bảy tám chín mười.", "Mười một mười hai."];
    texts.setApproved(many.map(textDigest));
    for (const text of many) expect(await spoken(texts, text)).toBeGreaterThan(500);
    const names = await readdir(folder);
    expect(names.some((name) => name.startsWith(textDigest(many[2] ?? "")))).toBe(true);
    expect(names.some((name) => name.startsWith(textDigest(many[0] ?? "")))).toBe(false);
  });

  it("that cannot be put on the disk are a fault of the disk, and the voice is asked again", async () => {
    const texts = await speech();
    texts.setApproved([textDigest(TEXT)]);
    await mkdir(join(folder, "making-1.txt"));
    await expect(spoken(texts, TEXT)).rejects.toMatchObject({ code: "storage-failed" });
    expect(await spoken(texts, TEXT)).toBeGreaterThan(500);
  });

  it("are spoken again ten minutes after a voice failed, and after a machine named none", async () => {
    const clock = new ManualClock();
    let broken = true;
    const flaky = {
      ...supervisor,
      run: (spec: ChildSpec) => supervisor.run(broken ? { ...spec, command: "/nowhere/espeak" } : spec),
    };
    const texts = new SpokenTexts({ clock, supervisor: flaky, derived: await DerivedStore.open(folder) });
    texts.setApproved([textDigest(TEXT)]);
    const wanted = [{ text: TEXT, language: "vi" }];
    const speaks = async () => {
      await texts.prepare(wanted);
      return texts.speaks(TEXT, "vi");
    };
    expect(await texts.findVoices()).toBe(0);
    broken = false;
    expect(await speaks()).toBe(false);
    clock.advance(10 * MINUTE);
    expect(await speaks()).toBe(true);
    await rm(folder, { recursive: true });
    await mkdir(folder);
    broken = true;
    expect(await speaks()).toBe(false);
    broken = false;
    expect(await speaks()).toBe(false);
    clock.advance(10 * MINUTE);
    expect([await speaks(), started.filter((name) => name === "speech").length]).toEqual([true, 3]);
  });

  it("have no voice where there is no espeak-ng", async () => {
    const missing = {
      ...supervisor,
      run: (spec: ChildSpec) => supervisor.run({ ...spec, command: "/nowhere/espeak" }),
    };
    const texts = new SpokenTexts({ clock: realClock, supervisor: missing, derived: await DerivedStore.open(folder) });
    expect(await texts.findVoices()).toBe(0);
    texts.setApproved([textDigest(TEXT)]);
    expect(texts.speaks(TEXT, "vi")).toBe(false);
  });
});
