/** `loa doctor`: finding, cause and what to do; with the daemon up or down. */
import { askedStatus } from "../asked-status.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";

export const doctor: CliCommand = {
  usage: "loa doctor [CHECK…]",
  help: { vi: "tìm nguyên nhân và cách khắc phục", en: "find what is wrong and what to do" },
  async run({ args, ask, flags, words, print }) {
    const [{ CHECKS, isBad, runChecks }, { linesOf, plainOf }, { Machine }] = await Promise.all([
      import("../../doctor/checks.ts"),
      import("../doctor-lines.ts"),
      import("../../doctor/machine.ts"),
    ]);
    const known = CHECKS.map(({ name }) => name);
    // One that is not made must not count as one that is well.
    const strange = args.filter((name) => !known.includes(name));
    if (strange.length > 0) {
      throw new UsageError(words.say("noSuchCheck", { names: strange.join(", "), known: known.join(", ") }));
    }
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
