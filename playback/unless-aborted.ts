/** Waits for something only as long as it is wanted. */
import { addAbortListener } from "node:events";

/** Resolves with the promise, or with `null` as soon as the signal aborts; leaves no listener behind. @throws what the promise rejects with */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const aborted = Promise.withResolvers<null>();
  const listening = addAbortListener(signal, () => aborted.resolve(null));
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    listening[Symbol.dispose]();
  }
}
