/** The support bundle that the running agent makes of itself, by the very answers that its control socket gives. */
import { controlRoutes } from "../control/routes.ts";
import { statusView } from "../control/views.ts";
import { Machine } from "../doctor/machine.ts";
import type { Parts } from "../station.ts";
import { supportBundle } from "./support-bundle.ts";

export async function ownBundle(parts: Parts, by: string): Promise<Buffer> {
  const routes = controlRoutes(parts);
  return supportBundle({
    ...{ machine: new Machine(), config: parts.plan.configFile, version: parts.version, by },
    agent: await statusView(parts),
    ask: async (path) => {
      const { pathname, searchParams } = new URL(path, "http://loa");
      return routes[`GET ${pathname}`]?.({ query: searchParams, body: null, by });
    },
  });
}
