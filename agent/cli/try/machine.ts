/** `loa test network|clock|storage`: the doctor's checks of that field, and what can be measured beside them. */
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CheckResult, isBad, runChecks } from "../../doctor/checks.ts";
import { Machine } from "../../doctor/machine.ts";
import { readStation } from "../../doctor/read-station.ts";
import { askedStatus } from "../asked-status.ts";
import { EXIT, type Invocation } from "../command.ts";
import { linesOf, plainOf } from "../doctor-lines.ts";

export const FIELDS = {
  network: ["network", "certificate"],
  clock: ["clock"],
  storage: ["state", "mount", "space", "wear", "database"],
} as const;
export type Field = keyof typeof FIELDS;

const WRITES = 20;
const BLOCK = 4_096;
/** Assumed: a commit of the database waits for two or three of these; a card above it makes programmes begin late. */
const SLOWEST_MS = 500;

export interface StorageSpeed {
  /** Of a synced write of 4 KiB, milliseconds. */
  readonly medianMs: number;
  readonly worstMs: number;
}

/** Writes and syncs a few blocks in a folder; `null` where it may not. */
export async function storageSpeed(folder: string): Promise<StorageSpeed | null> {
  const path = join(folder, ".speed");
  try {
    const file = await open(path, "w", 0o600);
    const times: number[] = [];
    try {
      for (let n = 0; n < WRITES; n++) {
        const began = performance.now();
        await file.write(Buffer.alloc(BLOCK, n), 0, BLOCK, n * BLOCK);
        await file.sync();
        times.push(performance.now() - began);
      }
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
    times.sort((a, b) => a - b);
    return { medianMs: times[WRITES / 2] ?? 0, worstMs: times.at(-1) ?? 0 };
  } catch {
    // The checks say why nothing can be written there.
    return null;
  }
}

export async function testField(invocation: Invocation, field: Field): Promise<number> {
  const { ask, flags, words, print } = invocation;
  const agent = await askedStatus(ask);
  const results = await runChecks({ machine: new Machine(), config: flags.config, agent, only: FIELDS[field] });
  const folder = field === "storage" ? ((await readStation(flags.config))?.state ?? null) : null;
  const speed = folder === null ? null : await storageSpeed(folder);
  const slow = speed !== null && speed.worstMs > SLOWEST_MS;
  if (flags.json) print(JSON.stringify({ checks: results.map((one: CheckResult) => plainOf(one, words)), speed }));
  else {
    for (const one of results) for (const line of linesOf(one, words)) print(line);
    if (speed !== null) {
      const { medianMs, worstMs } = speed;
      print(
        `${slow ? "✗" : "✓"} ${words.say("cardSpeed", { median: medianMs.toFixed(1), worst: worstMs.toFixed(1) })}`,
      );
    }
    if (field === "network" && agent !== null) {
      print(`${agent.link.connected ? "✓" : "✗"} ${words.say(agent.link.connected ? "connected" : "offline")}`);
    }
  }
  const unlinked = field === "network" && agent !== null && agent.link.brokers > 0 && !agent.link.connected;
  return results.some(isBad) || slow || unlinked ? EXIT.concern : EXIT.ok;
}
