/**
 * Writes that the station goes on without: a card that is full or read-only is told, and silences nothing (decision 7). Not for documents other than
 * alerts: what cannot be stored is not adopted.
 */
import { StationError } from "../playback/model/station-error.ts";
import type { Logger } from "./logger.ts";
import type { Trouble } from "./station.ts";

/** Hears what the disk refused, and why. */
export type OnUnwritten = (what: string, error: StationError) => void;

export function isStorageFailed(error: unknown): error is StationError {
  return error instanceof StationError && error.code === "storage-failed";
}

/**
 * False where the disk refused, which `told` has heard. Where nobody listens, nothing is forgiven.
 * @throws what is no fault of the disk
 */
export async function orUnwritten(
  what: string,
  write: () => Promise<unknown>,
  told: OnUnwritten | undefined,
): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (!isStorageFailed(error) || told === undefined) throw error;
    told(what, error);
    return false;
  }
}

/** Into the log, and into the concern `storage-failing`. */
export function tellUnwritten(trouble: Pick<Trouble, "storage">, log: Pick<Logger, "error">): OnUnwritten {
  return (what, error) => {
    trouble.storage = error.message;
    log.error(what, { error });
  };
}
