/** What the control socket is asked about safe mode: whether it is on, and that it should end. */
import { z } from "zod";
import type { Parts } from "../station.ts";
import { BadRequest, type Routes } from "./server.ts";

const request = z.strictObject({ by: z.string().max(100).default("") });

export function startRoutes(
  { start, clock }: Pick<Parts, "start" | "clock">,
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
  };
}
