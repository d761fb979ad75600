import { setTimeout as sleep } from "node:timers/promises";

/** Asks until it holds or the time is over. */
export async function holdsWithin(ms: number, ask: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (;;) {
    if (await ask()) return true;
    if (performance.now() > deadline) return false;
    await sleep(25);
  }
}
