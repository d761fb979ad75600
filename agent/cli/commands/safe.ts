/** `loa safe`: amplifiers off and muted, with no agent running. The service manager calls it when the agent has ended, however it did. */
import { makeAllSafe } from "../../../drivers/guard/make-safe.ts";
import { outputsOf } from "../../config/hardware-file.ts";
import { readStationFile } from "../../config/station-file.ts";
import { type CliCommand, EXIT } from "../command.ts";

const WITHIN_MS = 3_000;

export const safe: CliCommand = {
  usage: "loa safe [--config FILE]",
  help: { vi: "tắt tăng âm khi agent không chạy", en: "switch the amplifiers off while no agent runs" },
  async run({ flags, print, words }) {
    const file = await readStationFile(flags.config);
    const wired = outputsOf(file).flatMap(({ name, amplifier }, index) => {
      // The first one keeps the driver's default name, as it does in the agent.
      if (amplifier.kind === "none") return [];
      return [index === 0 ? amplifier : { ...amplifier, name }];
    });
    const made = await makeAllSafe(wired, WITHIN_MS);
    if (flags.json) print(JSON.stringify(made));
    else for (const one of made) print(`${one.name}: ${words.say(one.safe ? "madeSafe" : "notSafe")}`);
    return made.every((one) => one.safe) ? EXIT.ok : EXIT.unavailable;
  },
};
