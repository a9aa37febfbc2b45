/**
 * Returns true if a pattern matches a whole text: `*` is any run of characters, even empty or with `/`, and
 * `?` is one character (OSS docs: policy syntax; `?` from the rules of RAM). Case-sensitive.
 *
 * Greedy matching with backtracking to the last `*` only: each `*` takes as little as it can. The number of
 * steps is at most the length of the pattern times that of the text.
 */
export function globMatches(pattern: string, text: string): boolean {
  if (!hasWildcard(pattern)) return pattern === text;
  const marks = characters(pattern);
  const letters = characters(text);
  let mark = 0;
  let letter = 0;
  let lastStar = -1;
  let takenByStar = 0;
  while (letter < letters.length) {
    if (marks[mark] === "*") {
      lastStar = mark;
      takenByStar = letter;
      mark += 1;
    } else if (mark < marks.length && (marks[mark] === "?" || marks[mark] === letters[letter])) {
      mark += 1;
      letter += 1;
    } else if (lastStar >= 0) {
      takenByStar += 1;
      letter = takenByStar;
      mark = lastStar + 1;
    } else {
      return false;
    }
  }
  while (marks[mark] === "*") mark += 1;
  return mark === marks.length;
}

/** Returns true if a pattern matches some text that begins with this prefix and continues after it. */
export function globMatchesBeyond(pattern: string, prefix: string): boolean {
  const plain = pattern.slice(0, pattern.search(/[*?]|$/));
  if (!plain.startsWith(prefix.slice(0, plain.length))) return false;
  if (plain.length >= prefix.length) return pattern.length > prefix.length;
  if (plain === pattern) return false;
  const end = [...pattern].length;
  return positionsAfter(pattern, prefix).some((position) => position < end);
}

function hasWildcard(pattern: string): boolean {
  return pattern.includes("*") || pattern.includes("?");
}

/** Returns the characters of a text; a text without surrogates needs no copy. */
function characters(text: string): ArrayLike<string> {
  return /[\ud800-\udfff]/.test(text) ? [...text] : text;
}

/**
 * Returns the NFA states after a text: every index in the pattern, in characters, where matching can continue.
 * The number of steps is at most the length of the pattern times that of the text.
 */
export function positionsAfter(pattern: string, text: string): readonly number[] {
  const marks = [...pattern];
  let positions = closure(marks, [0]);
  for (const character of text) {
    positions = closure(
      marks,
      positions.flatMap((position) => {
        const mark = marks[position];
        if (mark === "*") return [position];
        return mark === "?" || mark === character ? [position + 1] : [];
      }),
    );
  }
  return positions;
}

/** Returns the epsilon closure: adds the index after each `*`, which can match nothing. Sorted, no duplicates. */
function closure(marks: readonly string[], positions: readonly number[]): readonly number[] {
  const reached: number[] = [];
  for (const position of positions) {
    for (let next = position; next > (reached.at(-1) ?? -1); next += 1) {
      reached.push(next);
      if (marks[next] !== "*") break;
    }
  }
  return reached;
}
