/** What is to be sent to a board now. Pure: functions of what is wanted, what was taken, what is reported, and now. */
import type { Millis, Monotonic } from "../../playback/model/units.ts";
import {
  type BoardImage,
  DISPLAY_ASPECTS,
  type DisplayAbilities,
  type DisplayReport,
  type DisplayWish,
} from "../../playback/ports/display-controller.ts";
import { disobeyed } from "./obedience.ts";

export interface KeeperTimes {
  /** The board is asked this often while nothing changes. */
  readonly pollMs: Millis;
  /** No call of a controller is waited for longer; its own time-outs should have ended it before. */
  readonly callMs: Millis;
  readonly backOffMs: Millis;
  readonly backOffMostMs: Millis;
}

/** Assumed: a board that was switched off is noticed within half a minute; who is away is tried at least every minute. */
export const DEFAULT_KEEPER_TIMES: KeeperTimes = {
  pollMs: 10_000,
  callMs: 30_000,
  backOffMs: 1_000,
  backOffMostMs: 60_000,
};

/** Assumed: offline after three misses. */
export const MISSES_UNTIL_OFFLINE = 3;

/**
 * The part of a wish that has not been taken, or that is reported otherwise. Off is told alone; and what is off, or was before it was told
 * otherwise, takes the rest when it is on.
 */
export function wishToSend(
  wanted: DisplayWish,
  taken: DisplayWish,
  reported: DisplayReport,
  can: DisplayAbilities,
): DisplayWish {
  const strays = disobeyed(wanted, reported, can);
  const due = DISPLAY_ASPECTS.filter(
    (aspect) => wanted[aspect] !== undefined && (taken[aspect] !== wanted[aspect] || strays.includes(aspect)),
  );
  if (wanted.power === false) return due.includes("power") ? { power: false } : {};
  // It was off, or came back from somewhere: what it had may be gone.
  const all = due.includes("power") ? DISPLAY_ASPECTS.filter((aspect) => wanted[aspect] !== undefined) : due;
  return Object.fromEntries(all.map((aspect) => [aspect, wanted[aspect]]));
}

/** A picture that is wanted, and when the card last took it; `null` where it has not, or may have lost it. */
export interface WantedImage {
  readonly image: BoardImage;
  readonly takenAt: Monotonic | null;
}

/** A third of its time-out before the card would take it away, so that two renewals may fail. */
const RENEW_AT = 1 / 3;

/** When a picture is to be sent: at once, or again before the card takes it away. */
export function imageDueAt({ image, takenAt }: WantedImage): Monotonic {
  return takenAt === null ? Number.NEGATIVE_INFINITY : takenAt + image.timeoutMs * RENEW_AT;
}

/** Pictures are kept from a board that is off, blank or under test. */
export function showsImages(wanted: DisplayWish): boolean {
  return wanted.power !== false && wanted.blank !== true && (wanted.pattern ?? "none") === "none";
}

/** Pause after failures in a row, with full jitter, so that the boards of one switch do not come back together. `failures` from 1, `random` in [0, 1). */
export function pauseAfter(failures: number, times: KeeperTimes, random: number): Millis {
  return random * Math.min(times.backOffMostMs, times.backOffMs * 2 ** Math.min(failures - 1, 30));
}
