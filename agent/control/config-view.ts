/** What is configured, from where, and what waits or failed: for `loa config`. */

import { digestOf } from "../config/generations.ts";
import type { ReadLayer } from "../config/read-layers.ts";
import type { Parts } from "../station.ts";

const brief = ({ address, seq, sha256, body }: ReadLayer) => ({ address, seq, sha256, body });

export async function configView({ config, board, file }: Parts) {
  const { state } = config;
  const confirmed = await config.read(state.confirmed);
  return {
    /** What the layers add up to under the limits of station.yaml. */
    policy: board.facts.policy,
    brokers: config.brokers(),
    limits: file.limits,
    layers: config.layers.map(brief),
    confirmed: { digest: digestOf(state.confirmed), layers: confirmed.map(brief) },
    pending:
      state.pending === null
        ? null
        : { digest: digestOf(state.pending.layers), secondsLeft: Math.round((await config.leftMs()) / 1_000) },
    waiting: config.waiting,
    failed: state.failed,
  };
}
export type ConfigView = Awaited<ReturnType<typeof configView>>;
