/** Drives every amplifier safe and does not give up easily: the board may be slow, unplugged or just starting. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "../../playback/model/units.ts";
import { type AmplifierConfig, createAmplifier } from "../amplifier/create.ts";
import { Buses } from "../bus/bus.ts";

const PAUSE_MS: Millis = 200;

export interface MadeSafe {
  readonly name: string;
  readonly safe: boolean;
  readonly attempts: number;
}

/**
 * Tries all at the same time until each reads back safe, at most `forMs` each. `onHeld` is called after a first attempt that failed: somebody may
 * hold the hardware who no longer uses it. Never rejects.
 */
export function makeAllSafe(
  configs: readonly AmplifierConfig[],
  forMs: Millis,
  onHeld: () => void = () => undefined,
): Promise<MadeSafe[]> {
  const buses = new Buses();
  return Promise.all(configs.map((config) => makeOneSafe(config, buses, forMs, onHeld)));
}

async function makeOneSafe(
  config: AmplifierConfig,
  buses: Buses,
  forMs: Millis,
  onHeld: () => void,
): Promise<MadeSafe> {
  const until = performance.now() + forMs;
  // Lines of its own: the agent's, if it still lives, are none of ours.
  const amplifier = createAmplifier(config, buses);
  for (let attempts = 1; ; attempts++) {
    const safe = await amplifier
      .open()
      // Opening wrote the safe level; where it failed half-way, `makeSafe` still tries what can be reached.
      .catch(() => undefined)
      .then(() => amplifier.makeSafe());
    if (safe || performance.now() >= until) return { name: amplifier.name, safe, attempts };
    if (attempts === 1) onHeld();
    await sleep(PAUSE_MS);
  }
}
