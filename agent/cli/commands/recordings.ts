/** `loa recordings`: what was said live here, as it was emitted. */
import { writeFile } from "node:fs/promises";
import type { Recording } from "../../recordings/recording-file.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";

export const recordings: CliCommand = {
  usage: "loa recordings [export ID FILE --token TOKEN]",
  help: { vi: "các bản ghi âm phát trực tiếp đã lưu", en: "what was said live and is kept" },
  async run({ ask, args: [verb = "list", id, file], flags, words, print }) {
    if (verb === "export" && id !== undefined && file !== undefined) {
      const shown = flags.token === null ? {} : { token: flags.token };
      const { base64 } = (await ask("POST", "/v1/recordings/export", { id, ...shown }, 60_000)) as { base64: string };
      const bytes = Buffer.from(base64, "base64");
      await writeFile(file, bytes);
      print(flags.json ? JSON.stringify({ id, file, bytes: bytes.length }) : `${file}: ${bytes.length} B`);
      return EXIT.ok;
    }
    if (verb !== "list") throw new UsageError(recordings.usage);
    const view = (await ask("GET", "/v1/recordings")) as { zone: string; recordings: readonly Recording[] };
    if (flags.json) print(JSON.stringify(view));
    else if (view.recordings.length === 0) print(words.say("nothing"));
    for (const one of flags.json ? [] : view.recordings) {
      const cut = one.cutOff ? ` · ${words.say("cutOff")}` : "";
      const lost = one.lostMs > 0 ? ` · −${(one.lostMs / 1_000).toFixed(1)} s` : "";
      print(
        `${one.id}  ${words.time(one.startedAt, view.zone)}  ${(one.durationMs / 1_000).toFixed(1)} s  ${one.title}${cut}${lost}`,
      );
    }
    return EXIT.ok;
  },
};
