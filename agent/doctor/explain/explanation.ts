/** What `loa explain` says of a concern beside its sentence: what it means, why it matters, what to do step by step. */
import type { Pair } from "../check.ts";

export interface Explanation {
  readonly means: Pair;
  readonly why: Pair;
  readonly steps: readonly Pair[];
}

export const explain = <Code extends string>(table: Readonly<Record<Code, Explanation>>) => table;
