/** How much the page may say of a face, for the page, which keeps to it, and for the server, which hangs up on one that does not. */
import type { SeenFace } from "../../ports/screen.ts";

/** Items, and faults, of one face. */
export const MOST_WORDS = 64;
/** Characters of each. */
export const LONGEST_WORDS = 300;

/** As much of it as may be said. A face never holds so much but in a ticker of single letters or in a fault of the browser's own. */
export function bounded({ face, showing, items, faults }: SeenFace): SeenFace {
  const few = (all: readonly string[]) => all.slice(0, MOST_WORDS).map((one) => one.slice(0, LONGEST_WORDS));
  return { face, showing, items: few(items), faults: few(faults) };
}
