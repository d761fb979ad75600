/** `loa why`: why this plays, why that does not; for now, an hour past or an hour to come. */

import type { RefusalReason } from "../../../playback/model/refusal.ts";
import type { WhyView } from "../../control/views.ts";
import { type CliCommand, EXIT } from "../command.ts";
import { CLASS_WORDS, REASON_WORDS, TRUST_WORDS, type Words } from "../words.ts";

function render(view: WhyView, words: Words): string {
  const lines = [words.say("decidedAt", { at: words.time(view.at), clock: words.pick(TRUST_WORDS[view.clock]) })];
  const { holder } = view;
  lines.push(
    `${words.say("holds")}: ${holder === null ? words.say("silence") : `${holder.title} [${words.pick(CLASS_WORDS[holder.class])}, ${holder.issuer}]`}`,
  );
  for (const one of view.waiting) lines.push(`${words.say("waiting")}: ${one.title} — ${one.why}`);
  for (const one of view.refused) {
    lines.push(
      `${words.say("refused")}: ${one.title} — ${words.pick(REASON_WORDS[one.reason as RefusalReason])} (${one.detail})`,
    );
  }
  for (const one of view.next) lines.push(`${words.say("next")}: ${words.time(one.at)} ${one.title}`);
  for (const one of view.journal) lines.push(`${words.say("heard")}: ${JSON.stringify(one)}`);
  return lines.join("\n");
}

export const why: CliCommand = {
  usage: 'loa why [05:10 | "2026-11-22 05:10"]',
  help: { vi: "vì sao phát hoặc không phát", en: "why this plays, or does not" },
  async run({ ask, args, flags, words, print }) {
    const query = new URLSearchParams(args.length === 0 ? {} : { at: args.join(" ") });
    const view = (await ask("GET", `/v1/why?${query}`)) as WhyView;
    print(flags.json ? JSON.stringify(view) : render(view, words));
    return EXIT.ok;
  },
};
