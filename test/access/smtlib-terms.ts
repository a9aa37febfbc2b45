/** Terms of SMT-LIB 2.6 as texts, and what patterns are in its theory of strings. */

export function call(name: string, parts: readonly (string | number)[]): string {
  return `(${name} ${parts.join(" ")})`;
}

export function all(terms: readonly string[]): string {
  return terms.length > 1 ? call("and", terms) : (terms[0] ?? "true");
}

export function any(terms: readonly string[]): string {
  return terms.length > 1 ? call("or", terms) : (terms[0] ?? "false");
}

export function assertion(term: string): string {
  return call("assert", [term]);
}

/** The characters of SMT-LIB end here. */
const lastCharacter = 0x2ffff;

/** A text as a literal: all but plain ASCII by its code point. */
export function literal(text: string): string {
  const letters = [...text].map((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (code > lastCharacter) throw new RangeError(`SMT-LIB has no character U+${code.toString(16)}`);
    if (letter === '"') return '""';
    return code < 0x20 || code > 0x7e || letter === "\\" ? `\\u{${code.toString(16)}}` : letter;
  });
  return `"${letters.join("")}"`;
}

/** The texts that a pattern matches; letters that `folds` speaks of in both their cases. */
export function regexOf(pattern: string, folds: (index: number) => boolean = () => false): string {
  const parts: string[] = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") parts.push(exactly(plain));
    plain = "";
  };
  for (const [index, letter] of [...pattern].entries()) {
    const special = letter === "?" ? "re.allchar" : letter === "*" ? "re.all" : undefined;
    const isFolded = folds(index) && /^[A-Za-z]$/.test(letter);
    if (special === undefined && !isFolded) {
      plain += letter;
      continue;
    }
    flush();
    parts.push(special ?? eitherCase(letter));
  }
  flush();
  return parts.length > 1 ? call("re.++", parts) : (parts[0] ?? exactly(""));
}

export function exactly(text: string): string {
  return call("str.to_re", [literal(text)]);
}

/** A letter in both its cases: of ASCII only, for what OSS does with others is not documented. */
function eitherCase(letter: string): string {
  if (!/^[A-Za-z]$/.test(letter)) return exactly(letter);
  return call("re.union", [exactly(letter.toLowerCase()), exactly(letter.toUpperCase())]);
}

/** A text in any case, its wildcards being letters like others. */
export function inAnyCase(text: string): string {
  const letters = [...text].map(eitherCase);
  return letters.length > 1 ? call("re.++", letters) : (letters[0] ?? exactly(""));
}

export function isIn(text: string, languages: readonly string[]): string {
  if (languages.length === 0) return "false";
  return call("str.in_re", [text, languages.length > 1 ? call("re.union", languages) : (languages[0] ?? "")]);
}

/** Whether a pattern matches a known text, by which of its beginnings each beginning of the pattern matches. */
export function matches(pattern: string, text: string): boolean {
  const letters = [...text];
  let reached = [true, ...letters.map(() => false)];
  for (const mark of pattern) {
    const last = reached;
    const fits = (at: number) => last[at - 1] === true && (mark === "?" || mark === letters[at - 1]);
    reached = last.map((_, at) => (mark === "*" ? last.slice(0, at + 1).includes(true) : fits(at)));
  }
  return reached.at(-1) === true;
}

/** Only the letters of ASCII. */
export function lower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
