/** Folders that are gone when the test is. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { OutboxBounds } from "../../../storage/outbox.ts";
import { Store } from "../../../storage/store.ts";
import { ManualClock } from "./manual-clock.ts";

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "loa-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A store in a folder of its own, closed at the end. */
export async function temporaryStore(
  options: { folder?: string; clock?: ManualClock; outbox?: OutboxBounds } = {},
): Promise<{ store: Store; folder: string; clock: ManualClock }> {
  const folder = options.folder ?? (await temporaryFolder());
  const clock = options.clock ?? new ManualClock();
  const store = await Store.open(folder, { clock, ...(options.outbox && { outbox: options.outbox }) });
  onTestFinished(() => store.close());
  return { store, folder, clock };
}
