/** The flags of `npm start`. */
import { parseArgs } from "node:util";
import { type Language, languageOf } from "../../agent/cli/words.ts";
import { STORY_SECONDS } from "./plan.ts";
import { StoryWords } from "./words.ts";

/** Ways to break the story on purpose, to see that its checks can fail. */
export const BREAKS = ["sink", "media", "broker"] as const;
export type Break = (typeof BREAKS)[number];

export interface StoryOptions {
  /** From the story's start; `null` until Ctrl-C. */
  readonly seconds: number | null;
  readonly json: boolean;
  readonly language: Language;
  readonly folder: string | null;
  readonly break: Break | null;
  readonly failFast: boolean;
}

/** What was typed cannot be done; the message is for the person. */
export class BadOption extends Error {
  override name = "BadOption";
}

export const HELP = `npm start [-- OPTIONS]

  --seconds N       tell it for N seconds from the story's start, at least ${STORY_SECONDS}; without it until Ctrl-C
  --json            JSON lines; the last one is the summary
  --lang vi|en      language; otherwise LOA_LANG or LANG, otherwise Vietnamese
  --folder DIR      where recording, picture and logs go; otherwise .loa/story-TIME
  --break WHAT      prove that the checks can fail: sink, media or broker
  --fail-fast       end at the first failed check

Exit code: 0 all right; 1 something planned was not heard, or something unplanned was; 64 wrong usage;
130 interrupted before anything was due.
`;

/** @throws {BadOption} */
export function parseOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): StoryOptions | "help" {
  const { values } = parsed(argv);
  if (values.help) return "help";
  const { lang } = values;
  if (lang !== undefined && lang !== "vi" && lang !== "en") throw new BadOption("--lang: vi, en");
  const language = lang ?? languageOf(environment);
  const wanted = values.break;
  const broken = BREAKS.find((known) => known === wanted) ?? null;
  if (wanted !== undefined && broken === null) throw new BadOption(`--break: ${BREAKS.join(", ")}`);
  const seconds = values.seconds === undefined ? null : Number(values.seconds);
  if (seconds !== null && (!Number.isSafeInteger(seconds) || seconds < STORY_SECONDS)) {
    throw new BadOption(new StoryWords(language).say("tooShort", { least: STORY_SECONDS }));
  }
  const failFast = values["fail-fast"];
  return { seconds, json: values.json, language, folder: values.folder ?? null, break: broken, failFast };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        seconds: { type: "string" },
        json: { type: "boolean", default: false },
        lang: { type: "string" },
        folder: { type: "string" },
        break: { type: "string" },
        "fail-fast": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new BadOption((error as Error).message);
  }
}
