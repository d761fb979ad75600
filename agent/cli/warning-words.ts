/** What `loa agenda --warnings` says, in Vietnamese and English. */
import type { WarningsView } from "../control/views.ts";
import { REASON_WORDS, type Words } from "./words.ts";

type Warning = WarningsView[number];

const OUTCOMES = {
  waits: { vi: "phải chờ {seconds} giây sau '{other}'", en: "waits {seconds} s for '{other}'" },
  dropped: { vi: "SẼ KHÔNG PHÁT vì '{other}' giữ loa", en: "WILL NOT PLAY because '{other}' holds the output" },
  cut: { vi: "SẼ BỊ CẮT vì '{other}'", en: "WILL BE CUT because of '{other}'" },
} as const;

function told(warning: Warning, words: Words): string {
  switch (warning.kind) {
    case "incomplete": {
      const names = warning.lacking.map(({ title, why }) => `${title} (${words.pick(REASON_WORDS[why])})`).join(", ");
      const pair = {
        vi: `thiếu ${warning.lacking.length} trong ${warning.of} tệp`,
        en: `lacks ${warning.lacking.length} of ${warning.of} media`,
      };
      return `${words.pick(pair)}: ${names}`;
    }
    case "conflict": {
      const seconds = String(Math.round((warning.lateMs ?? 0) / 1_000));
      return words.pick(OUTCOMES[warning.outcome]).replace("{seconds}", seconds).replace("{other}", warning.with.title);
    }
    case "refused": {
      const pair = { vi: "SẼ BỊ TỪ CHỐI HOẶC CẮT", en: "WILL BE REFUSED OR CUT" };
      return `${words.pick(pair)}: ${words.pick(REASON_WORDS[warning.why.reason])} (${warning.why.detail})`;
    }
  }
}

export function warningLine(warning: Warning, zone: string, words: Words): string {
  return `${words.time(warning.at, zone)}  ${warning.title} [${warning.level}] — ${told(warning, words)}`;
}
