/**
 * The commune's signed word on what comes first where programmes of equal right meet.
 * Source: Circular 39/2020/TT-BTTTT (when priority bulletins collide, the commune user orders them).
 */
import type { Level } from "../model/bulletin.ts";
import type { Programme } from "../model/schedule.ts";

/** Which programme; identifiers are unique within a level. */
export interface Named {
  readonly level: Level;
  readonly id: string;
}

/**
 * Programmes with their order among equals as the commune wants it: those it names come first, in its order; the others keep their own
 * `order` behind them. A programme named twice stands where it was named first; a name that fits nothing changes nothing.
 */
export function orderBy(programmes: readonly Programme[], order: readonly Named[]): Programme[] {
  const places = new Map<string, number>();
  for (const [index, { level, id }] of order.entries()) {
    const name = `${level} ${id}`;
    // Below zero: documents can only say 0 and above.
    if (!places.has(name)) places.set(name, index - order.length);
  }
  return programmes.map((programme) => {
    const place = places.get(`${programme.level} ${programme.id}`);
    return place === undefined ? programme : { ...programme, order: place };
  });
}
