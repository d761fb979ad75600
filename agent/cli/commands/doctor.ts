/** `loa doctor`: finding, cause and what to do; with the daemon up or down. */
import { type CheckResult, isBad, runChecks } from "../../doctor/checks.ts";
import { Machine } from "../../doctor/machine.ts";
import { CONCERN_KINDS } from "../../health/concerns.ts";
import { askedStatus } from "../asked-status.ts";
import { type CliCommand, EXIT } from "../command.ts";
import type { Words } from "../words.ts";

const SIGNS = { well: "✓", nothing: "–", bad: "✗" } as const;

/** The lines of one check. */
export function linesOf(result: CheckResult, words: Words): string[] {
  const { check, verdict, concerns } = result;
  const { finding, cause, advice, commands = [] } = verdict;
  const said = typeof finding === "string" ? finding : words.pick(finding);
  const sign = isBad(result) ? SIGNS.bad : SIGNS[verdict.state];
  return [
    `${sign} ${words.pick(check.title).padEnd(20)} ${said}`.trimEnd(),
    ...(cause === undefined ? [] : [`    ${words.say("cause")}: ${words.pick(cause)}`]),
    ...(advice === undefined ? [] : [`    → ${words.pick(advice)}`]),
    ...commands.map((command) => `      $ ${command}`),
    ...concerns.flatMap(({ code, detail }) => [
      `    ! ${code}: ${detail}`,
      `    → ${words.pick(CONCERN_KINDS[code])}  (\`loa explain ${code}\`)`,
    ]),
  ];
}

/** For scripts. */
export function plainOf(result: CheckResult, words: Words) {
  const { check, verdict, concerns } = result;
  const { finding, cause, advice, commands = [], state } = verdict;
  return {
    name: check.name,
    ok: !isBad(result),
    state,
    finding: typeof finding === "string" ? finding : words.pick(finding),
    cause: cause === undefined ? "" : words.pick(cause),
    advice: advice === undefined ? "" : words.pick(advice),
    commands,
    concerns: concerns.map(({ code }) => code),
  };
}

export const doctor: CliCommand = {
  usage: "loa doctor [CHECK…]",
  help: { vi: "tìm nguyên nhân và cách khắc phục", en: "find what is wrong and what to do" },
  async run({ args, ask, flags, words, print }) {
    const agent = await askedStatus(ask);
    const only = args.length === 0 ? {} : { only: args };
    const results = await runChecks({ machine: new Machine(), config: flags.config, agent, ...only });
    const bad = results.some(isBad);
    if (flags.json) {
      print(JSON.stringify({ checks: results.map((one) => plainOf(one, words)), concerns: agent?.concerns ?? [] }));
    } else {
      for (const one of results) for (const line of linesOf(one, words)) print(line);
      if (!bad) print(words.say("allWell"));
    }
    return bad ? EXIT.concern : EXIT.ok;
  },
};
