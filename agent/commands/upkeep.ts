/** Commands that look after the agent itself: report now, restart. */
import { done, type Family } from "./family.ts";

export interface UpkeepPorts {
  /** Sends health now. */
  readonly report: () => void;
  /** Asks the lifecycle for a clean end; whoever supervises the agent starts it again. */
  readonly restart: () => void;
}

export function upkeepCommands({ report, restart }: UpkeepPorts): Family {
  return {
    report: () => {
      report();
      return done();
    },
    restart: () => ({ status: "done", detail: "the agent ends and is started again", after: restart }),
  };
}
