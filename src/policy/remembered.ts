/** More texts than any tree has different ones; then it begins anew, so that memory stays bounded. */
const mostTexts = 10_000;

/** The same function of a text, which works out each answer once: the words of policies repeat. */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    if (answers.size >= mostTexts) answers.clear();
    const made = make(text);
    answers.set(text, made);
    return made;
  };
}
