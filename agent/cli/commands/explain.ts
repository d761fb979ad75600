/** `loa explain CODE`: what a concern means, why it matters, what to do step by step, and which check looks after it. */
import { EXPLANATIONS } from "../../doctor/explanations.ts";
import { CONCERN_CODES, CONCERN_KINDS, type ConcernCode } from "../../health/concerns.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";
import { SEVERITY_WORDS, type Words } from "../words.ts";

function lines(code: ConcernCode, check: string, words: Words): string[] {
  const kind = CONCERN_KINDS[code];
  const { means, why, steps } = EXPLANATIONS[code];
  return [
    `${code} (${words.pick(SEVERITY_WORDS[kind.severity])})`,
    words.pick(kind),
    "",
    `${words.say("means")}: ${words.pick(means)}`,
    `${words.say("whyItMatters")}: ${words.pick(why)}`,
    `${words.say("toDo")}:`,
    ...steps.map((step, index) => `  ${index + 1}. ${words.pick(step)}`),
    "",
    `${words.say("checkedBy")}: loa doctor ${check}`,
  ];
}

export const explain: CliCommand = {
  usage: "loa explain [CODE]",
  help: {
    vi: "giải thích một vấn đề và cách xử lý từng bước",
    en: "what a concern means and what to do, step by step",
  },
  run: async ({ args: [wanted], flags, words, print }) => {
    if (wanted === undefined) {
      if (flags.json) print(JSON.stringify(CONCERN_CODES));
      else for (const code of CONCERN_CODES) print(`${code.padEnd(20)} ${words.pick(CONCERN_KINDS[code])}`);
      return EXIT.ok;
    }
    const code = CONCERN_CODES.find((one) => one === wanted);
    if (code === undefined) {
      const near = CONCERN_CODES.filter((one) => one.includes(wanted)).join(", ");
      throw new UsageError(`${words.say("noSuchConcern", { code: wanted })}${near === "" ? "" : ` (${near})`}`);
    }
    const { severity } = CONCERN_KINDS[code];
    const check = (await import("../../doctor/checks.ts")).checkOf(code).name;
    if (flags.json) print(JSON.stringify({ code, severity, check, ...EXPLANATIONS[code] }));
    else print(lines(code, check, words).join("\n"));
    return EXIT.ok;
  },
};
