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

/** Answers for objects. They live as long as the objects, but are all forgotten once there are `most`. */
class ObjectAnswers<Owner extends object, T> {
  readonly #most: number;
  #answers = new WeakMap<Owner, T>();
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(owner: Owner): T | undefined {
    return this.#answers.get(owner);
  }

  add(owner: Owner, answer: T): void {
    if (this.#size >= this.#most) [this.#answers, this.#size] = [new WeakMap(), 0];
    this.#answers.set(owner, answer);
    this.#size += 1;
  }
}

/** Enough for the questions on one bucket. What a run keeps must not keep all that was ever found of it. */
const maxObjects = 2_000;

/** Memoizes a function of an object. */
export function memoizeOf<Owner extends object, T>(make: (owner: Owner) => T): (owner: Owner) => T {
  const answers = new ObjectAnswers<Owner, { readonly answer: T }>(maxObjects);
  return (owner) => {
    const known = answers.get(owner);
    if (known !== undefined) return known.answer;
    const answer = make(owner);
    answers.add(owner, { answer });
    return answer;
  };
}

/** Memoizes a function of an object and a key, for at most so many objects. */
export function memoizeWithin<Owner extends object, Given extends readonly unknown[], T>(
  keyOf: (...given: Given) => string,
  make: (owner: Owner, ...given: Given) => T,
  most = maxObjects,
): (owner: Owner, ...given: Given) => T {
  const known = new ObjectAnswers<Owner, Map<string, T>>(most);
  return (owner, ...given) => {
    let answers = known.get(owner);
    if (answers === undefined) known.add(owner, (answers = new Map()));
    const key = keyOf(...given);
    const found = answers.get(key);
    if (found !== undefined) return found;
    const made = make(owner, ...given);
    answers.set(key, made);
    return made;
  };
}
