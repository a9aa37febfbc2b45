import { closest, distance } from "fastest-levenshtein";

const maxAllowed = 500;
const maxLetters = 64;
const maxListed = 20;

/** The allowed word that the user most likely meant; undefined where none is near. */
export function nearMiss(word: string, allowed: readonly string[]): string | undefined {
  // Nobody misspells a word of that length by a letter or two, and a list of that length is no help.
  if (allowed.length === 0 || allowed.length > maxAllowed || word.length > maxLetters) return undefined;
  // Two letters that changed places are one slip.
  const swapped = allowed.find((name) => lettersOf(name) === lettersOf(word));
  const candidate = swapped ?? closest(word, [...allowed]);
  return distance(word, candidate) <= Math.max(1, Math.floor(candidate.length / 3)) ? candidate : undefined;
}

function lettersOf(word: string): string {
  return [...word].sort().join("");
}

/** "did you mean" where a word is near, else the whole list of what is allowed. */
export function suggestion(word: string, allowed: readonly string[]): string {
  const near = nearMiss(word, allowed);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  const listed = allowed.slice(0, maxListed).map((name) => `\`${name}\``);
  return `allowed here: ${[...listed, ...(allowed.length > maxListed ? ["..."] : [])].join(", ")}`;
}
