/** `loa import`: signed documents and their media from a stick, for clusters without a link. */
import { resolve } from "node:path";
import type { RefusalReason } from "../../../playback/model/refusal.ts";
import type { ImportReport, Outcome } from "../../bundle/import-bundle.ts";
import { caller } from "../caller.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";
import { REASON_WORDS, type Words } from "../words.ts";

/** A full stick through a slow port. */
const LONGEST_MS = 7_200_000;

function told(outcome: Outcome, words: Words): string {
  if (outcome.result === "taken") return words.pick({ vi: "đã nhận", en: "taken" });
  if (outcome.result === "known") return words.pick({ vi: "đã có", en: "known already" });
  const reason = words.pick(REASON_WORDS[outcome.reason as RefusalReason], outcome.reason ?? "");
  return `${words.pick({ vi: "TỪ CHỐI", en: "REFUSED" })}: ${reason} (${outcome.detail})`;
}

export const importBundle: CliCommand = {
  usage: "loa import FOLDER",
  help: { vi: "nạp tài liệu đã ký và tệp âm thanh từ USB", en: "take signed documents and media from a stick" },
  async run({ ask, args, flags, words, print }) {
    const [folder, more] = args;
    if (folder === undefined || more !== undefined) throw new UsageError(importBundle.usage);
    // The agent has its own working folder.
    const body = { folder: resolve(folder), by: caller() };
    const { documents, media } = (await ask("POST", "/v1/import", body, LONGEST_MS)) as ImportReport;
    const all = [...documents, ...media];
    if (flags.json) print(JSON.stringify({ documents, media }));
    else if (all.length === 0) print(words.say("nothing"));
    else {
      for (const one of documents) print(`${one.topic}  ${told(one, words)}`);
      for (const one of media) print(`${one.sha256.slice(0, 12)}  ${told(one, words)}`);
    }
    return all.every(({ result }) => result !== "refused") ? EXIT.ok : EXIT.data;
  },
};
