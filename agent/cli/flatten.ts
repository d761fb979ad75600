/** Nested settings as lines that can be read and compared. Pure. */

/** `policy.volume` → `80`; arrays and scalars are leaves. */
export function flatten(value: object, prefix = ""): [string, string][] {
  return Object.entries(value).flatMap(([name, inner]): [string, string][] => {
    if (inner === undefined) return [];
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const nested = inner !== null && typeof inner === "object" && !Array.isArray(inner);
    return nested ? flatten(inner as object, path) : [[path, JSON.stringify(inner)]];
  });
}

export interface Difference {
  readonly sign: "+" | "-";
  readonly name: string;
  readonly value: string;
}

/** What `after` says otherwise than `before`, by name. */
export function difference(before: object, after: object): Difference[] {
  const old = new Map(flatten(before));
  const fresh = new Map(flatten(after));
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return names.flatMap((name) => {
    if (old.get(name) === fresh.get(name)) return [];
    const line = (sign: Difference["sign"], value: string | undefined): Difference[] =>
      value === undefined ? [] : [{ sign, name, value }];
    return [...line("-", old.get(name)), ...line("+", fresh.get(name))];
  });
}
