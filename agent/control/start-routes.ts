/** What the control socket is asked about how the station began: safe mode, and records of its acceptance. */
import { z } from "zod";
import { journalAcceptances } from "../setup/journal-acceptance.ts";
import type { Parts } from "../station.ts";
import { BadRequest, type Routes } from "./server.ts";

const request = z.strictObject({ by: z.string().max(100).default("") });

export function startRoutes(
  { start, clock, store, file }: Pick<Parts, "start" | "clock" | "store" | "file">,
  named: (said: string, peer: string) => string,
): Routes {
  return {
    "GET /v1/safe-mode": () => start.view(clock.monotonic()),
    "POST /v1/safe-mode/leave": async ({ body, by: peer }) => {
      const parsed = request.safeParse(body);
      if (!parsed.success) throw new BadRequest(parsed.error.issues.map(({ message }) => message).join("; "));
      if (!(await start.leave(named(parsed.data.by, peer)))) throw new BadRequest("the station is not in safe mode");
      return { left: true };
    },
    "POST /v1/acceptance": async () => ({ journalled: await journalAcceptances({ store, clock, state: file.state }) }),
  };
}
