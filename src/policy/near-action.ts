import { accessLevels, actions, isGrantable, type Action } from "./actions.ts";

/**
 * Returns the action that a misspelled one most likely means, with at most one slip in each word of the name. Its
 * access level is never higher than that of the written word, so following the help never grants more.
 */
export function nearAction(written: string): string | undefined {
  const words = wordsOf(written);
  const most = levelOfWord(written);
  const near = actions
    .filter((action) => isGrantable(action) && rank(action) <= most)
    .map((action) => ({ action, slips: slipsBetween(words, wordsOf(action.name)) }))
    .filter(({ slips }) => slips !== undefined && slips <= 2)
    .sort((a, b) => (a.slips ?? 0) - (b.slips ?? 0) || rank(a.action) - rank(b.action));
  return near[0]?.action.name;
}

function rank({ access }: Action): number {
  return accessLevels.indexOf(access);
}

const readingVerbs = /^(list|get|head|query|describe|read|select|do|download|view)/;

/**
 * Returns the highest access level that a word may mean. A misspelled reading verb counts as a writing one. A word that
 * changes something may mean each level: its nouns say which, and a near action has the same nouns.
 */
function levelOfWord(written: string): number {
  const isReading = readingVerbs.test(bareName(written).toLowerCase());
  return accessLevels.indexOf(isReading ? "list" : "admin");
}

function bareName(written: string): string {
  return written.replace(/^.*:/s, "");
}

/** Splits a camel-case name into words, in lower case and in the singular. */
function wordsOf(name: string): readonly string[] {
  const words = bareName(name).match(/(?:[A-Z](?![a-z]))+|[A-Z]?[a-z]+|\d+/g) ?? [];
  return words.map((word) =>
    word
      .toLowerCase()
      .replace(/ies$/, "y")
      .replace(/(?<=..)s$/, ""),
  );
}

function slipsBetween(a: readonly string[], b: readonly string[]): number | undefined {
  if (a.length !== b.length) return a.join("") === b.join("") ? 1 : joinedSlips(a.join(""), b.join(""));
  const slips = a.map((word, index) => slipsIn(word, b[index] ?? ""));
  return slips.every((count) => count <= 1) ? slips.reduce((sum, count) => sum + count, 0) : undefined;
}

/** Counts slips if words run together, as in `getobjectacl` and `GetObjctacl`: at most one in the whole name. */
function joinedSlips(a: string, b: string): number | undefined {
  return slipsIn(a, b) === 1 ? 1 : undefined;
}

/** Returns 0 for equal words, 1 for one letter added, removed, changed or swapped with the next; otherwise 2. */
function slipsIn(a: string, b: string): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) > 1 || Math.max(a.length, b.length) < 3) return 2;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const restA = a.slice(start);
  const restB = b.slice(start);
  const isSlip =
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2));
  return isSlip ? 1 : 2;
}
