/** A store whose card refuses writes after some more, until it is well again. */
import { StationError } from "../../../playback/model/station-error.ts";
import type { Store } from "../../../storage/store.ts";

/** Lets `more` transactions pass and refuses the others; call what it returns, and the card takes all again. */
export function refuseAfter(store: Store, more: number): () => void {
  const database = store.database;
  const whole = database.transaction;
  let left = more;
  database.transaction = (work) => {
    if (left <= 0) return Promise.reject(new StationError("storage-failed", "database or disk is full"));
    left -= 1;
    return whole.call(database, work) as ReturnType<typeof work>;
  };
  return () => {
    database.transaction = whole;
  };
}
