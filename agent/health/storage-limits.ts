/** When a data partition is too small or mounted so that a power cut loses too much. Pure; the agent and `loa doctor` judge by the same figures. */
import type { Mount } from "../../drivers/host/mount.ts";

/** Less than this much free space, or this share of it, is little. */
const LOW_BYTES = 200_000_000;
const LOW_SHARE = 0.03;
/** A commit interval above this loses more than the journal may, in seconds. */
const LONGEST_COMMIT_S = 60;

export function isLow({ free, size }: { readonly free: number; readonly size: number }): boolean {
  return free < LOW_BYTES || free < size * LOW_SHARE;
}

export function isUnsafe({ data, commitS }: Pick<Mount, "data" | "commitS">): boolean {
  return data === "writeback" || (commitS ?? 0) > LONGEST_COMMIT_S;
}
