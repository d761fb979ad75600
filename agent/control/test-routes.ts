/** What the control socket is asked to try by hand: an amplifier's lines, with a finger on the relay. */
import { z } from "zod";
import { identifier } from "../contract/primitives.ts";
import { AmplifierTests } from "../outputs/amplifier-tests.ts";
import type { Parts } from "../station.ts";
import { named, parseRequest, who } from "./requests.ts";
import { BadRequest, type Routes } from "./server.ts";

const moveRequest = z.strictObject({ output: identifier, power: z.boolean(), muted: z.boolean(), by: who });
const endRequest = z.strictObject({
  output: identifier,
  by: who,
  /** What the hand felt at each step. */
  felt: z
    .array(z.strictObject({ step: z.string().max(40), as: z.enum(["yes", "no", "unasked"]) }))
    .max(8)
    .default([]),
});

export function testRoutes(parts: Pick<Parts, "clock" | "board" | "store" | "outputs" | "log">): Routes {
  const tests = new AmplifierTests({ ...parts, onFault: (error) => parts.log.error("amplifier test", { error }) });
  const known = (output: string) => {
    if (tests.outputs.includes(output)) return;
    throw new BadRequest(`'${output}' has no amplifier lines; there are ${tests.outputs.join(", ") || "none"}`);
  };
  return {
    "GET /v1/test/amplifier": () => ({ outputs: tests.outputs }),
    "POST /v1/test/amplifier": async ({ body }) => {
      const { output, power, muted } = parseRequest(moveRequest, body);
      known(output);
      const reading = await tests.move(output, { power, muted });
      if (typeof reading === "string") throw new BadRequest(reading);
      return reading;
    },
    "POST /v1/test/amplifier/end": async ({ body, by: peer }) => {
      const { output, by, felt } = parseRequest(endRequest, body);
      known(output);
      await tests.end(output, { by: named(by, peer), felt });
      return { output };
    },
  };
}
