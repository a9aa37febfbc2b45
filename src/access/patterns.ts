/** Some patterns of which a text matches at least one, or not: `*` and `?` are wildcards unless a pattern is literal. */
export interface Group {
  readonly marks: readonly Mark[];
  /** Where each pattern begins in `marks`. */
  readonly starts: readonly number[];
}

/** One place in a pattern: a letter (both its cases where case is left aside), a wildcard, or the end. */
type Mark =
  | { readonly kind: "letter"; readonly letters: readonly string[] }
  | { readonly kind: "any" }
  | { readonly kind: "run"; readonly isLast: boolean }
  | { readonly kind: "end" };

export interface PatternStyle {
  readonly isLiteral: boolean;
  readonly foldsCase: boolean;
}

export function patternGroup(patterns: readonly string[], style: PatternStyle): Group {
  const marks: Mark[] = [];
  const starts = patterns.map((pattern) => {
    const start = marks.length;
    const letters = [...pattern];
    for (const [index, letter] of letters.entries())
      marks.push(markOf(letter, index === letters.length - 1, style));
    marks.push({ kind: "end" });
    return start;
  });
  return { marks, starts };
}

function markOf(letter: string, isLast: boolean, { isLiteral, foldsCase }: PatternStyle): Mark {
  if (!isLiteral && letter === "*") return { kind: "run", isLast };
  if (!isLiteral && letter === "?") return { kind: "any" };
  return { kind: "letter", letters: foldsCase ? casesOf(letter) : [letter] };
}

function casesOf(letter: string): readonly string[] {
  return /^[A-Za-z]$/.test(letter) ? [letter.toLowerCase(), letter.toUpperCase()] : [letter];
}

/** The places that a group can stand at; sorted. */
export type Places = readonly number[];

export function startOf({ marks, starts }: Group, prefix = ""): Places {
  let places = settle(marks, starts);
  for (const letter of prefix) places = step({ marks, starts }, places, letter);
  return places;
}

/** Where a group stands, with what follows from it; each is worked out once. */
export interface Standing {
  readonly places: Places;
  /** Whether it matches, however the text goes on; undefined where that is open. */
  readonly known: boolean | undefined;
  readonly matches: boolean;
  /** The letters that it tells apart. */
  readonly letters: readonly string[];
  /** Where those lead, as far as anybody asked. */
  readonly next: Map<string, Standing>;
  /** Where all other letters lead. */
  other: Standing | undefined;
  /** Equal for what needs not be told apart: 0 and 1 are known, above them is the id. */
  readonly code: number;
}

const standings = new WeakMap<readonly Mark[], Map<string, Standing>>();

export function standingAt({ marks }: Group, places: Places): Standing {
  const all = standings.get(marks) ?? new Map<string, Standing>();
  standings.set(marks, all);
  const key = places.join();
  const known = all.get(key);
  if (known !== undefined) return known;
  const here = places.map((place) => marks[place]);
  const isSure = here.some((mark) => mark?.kind === "run" && mark.isLast);
  const truth = places.length === 0 ? false : isSure ? true : undefined;
  const made: Standing = {
    code: truth === undefined ? all.size + 2 : Number(truth),
    places,
    known: truth,
    matches: here.some((mark) => mark?.kind === "end"),
    letters: [...new Set(here.flatMap((mark) => (mark?.kind === "letter" ? mark.letters : [])))],
    next: new Map(),
    other: undefined,
  };
  all.set(key, made);
  return made;
}

export function follow(group: Group, from: Standing, letter: string): Standing {
  const known = from.next.get(letter);
  if (known !== undefined) return known;
  if (from.letters.includes(letter)) {
    const made = standingAt(group, step(group, from.places, letter));
    from.next.set(letter, made);
    return made;
  }
  from.other ??= standingAt(group, step(group, from.places, letter));
  return from.other;
}

/** What has matched, however the text goes on. */
export const forever: Standing = {
  code: 1,
  places: [],
  known: true,
  matches: true,
  letters: [],
  next: new Map(),
  other: undefined,
};

function step({ marks }: Group, places: Places, letter: string): Places {
  const reached: number[] = [];
  for (const place of places) {
    const mark = marks[place];
    if (mark?.kind === "run") reached.push(place);
    else if (mark?.kind === "any" || (mark?.kind === "letter" && mark.letters.includes(letter)))
      reached.push(place + 1);
  }
  return settle(marks, reached);
}

/** A run may be empty. */
function settle(marks: readonly Mark[], places: Places): Places {
  const all = new Set(places);
  for (const place of all) if (marks[place]?.kind === "run") all.add(place + 1);
  return [...all].sort((a, b) => a - b);
}
