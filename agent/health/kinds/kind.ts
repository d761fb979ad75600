/** How one thing that the station can worry about is declared: how grave, what it hides behind, how long it is patient, what a person does about it. */
import type { Millis } from "../../../playback/model/units.ts";

/** Critical: horns are, or will be, silent or wrong. Warning: somebody should look after it. Notice: worth knowing. */
export type Severity = "notice" | "warning" | "critical";

export interface ConcernKind<Code extends string = string> {
  readonly severity: Severity;
  /** While one of these stands, this one is its consequence and is not raised. */
  readonly behind?: readonly Code[];
  /** It must have stood this long. */
  readonly patienceMs: Millis;
  readonly vi: string;
  readonly en: string;
}

/** Keeps the codes of a table as its type. */
export const declare = <Code extends string>(table: Readonly<Record<Code, ConcernKind>>) => table;
