/** Random numbers that a seed repeats, for tests that try many things: print the seed, and a failure can be run again. */

export interface Random {
  /** 0 ≤ n < `below`, whole. */
  int(below: number): number;
  pick<T>(list: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
}

/** Numbers in [0, 1). Mulberry32: 32 bits of state suffice to choose test cases, and for nothing else. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function randomOf(seed: number): Random {
  const next = randomFrom(seed);
  const int = (below: number) => Math.floor(next() * below);
  return {
    int,
    pick: (list) => {
      const one = list[int(list.length)];
      if (one === undefined) throw new Error("nothing to pick from");
      return one;
    },
    shuffle: (list) => {
      const left = [...list];
      return list.map(() => left.splice(int(left.length), 1)[0] as (typeof left)[number]);
    },
  };
}
