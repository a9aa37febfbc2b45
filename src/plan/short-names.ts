/** Objects and texts that are kept: a log of random texts has more. */
const maxKept = 50_000;

/**
 * Function from an object that many requests share to a short name of it: a number that no other key has. An object is looked at
 * once. A weak map would cost more than all else that is done for a request.
 */
export function shortNames<T extends object>(keyOf: (shared: T) => string): (shared: T) => number {
  const known = new Map<T, number>();
  const nameOf = textNames();
  return (shared) => {
    const found = known.get(shared);
    if (found !== undefined) return found;
    if (known.size >= maxKept) known.clear();
    const name = nameOf(keyOf(shared));
    known.set(shared, name);
    return name;
  };
}

/** Function from a text to its number. A text that was forgotten gets another one, and no number is used twice. */
export function textNames(): (text: string) => number {
  const numbers = new Map<string, number>();
  let next = 0;
  return (text) => {
    const found = numbers.get(text);
    if (found !== undefined) return found;
    if (numbers.size >= maxKept) numbers.clear();
    numbers.set(text, next);
    next += 1;
    return next - 1;
  };
}
