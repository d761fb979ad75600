/** `loa page`: speak over the station's own loudspeakers until Ctrl-C, `loa page stop`, silence, or the limit. */
import { setTimeout as sleep } from "node:timers/promises";
import type { PageView } from "../../control/page-routes.ts";
import { caller } from "../caller.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";
import { REASON_WORDS } from "../words.ts";

const ASK_EVERY = 300;
/** The records are written a moment after the sound has ended. */
const WRITTEN_WITHIN = 5_000;

export const page: CliCommand = {
  usage: "loa page [stop] --token TOKEN",
  help: { vi: "nói qua micrô của trạm; Ctrl-C để dừng", en: "speak into the station's microphone; Ctrl-C ends it" },
  async run({ ask, args: [verb], flags, words, print }) {
    const request = { by: caller(), ...(flags.token === null ? {} : { token: flags.token }) };
    const stop = () => ask("POST", "/v1/page/stop", request);
    if (verb === "stop") {
      const answer = (await stop()) as { stopped: string | null };
      if (flags.json) print(JSON.stringify(answer));
      else print(answer.stopped === null ? words.say("noPage") : words.say("stopped", { ids: answer.stopped }));
      return EXIT.ok;
    }
    if (verb !== undefined) throw new UsageError(page.usage);
    const { id } = (await ask("POST", "/v1/page", request)) as { id: string };
    if (!flags.json) print(words.say("paging"));
    let failure: unknown = null;
    const release = () => void stop().catch((error: unknown) => (failure = error));
    process.once("SIGINT", release).once("SIGTERM", release);
    let view = (await ask("GET", `/v1/page?id=${id}`)) as PageView;
    for (let waited = 0; waited < WRITTEN_WITHIN && (view.standing || view.records.length === 0); ) {
      await sleep(ASK_EVERY);
      if (failure !== null) throw failure;
      if (!view.standing) waited += ASK_EVERY;
      view = (await ask("GET", `/v1/page?id=${id}`)) as PageView;
    }
    if (flags.json) print(JSON.stringify(view));
    for (const { output, outcome, why, audibleMs } of flags.json ? [] : view.records) {
      const because = why === null ? "" : ` (${words.pick(REASON_WORDS[why.reason])}: ${why.detail})`;
      print(`${output}: ${outcome}, ${(audibleMs / 1_000).toFixed(1)} s${because}`);
    }
    return view.records.some(({ outcome }) => outcome === "played" || outcome === "partial") ? EXIT.ok : EXIT.data;
  },
};
