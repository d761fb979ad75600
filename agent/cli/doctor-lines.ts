/** What `loa doctor` prints of a check: for people, and for scripts. */
import { type CheckResult, isBad } from "../doctor/checks.ts";
import { CONCERN_KINDS } from "../health/concerns.ts";
import type { Words } from "./words.ts";

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
