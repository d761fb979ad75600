/** What sounded in the last days, as the journal knows it: the caps of a day survive a restart of the agent. */
import type { Session } from "../playback/arbiter/sessions.ts";
import type { Instant } from "../playback/model/units.ts";
import type { Segment } from "../playback/ports/play-log.ts";
import { heardIn, SESSIONS_KEPT, wholeIn } from "../playback/session-book.ts";
import type { Journal } from "../storage/journal.ts";
import { OutputKeys } from "./outputs/output-log.ts";

/** More slots than this end in no two days. */
const MOST = 10_000;

interface SlotBody {
  readonly key: string;
  readonly output?: string;
  readonly kind: Session["kind"];
  readonly plannedAt: string;
  readonly startedAt: string | null;
  readonly segments: readonly (Pick<Segment, "sha256" | "outcome" | "fromMs" | "toMs"> & {
    readonly startedAt: string | null;
  })[];
}

/** Of one output. @throws StationError `storage-failed` */
export async function sessionsOf(
  journal: Pick<Journal, "list">,
  now: Instant,
  output: OutputKeys = new OutputKeys("horn", true),
): Promise<Session[]> {
  const records = await journal.list({ from: now - SESSIONS_KEPT, limit: MOST });
  return records.flatMap((record) => {
    if (record.kind !== "slot") return [];
    const body = record.body as unknown as SlotBody | Record<string, never>;
    // It cannot be read any more: nobody knows what sounded.
    if (body.segments === undefined) return [];
    const { key: written, output: by, kind, plannedAt, startedAt, segments } = body;
    const key = output.plain(written, by);
    if (startedAt === null || key === null) return [];
    const soundedMs = heardIn(segments);
    const whole = kind === "emergency" ? { whole: wholeIn(segments) } : {};
    return [{ key, kind, plannedAt: Date.parse(plannedAt), soundedMs, ...whole }];
  });
}
