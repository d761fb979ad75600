/** Which media the next days need, and when first. Pure: from the facts and the time. */
import { agenda } from "../../playback/agenda/agenda.ts";
import { instantOf } from "../../playback/agenda/zone.ts";
import { windowsOf } from "../../playback/board/windows.ts";
import { type ClockTrust, clockAllows } from "../../playback/model/clock-trust.ts";
import type { Facts } from "../../playback/model/facts.ts";
import type { Item } from "../../playback/model/schedule.ts";
import { DAY, type Instant, type Sha256 } from "../../playback/model/units.ts";

/** What is needed within this time is never evicted. */
export const NEED_HORIZON = 7 * DAY;

function digestsOf(item: Item): readonly Sha256[] {
  if (item.kind === "media") return [item.sha256];
  return item.kind === "live" ? item.fallback.map(({ sha256 }) => sha256) : [];
}

/**
 * The first need of each digest in the next 7 days: programmes with their chimes and fallbacks, playlists of the faces, what replaces them on suspended days, alerts
 * and announcements that stand. `null` under a clock that cannot say which days these are: then nothing may be let go.
 */
export function mediaNeeds(facts: Facts, now: Instant, trust: ClockTrust): ReadonlyMap<Sha256, Instant> | null {
  if (!clockAllows(trust, "normal")) return null;
  const needs = new Map<Sha256, Instant>();
  const need = (sha256: Sha256, at: Instant) => needs.set(sha256, Math.min(at, needs.get(sha256) ?? at));
  for (const { programme, start } of agenda(facts, now, now + NEED_HORIZON)) {
    for (const sha256 of programme.items.flatMap(digestsOf)) need(sha256, start);
    if (programme.chime !== undefined) need(programme.chime, start);
  }
  for (const { slot, playlist } of windowsOf(facts.playlists, facts, now, now + NEED_HORIZON)) {
    for (const { items } of playlist.layout) for (const sha256 of items.flatMap(digestsOf)) need(sha256, slot.start);
  }
  for (const { from, until, replaceBy } of facts.suspensions) {
    const begins = instantOf(from, "00:00", facts.zone);
    const ends = instantOf(until, "23:59:59", facts.zone);
    if (ends < now || begins > now + NEED_HORIZON) continue;
    for (const { sha256 } of replaceBy) need(sha256, begins);
  }
  const standing = [
    ...facts.emergencies.filter(({ ended }) => ended === null).map(({ emergency }) => emergency),
    ...facts.announcements.filter(({ ended }) => ended === null).map(({ announcement }) => announcement),
  ];
  for (const sha256 of standing.flatMap(({ items }) => items.flatMap(digestsOf))) need(sha256, now);
  return needs;
}
