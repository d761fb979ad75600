/** Says in one line how the agent has started, and journals what it had to leave out. */
import type { Parts } from "../station.ts";

type Started = Pick<Parts, "plan" | "file" | "clock" | "store" | "log">;

/** @returns the line for the service manager. Never rejects: a disk that refuses the record does not stop a station that plays. */
export async function startedAs({ plan, file, clock, store, log }: Started): Promise<string> {
  const { safe, loaded, stateLost } = plan;
  const trust = `clock ${clock.trust()}`;
  const left = {
    ...(safe === null ? {} : { safeMode: safe.rung, why: safe.why }),
    ...(loaded.lost === null ? {} : { config: loaded.lost }),
    ...(stateLost === null ? {} : { state: stateLost }),
  };
  if (Object.keys(left).length > 0) {
    log.error("started with less", left);
    try {
      await store.record(clock.now(), "started-with-less", left, "alarm");
    } catch (error) {
      log.error("journal", { error });
    }
  }
  if (safe !== null) return `${file.station} in SAFE MODE (${safe.rung}): ${safe.why}; ${trust}`;
  const lost = [loaded.lost === null ? "" : "last good station.yaml", stateLost === null ? "" : "state in memory only"];
  const named = lost.filter((text) => text !== "");
  if (named.length > 0) return `${file.station} plays with ${named.join(" and ")}, ${trust}`;
  return `${file.station} plays by its schedules, ${trust}`;
}
