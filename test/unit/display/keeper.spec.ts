import { describe, expect, it } from "vitest";
import { DisplayKeeper } from "../../../drivers/display/keeper.ts";
import { pauseAfter, wishToSend } from "../../../drivers/display/keeper-plan.ts";
import { SECOND } from "../../../playback/model/units.ts";
import { type BoardImage, SILENT_REPORT } from "../../../playback/ports/display-controller.ts";
import { FakeDisplay } from "../../support/drivers/fake-display.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";

const TIMES = { pollMs: 10_000, callMs: 5_000, backOffMs: 1_000, backOffMostMs: 60_000 };

function kept(random = 0.5) {
  const clock = new VirtualClock(Date.parse("2026-11-22T00:00:00Z"));
  const display = new FakeDisplay();
  const faults: string[] = [];
  let changes = 0;
  const keeper = new DisplayKeeper(
    display,
    {
      clock,
      random: () => random,
      onChange: () => {
        changes += 1;
      },
      onFault: ({ code }) => faults.push(code),
    },
    TIMES,
  );
  return { clock, display, keeper, faults, changes: () => changes };
}

const image = (area: number, timeoutMs = 60_000): BoardImage => ({
  ...{ area, x: 0, y: 0, width: 2, height: 1, timeoutMs },
  rgb: new Uint8Array(6),
});

