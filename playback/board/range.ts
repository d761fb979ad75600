/** The part of a file that a request asks for (RFC 9110, 14.1.2). */

export interface Part {
  readonly start: number;
  /** Included. */
  readonly end: number;
}

/** `null`: the whole; `unsatisfiable`: a part that is not there. Several parts at once are answered with the whole. */
export function partOf(header: string | undefined, bytes: number): Part | null | "unsatisfiable" {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return null;
  const start = first === "" ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  return start <= end && start < bytes ? { start, end } : "unsatisfiable";
}
