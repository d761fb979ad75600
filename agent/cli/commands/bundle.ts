/** `loa bundle FILE`: everything that somebody far away needs to understand this station, without secrets; with the daemon up or down. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { askedStatus } from "../asked-status.ts";
import { caller } from "../caller.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";
import { VERSION } from "../version.ts";

export const bundle: CliCommand = {
  usage: "loa bundle FILE.tar.gz",
  help: { vi: "gói hỗ trợ để gửi tỉnh, không có mật khẩu", en: "a bundle for support, without secrets" },
  async run({ args, ask, flags, words, print }) {
    const [name, more] = args;
    if (name === undefined || more !== undefined) throw new UsageError(bundle.usage);
    const [{ Machine }, { supportBundle }] = await Promise.all([
      import("../../doctor/machine.ts"),
      import("../../support/support-bundle.ts"),
    ]);
    const agent = await askedStatus(ask);
    const bytes = await supportBundle({
      ...{ machine: new Machine(), config: flags.config, version: VERSION, by: caller(), agent },
      ask: agent === null ? null : (path) => ask("GET", path),
    });
    const file = resolve(name);
    await writeFile(file, bytes, { mode: 0o600 });
    if (flags.json) print(JSON.stringify({ file, bytes: bytes.length }));
    else print(words.say("bundled", { file, kilobytes: Math.ceil(bytes.length / 1_000) }));
    return EXIT.ok;
  },
};
