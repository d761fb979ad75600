/** The cache's rules: what was installed, and inside it what was signed. Pure. */
import { addDays, dateAt, instantOf } from "../../playback/agenda/zone.ts";
import type { QuietHours } from "../../playback/model/policy.ts";
import type { Instant } from "../../playback/model/units.ts";
import type { CacheRules } from "../../storage/content/cache-rules.ts";
import type { StationFile } from "../config/station-file.ts";
import type { ConfigBody } from "../contract/config.ts";

/** When one of the local windows next opens; `null` inside one, and where there are none. */
export function windowOpensAt(windows: readonly QuietHours[], zone: string, now: Instant): Instant | null {
  const today = dateAt(now, zone);
  let next: Instant | null = null;
  for (const { from, to } of windows) {
    for (const date of [addDays(today, -1), today, addDays(today, 1), addDays(today, 2)]) {
      const begins = instantOf(date, from, zone);
      const sameDay = instantOf(date, to, zone);
      const ends = sameDay > begins ? sameDay : instantOf(addDays(date, 1), to, zone);
      if (begins <= now && now < ends) return null;
      if (begins > now && (next === null || begins < next)) next = begins;
    }
  }
  return next;
}

/** Layers broadest first: what a nearer one names, wins. No layer raises the quota above the installed one. */
export function cacheRules(
  installed: Pick<StationFile["media"], "quotaBytes" | "reserveBytes" | "scrubEveryMs">,
  layers: readonly Pick<ConfigBody, "media">[],
  zone: string,
): CacheRules {
  const signed: Partial<ConfigBody["media"]> = Object.assign(
    {},
    ...layers.map(({ media }) => Object.fromEntries(Object.entries(media).filter(([, value]) => value !== undefined))),
  );
  const windows = signed.windows ?? [];
  return {
    quotaBytes: Math.min(installed.quotaBytes, signed.quotaBytes ?? installed.quotaBytes),
    reserveBytes: installed.reserveBytes,
    mirrors: signed.mirrors ?? [],
    dayBytes: signed.dayBytes ?? null,
    monthBytes: signed.monthBytes ?? null,
    opensAt: (now) => windowOpensAt(windows, zone, now),
    dateOf: (at) => dateAt(at, zone),
    scrubEveryMs: installed.scrubEveryMs,
  };
}
