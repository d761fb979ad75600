import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import type { Clock } from "../../../playback/ports/clock.ts";
import { isRefusal, type OpenMedia } from "../../../playback/ports/media.ts";
import type { Child, Supervisor } from "../../../playback/ports/supervisor.ts";
import { decoderSource } from "../../../playback/sound/decoder-source.ts";
import { findHead } from "../../support/sound/correlate.ts";
import { decodeFile } from "../../support/sound/decode.ts";
import { realClock } from "../../support/sound/real-clock.ts";
import {
  describeMedia,
  encodeMedia,
  type Format,
  makeSpeech,
  openTestMedia,
  type TestMedia,
} from "../../support/sound/test-tone.ts";
import { encodeWav } from "../../support/sound/wav.ts";

const TEXT = "Kính thưa bà con, sau đây là bản tin thời tiết. Đêm nay và ngày mai có mưa rào và dông vài nơi.";
const supervisor = new ChildSupervisor();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "loa-decoder-"));
});
afterAll(async () => {
  await supervisor.stopAll();
  rmSync(folder, { recursive: true });
});

async function decodeAll(media: OpenMedia, fromMs: number, runner: Supervisor = supervisor, clock: Clock = realClock) {
  const source = await decoderSource(media, fromMs, {
    clock,
    supervisor: runner,
    treatment: { band: null, gain: 0, limited: false },
  });
  if (isRefusal(source)) return { samples: new Float32Array(0), refusal: source };
  const samples: number[] = [];
  for (;;) {
    const next = await source.next();
    if ("refusal" in next) {
      await source.close();
      return { samples: Float32Array.from(samples), refusal: next.refusal };
    }
    for (const value of next.samples ?? []) samples.push(value);
  }
}

function speech(format: Format): Promise<TestMedia> {
  return makeSpeech(folder, { name: "bulletin", text: TEXT }, format);
}

