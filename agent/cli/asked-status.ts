/** The agent's status, or `null` where no agent answers: for commands that work with it and without it. */
import type { StatusView } from "../control/views.ts";
import { DaemonDown, type Invocation } from "./command.ts";

/** @throws Refused where it answers that it may not */
export async function askedStatus(ask: Invocation["ask"]): Promise<StatusView | null> {
  try {
    return (await ask("GET", "/v1/status")) as StatusView;
  } catch (error) {
    if (error instanceof DaemonDown) return null;
    throw error;
  }
}
