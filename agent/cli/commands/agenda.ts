/** `loa agenda`: what will play, and with `--warnings` what will be missing, in the way or refused. */
import type { AgendaView, WarningsView } from "../../control/views.ts";
import { type CliCommand, EXIT, type Invocation } from "../command.ts";
import { warningLine } from "../warning-words.ts";
import { CLASS_WORDS } from "../words.ts";

async function showWarnings({ ask, flags, words, print }: Invocation, query: URLSearchParams): Promise<number> {
  const answer = (await ask("GET", `/v1/agenda/warnings?${query}`)) as { zone: string; warnings: WarningsView };
  if (flags.json) print(JSON.stringify(answer));
  else if (answer.warnings.length === 0) print(words.say("allWell"));
  else for (const warning of answer.warnings) print(warningLine(warning, answer.zone, words));
  return answer.warnings.length === 0 ? EXIT.ok : EXIT.concern;
}

export const agenda: CliCommand = {
  usage: "loa agenda [--days N] [--warnings]",
  help: {
    vi: "lịch phát các ngày tới, và những gì sẽ vướng",
    en: "what plays in the coming days, and what will hinder it",
  },
  async run(invocation) {
    const { ask, flags, words, print } = invocation;
    const query = new URLSearchParams(flags.days === null ? {} : { days: flags.days });
    if (flags.warnings) return showWarnings(invocation, query);
    const { zone, slots } = (await ask("GET", `/v1/agenda?${query}`)) as { zone: string; slots: AgendaView };
    if (flags.json) print(JSON.stringify({ zone, slots }));
    else if (slots.length === 0) print(words.say("nothing"));
    else {
      for (const slot of slots) {
        const mark = slot.done ? "✓" : " ";
        print(
          `${mark} ${words.time(slot.start, zone)}  ${slot.title} [${words.pick(CLASS_WORDS[slot.class])}, ${slot.level}] — ${slot.items.join(", ")}`,
        );
      }
    }
    return EXIT.ok;
  },
};