describe("the decoder", () => {
  it.each(["mp3", "m4a", "m4a-faststart", "opus", "flac", "wav"] as const)("gives all of a %s file", async (format) => {
    const media = await speech(format);
    const { samples, refusal } = await decodeAll(await openTestMedia(media), 0);
    expect(refusal).toBeNull();
    expect(samples.length).toBe(Math.round(media.durationMs * 48));
  });

  it.each(["mp3", "m4a", "m4a-faststart", "opus", "flac", "wav"] as const)(
    "enters a %s file at a position to within 20 ms",
    async (format) => {
      const media = await speech(format);
      const whole = await decodeFile(media.path);
      for (const fromMs of [40, 2_345, 4_321.5]) {
        const { samples, refusal } = await decodeAll(await openTestMedia(media), fromMs);
        expect(refusal).toBeNull();
        const found = findHead(whole, samples);
        expect(found.score).toBeGreaterThan(0.95);
        expect(Math.abs(found.sample / 48 - fromMs), `asked for ${fromMs} ms`).toBeLessThan(20);
      }
    },
  );

  describe("given an m4a file whose last frame is filled up", () => {
    const LENGTH = 60_007;
    const tone = async () => {
      const wav = join(folder, "tone.wav");
      writeFileSync(
        wav,
        encodeWav(
          Float32Array.from({ length: LENGTH }, (_, n) => 0.3 * Math.sin(n / 14)),
          48_000,
        ),
      );
      return encodeMedia(folder, "tone", wav, "m4a");
    };
    const lengthOf = async (media: TestMedia, durationMs: number, fromMs = 0) =>
      (await decodeAll(await openTestMedia({ ...media, durationMs }), fromMs)).samples.length;

    it("ends with the sound and not with the frame, from wherever it is entered", async () => {
      const media = await tone();
      const decoded = Math.round(media.durationMs * 48);
      expect(decoded).toBeGreaterThan(LENGTH);
      expect(await lengthOf(media, LENGTH / 48)).toBe(LENGTH);
      expect(await lengthOf(media, LENGTH / 48, 500)).toBe(LENGTH - 24_000);
      expect(await lengthOf(media, LENGTH / 48, 1_240)).toBe(LENGTH - 59_520);
    });

    it("cuts nothing off a file that was approved as much shorter, or as longer", async () => {
      const media = await tone();
      const decoded = Math.round(media.durationMs * 48);
      expect(await lengthOf(media, 1_000)).toBe(decoded);
      expect(await lengthOf(media, media.durationMs - 75)).toBe(decoded);
      expect(await lengthOf(media, 1_300)).toBe(decoded);
    });
  });

  it("closes the media", async () => {
    const media = await openTestMedia(await speech("mp3"));
    let closed = 0;
    const close = async () => {
      closed += 1;
      await media.close();
    };
    await decodeAll({ ...media, close }, 0);
    expect(closed).toBe(1);
  });

  it("refuses a media type that is not on the list, without starting anything", async () => {
    const media = await openTestMedia(await speech("mp3"));
    const { refusal } = await decodeAll({ ...media, type: "application/vnd.apple.mpegurl" }, 0, none);
    expect(refusal?.reason).toBe("media-unplayable");
  });

  it("does not take a playlist for sound, whatever its type claims", async () => {
    const secret = await speech("wav");
    const path = join(folder, "list.mp3");
    writeFileSync(path, `ffconcat version 1.0\nfile '${secret.path}'\n`);
    const media = await openTestMedia({ ...secret, path, type: "audio/mpeg" });
    const { samples, refusal } = await decodeAll(media, 0);
    expect(samples.length).toBe(0);
    expect(refusal?.reason).toBe("media-unplayable");
  });

  it("says why where a file holds no sound", async () => {
    const path = join(folder, "broken.m4a");
    writeFileSync(path, Buffer.alloc(5_000, 7));
    const media = await openTestMedia({ ...(await speech("m4a")), path });
    const { refusal } = await decodeAll(media, 0);
    expect(refusal?.reason).toBe("media-unplayable");
    expect(refusal?.detail).toMatch(/gave no sound \(exit \d+\): .+/);
  });

  it("gives what there is of a file that is cut off", async () => {
    const media = await speech("wav");
    const path = join(folder, "short.wav");
    writeFileSync(path, readFileSync(media.path).subarray(0, 200_000));
    const { samples } = await decodeAll(await openTestMedia({ ...media, path }), 0);
    expect(samples.length).toBeGreaterThan(90_000);
    expect((await describeMedia(path, "wav")).durationMs).toBeLessThan(media.durationMs);
  });

  it("is no fault when an item is taken up at its very end", async () => {
    const media = await speech("flac");
    const { samples, refusal } = await decodeAll(await openTestMedia(media), media.durationMs + 5);
    expect(samples.length).toBe(0);
    expect(refusal).toBeNull();
  });

  it("fails where the decoder breaks off before the approved length, after giving what it had", async () => {
    const media = await openTestMedia(await speech("mp3"));
    const { samples, refusal } = await decodeAll(
      media,
      0,
      scripted("head -c 200000 /dev/zero; echo broken >&2; exit 1"),
    );
    expect(samples.length).toBe(50_000);
    expect(refusal?.detail).toContain("broken");
  });

  it("stops a decoder that gives nothing for 10 s", async () => {
    const media = await openTestMedia(await speech("mp3"));
    const { refusal } = await decodeAll(media, 0, scripted("exec sleep 60"), hurried);
    expect(refusal?.detail).toContain("nothing for 10 s");
    expect(supervisor.count()).toBe(0);
  });
});

/** Ten seconds pass in a fifth of one. */
const hurried: Clock = { ...realClock, wait: (delay, signal) => realClock.wait(delay / 50, signal) };

const none: Supervisor = {
  run: () => {
    throw new Error("nothing may be started");
  },
  count: () => 0,
  stopAll: async () => {},
};

function scripted(script: string): Supervisor {
  const run = (): Child => supervisor.run({ name: "script", command: "sh", args: ["-c", script] });
  return { run, count: () => supervisor.count(), stopAll: () => supervisor.stopAll() };
}
