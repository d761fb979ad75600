/** What the guard says on its standard output, one JSON object a line. */
export type GuardWord =
  | { readonly event: "ready"; readonly pid: number }
  | {
      readonly event: "done";
      /** `closed`: the pipe ended, as it does when the agent ends or dies; `silent`: no heartbeat for too long. */
      readonly why: "closed" | "silent";
      readonly amplifiers: readonly { readonly name: string; readonly safe: boolean; readonly attempts: number }[];
      readonly tookMs: number;
    };
