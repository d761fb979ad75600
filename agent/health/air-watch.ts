/** Looks at every output four times a second whether what should be heard is, and journals once how long it was not. */
import { gainUnder } from "../../playback/arbiter/candidate.ts";
import { type Decibels, MINUTE, type Millis } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Logger } from "../logger.ts";
import type { Output } from "../outputs/output.ts";
import { type AirLook, advanceAir, deadAir, type Quiet } from "./dead-air.ts";

const EVERY: Millis = 250;
/** A fault that comes and goes must not fill the journal: what follows within this is told by the concern and the log alone. */
const JOURNALLED_EVERY: Millis = MINUTE;

/** An output, as far as it is looked at. */
export type Aired = Pick<Output, "name"> & {
  readonly gainDb: Decibels;
  readonly sound: Pick<Output["sound"], "state" | "level">;
  readonly conductor: Pick<Output["conductor"], "onAir" | "decision" | "facts">;
};

export interface AirPorts {
  readonly clock: Clock;
  readonly store: Pick<Store, "record">;
  readonly log: Pick<Logger, "warn" | "error">;
}

export class AirWatch {
  readonly #outputs: readonly Aired[];
  readonly #ports: AirPorts;
  readonly #quiet = new Map<string, Quiet>();
  readonly #journalled = new Map<string, number>();

  constructor(outputs: readonly Aired[], ports: AirPorts) {
    this.#outputs = outputs;
    this.#ports = ports;
  }

  /** What is not heard at this output, in words; `null` where all is well. */
  problem(output: string): string | null {
    return deadAir(this.#quiet.get(output) ?? null, this.#ports.clock.monotonic());
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    while (!signal.aborted) {
      for (const output of this.#outputs) {
        try {
          await this.#look(output);
        } catch (error) {
          log.error("dead air", { output: output.name, error });
        }
      }
      await clock.wait(EVERY, signal);
    }
  }

  async #look(output: Aired): Promise<void> {
    const { clock, store, log } = this.#ports;
    const at = clock.monotonic();
    const { quiet, over } = advanceAir(this.#quiet.get(output.name) ?? null, {
      at,
      now: clock.now(),
      ...lookAt(output),
    });
    if (quiet === null) this.#quiet.delete(output.name);
    else this.#quiet.set(output.name, quiet);
    if (over === null) return;
    const { key, item, why, from, lastedMs } = over;
    const body = { output: output.name, key, item, why, startedAt: from, endedAt: from + lastedMs, lastedMs };
    log.warn("dead air", body);
    if (at - (this.#journalled.get(output.name) ?? Number.NEGATIVE_INFINITY) < JOURNALLED_EVERY) return;
    this.#journalled.set(output.name, at);
    await store.record(clock.now(), "dead-air", body, "alarm");
  }
}

/** What should be heard there, and what is. */
export function lookAt({ conductor, sound, gainDb }: Aired): Omit<AirLook, "at" | "now"> {
  const { decision } = conductor;
  const onAir = conductor.onAir();
  const starving = decision?.waiting.find((one) => one.starving)?.candidate;
  const candidate = onAir?.candidate ?? decision?.holder ?? starving ?? null;
  const now = onAir?.now ?? null;
  // A live source that is connected to, lost or silent has a state and a concern of its own.
  const elsewhere = now?.live !== undefined && now.live.state !== "playing" && now.live.state !== "fallback";
  const silent = candidate === null || now?.item.kind === "silence" || elsewhere;
  return {
    expected: silent ? null : { key: candidate.header.key, item: now?.item.title ?? candidate.header.title },
    // It may have been turned down since it began.
    gain: (candidate === null ? 0 : gainUnder(candidate, conductor.facts.policy)) + gainDb,
    level: sound.level().rms,
    running: sound.state().state === "running",
  };
}
