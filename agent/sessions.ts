/** What sounded in the last days, as the journal knows it: the caps of a day survive a restart of the agent. */
import type { Session } from "../playback/arbiter/sessions.ts";
import type { Instant } from "../playback/model/units.ts";
import { SESSIONS_KEPT } from "../playback/session-book.ts";
import type { Journal } from "../storage/journal.ts";

/** More slots than this end in no two days. */
const MOST = 10_000;

interface SlotBody {
  readonly key: string;
  readonly kind: Session["kind"];
  readonly plannedAt: string;
  readonly startedAt: string | null;
  readonly segments: readonly { readonly startedAt: string | null; readonly fromMs: number; readonly toMs: number }[];
}

/** @throws StationError `storage-failed` */
export async function sessionsOf(journal: Pick<Journal, "list">, now: Instant): Promise<Session[]> {
  const records = await journal.list({ from: now - SESSIONS_KEPT, limit: MOST });
  return records.flatMap((record) => {
    if (record.kind !== "slot") return [];
    const { key, kind, plannedAt, startedAt, segments } = record.body as unknown as SlotBody;
    if (startedAt === null) return [];
    const soundedMs = segments.reduce(
      (sum, segment) => (segment.startedAt === null ? sum : sum + Math.max(0, segment.toMs - segment.fromMs)),
      0,
    );
    return [{ key, kind, plannedAt: Date.parse(plannedAt), soundedMs }];
  });
}
