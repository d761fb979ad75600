/** Which texts of a strip that runs round for ever stand in the window over it. Pure. */

/** From its first letter to its last, in pixels of the strip. */
export interface Stretch {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** `at`: where on the strip the window begins, within the `round` after which it repeats. */
export function inView(strip: readonly Stretch[], round: number, at: number, window: number): readonly string[] {
  return strip
    .filter(({ from, to }) => {
      const ahead = positive(from - at, round);
      return ahead < window || ahead + (to - from) > round;
    })
    .map(({ id }) => id);
}

/** The remainder that is never negative. */
export function positive(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}
