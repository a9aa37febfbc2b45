/**
 * Returns the first index from `from` on, and before `to`, at which a predicate is false; `to` if there is none. The
 * predicate must be true up to some index and false from it on (binary search).
 */
export function partitionPoint(from: number, to: number, holds: (index: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
