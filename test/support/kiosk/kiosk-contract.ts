/** What every kiosk promises, whatever paints. Each case gets a bench: a kiosk whose page speaks while it can, and ways to make it misbehave. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kiosk, KioskEvent, KioskPhase } from "../../../playback/ports/kiosk.ts";
import { isRefusal } from "../../../playback/ports/media.ts";

export type KioskTrouble = "absent" | "hangs" | "well";

export interface KioskBench {
  /** Not begun. */
  readonly kiosk: Kiosk;
  readonly url: string;
  cause(trouble: KioskTrouble): Promise<void>;
}

export interface KioskCase {
  readonly name: string;
  run(bench: KioskBench): Promise<void>;
}

/** Source: issue 5, "right content back ≤ 10 s". */
const BACK_MS = 10_000;

async function until(kiosk: Kiosk, phase: KioskPhase, withinMs: number): Promise<number> {
  const began = performance.now();
  while (kiosk.state.phase !== phase) {
    assert.ok(performance.now() - began < withinMs, `${kiosk.state.phase}, not ${phase}: ${kiosk.state.detail}`);
    await sleep(20);
  }
  return performance.now() - began;
}

async function running(
  { kiosk, url }: KioskBench,
  work: (events: readonly KioskEvent[]) => Promise<void>,
): Promise<void> {
  const events: KioskEvent[] = [];
  kiosk.onEvent((event) => events.push(event));
  const ended = new AbortController();
  const run = kiosk.run(url, ended.signal);
  try {
    await work(events);
  } finally {
    ended.abort();
    await run;
  }
  assert.equal(kiosk.state.phase, "off");
}

export const KIOSK_CONTRACT: readonly KioskCase[] = [
  {
    name: "is off before and after, and shows in between",
    async run(bench) {
      assert.equal(bench.kiosk.state.phase, "off");
      await running(bench, async (events) => {
        await until(bench.kiosk, "showing", 20_000);
        assert.deepEqual(
          events.map(({ kind }) => kind),
          ["started"],
        );
        assert.equal(bench.kiosk.state.restarts, 0);
      });
    },
  },
  {
    name: "gives a picture while it shows, and says why there is none otherwise",
    async run(bench) {
      const none = await bench.kiosk.screenshot(1_000);
      assert.ok(isRefusal(none) && none.detail.length > 5);
      await running(bench, async () => {
        await until(bench.kiosk, "showing", 20_000);
        const picture = await bench.kiosk.screenshot(10_000);
        assert.ok(!isRefusal(picture), isRefusal(picture) ? picture.detail : "");
        assert.ok(picture.size.width > 0 && picture.size.height > 0);
        assert.equal(Buffer.from(picture.png.subarray(1, 4)).toString(), "PNG");
        await bench.cause("hangs");
        await sleep(300);
        const began = performance.now();
        assert.ok(isRefusal(await bench.kiosk.screenshot(500)));
        assert.ok(performance.now() - began < 1_500);
      });
    },
  },
  {
    name: "is back within 10 s after it hung, and says what it did",
    async run(bench) {
      await running(bench, async (events) => {
        await until(bench.kiosk, "showing", 20_000);
        await bench.cause("hangs");
        const began = performance.now();
        const did = () => events.map(({ kind }) => kind).join(" ");
        while (!did().endsWith("rung started")) {
          assert.ok(performance.now() - began < BACK_MS, did());
          await sleep(20);
        }
        assert.equal(bench.kiosk.state.phase, "showing");
        assert.equal(bench.kiosk.state.restarts, 1);
      });
    },
  },
  {
    name: "waits for something to paint on, and loses it without a fault",
    async run(bench) {
      await bench.cause("absent");
      await running(bench, async (events) => {
        await until(bench.kiosk, "no-connector", 3_000);
        bench.kiosk.alive();
        assert.equal(bench.kiosk.state.phase, "no-connector");
        assert.ok(isRefusal(await bench.kiosk.screenshot(500)));
        await bench.cause("well");
        await until(bench.kiosk, "showing", 20_000);
        await bench.cause("absent");
        await until(bench.kiosk, "no-connector", 3_000);
        assert.deepEqual(
          events.map(({ kind }) => kind),
          ["connector-lost", "connector-found", "started", "connector-lost"],
        );
      });
    },
  },
];
