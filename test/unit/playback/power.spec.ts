/** From readings of the supply to what may play: the reserve, and that a flapping mains does not flap the programme. */
import { describe, expect, it } from "vitest";
import { PRECEDENCES } from "../../../playback/model/bulletin.ts";
import { type Battery, POWER_MODES, powerRefuses } from "../../../playback/model/power.ts";
import { MINUTE, SECOND } from "../../../playback/model/units.ts";
import type { PowerReading } from "../../../playback/ports/power.ts";
import {
  advancePower,
  MAINS_BACK_AFTER,
  MAINS_LOST_AFTER,
  ON_MAINS,
  type PowerState,
  reservePercent,
  SENSOR_BROKEN_AFTER,
} from "../../../playback/power/power.ts";

/** 30 minutes at 60 W and 2 hours at 5 W are 40 Wh: 40 % of it. */
const BATTERY: Battery = { capacityWh: 100, playingW: 60, idleW: 5 };
const RESERVE = 30 * MINUTE;
const on = (supply: PowerReading["supply"], chargePercent: number | null = 90): PowerReading => ({
  supply,
  chargePercent,
});

/** Reads the same every second from `from` for `forMs`, and says every mode on the way. */
function hold(state: PowerState, reading: PowerReading, from: number, forMs: number): [PowerState, Set<string>] {
  const modes = new Set<string>();
  let now = state;
  for (let at = from; at <= from + forMs; at += SECOND) {
    now = advancePower(now, reading, at, BATTERY, RESERVE);
    modes.add(now.mode);
  }
  return [now, modes];
}

describe("the reserve", () => {
  it("is the emergency's energy and two hours of idling before it", () => {
    expect(reservePercent(BATTERY, RESERVE)).toBeCloseTo(40, 9);
    expect(reservePercent(BATTERY, 0)).toBeCloseTo(10, 9);
    expect(reservePercent({ ...BATTERY, capacityWh: 10 }, RESERVE)).toBeGreaterThan(100);
  });

  it("lets priority sound above it, only emergencies below it, and is left ten per cent above it", () => {
    const [battery] = hold(ON_MAINS, on("battery", 41), 0, MAINS_LOST_AFTER);
    expect(battery.mode).toBe("battery");
    const at = (state: PowerState, charge: number) =>
      advancePower(state, on("battery", charge), 60_000, BATTERY, RESERVE);
    const reserve = at(battery, 40);
    expect(reserve.mode).toBe("reserve");
    expect(at(reserve, 43).mode).toBe("reserve");
    expect(at(reserve, 45).mode).toBe("battery");
  });

  it("is kept where the charge is not known", () => {
    const [state] = hold(ON_MAINS, on("battery", null), 0, MAINS_LOST_AFTER);
    expect(state.mode).toBe("reserve");
  });
});

describe("the mains", () => {
  it("count as lost after 10 s and as back after 60 s", () => {
    const [short] = hold(ON_MAINS, on("battery"), 0, MAINS_LOST_AFTER - SECOND);
    expect(short.mode).toBe("mains");
    const [lost] = hold(ON_MAINS, on("battery"), 0, MAINS_LOST_AFTER);
    expect(lost.mode).toBe("battery");
    const [early] = hold(lost, on("mains"), 20_000, MAINS_BACK_AFTER - SECOND);
    expect(early.mode).toBe("battery");
    const [back] = hold(lost, on("mains"), 20_000, MAINS_BACK_AFTER);
    expect(back.mode).toBe("mains");
  });

  it("that flap every 5 s for an hour change nothing, on either side", () => {
    for (const start of [ON_MAINS, hold(ON_MAINS, on("battery"), 0, MAINS_LOST_AFTER)[0]]) {
      let state = start;
      const modes = new Set<string>();
      for (let at = 100_000; at < 100_000 + 60 * MINUTE; at += 5 * SECOND) {
        state = advancePower(state, on((at / 5_000) % 2 === 0 ? "battery" : "mains"), at, BATTERY, RESERVE);
        modes.add(state.mode);
      }
      expect([...modes]).toEqual([start.mode]);
    }
  });

  it("are assumed after a sensor has been silent for 15 minutes", () => {
    const [battery] = hold(ON_MAINS, on("battery"), 0, MAINS_LOST_AFTER);
    const [still] = hold(battery, on("unknown", null), 20_000, SENSOR_BROKEN_AFTER - SECOND);
    expect([still.mode, still.chargePercent]).toEqual(["battery", 90]);
    const [mains] = hold(battery, on("unknown", null), 20_000, SENSOR_BROKEN_AFTER);
    expect(mains.mode).toBe("mains");
  });

  it("are lost also where the sensor stammers", () => {
    let state: PowerState = ON_MAINS;
    for (let at = 0; at <= MAINS_LOST_AFTER; at += SECOND) {
      state = advancePower(state, on((at / SECOND) % 2 === 0 ? "battery" : "unknown"), at, BATTERY, RESERVE);
    }
    expect(state.mode).toBe("battery");
  });
});

describe("what may sound", () => {
  it("is written down cell by cell", () => {
    const table = POWER_MODES.map((mode) => PRECEDENCES.filter((one) => powerRefuses(mode, one) === null));
    expect(table).toEqual([
      ["filler", "normal", "priority", "live", "emergency"],
      ["priority", "live", "emergency"],
      ["emergency"],
    ]);
    expect(powerRefuses("battery", "normal")?.reason).toBe("on-battery");
  });
});
