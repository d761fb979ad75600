/** `loa config check`: every mistake in station.yaml at once, with the daemon up or down. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseStationFile } from "../../config/station-file.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";

export const config: CliCommand = {
  usage: "loa config check [--config FILE]",
  help: { vi: "kiểm tra station.yaml", en: "check station.yaml" },
  async run({ args, flags, words, print }) {
    if (args[0] !== "check") throw new UsageError("loa config check [--config FILE]");
    const name = args[1] ?? flags.config;
    const parsed = parseStationFile(await readFile(name, "utf8"), dirname(resolve(name)));
    const mistakes = "length" in parsed ? parsed : [];
    if (flags.json) print(JSON.stringify({ file: name, mistakes }));
    else if (mistakes.length === 0) print(words.say("configOk", { file: name }));
    else {
      print(words.say("configBad", { file: name, count: mistakes.length }));
      for (const { path, message } of mistakes) print(`  ${path}: ${message}`);
    }
    return mistakes.length === 0 ? EXIT.ok : EXIT.config;
  },
};
