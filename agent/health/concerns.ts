/**
 * Everything the station can worry about, declared once in `kinds/`, and since when each stands. `doctor`, health and the CLI read this table;
 * nobody writes the advice again.
 */
import type { Instant, Monotonic } from "../../playback/model/units.ts";
import { FACE_CONCERNS } from "./kinds/faces.ts";
import type { ConcernKind, Severity } from "./kinds/kind.ts";
import { MACHINE_CONCERNS } from "./kinds/machine.ts";
import { PROVINCE_CONCERNS } from "./kinds/province.ts";
import { SOUND_CONCERNS } from "./kinds/sound.ts";

export type { Severity };

const TABLE = { ...SOUND_CONCERNS, ...MACHINE_CONCERNS, ...PROVINCE_CONCERNS, ...FACE_CONCERNS };

export type ConcernCode = keyof typeof TABLE;
export const CONCERN_KINDS: Readonly<Record<ConcernCode, ConcernKind>> = TABLE;
export const CONCERN_CODES = Object.keys(TABLE) as ConcernCode[];

/** What was observed at one moment: code → one sentence of evidence. Absent means all is well. */
export type Observations = Partial<Record<ConcernCode, string>>;

export interface Concern {
  readonly code: ConcernCode;
  readonly severity: Severity;
  readonly since: Instant;
  readonly detail: string;
}

interface Standing {
  readonly since: Instant;
  readonly from: Monotonic;
  detail: string;
}

/** Remembers since when each observation stands, and raises those whose patience is over. */
export class ConcernBook {
  readonly #standing = new Map<ConcernCode, Standing>();

  observe(observations: Observations, now: Instant, monotonic: Monotonic): void {
    for (const code of CONCERN_CODES) {
      const detail = observations[code];
      const standing = this.#standing.get(code);
      if (detail === undefined) this.#standing.delete(code);
      else if (standing === undefined) this.#standing.set(code, { since: now, from: monotonic, detail });
      else standing.detail = detail;
    }
  }

  /** Raised concerns, gravest first. */
  raised(monotonic: Monotonic): Concern[] {
    const grave: readonly Severity[] = ["critical", "warning", "notice"];
    return [...this.#standing]
      .filter(([code, { from }]) => {
        const { patienceMs, behind } = CONCERN_KINDS[code];
        return (
          monotonic - from >= patienceMs && !(behind ?? []).some((other) => this.#standing.has(other as ConcernCode))
        );
      })
      .map(([code, { since, detail }]) => ({ code, severity: CONCERN_KINDS[code].severity, since, detail }))
      .sort((a, b) => grave.indexOf(a.severity) - grave.indexOf(b.severity));
  }
}
