/**
 * How a face is lit: dark outside its hours, at the brightness of the last rule that fits, and never hidden from an alert. Pure, but for what a
 * sensor's rule remembers, which is handed in and given back.
 *
 * Invariants: an alert is lit at any hour and under any clock; while the clock is only a lower bound nothing else is; a rule whose sensor is
 * silent is passed over.
 */
import { isFor } from "../agenda/for-output.ts";
import { spansAt } from "../agenda/spans.ts";
import { type ClockTrust, clockAllows } from "../model/clock-trust.ts";
import type { BrightnessRule, FacesPolicy } from "../model/policy.ts";
import type { Instant, Percent } from "../model/units.ts";
import { type Position, sunAt } from "./sun.ts";

export interface LightFacts {
  readonly policy: FacesPolicy;
  readonly face: string;
  /** IANA name. */
  readonly zone: string;
  readonly at: Instant;
  readonly trust: ClockTrust;
  /** An alert is to be seen on it. */
  readonly alert: boolean;
  /** `null` where nobody said where the station stands. */
  readonly position: Position | null;
  /** Of the light sensor; `null` where there is none or it is silent. */
  readonly lux: number | null;
  /** What a sensor's rule gave last on this face, so that a cloud does not make it flicker; `null` at first. */
  readonly sensed: Percent | null;
}

export interface Light {
  readonly lit: boolean;
  readonly percent: Percent;
  /** When it may change by itself; `null` where only something else can change it. */
  readonly until: Instant | null;
  /** In words, for people. */
  readonly why: string;
  /** To be handed in the next time. */
  readonly sensed: Percent | null;
}

const FULL: Percent = 100;
/** Assumed: a step that nobody notices, and that a passing cloud stays below. */
const HYSTERESIS: Percent = 5;

export function lightOf(facts: LightFacts): Light {
  const { policy, zone, at, trust, alert, sensed } = facts;
  const ordinary = brightnessOf(facts);
  if (alert) {
    return { lit: true, percent: policy.emergencyBrightness, until: null, why: "an alert", sensed };
  }
  if (!clockAllows(trust, "normal")) {
    return { lit: false, percent: 0, until: null, why: "the time is not known well enough", sensed };
  }
  const hours = spansAt(policy.hours, zone, at);
  const lit = policy.hours.length === 0 || hours.inside;
  const until = earliest(hours.until, lit ? ordinary.until : null);
  if (!lit) return { lit: false, percent: 0, until, why: "outside its hours", sensed };
  return { lit: true, percent: ordinary.percent, until, why: ordinary.why, sensed: ordinary.sensed };
}

interface Ruled {
  readonly percent: Percent;
  readonly until: Instant | null;
  readonly why: string;
  readonly sensed: Percent | null;
}

/** By the last rule that fits. A rule may begin to fit later, so every rule's change counts, also of those passed over. */
function brightnessOf(facts: LightFacts): Ruled {
  let until: Instant | null = null;
  for (const rule of facts.policy.brightness.toReversed()) {
    if (!isFor(rule.faces, facts.face)) continue;
    const ruled = ruledBy(rule, facts);
    until = earliest(until, ruled.until);
    if (ruled.percent !== null) return { ...ruled, percent: ruled.percent, until };
  }
  return { percent: FULL, until, why: "no rule", sensed: null };
}

function ruledBy(rule: BrightnessRule, facts: LightFacts): Omit<Ruled, "percent"> & { percent: Percent | null } {
  const { zone, at, position, lux } = facts;
  switch (rule.by) {
    case "time": {
      const { inside, until } = spansAt([rule], zone, at);
      return { percent: inside ? rule.percent : null, until, why: `${rule.from} to ${rule.to}`, sensed: null };
    }
    case "sun": {
      const { up, until, assumed } = sunAt(at, zone, position);
      const why = `the sun is ${up ? "up" : "down"}${assumed ? ", taken as 06:00 to 18:00" : ""}`;
      return { percent: up === (rule.when === "day") ? rule.percent : null, until, why, sensed: null };
    }
    case "sensor": {
      if (lux === null) return { percent: null, until: null, why: "the light sensor is silent", sensed: null };
      const wanted = percentAt(rule.points, lux);
      const held = facts.sensed !== null && Math.abs(wanted - facts.sensed) < HYSTERESIS ? facts.sensed : wanted;
      return { percent: held, until: null, why: `${Math.round(lux)} lux`, sensed: held };
    }
  }
}

/** Between two points in proportion to the logarithm of the light, which is how it is seen; beyond the outer ones as they say. */
export function percentAt(points: Extract<BrightnessRule, { by: "sensor" }>["points"], lux: number): Percent {
  const after = points.findIndex((point) => point.lux >= lux);
  const upper = points[after === -1 ? points.length - 1 : after];
  const lower = points[after - 1];
  if (upper === undefined) return FULL;
  if (after === -1 || lower === undefined) return upper.percent;
  // One is added, so that darkness has a logarithm.
  const share = Math.log((lux + 1) / (lower.lux + 1)) / Math.log((upper.lux + 1) / (lower.lux + 1));
  return lower.percent + share * (upper.percent - lower.percent);
}

function earliest(one: Instant | null, other: Instant | null): Instant | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
