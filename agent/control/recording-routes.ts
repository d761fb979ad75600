/** What the control socket is asked about recordings: which are kept, and one of them, for whoever shows the officer's token. */
import { z } from "zod";
import { identifier } from "../contract/primitives.ts";
import type { Parts } from "../station.ts";
import { type Allowed, named, parseRequest, token, who } from "./requests.ts";
import { BadRequest, type Routes } from "./server.ts";

const exportRequest = z.strictObject({ id: identifier, by: who, token });

export function recordingRoutes(
  { recordings, store, clock, file }: Pick<Parts, "recordings" | "store" | "clock" | "file">,
  allowed: Allowed,
): Routes {
  return {
    "GET /v1/recordings": async () => ({ zone: file.zone, recordings: await recordings.list() }),
    "POST /v1/recordings/export": async ({ body, by: peer }) => {
      const request = parseRequest(exportRequest, body);
      const { id } = request;
      const by = named(request.by, peer);
      await allowed("recording-export", by, request.token);
      const found = await recordings.read(id);
      if (found === null) throw new BadRequest(`no recording '${id}' is kept: see \`loa recordings\``);
      // Somebody's voice leaves the station: who took it stands in the journal.
      await store.record(clock.now(), "recording-exported", { id, by }, "result");
      return { base64: found.bytes.toString("base64"), intact: found.intact };
    },
  };
}
