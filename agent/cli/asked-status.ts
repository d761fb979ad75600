/** The agent's status, or `null` where no agent answers: for commands that work with it and without it. */
import type { StatusView } from "../control/views.ts";
import type { Concern } from "../health/concerns.ts";
import { DaemonDown, type Invocation } from "./command.ts";

/** As it comes over the socket, where instants are texts. */
export type AskedStatus = Omit<StatusView, "concerns"> & { readonly concerns: readonly Concern[] };

/** @throws Refused where it answers that it may not */
export async function askedStatus(ask: Invocation["ask"]): Promise<AskedStatus | null> {
  try {
    return (await ask("GET", "/v1/status")) as AskedStatus;
  } catch (error) {
    if (error instanceof DaemonDown) return null;
    throw error;
  }
}
