/**
 * The units every part of the station speaks in. Inside the program the type carries the unit; names that leave it
 * (configuration, documents, JSON) carry it as a suffix (`warmUpMs`).
 */

/** Milliseconds since 1970-01-01T00:00:00Z, fractions allowed. */
export type Instant = number;
/** A duration in milliseconds. */
export type Millis = number;
/** Milliseconds on a clock that never steps; comparable only within one process. */
export type Monotonic = number;
/** Decibels relative to full scale or to unity gain; 0 is full scale, silence is `-Infinity`. */
export type Decibels = number;
/** 0 to 100. */
export type Percent = number;
/** SHA-256 as 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly unit: "sha256" };

export const SECOND: Millis = 1_000;
export const MINUTE: Millis = 60_000;
export const HOUR: Millis = 3_600_000;
export const DAY: Millis = 86_400_000;

/** The digest, or `null` where the text is not 64 lower-case hexadecimal digits. */
export function parseSha256(text: string): Sha256 | null {
  return /^[0-9a-f]{64}$/.test(text) ? (text as Sha256) : null;
}

/**
 * The gain of a volume setting: 100 % is 0 dB, each 10 % less is 3 dB less, 0 % is silence.
 * Assumed: a straight line in decibels, which is how loudness is heard; 10 % is then −27 dB.
 */
export function decibelsOf(volume: Percent): Decibels {
  return volume <= 0 ? Number.NEGATIVE_INFINITY : (Math.min(volume, 100) - 100) * 0.3;
}

/** The volume setting of a gain, the other way round; what is too soft for the scale is its softest that sounds. */
export function percentOf(gain: Decibels): Percent {
  return Math.min(100, Math.max(1, 100 + gain / 0.3));
}

/** Linear amplitude of a level in decibels. */
export function amplitudeOf(level: Decibels): number {
  return level === Number.NEGATIVE_INFINITY ? 0 : 10 ** (level / 20);
}
