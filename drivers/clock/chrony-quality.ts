/** Reads what `chronyc -c tracking` says. Pure. */
import type { ClockQuality } from "../../playback/ports/clock.ts";

/**
 * Fields: 0 reference id, 1 its name, 2 stratum, 3 reference time, 4 system time's offset, 5 last offset, 6 RMS offset, 7 frequency,
 * 8 residual frequency, 9 skew, 10 root delay, 11 root dispersion, 12 update interval, 13 leap status; times in seconds.
 * Source: chronyc(1), `-c` and `tracking`.
 */
const FIELDS = 14;
/** Nobody, and its own undisciplined clock. */
const NO_REFERENCE: ReadonlySet<string | undefined> = new Set(["00000000", "7F7F0101"]);

/** `null` where there is no answer; one that is not whole is a clock that is not synchronised. */
export function chronyQuality(answer: string): ClockQuality | null {
  if (answer.trim() === "") return null;
  const fields = answer.trim().split(",");
  const whole = fields.length >= FIELDS;
  const synchronised = whole && fields.at(-1) !== "Not synchronised" && !NO_REFERENCE.has(fields[0]);
  const [offset, delay, dispersion, stratum] = [4, 10, 11, 2].map((field) => Number(fields[field]));
  // Source: chronyc(1), root dispersion: |system time offset| + root dispersion + half the root delay bounds the error.
  const error = Math.abs(offset ?? Number.NaN) + (dispersion ?? Number.NaN) + (delay ?? Number.NaN) / 2;
  return {
    source: "chrony",
    synchronised,
    offsetMs: synchronised ? millis(Math.abs(offset ?? Number.NaN)) : null,
    errorMs: synchronised ? millis(error) : null,
    ...(synchronised && Number.isInteger(stratum) ? { stratum } : {}),
  };
}

function millis(seconds: number): number | null {
  return Number.isFinite(seconds) ? seconds * 1_000 : null;
}
