/**
 * From readings of the supply to what may still be played. Pure.
 *
 * Invariants: a mains that flaps does not flap the programme (each change must stand for a while before it counts); a sensor that fails
 * changes nothing for a while and then means mains, because a broken sensor must not silence a commune; emergencies do not depend on any of it.
 */
import type { Battery, PowerMode } from "../model/power.ts";
import { HOUR, MINUTE, type Millis, type Monotonic, type Percent, SECOND } from "../model/units.ts";
import type { PowerReading } from "../ports/power.ts";

/** A dip of the mains shorter than this is no outage. */
export const MAINS_LOST_AFTER: Millis = 10 * SECOND;
/** The mains must stand this long before normal items begin again. */
export const MAINS_BACK_AFTER: Millis = MINUTE;
/** A sensor that says nothing for this long is broken. */
export const SENSOR_BROKEN_AFTER: Millis = 15 * MINUTE;
/** Assumed: an alert may come this long after the reserve was reached; until then the board idles on the same battery. */
export const STANDBY: Millis = 2 * HOUR;
/** The reserve is left again only this far above it. */
const MARGIN = 1.1;

export interface PowerState {
  readonly mode: PowerMode;
  /** What the readings say now, and since when, where it differs from what counts. */
  readonly pending: { readonly supply: "mains" | "battery" | "unknown"; readonly since: Monotonic } | null;
  readonly chargePercent: Percent | null;
}

export const ON_MAINS: PowerState = { mode: "mains", pending: null, chargePercent: null };

/** Energy that must be left for `reserveMs` of emergency after the standby, as a share of the full battery; above 100 it never suffices. */
export function reservePercent(battery: Battery, reserveMs: Millis): Percent {
  const needWh = (battery.playingW * reserveMs + battery.idleW * STANDBY) / HOUR;
  return (needWh / battery.capacityWh) * 100;
}

/** On battery: whether priority may still sound. A charge that nobody knows is not known to suffice. */
function onBattery(before: PowerMode, charge: Percent | null, reserve: Percent): PowerMode {
  if (charge === null) return "reserve";
  if (before === "reserve") return charge >= reserve * MARGIN ? "battery" : "reserve";
  return charge > reserve ? "battery" : "reserve";
}

/** The state after a reading; `reserveMs` is the policy's word. */
export function advancePower(
  state: PowerState,
  reading: PowerReading,
  now: Monotonic,
  battery: Battery,
  reserveMs: Millis,
): PowerState {
  const { chargePercent } = reading;
  // A sensor that stammers takes nothing back of what it said a moment ago.
  const supply = reading.supply === "unknown" ? (state.pending?.supply ?? "unknown") : reading.supply;
  const feeds = state.mode === "mains" ? "mains" : "battery";
  const charge = reading.supply === "unknown" ? state.chargePercent : chargePercent;
  const reserve = reservePercent(battery, reserveMs);
  const settled = (mode: PowerMode): PowerState => ({ mode, pending: null, chargePercent: charge });
  const here = () => (feeds === "mains" ? settled("mains") : settled(onBattery(state.mode, charge, reserve)));
  if (supply === feeds) return here();
  const since = state.pending?.supply === supply ? state.pending.since : now;
  const patience = { battery: MAINS_LOST_AFTER, mains: MAINS_BACK_AFTER, unknown: SENSOR_BROKEN_AFTER }[supply];
  if (now - since < patience) return { ...here(), pending: { supply, since } };
  return supply === "battery" ? settled(onBattery("battery", charge, reserve)) : settled("mains");
}
