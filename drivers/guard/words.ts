/** What agent and guard say to each other, one JSON object a line. After its order the agent sends empty lines: its heartbeat. */
import type { Millis } from "../../playback/model/units.ts";
import type { AmplifierConfig } from "../amplifier/create.ts";

/** The agent's first line. */
export interface GuardOrder {
  readonly amplifiers: readonly AmplifierConfig[];
  /** Without a heartbeat for so long, the agent hangs. */
  readonly timeoutMs: Millis;
  /** Number of the agent's process. */
  readonly agent: number;
}

export type GuardWord =
  | { readonly event: "ready"; readonly pid: number }
  | {
      readonly event: "done";
      /** `closed`: the line ended, as it does when the agent ends or dies; `silent`: no heartbeat for too long. */
      readonly why: "closed" | "silent";
      readonly amplifiers: readonly { readonly name: string; readonly safe: boolean; readonly attempts: number }[];
      readonly tookMs: number;
    };
