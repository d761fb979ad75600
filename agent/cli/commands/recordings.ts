/** `loa recordings`: what was said live here, as it was emitted. */
import { writeFile } from "node:fs/promises";
import type { Recording } from "../../recordings/recording-file.ts";
import { caller } from "../caller.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";

interface Export {
  readonly base64: string;
  readonly intact: boolean;
}

export const recordings: CliCommand = {
  usage: "loa recordings [export ID FILE --token TOKEN]",
  help: { vi: "các bản ghi âm phát trực tiếp đã lưu", en: "what was said live and is kept" },
  async run({ ask, args: [verb = "list", id, file], flags, words, print }) {
    if (verb === "export" && id !== undefined && file !== undefined) {
      const shown = flags.token === null ? {} : { token: flags.token };
      const answer = (await ask("POST", "/v1/recordings/export", { id, by: caller(), ...shown }, 60_000)) as Export;
      const bytes = Buffer.from(answer.base64, "base64");
      await writeFile(file, bytes);
      const { intact } = answer;
      print(flags.json ? JSON.stringify({ id, file, bytes: bytes.length, intact }) : `${file}: ${bytes.length} B`);
      if (!flags.json && !intact) print(words.say("recordingAltered"));
      return intact ? EXIT.ok : EXIT.data;
    }
    if (verb !== "list") throw new UsageError(recordings.usage);
    const view = (await ask("GET", "/v1/recordings")) as { zone: string; recordings: readonly Recording[] };
    if (flags.json) print(JSON.stringify(view));
    else if (view.recordings.length === 0) print(words.say("nothing"));
    for (const one of flags.json ? [] : view.recordings) {
      const cut = one.cutOff ? ` · ${words.say("cutOff")}` : "";
      const seconds = ((one.lostMs ?? 0) / 1_000).toFixed(1);
      const lost = seconds === "0.0" ? "" : ` · ${words.say("recordingLost", { seconds })}`;
      print(
        `${one.id}  ${words.time(one.startedAt, view.zone)}  ${(one.durationMs / 1_000).toFixed(1)} s  ${one.title}${cut}${lost}`,
      );
    }
    return EXIT.ok;
  },
};
