/** What the faces need and may not have for a while: a port that another program holds, a folder that takes nothing. */
import { type Millis, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Logger } from "../logger.ts";

/** Somebody may look for the cause meanwhile; his log is not to be flooded. */
const AGAIN: Millis = 30 * SECOND;

/** Does it, every 30 s anew until it is done or `signal` aborts. Never rejects: each failure is logged under this name. */
export async function patiently(
  name: string,
  work: () => Promise<void>,
  { clock, log }: { readonly clock: Pick<Clock, "wait">; readonly log: Pick<Logger, "error"> },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      log.error(name, { error });
    }
    await clock.wait(AGAIN, signal);
  }
}
