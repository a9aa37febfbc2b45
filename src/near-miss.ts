import { closest, distance } from "fastest-levenshtein";

const maxAllowed = 500;
const maxLetters = 64;
const maxListed = 20;

/** Returns the allowed word that the user most likely meant; undefined if none is near. */
export function nearMiss(word: string, allowed: readonly string[]): string | undefined {
  // Long words are rarely misspelled by a letter or two, and long lists do not help.
  if (allowed.length === 0 || allowed.length > maxAllowed || word.length > maxLetters) return undefined;
  // Swapped letters are one slip, also in a short word.
  const neighbours = allowed.find((name) => isSwapped(word, name));
  if (neighbours !== undefined) return neighbours;
  const swapped = allowed.find((name) => lettersOf(name) === lettersOf(word));
  const candidate = swapped ?? closest(word, [...allowed]);
  return distance(word, candidate) <= Math.max(1, Math.floor(candidate.length / 3)) ? candidate : undefined;
}

/** Returns whether two letters beside each other are swapped, and nothing else differs. */
function isSwapped(word: string, name: string): boolean {
  const at = word.split("").findIndex((letter, index) => letter !== name[index]);
  if (at < 0 || word.length !== name.length) return false;
  return `${name.slice(0, at)}${name[at + 1] ?? ""}${name[at] ?? ""}${name.slice(at + 2)}` === word;
}

function lettersOf(word: string): string {
  return [...word].sort().join("");
}

/** Returns "did you mean" if a word is near, otherwise the list of allowed words. */
export function suggestion(word: string, allowed: readonly string[]): string {
  const near = nearMiss(word, allowed);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  const listed = allowed.slice(0, maxListed).map((name) => `\`${name}\``);
  return `allowed here: ${[...listed, ...(allowed.length > maxListed ? ["..."] : [])].join(", ")}`;
}
