/**
 * What each item gives, the least first. A typed array, because sorting any other boxes every number: while the card's clock was estimated
 * that way, two thirds of all the agent's garbage were such boxes.
 */
export function ordered<T>(items: readonly T[], amountOf: (item: T) => number): Float64Array {
  const values = new Float64Array(items.length);
  items.forEach((item, n) => {
    values[n] = amountOf(item);
  });
  return values.sort();
}
