import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../agent/simulate/virtual-clock.ts";
import { RubbishAllowance } from "../../../agent/uplink/rubbish-allowance.ts";
import { SECOND } from "../../../playback/model/units.ts";

async function spending(clock: VirtualClock, allowance: RubbishAllowance, count: number): Promise<number> {
  const began = clock.monotonic();
  let done = false;
  const all = (async () => {
    for (let n = 0; n < count; n++) await allowance.spend();
    done = true;
  })();
  for (let waited = 0; !done && waited < 600; waited++) await clock.advance(50);
  await all;
  return clock.monotonic() - began;
}

describe("what a broker may bring that is refused", () => {
  it("is two hundred at once, as after a reconnect", async () => {
    const clock = new VirtualClock(0);
    expect(await spending(clock, new RubbishAllowance(clock), 200)).toBeLessThanOrEqual(50);
  });

  it("then twenty a second, and again two hundred after ten quiet seconds", async () => {
    const clock = new VirtualClock(0);
    const allowance = new RubbishAllowance(clock);
    await spending(clock, allowance, 200);
    const flood = await spending(clock, allowance, 100);
    expect(flood).toBeGreaterThan(4.5 * SECOND);
    expect(flood).toBeLessThan(6 * SECOND);
    await clock.advance(10 * SECOND);
    expect(await spending(clock, allowance, 199)).toBeLessThanOrEqual(50);
  });
});
