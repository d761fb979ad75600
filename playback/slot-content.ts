/** What a slot is made of, as a short mark that is noted with its place: in other items the place means nothing. Pure. */
import { createHash } from "node:crypto";
import type { Candidate } from "./arbiter/candidate.ts";

/** The title of a chime is not asked: it is known only while its approval is. */
export function contentMark({ items, intro, rounds, gapMs, replacedBy }: Candidate): string {
  const chime = intro.map((item) => (item.kind === "media" ? item.sha256 : item.id));
  const content = JSON.stringify([items, chime, rounds, gapMs, replacedBy]);
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}
