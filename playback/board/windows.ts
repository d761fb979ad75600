/** When playlists are due: the same rules, the same days and the same suspensions as programmes have. Pure. */
import { agenda, type Slot } from "../agenda/agenda.ts";
import type { Playlist } from "../model/board.ts";
import type { Facts } from "../model/facts.ts";
import type { Programme } from "../model/schedule.ts";
import type { Instant } from "../model/units.ts";

export interface Window {
  readonly slot: Slot;
  readonly playlist: Playlist;
}

/** What has a window like a programme's is decided like one. */
function asProgramme({ layout: _, faces, ...playlist }: Playlist): Programme {
  return {
    ...playlist,
    outputs: faces,
    loop: true,
    lateness: { word: "play-next" },
    interruption: "resume",
    overrun: "cut",
    repeats: { count: 1, gapMs: 0 },
    items: [],
  };
}

const nameOf = ({ level, id }: Pick<Playlist, "level" | "id">) => `${level} ${id}`;

/** Windows that touch [from, to], in order of start. */
export function windowsOf(playlists: readonly Playlist[], facts: Facts, from: Instant, to: Instant): Window[] {
  const byName = new Map(playlists.map((one) => [nameOf(one), one]));
  return agenda({ ...facts, programmes: playlists.map(asProgramme) }, from, to).flatMap((slot) => {
    const playlist = byName.get(nameOf(slot.programme));
    return playlist === undefined ? [] : [{ slot, playlist }];
  });
}
