/** The command that tests the horns: it waits for its turn, and gives up where none comes. */
import { isFor } from "../../playback/agenda/for-output.ts";
import { MINUTE, type Millis, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { SpeakerTests } from "../speaker/speaker-tests.ts";
import { done, type Family, failed } from "./family.ts";

export interface SpeakerCommandPorts {
  readonly clock: Clock;
  /** Absent where there are no horns. */
  readonly speakers?: Pick<SpeakerTests, "outputs" | "test">;
}

/** On air, in quiet hours or under an alert it is put off, for so long at most. */
const PATIENCE: Millis = 30 * MINUTE;
const ASK_AGAIN: Millis = 10 * SECOND;

export function speakerCommands({ clock, speakers }: SpeakerCommandPorts): Family {
  if (speakers === undefined) return {};
  return {
    "speaker-test": async ({ outputs }, { by, signal, progress }) => {
      const mine = speakers.outputs.filter((output) => isFor(outputs, output));
      if (mine.length === 0) return failed(`none of the outputs ${outputs.join(", ")} is here`);
      const until = clock.monotonic() + PATIENCE;
      const said: string[] = [];
      let told = true;
      for (const output of mine) {
        let result = await speakers.test({ output, baseline: false, by, signal });
        while (result.verdict === "deferred" && clock.monotonic() < until && !signal.aborted) {
          await progress({ step: "waiting", output, why: result.detail });
          await clock.wait(ASK_AGAIN, signal);
          if (!signal.aborted) result = await speakers.test({ output, baseline: false, by, signal });
        }
        told &&= result.verdict !== "deferred" && result.verdict !== "no-ear";
        said.push(`${output}: ${result.verdict} (${result.detail})`);
      }
      if (signal.aborted) return { status: "cancelled", detail: said.join("; ") };
      return told ? done(said.join("; ")) : failed(said.join("; "));
    },
  };
}
