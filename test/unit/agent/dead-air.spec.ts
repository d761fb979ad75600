import { describe, expect, it } from "vitest";
import { type Aired, AirWatch, lookAt } from "../../../agent/health/air-watch.ts";
import { type AirLook, advanceAir, DEAD_AFTER, deadAir, type Quiet } from "../../../agent/health/dead-air.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

const ITEM = { key: "sang@1", item: "Bản tin" };
const NOW = 1_700_000_000_000;

/** Looks four times a second at what `at` says, for so long; everything that was over. */
function watched(lastsMs: number, at: (ms: number) => Partial<AirLook>) {
  let quiet: Quiet | null = null;
  const over: (Quiet & { lastedMs: number })[] = [];
  const raisedAt: number[] = [];
  for (let ms = 0; ms <= lastsMs; ms += 250) {
    const look = { at: ms, now: NOW + ms, expected: ITEM, gain: 0, level: -20, running: true, ...at(ms) };
    const next = advanceAir(quiet, look);
    quiet = next.quiet;
    if (next.over !== null) over.push(next.over);
    if (deadAir(quiet, ms) !== null) raisedAt.push(ms);
  }
  return { over, raisedAt };
}

describe("dead air", () => {
  it("is told within 10 s of the last sound, and once how long it lasted", () => {
    const { over, raisedAt } = watched(60_000, (ms) => ({ level: ms >= 5_000 && ms < 35_000 ? -63 : -20 }));
    expect(raisedAt[0]).toBe(5_000 + DEAD_AFTER);
    expect(DEAD_AFTER + 250 + 1_000).toBeLessThan(10_000);
    expect(raisedAt.at(-1)).toBe(34_750);
    expect(over).toEqual([{ ...ITEM, since: 5_000, from: NOW + 5_000, why: "quiet", lastedMs: 30_000 }]);
  });

  it("is the clock of the card that stands, whatever its last level was", () => {
    const { over, raisedAt } = watched(30_000, (ms) => ({ running: ms < 2_000 || ms > 20_000 }));
    expect(raisedAt[0]).toBe(10_000);
    expect(over).toMatchObject([{ why: "clock-stands", lastedMs: 18_250 }]);
  });

  it.each<[string, (ms: number) => Partial<AirLook>]>([
    ["a planned silence", () => ({ expected: null, level: Number.NEGATIVE_INFINITY })],
    ["pauses of a speaker", (ms) => ({ level: ms % 6_000 < 5_500 ? -70 : -25 })],
    ["a quiet hour at −27 dB", () => ({ gain: -27, level: -60 })],
    ["a volume of nothing", () => ({ gain: Number.NEGATIVE_INFINITY, level: Number.NEGATIVE_INFINITY })],
  ])("is not %s", (_, at) => {
    expect(watched(60_000, at)).toEqual({ over: [], raisedAt: [] });
  });

  it("ends with the item that was not heard, too", () => {
    const { over } = watched(30_000, (ms) => ({ level: -90, expected: ms < 20_000 ? ITEM : null }));
    expect(over).toMatchObject([{ lastedMs: 20_000 }]);
  });
});

describe("an output", () => {
  const output = (onAir: object | null, holder: object | null = null) =>
    ({
      ...{ name: "horn", gainDb: -6 },
      sound: { state: () => ({ state: "running" }), level: () => ({ rms: -90, peak: -90 }) },
      conductor: {
        onAir: () => onAir,
        decision: { holder, waiting: [] },
        facts: { policy: { ...DEFAULT_POLICY, volume: 90 } },
      },
    }) as unknown as Aired;
  const header = { key: "k", title: "Chương trình", kind: "programme", origin: {} };
  const candidate = { header, ownVolume: null, ducks: false };
  const now = (item: object, live?: string) => ({ candidate, now: { item, ...(live && { live: { state: live } }) } });
  const media = { kind: "media", title: "Tin" };
  const source = { kind: "live", title: "Tiếp sóng" };

  it.each([
    ["an item that sounds", output(now(media)), { key: "k", item: "Tin" }],
    ["one that is being made ready", output(null, candidate), { key: "k", item: "Chương trình" }],
    ["a pause between rounds", output(now({ kind: "silence", title: "" })), null],
    ["a live source that plays", output(now(source, "playing")), { key: "k", item: "Tiếp sóng" }],
    ["what sounds in its place", output(now(source, "fallback")), { key: "k", item: "Tiếp sóng" }],
    ["a live source that fell silent", output(now(source, "silent")), null],
    ["a live source that is connected to", output(now(source, "connecting")), null],
    ["nothing at all", output(null), null],
  ])("should be heard of %s", (_, one, expected) => {
    expect(lookAt(one)).toMatchObject({ expected, gain: expected === null ? expect.any(Number) : -9 });
  });

  it("is journalled once a minute at most, with how long nothing was heard", async () => {
    const { store, clock } = await temporaryStore({ clock: new ManualClock() });
    let heard = false;
    const one = output(now(media));
    const sound = { ...one.sound, level: () => ({ rms: heard ? -20 : -90, peak: -20 }) };
    const log = { warn: () => undefined, error: (_: unknown, { error }: { error: unknown }) => Promise.reject(error) };
    const stop = new AbortController();
    const looks = { clock: { ...clock, now: () => clock.now(), monotonic: () => at, wait: () => turn() } };
    let at = 0;
    const turn = async () => {
      at += 250;
      heard = at % 20_000 >= 15_000;
      if (at >= 80_000) stop.abort();
    };
    const watch = new AirWatch([{ ...one, sound } as Aired], { ...looks, store, log } as never);
    await watch.run(stop.signal);
    const records = (await store.journal.list({ afterSeq: 0, limit: 50 })).map(({ body }) => body as object);
    expect(records).toEqual([
      expect.objectContaining({ output: "horn", key: "k", item: "Tin", why: "quiet", lastedMs: 15_000 }),
      expect.objectContaining({ lastedMs: expect.any(Number) }),
    ]);
  });
});
