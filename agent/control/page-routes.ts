/** What the control socket is asked about pages: begin one, end it, and how one went on each output. */
import { z } from "zod";
import type { Refusal } from "../../playback/model/refusal.ts";
import type { Segment, SlotOutcome } from "../../playback/ports/play-log.ts";
import { identifier } from "../contract/primitives.ts";
import type { Parts } from "../station.ts";
import { type Allowed, named, parseRequest, token, who } from "./requests.ts";
import { BadRequest, type Routes } from "./server.ts";

export interface PageView {
  readonly standing: boolean;
  readonly records: readonly {
    readonly output: string;
    readonly outcome: SlotOutcome;
    /** Why it did not go on, or was not heard. */
    readonly why: Refusal | null;
    /** Of the microphone alone. */
    readonly audibleMs: number;
  }[];
}

/** A page that has just ended stands among so many records of the journal. */
const LOOKED_AT = 100;

const pageRequest = z.strictObject({ by: who, token });

interface SlotBody {
  readonly id: string;
  readonly output: string;
  readonly outcome: SlotOutcome;
  readonly why?: Refusal | null;
  readonly segments: readonly Pick<Segment, "itemId" | "audibleMs" | "refusal">[];
}

export function pageRoutes({ pages, file, store }: Pick<Parts, "pages" | "file" | "store">, allowed: Allowed): Routes {
  return {
    "POST /v1/page": async ({ body, by: peer }) => {
      const { by, token: shown } = parseRequest(pageRequest, body);
      if (file.limits.officerToken === undefined) {
        throw new BadRequest("nobody may page here: station.yaml names no officer's token (`loa token`)");
      }
      await allowed("page", named(by, peer), shown);
      const page = await pages.begin(named(by, peer));
      if (typeof page !== "string") throw new BadRequest(page.detail);
      return { id: page };
    },
    "POST /v1/page/stop": async ({ body, by: peer }) => {
      const { by, token: shown } = parseRequest(pageRequest, body);
      await allowed("page-stop", named(by, peer), shown);
      return { stopped: await pages.stop(named(by, peer)) };
    },
    "GET /v1/page": async ({ query }): Promise<PageView> => {
      const id = identifier.safeParse(query.get("id"));
      if (!id.success) throw new BadRequest("id: which page?");
      const { seq } = store.journal.head();
      const records = await store.journal.list({ afterSeq: Math.max(0, seq - LOOKED_AT), limit: LOOKED_AT });
      return {
        standing: pages.standing?.id === id.data,
        records: records
          .filter(({ kind }) => kind === "slot")
          .map(({ body }) => body as unknown as SlotBody)
          .filter((body) => body.id === id.data)
          .map(({ output, outcome, why, segments }) => {
            const spoken = segments.filter(({ itemId }) => itemId === "microphone");
            const refused = spoken.find(({ refusal }) => refusal !== undefined)?.refusal ?? null;
            return {
              ...{ output, outcome, why: why ?? refused },
              audibleMs: spoken.reduce((sum, { audibleMs }) => sum + audibleMs, 0),
            };
          }),
      };
    },
  };
}
