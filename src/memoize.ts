/** More texts than any tree has different ones; then it begins anew, so that memory stays bounded. */
const maxTexts = 10_000;

/** The same function of a text, which works out each answer once: the words of policies repeat. */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  return memoizeBy((text) => text, make, maxTexts);
}

/** The same for what a text can stand for; it keeps `most` answers and then begins anew. */
export function memoizeBy<Given extends readonly unknown[], T>(
  keyOf: (...given: Given) => string,
  make: (...given: Given) => T,
  most: number,
): (...given: Given) => T {
  const answers = new Map<string, T>();
  return (...given) => {
    const key = keyOf(...given);
    const known = answers.get(key);
    if (known !== undefined) return known;
    if (answers.size >= most) answers.clear();
    const made = make(...given);
    answers.set(key, made);
    return made;
  };
}
