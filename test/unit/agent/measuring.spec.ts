/** Real files, the real ffmpeg and a real database. */
import { describe, expect, it, onTestFinished } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { Measuring } from "../../../agent/media/measuring.ts";
import { VirtualSpeech } from "../../../agent/simulate/virtual-speech.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import type { ApprovedMedia } from "../../../playback/model/schedule.ts";
import type { ChildSpec } from "../../../playback/ports/supervisor.ts";
import { type Band, HORN_BAND, measuringRecipe } from "../../../playback/sound/processing.ts";
import { realClock } from "../../support/sound/real-clock.ts";
import { makeTone, openTestMedia, type TestMedia } from "../../support/sound/test-tone.ts";
import { temporaryFolder, temporaryStore } from "../../support/storage/temporary.ts";

const approved = ({ sha256 }: TestMedia, pinned = false): ApprovedMedia =>
  ({ sha256, title: sha256.slice(0, 4), pinned }) as ApprovedMedia;

class CountingSupervisor extends ChildSupervisor {
  started: readonly ChildSpec[] = [];
  most = 0;
  override run(spec: ChildSpec) {
    this.started = [...this.started, spec];
    const child = super.run(spec);
    this.most = Math.max(this.most, this.count());
    return child;
  }
}

async function bench(bands: readonly (Band | null)[]) {
  const [folder, { store }] = [await temporaryFolder(), await temporaryStore()];
  const tone = (name: string, hertz: number) => makeTone(folder, { name, hertz, seconds: 2 }, "flac");
  const files = { low: await tone("low", 120), high: await tone("high", 900) };
  const here = new Map(Object.values(files).map((one) => [one.sha256, one]));
  const supervisor = new CountingSupervisor();
  const measuredAt: string[] = [];
  const done = Promise.withResolvers<void>();
  let expected = 0;
  const ports = {
    ...{ clock: realClock, supervisor, bands, speech: new VirtualSpeech() },
    log: {
      info: (_: unknown, fields: { title?: string }) => measuredAt.push(fields.title ?? ""),
      warn: () => undefined,
    },
    media: {
      has: (sha256: TestMedia["sha256"]) => here.has(sha256),
      open: async (sha256: TestMedia["sha256"]) => {
        const media = here.get(sha256);
        return media === undefined ? refusal("media-missing", "not here") : openTestMedia(media);
      },
    },
    book: store.loudness,
    onMeasured: () => {
      expected -= 1;
      if (expected === 0) done.resolve();
    },
  } as unknown as ConstructorParameters<typeof Measuring>[0];
  const measuring = new Measuring(ports);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  return {
    ...{ files, here, measuring, supervisor, measuredAt, book: store.loudness },
    until: (count: number) => {
      expected = count;
      const running = measuring.run(stop.signal);
      return done.promise.then(() => {
        stop.abort();
        return running;
      });
    },
  };
}

describe("measuring what came into the cache", () => {
  it("takes pinned media first, one at a time and behind everything else, once for each band", async () => {
    const { files, measuring, supervisor, measuredAt, book, until } = await bench([null, HORN_BAND, HORN_BAND]);
    measuring.want([approved(files.high), approved(files.low, true)], []);
    await until(4);
    const [low, high] = [files.low.sha256, files.high.sha256].map((digest) => digest.slice(0, 4));
    expect(measuredAt).toEqual([low, low, high, high]);
    expect(supervisor.most).toBe(1);
    expect(supervisor.started.every(({ nice }) => nice === 19)).toBe(true);
    const lufs = (file: TestMedia, band: Band | null) => book.get(file.sha256, measuringRecipe(band))?.lufs ?? 0;
    // A horn hardly gives 120 Hz: it is 18 dB softer through its band, and that is what counts.
    expect(lufs(files.low, null) - lufs(files.low, HORN_BAND)).toBeGreaterThan(14);
    expect(lufs(files.high, null) - lufs(files.high, HORN_BAND)).toBeLessThan(0.5);
  });

  it("waits for what is not here yet, and measures nothing twice", async () => {
    const { files, here, measuring, supervisor, book, until } = await bench([null]);
    here.delete(files.high.sha256);
    measuring.want([approved(files.low), approved(files.high)], []);
    const both = until(2);
    while (book.get(files.low.sha256, measuringRecipe(null)) === null) await realClock.wait(20);
    here.set(files.high.sha256, files.high);
    measuring.wake();
    await both;
    expect(supervisor.started.length).toBe(2);
  });

  it("is remembered over a restart", async () => {
    const first = await temporaryStore();
    const digest = "a".repeat(64) as TestMedia["sha256"];
    await first.store.loudness.set(digest, "r", { lufs: -20.5, truePeak: -3 });
    await first.store.loudness.set(digest, "silent", { lufs: null, truePeak: null });
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    expect(store.loudness.get(digest, "r")).toEqual({ lufs: -20.5, truePeak: -3 });
    expect(store.loudness.get(digest, "silent")).toEqual({ lufs: null, truePeak: null });
    expect(store.loudness.get(digest, "another")).toBeNull();
  });
});
