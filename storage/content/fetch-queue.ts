/**
 * Which missing media are fetched, in which order, and why the others wait. Pure. Invariants: pinned media come first and wait for neither
 * budget nor window; what nobody needs in the next days makes nothing else leave.
 */
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import type { Instant, Sha256 } from "../../playback/model/units.ts";

/** `over-quota`: no room, also after evicting all that may be; `outside-window`: waits for the night. */
export const HOLDS = ["given-up", "over-quota", "over-budget", "outside-window"] as const;
export type Hold = (typeof HOLDS)[number];

/** When each object is first needed; `null` while nobody has said, then everything counts as needed now. */
export type Needs = ReadonlyMap<Sha256, Instant> | null;

export interface Shelf {
  /** What objects and unfinished files may take together, from the quota and from what is really free. */
  readonly capacity: number;
  /** The same for what nobody needs: leaves some room, so that a growing database does not drive out what was just fetched. */
  readonly spareCapacity: number;
  /** Bytes of objects that may not be evicted. */
  readonly kept: number;
  /** Bytes that may be evicted, unfinished files among them. */
  readonly loose: number;
}

export interface QueueFacts {
  /** Approved and not there, in the order of the approval. */
  readonly missing: readonly ApprovedMedia[];
  readonly needs: Needs;
  readonly shelf: Shelf;
  /** Bytes of an unfinished file that count as loose. */
  readonly looseOf: (sha256: Sha256) => number;
  /** Bytes that downloads may still cost today. */
  readonly budgetLeft: number;
  /** When the window for what nobody waits for opens; `null` where it is open. */
  readonly opensAt: Instant | null;
  readonly givenUp: (sha256: Sha256) => boolean;
}

export interface Queue {
  readonly fetch: readonly ApprovedMedia[];
  readonly held: ReadonlyMap<Sha256, Hold>;
}

/** When it is first needed: pinned media always have been, what nobody needs never is. */
export function needOf(media: ApprovedMedia, needs: Needs): Instant {
  if (media.pinned) return Number.NEGATIVE_INFINITY;
  return needs === null ? 0 : (needs.get(media.sha256) ?? Number.POSITIVE_INFINITY);
}

/** Whether it may make others leave, and is never made to leave. */
export function isEssential(media: ApprovedMedia, needs: Needs): boolean {
  return needOf(media, needs) < Number.POSITIVE_INFINITY;
}

export function queueOf(facts: QueueFacts): Queue {
  const { missing, needs, shelf, budgetLeft, opensAt } = facts;
  const fetch: ApprovedMedia[] = [];
  const held = new Map<Sha256, Hold>();
  let promised = 0;
  for (const media of inOrder(missing, needs)) {
    const need = needOf(media, needs);
    const taken = shelf.kept + promised;
    const room = isEssential(media, needs)
      ? shelf.capacity - taken
      : shelf.spareCapacity - taken - shelf.loose + facts.looseOf(media.sha256);
    if (facts.givenUp(media.sha256)) held.set(media.sha256, "given-up");
    else if (media.sizeBytes > room) held.set(media.sha256, "over-quota");
    else {
      // Its room stays promised while it waits: what comes later must not take it.
      promised += media.sizeBytes;
      if (!media.pinned && budgetLeft <= 0) held.set(media.sha256, "over-budget");
      else if (opensAt !== null && need >= opensAt) held.set(media.sha256, "outside-window");
      else fetch.push(media);
    }
  }
  return { fetch, held };
}

function inOrder(missing: readonly ApprovedMedia[], needs: Needs): ApprovedMedia[] {
  // Infinities of one sign differ by no number: compared, not subtracted. The sort keeps the order of the approval among equals.
  return [...missing].sort((a, b) => {
    const [x, y] = [needOf(a, needs), needOf(b, needs)];
    return x < y ? -1 : Number(x > y);
  });
}
