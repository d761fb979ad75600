/** Which alerts stand, and why the others ended. Source: CAP 1.2 (msgType, references, expires). Pure. */
import { type ClockTrust, isTrusted } from "../playback/model/clock-trust.ts";
import type { HeldEmergency } from "../playback/model/facts.ts";
import { type Refusal, refusal } from "../playback/model/refusal.ts";
import type { Instant, Millis } from "../playback/model/units.ts";
import type { Alert } from "./adopted.ts";

export interface AlertTime {
  readonly now: Instant;
  readonly trust: ClockTrust;
  /** How long this alert has been held, on the monotonic clock of this run. */
  readonly heldFor: (identifier: string) => Millis;
}

/** Identifiers that the officer stopped on the spot; latched across restarts. */
export type Stopped = ReadonlySet<string>;

function endOf(alert: Alert, alerts: readonly Alert[], stopped: Stopped, time: AlertTime): Refusal | null {
  const { identifier, expires, longestMs } = alert.emergency;
  if (stopped.has(identifier)) return refusal("emergency-stopped", "stopped on the spot by an authorised person");
  const successor = alerts.find(
    (other) => other.references.includes(identifier) && other.emergency.identifier !== identifier,
  );
  if (successor?.msgType === "cancel") return refusal("expired", `cancelled by ${successor.emergency.identifier}`);
  if (successor !== undefined) return refusal("expired", `updated by ${successor.emergency.identifier}`);
  // A clock that may be wrong must not silence an alert: then only the monotonic limit ends it.
  if (isTrusted(time.trust) && time.now >= expires)
    return refusal("expired", `ended at ${new Date(expires).toISOString()}`);
  if (time.heldFor(identifier) >= longestMs) return refusal("expired", `longest run of ${longestMs / 1000} s is over`);
  return null;
}

export function heldEmergencies(alerts: readonly Alert[], stopped: Stopped, time: AlertTime): HeldEmergency[] {
  return alerts
    .filter((alert) => alert.msgType !== "cancel")
    .map((alert) => ({ emergency: alert.emergency, ended: endOf(alert, alerts, stopped, time) }));
}
