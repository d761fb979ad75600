/** What the next round of a slot is made of: an alert's depends on what is here when the round begins, everything else is as it was planned. */
import { alertRound } from "./arbiter/alert-round.ts";
import { type Candidate, keyOfEmergency } from "./arbiter/candidate.ts";
import type { Facts } from "./model/facts.ts";
import type { Item } from "./model/schedule.ts";
import type { Sha256 } from "./model/units.ts";
import type { MediaLibrary } from "./ports/media.ts";
import type { Speech } from "./ports/speech.ts";

export interface RoundPorts {
  readonly media: Pick<MediaLibrary, "has">;
  readonly speech: Pick<Speech, "speaks">;
}

/** Round 0 is the first one. `silent`: what is here by all appearance, and could not be opened. */
export function composeRound(
  candidate: Candidate,
  round: number,
  facts: Facts,
  ports: RoundPorts,
  silent: readonly Item[] = [],
): readonly Item[] {
  const { kind, id } = candidate.header;
  const alert = facts.emergencies.find(({ emergency }) => kind === "emergency" && emergency.identifier === id);
  if (alert === undefined) return candidate.items;
  const means = {
    has: (sha256: Sha256) =>
      ports.media.has(sha256) && !silent.some((item) => item.kind === "media" && item.sha256 === sha256),
    speaks: (text: string, language: string) =>
      ports.speech.speaks(text, language) && !silent.some((item) => item.kind === "text" && item.text === text),
    receives: (source: string) =>
      facts.live.has(source) && !silent.some((item) => item.kind === "live" && item.source === source),
  };
  // What is owed for a late recording is a repeat too.
  const before = candidate.header.key === keyOfEmergency(id) ? 0 : alert.emergency.repeat.rounds;
  return alertRound(alert.emergency, before + round, facts, means);
}
