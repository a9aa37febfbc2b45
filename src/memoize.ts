/** Cache size: the texts of some hundred policies, which repeat mostly within one. */
const maxTexts = 1000;

/** Memoizes a function of a text: the words of policies repeat. */
export function memoize<T>(make: (text: string) => T): (text: string) => T {
  return memoizeBy((text) => text, make, maxTexts);
}

/** Memoizes a function by a key. The cache is cleared when it holds `most` answers, so memory stays bounded. */
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

/** Memoizes a function of an object; the answer lives as long as the object. */
export function memoizeOf<Owner extends object, T>(make: (owner: Owner) => T): (owner: Owner) => T {
  const answers = new WeakMap<Owner, { readonly answer: T }>();
  return (owner) => {
    const known = answers.get(owner);
    if (known !== undefined) return known.answer;
    const answer = make(owner);
    answers.set(owner, { answer });
    return answer;
  };
}

/** Memoizes a function of an object and a key; the answers live as long as the object. */
export function memoizeWithin<Owner extends object, Given extends readonly unknown[], T>(
  keyOf: (...given: Given) => string,
  make: (owner: Owner, ...given: Given) => T,
): (owner: Owner, ...given: Given) => T {
  const known = new WeakMap<Owner, Map<string, T>>();
  return (owner, ...given) => {
    const answers = known.get(owner) ?? new Map<string, T>();
    known.set(owner, answers);
    const key = keyOf(...given);
    const found = answers.get(key);
    if (found !== undefined) return found;
    const made = make(owner, ...given);
    answers.set(key, made);
    return made;
  };
}
