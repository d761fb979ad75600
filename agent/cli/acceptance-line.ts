/** How an acceptance stands with the province, in one line: for whoever made it, and for whoever asks later. */
import type { AcceptanceView } from "../setup/countersigning.ts";
import type { Words } from "./words.ts";

export function acceptanceLine({ sha256, countersigned }: AcceptanceView, words: Words): string {
  const sha = `${sha256.slice(0, 12)}…`;
  if (countersigned === null) return words.say("acceptanceUnsigned", { sha });
  return words.say("acceptanceSigned", { sha, by: countersigned.by, at: words.time(countersigned.at) });
}
