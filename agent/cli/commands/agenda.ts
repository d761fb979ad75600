/** `loa agenda`: what will play. */
import type { AgendaView } from "../../control/views.ts";
import { type CliCommand, EXIT } from "../command.ts";
import { CLASS_WORDS } from "../words.ts";

export const agenda: CliCommand = {
  usage: "loa agenda [--days N]",
  help: { vi: "lịch phát các ngày tới", en: "what plays in the coming days" },
  async run({ ask, flags, words, print }) {
    const query = new URLSearchParams(flags.days === null ? {} : { days: flags.days });
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
