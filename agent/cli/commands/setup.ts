/** `loa setup`: a blank board becomes a station that was tried in all its parts, with the proof of it; interactive, or from a file. */
import { type CliCommand, UsageError } from "../command.ts";

export const setup: CliCommand = {
  usage: "loa setup [--from FILE.yaml --yes] [--state FOLDER]",
  help: { vi: "lắp đặt từng bước, thử từng phần, in biên bản", en: "install step by step, try every part, report" },
  async run(invocation) {
    const { args, flags } = invocation;
    if (args.length > 0 || (flags.from !== null && !flags.yes)) throw new UsageError(setup.usage);
    // Loaded here and not above, as for every command that looks at the machine: `loa status` must not wait for all that it needs.
    return (await import("../setup-run.ts")).runSetup(invocation);
  },
};
