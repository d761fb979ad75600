/** What was asked for by hand or by command, until every output is through with it. In memory only: after a restart nobody waits for it. */
import { isFor } from "../playback/agenda/for-output.ts";
import type { Announcement } from "../playback/model/announcement.ts";
import type { HeldAnnouncement } from "../playback/model/facts.ts";
import { type Refusal, refusal } from "../playback/model/refusal.ts";
import { type Millis, type Monotonic, SECOND } from "../playback/model/units.ts";

/** The outputs of a cluster hear the same speaker end within this. */
const TOGETHER: Millis = 3 * SECOND;

interface Entry {
  readonly announcement: Announcement;
  readonly since: Monotonic;
  /** When it was first heard to its end somewhere. */
  heardAt: Monotonic | null;
  ended: Refusal | null;
  readonly endedOn: Set<string>;
}

export class Announced {
  readonly #outputs: readonly string[];
  readonly #entries = new Map<string, Entry>();

  constructor(outputs: readonly string[]) {
    this.#outputs = outputs;
  }

  add(announcement: Announcement, since: Monotonic): void {
    const key = `${announcement.origin.issuer} ${announcement.id}`;
    this.#entries.set(key, { announcement, since, heardAt: null, ended: null, endedOn: new Set() });
  }

  /** False where no such one stands. */
  stop(id: string, why: Refusal): boolean {
    const entries = [...this.#entries.values()].filter((held) => held.announcement.id === id && held.ended === null);
    for (const entry of entries) entry.ended = why;
    return entries.length > 0;
  }

  /**
   * It is over on this output; `whole` where it was heard to its end. True where all are through with it: then nothing remembers it but the journal.
   * Who spoke on the spot and was heard somewhere is not waited for by an output that had no card. A chime before a microphone that could not be
   * opened is no speech: elsewhere they are still speaking.
   */
  forget(key: string, output: string, whole: boolean, now: Monotonic): boolean {
    const issuerAndId = key.replace(/^announcement /, "");
    const entry = this.#entries.get(issuerAndId);
    if (entry === undefined) return false;
    entry.endedOn.add(output);
    if (whole) entry.heardAt ??= now;
    const theirs = this.#outputs.filter((one) => isFor(entry.announcement.outputs, one));
    return theirs.every((one) => entry.endedOn.has(one)) && this.#entries.delete(issuerAndId);
  }

  held(now: Monotonic): HeldAnnouncement[] {
    return [...this.#entries.values()].map((entry) => ({
      announcement: entry.announcement,
      ended: entry.ended ?? overFor(entry, now),
    }));
  }
}

function overFor({ announcement, since, heardAt }: Entry, now: Monotonic): Refusal | null {
  if (now - since > announcement.longestMs) return refusal("expired", "its longest run is over");
  const spoken = announcement.by !== undefined && heardAt !== null && now - heardAt > TOGETHER;
  return spoken ? refusal("released", "whoever spoke has ended") : null;
}
