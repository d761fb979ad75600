/** What the control socket is asked about recordings: which are kept, and one of them, for whoever shows the officer's token. */
import { z } from "zod";
import { identifier } from "../contract/primitives.ts";
import type { Parts } from "../station.ts";
import { BadRequest, type Routes } from "./server.ts";

const request = z.strictObject({
  id: identifier,
  by: z.string().max(100).default(""),
  token: z.string().max(200).optional(),
});

/** `allowed` refuses who does not show the officer's token; `named` says who asks, for the journal. */
export function recordingRoutes(
  { recordings, store, clock, file }: Pick<Parts, "recordings" | "store" | "clock" | "file">,
  allowed: (what: string, by: string, shown: string | undefined) => Promise<void>,
  named: (said: string, peer: string) => string,
): Routes {
  return {
    "GET /v1/recordings": async () => ({ zone: file.zone, recordings: await recordings.list() }),
    "POST /v1/recordings/export": async ({ body, by: peer }) => {
      const parsed = request.safeParse(body);
      if (!parsed.success) throw new BadRequest(parsed.error.issues.map(({ message }) => message).join("; "));
      const { id, token } = parsed.data;
      const by = named(parsed.data.by, peer);
      await allowed("recording-export", by, token);
      const found = await recordings.read(id);
      if (found === null) throw new BadRequest(`no recording '${id}' is kept: see \`loa recordings\``);
      // Somebody's voice leaves the station: who took it stands in the journal.
      await store.transaction(
        async (tx) => void (await store.journal.append(tx, clock.now(), "recording-exported", { id, by }, "result")),
      );
      return { base64: found.bytes.toString("base64"), intact: found.intact };
    },
  };
}
