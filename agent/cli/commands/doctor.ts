/** `loa doctor`: finding, cause and what to do; with the daemon up or down. */

import { runChecks } from "../../doctor/checks.ts";
import { CONCERN_KINDS, type Concern } from "../../health/concerns.ts";
import { type CliCommand, DaemonDown, EXIT } from "../command.ts";

export const doctor: CliCommand = {
  usage: "loa doctor [--config FILE]",
  help: { vi: "tìm nguyên nhân và cách khắc phục", en: "find what is wrong and what to do" },
  async run({ ask, flags, words, print }) {
    const checks = await runChecks(flags.config, words.language);
    let concerns: Concern[] = [];
    try {
      concerns = ((await ask("GET", "/v1/status")) as { concerns: Concern[] }).concerns;
    } catch (error) {
      if (!(error instanceof DaemonDown)) throw error;
      const vi = "Agent không chạy: thử `systemctl start loa` hoặc `loa run`.";
      const en = "The agent is not running: try `systemctl start loa` or `loa run`.";
      checks.push({ name: "daemon", ok: false, finding: error.message, advice: words.pick({ vi, en }) });
    }
    const bad = checks.some((check) => !check.ok) || concerns.length > 0;
    if (flags.json) print(JSON.stringify({ checks, concerns }));
    else {
      for (const { name, ok, finding, advice } of checks) {
        print(`${ok ? "✓" : "✗"} ${name.padEnd(12)} ${finding}${ok || advice === "" ? "" : `\n    → ${advice}`}`);
      }
      for (const one of concerns) print(`✗ ${one.code}: ${one.detail}\n    → ${words.pick(CONCERN_KINDS[one.code])}`);
      if (!bad) print(words.say("allWell"));
    }
    return bad ? EXIT.concern : EXIT.ok;
  },
};
