/**
 * The bulletin classes and the one total order on an output.
 * Source: Circular 39/2020/TT-BTTTT (normal, priority, emergency).
 */

export const BULLETIN_CLASSES = ["normal", "priority", "emergency"] as const;
export type BulletinClass = (typeof BULLETIN_CLASSES)[number];

/** Who may hold an output, from the least to the greatest right. `live` is a grant, a local microphone or a manual command. */
export const PRECEDENCES = ["filler", "normal", "priority", "live", "emergency"] as const;
export type Precedence = (typeof PRECEDENCES)[number];

export const LEVELS = ["central", "province", "commune"] as const;
export type Level = (typeof LEVELS)[number];

/** True where `a` has a greater right to the output than `b`; equals never outrank each other. */
export function outranks(a: Precedence, b: Precedence): boolean {
  return PRECEDENCES.indexOf(a) > PRECEDENCES.indexOf(b);
}
