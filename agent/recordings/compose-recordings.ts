/** The recordings of this station: asked for by the nearest signed policy, told to the journal and the province. */

import { join } from "node:path";
import { messageOf } from "../../playback/model/station-error.ts";
import { nearestSigned } from "../config/signed-policy.ts";
import type { Parts } from "../station.ts";
import { NO_RECORDINGS, Recordings } from "./recordings.ts";

/** `told`: there is something new for the province. Nothing is opened. */
export function composeRecordings(
  { clock, supervisor, file, config, store, trouble, log }: RecordingParts,
  told: () => void,
): Recordings {
  const recordings: Recordings = new Recordings({
    ...{ clock, supervisor, folder: join(file.state, "recordings"), reserveBytes: file.media.reserveBytes },
    rules: () => nearestSigned(config.layers, (policy) => policy.recordings)?.policy ?? NO_RECORDINGS,
    onRecorded: async (recording) => {
      await store.record(clock.now(), "recording", recording, "result");
      if (recordings.unfinished === 0) trouble.recording = null;
      told();
    },
    onFault: (error) => {
      trouble.recording = { at: clock.monotonic(), what: messageOf(error) };
      log.error("recording", { error });
    },
  });
  return recordings;
}
type RecordingParts = Pick<Parts, "clock" | "supervisor" | "file" | "config" | "store" | "trouble" | "log">;
