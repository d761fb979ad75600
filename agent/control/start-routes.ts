/** What the control socket is asked about how the station began: safe mode, and records of its acceptance. */
import { z } from "zod";
import { journalAcceptances } from "../setup/journal-acceptance.ts";
import type { Parts } from "../station.ts";
import { named, parseRequest, who } from "./requests.ts";
import { BadRequest, type Routes } from "./server.ts";

const leaveRequest = z.strictObject({ by: who });

export function startRoutes({ start, clock, store, file }: Pick<Parts, "start" | "clock" | "store" | "file">): Routes {
  return {
    "GET /v1/safe-mode": () => start.view(clock.monotonic()),
    "POST /v1/safe-mode/leave": async ({ body, by: peer }) => {
      const { by } = parseRequest(leaveRequest, body);
      if (!(await start.leave(named(by, peer)))) throw new BadRequest("the station is not in safe mode");
      return { left: true };
    },
    "POST /v1/acceptance": async () => ({ journalled: await journalAcceptances({ store, clock, file }) }),
  };
}
