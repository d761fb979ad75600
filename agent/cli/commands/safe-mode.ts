/** `loa safe-mode`: whether the station runs in safe mode and until when; `leave` ends it. With the agent down, of the next start. */
import { readStation } from "../../doctor/read-station.ts";
import type { SafeModeView } from "../../start/start-watch.ts";
import { caller } from "../caller.ts";
import { type CliCommand, DaemonDown, EXIT, type Invocation, Refused, UsageError } from "../command.ts";

/** By the file, because nobody answers. */
async function withoutAgent({ flags, words, print }: Invocation, leave: boolean, down: DaemonDown): Promise<number> {
  const file = await readStation(flags.config);
  if (file === null) throw down;
  const { StartBook } = await import("../../start/start-book.ts");
  const book = await StartBook.open(file.state);
  const on = book.memory.safe !== null;
  if (leave && !on) throw new Refused(words.say("safeModeOff"));
  if (leave) await book.leave();
  if (book.problem !== null) throw new Refused(book.problem);
  if (flags.json) print(JSON.stringify({ on: on && !leave, running: false }));
  else print(words.say(leave ? "safeModeNext" : on ? "safeModeOn" : "safeModeOff", { minutes: "–" }));
  return on && !leave ? EXIT.concern : EXIT.ok;
}

export const safeMode: CliCommand = {
  usage: "loa safe-mode [leave]",
  help: { vi: "xem hoặc rời chế độ an toàn", en: "see safe mode, or leave it" },
  async run(invocation) {
    const { args, ask, flags, words, print } = invocation;
    const [verb] = args;
    if (verb !== undefined && verb !== "leave") throw new UsageError(safeMode.usage);
    try {
      if (verb === "leave") {
        const answer = await ask("POST", "/v1/safe-mode/leave", { by: caller() });
        print(flags.json ? JSON.stringify(answer) : words.say("safeModeLeft"));
        return EXIT.ok;
      }
      const view = (await ask("GET", "/v1/safe-mode")) as SafeModeView;
      const minutes = view.leavesInMs === null ? "–" : Math.ceil(view.leavesInMs / 60_000);
      if (flags.json) print(JSON.stringify({ ...view, running: true }));
      else
        print(
          `${words.say(view.on ? "safeModeOn" : "safeModeOff", { minutes })}${view.why === null ? "" : ` (${view.why})`}`,
        );
      return view.on ? EXIT.concern : EXIT.ok;
    } catch (error) {
      if (!(error instanceof DaemonDown)) throw error;
      return withoutAgent(invocation, verb === "leave", error);
    }
  },
};