describe("a kept board", () => {
  it("is told what is wanted when it is there, once, and asked every 10 s", async () => {
    const { clock, display, keeper } = kept();
    keeper.want({ power: true, brightness: 40 });
    keeper.start();
    await clock.advance(0);
    expect([keeper.condition, display.orders()]).toEqual([
      "online",
      ['apply {"power":true}', 'apply {"brightness":40}'],
    ]);
    await clock.advance(100 * SECOND);
    expect(display.orders()).toHaveLength(2);
    expect(display.calls.filter((call) => call === "status")).toHaveLength(11);
    await keeper.stop();
  });

  it("takes a new wish at once, and of many only the last", async () => {
    const { clock, display, keeper } = kept();
    keeper.start();
    await clock.advance(3 * SECOND);
    for (let brightness = 0; brightness <= 100; brightness++) keeper.want({ brightness });
    for (let round = 0; round < 100; round++) keeper.show(image(1));
    await clock.advance(0);
    expect(display.orders()).toEqual(['apply {"brightness":100}', "show 1"]);
    expect(display.mostUnderWay).toBe(1);
    await keeper.stop();
  });

  it("is told everything again after it was away, and is offline after three misses", async () => {
    const { clock, display, keeper, faults } = kept(0.999);
    keeper.want({ power: true, blank: false });
    keeper.show(image(0, 3_600 * SECOND));
    keeper.start();
    await clock.advance(0);
    display.away = true;
    display.reset();
    const conditions: string[] = [];
    for (let second = 0; second < 30; second++) {
      await clock.advance(SECOND);
      if (conditions.at(-1) !== keeper.condition) conditions.push(keeper.condition);
      if (faults.length < 3) expect(keeper.condition).toBe("online");
    }
    expect([conditions, keeper.status]).toEqual([["online", "offline"], null]);
    const before = display.orders().length;
    display.away = false;
    await clock.advance(60 * SECOND);
    expect(keeper.condition).toBe("online");
    expect([display.state.power, display.state.blank, [...display.shown.keys()]]).toEqual([true, false, [0]]);
    expect(display.orders().slice(-3)).toEqual(['apply {"power":true}', 'apply {"blank":false}', "show 0"]);
    expect(display.orders().length).toBeGreaterThan(before);
    // It was never opened a second time: that would switch a relay.
    expect(display.calls.filter((call) => call === "open" || call === "close")).toEqual(["open"]);
    await keeper.stop();
  });

  it("is told again what it reports otherwise, within 10 s", async () => {
    const { clock, display, keeper } = kept();
    keeper.want({ brightness: 30 });
    keeper.start();
    await clock.advance(0);
    display.state = { ...display.state, brightness: 100 };
    await clock.advance(11 * SECOND);
    expect([display.state.brightness, keeper.condition]).toEqual([30, "online"]);
    await keeper.stop();
  });

  it("disobeys with one aspect and still takes the others, also new ones at once", async () => {
    const { clock, display, keeper, faults } = kept();
    display.refuses.add("brightness");
    keeper.want({ brightness: 30, blank: true });
    keeper.start();
    await clock.advance(0);
    expect([keeper.condition, display.state.blank, faults]).toEqual(["disobeys", true, ["display-disobeys"]]);
    await clock.advance(300 * SECOND);
    const tries = faults.length;
    // Half of 1, 2, 4 … 60 s between them.
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(20);
    keeper.want({ blank: false });
    await clock.advance(0);
    expect(display.state.blank).toBe(false);
    display.refuses.clear();
    await clock.advance(60 * SECOND);
    expect([keeper.condition, display.state.brightness]).toEqual(["online", 30]);
    await keeper.stop();
  });

  it("is away when its driver does not end, which is closed and opened again", async () => {
    const { clock, display, keeper, faults } = kept();
    keeper.start();
    await clock.advance(0);
    display.hangs = true;
    keeper.want({ power: true });
    await clock.advance(TIMES.callMs);
    expect([faults, display.calls.at(-1)]).toEqual([["display-unreachable"], "close"]);
    display.hangs = false;
    await clock.advance(5 * SECOND);
    expect([keeper.condition, display.state.power]).toEqual(["online", true]);
    await keeper.stop();
  });

  it("renews a picture at a third of its time-out as long as it is wanted, and takes it away when it is not", async () => {
    const { clock, display, keeper } = kept();
    keeper.show(image(2, 60_000));
    keeper.start();
    await clock.advance(119 * SECOND);
    expect(display.orders().filter((call) => call === "show 2")).toHaveLength(6);
    keeper.clear(2);
    await clock.advance(0);
    expect([display.shown.size, display.orders().at(-1)]).toEqual([0, "clear 2"]);
    await clock.advance(100 * SECOND);
    expect(display.orders().at(-1)).toBe("clear 2");
    await keeper.stop();
  });

  it("keeps pictures from a board that is blank and shows them when it is no more", async () => {
    const { clock, display, keeper } = kept();
    keeper.want({ blank: true });
    keeper.show(image(0));
    keeper.start();
    await clock.advance(60 * SECOND);
    expect(display.orders()).toEqual(['apply {"blank":true}']);
    keeper.want({ blank: false });
    await clock.advance(0);
    expect(display.orders().slice(1)).toEqual(['apply {"blank":false}', "show 0"]);
    keeper.want({ blank: true });
    await clock.advance(0);
    display.shown.clear();
    keeper.want({ blank: false });
    await clock.advance(0);
    expect([...display.shown.keys()]).toEqual([0]);
    await keeper.stop();
  });

  it("tells a board that is to be off nothing else, and everything when it is on again", async () => {
    const { clock, display, keeper } = kept();
    keeper.want({ power: false, brightness: 20 });
    keeper.show(image(0));
    keeper.start();
    await clock.advance(30 * SECOND);
    expect(display.orders()).toEqual(['apply {"power":false}']);
    keeper.want({ power: true });
    await clock.advance(0);
    expect(display.orders().slice(1)).toEqual(['apply {"power":true}', 'apply {"brightness":20}', "show 0"]);
    await keeper.stop();
  });

  it("stops at once where its driver does not end", async () => {
    const { clock, display, keeper, faults } = kept();
    display.hangs = true;
    keeper.start();
    await clock.advance(SECOND);
    await keeper.stop();
    expect([clock.monotonic(), display.calls.at(-1), faults]).toEqual([SECOND, "close", []]);
  });

  it("refuses what the board cannot be told, and stops with no call under way", async () => {
    const { clock, display, keeper } = kept();
    expect(() => keeper.show(image(4))).toThrow(RangeError);
    expect(() => keeper.clear(-1)).toThrow(RangeError);
    keeper.start();
    await clock.advance(0);
    await keeper.stop();
    const { length } = display.calls;
    await clock.advance(100 * SECOND);
    expect(display.calls).toHaveLength(length);
  });
});

describe("what is sent", () => {
  const { can } = new FakeDisplay();
  it("is nothing where all is taken and not reported otherwise", () => {
    expect(wishToSend({ power: true, brightness: 5 }, { power: true, brightness: 5 }, SILENT_REPORT, can)).toEqual({});
  });
  it("is everything where the power was off by itself", () => {
    const wanted = { power: true, brightness: 5, blank: false };
    expect(wishToSend(wanted, wanted, { ...SILENT_REPORT, power: false }, can)).toEqual(wanted);
  });
});

describe("the pause after failures", () => {
  it("is anywhere between nothing and 1, 2, 4 … 60 s", () => {
    expect([1, 2, 3, 10, 1_000].map((failures) => pauseAfter(failures, TIMES, 1))).toEqual([
      1_000, 2_000, 4_000, 60_000, 60_000,
    ]);
    expect(pauseAfter(5, TIMES, 0)).toBe(0);
  });
});
