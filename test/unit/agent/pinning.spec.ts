/** What is held in memory for emergencies is what is approved now. The sounds are silence of a length; the store of them is the real one. */
import { describe, expect, it } from "vitest";
import { Pinning } from "../../../agent/media/pinning.ts";
import { type Refusal, refusal } from "../../../playback/model/refusal.ts";
import type { ApprovedMedia } from "../../../playback/model/schedule.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import { silenceSource } from "../../../playback/sound/pcm-source.ts";
import { PinnedSounds } from "../../../playback/sound/pinned-sounds.ts";

const SECOND_OF_SAMPLES = 48_000;
const TARGET = { targetLufs: -16, truePeakDb: -1 } as unknown as Parameters<Pinning["pin"]>[1];

function bench() {
  const here = new Map<Sha256, number>();
  const held = new PinnedSounds();
  const opened: Sha256[] = [];
  const failing = new Set<string>();
  const log: unknown[][] = [];
  const note = (...line: unknown[]) => log.push(line);
  const sound = {
    pin: ({ sha256 }: { sha256: Sha256 }) =>
      held.keep(sha256, silenceSource((here.get(sha256) ?? 0) * SECOND_OF_SAMPLES)),
    keepPinned: (only: ReadonlySet<Sha256>) => held.keepOnly(only),
  };
  const media = {
    open: async (sha256: Sha256): Promise<Refusal | { sha256: Sha256 }> => {
      opened.push(sha256);
      if (failing.has(sha256)) throw new Error("EIO");
      return here.has(sha256) ? { sha256 } : refusal("media-missing", "not here");
    },
  };
  const pinning = new Pinning(
    media as unknown as ConstructorParameters<typeof Pinning>[0],
    [sound] as unknown as ConstructorParameters<typeof Pinning>[1],
    { info: note, warn: note, error: note, debug: note },
  );
  /** Seconds by name; what is named lies in the cache. */
  const approve = (seconds: Record<string, number>, pinned = true) => {
    for (const [name, length] of Object.entries(seconds)) here.set(name as Sha256, length);
    const approved = Object.keys(seconds).map((name) => ({ sha256: name, title: name, pinned }) as ApprovedMedia);
    return pinning.pin(approved, TARGET, () => true);
  };
  const holds = (name: string) => held.get(name as Sha256) !== undefined;
  return { approve, holds, opened, failing, log, pinning };
}

describe("pinning", () => {
  it("lets go what is approved no longer, so that there is always room for the alerts of today", async () => {
    const { approve, holds, log } = bench();
    for (let day = 0; day < 5; day++) await approve({ siren: 30, [`day ${day}`]: 180 });
    expect([holds("siren"), holds("day 3"), holds("day 4")]).toEqual([true, false, true]);
    expect(log.filter(([what]) => what === "pin-refused")).toEqual([]);
  });

  it("says once what found no room, and tries it again when there may be some", async () => {
    const { approve, holds, opened, log } = bench();
    await approve({ old: 200, new: 60 });
    await approve({ old: 200, new: 60 });
    expect(log.filter(([what]) => what === "pin-refused")).toEqual([
      ["pin-refused", expect.objectContaining({ title: "new", reason: "too-large" })],
    ]);
    expect(opened.filter((name) => name === "new")).toHaveLength(1);
    await approve({ new: 60 });
    expect([holds("old"), holds("new")]).toEqual([false, true]);
  });

  it("tries again what the disk did not give once, and the others at once", async () => {
    const { approve, holds, log, failing } = bench();
    failing.add("siren");
    await approve({ siren: 3, words: 3 });
    expect([holds("siren"), holds("words")]).toEqual([false, true]);
    expect(log.filter(([what]) => what === "pin")).toEqual([["pin", expect.objectContaining({ title: "siren" })]]);
    failing.clear();
    await approve({ siren: 3, words: 3 });
    expect(holds("siren")).toBe(true);
  });

  it("tries what is not in the cache yet at every change, and holds nothing that needs not cut in", async () => {
    const { approve, holds, opened, pinning } = bench();
    const siren = [{ sha256: "siren", title: "siren", pinned: true } as ApprovedMedia];
    await pinning.pin(siren, TARGET, () => true);
    await pinning.pin(siren, TARGET, () => true);
    expect(opened).toHaveLength(2);
    await approve({ siren: 3 });
    expect(holds("siren")).toBe(true);
    await approve({ siren: 3 }, false);
    expect(holds("siren")).toBe(false);
  });
});
