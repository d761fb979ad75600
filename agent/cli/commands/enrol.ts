/** `loa enrol`: the one-time claim, typed where no commissioning bundle brought it; without one it tells how the enrolment stands. */
import type { AcceptanceView } from "../../setup/countersigning.ts";
import { acceptanceLine } from "../acceptance-line.ts";
import { type CliCommand, EXIT } from "../command.ts";

interface EnrolmentView {
  readonly state: string;
  readonly endsAt: string | null;
  readonly problem: string | null;
  /** The newest. */
  readonly acceptance: AcceptanceView | null;
}

export const enrol: CliCommand = {
  usage: "loa enrol [CLAIM]",
  help: { vi: "đăng ký trạm với tỉnh bằng mã dùng một lần", en: "enrol the station with a one-time claim" },
  async run({ ask, args, flags, words, print }) {
    const [claim] = args;
    const answer =
      claim === undefined ? await ask("GET", "/v1/enrolment") : await ask("POST", "/v1/enrolment", { claim });
    if (flags.json) {
      print(JSON.stringify(answer));
      return EXIT.ok;
    }
    const { state, endsAt, problem, acceptance } = answer as EnrolmentView;
    print(words.say("enrolment", { state, ends: words.time(endsAt) }));
    if (problem !== null) print(`  ${problem}`);
    if (acceptance !== null) print(acceptanceLine(acceptance, words));
    if (acceptance !== null && acceptance.countersigned !== null) print(`  ${acceptance.countersigned.page}`);
    return EXIT.ok;
  },
};
