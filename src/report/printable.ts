import { replaceDecomposed, replaceLookAlikes, type LookAlike } from "../policy/look-alikes.ts";

/**
 * Makes external text safe for a terminal or a pipeline log. It shows control, bidirectional and invisible
 * characters by their code, so that no text moves the cursor, reorders a line, or is a command to a runner. It
 * does the same for look-alikes of ASCII and decomposed letters, so that texts which differ look different.
 */
export function printable(text: string): string {
  const plain = replaceLookAlikes(text, (one) =>
    isProse(text, one) ? one.character : codeOf(one.character),
  );
  return replaceDecomposed(plain, codesOf)
    .replaceAll(unprintable, codeOf)
    .replaceAll("##[", `##${codeOf("[")}`)
    .replace(commandStart, (start) => `${start.slice(0, -1)}${codeOf(":")}`);
}

/** Start of a runner command, even if our own text with `::` follows. It excludes IPv6 addresses. */
const commandStart = /^\s*:(?=:)(?!:[\da-f]{0,4}(?:[:.][\da-f]+)*(?:\/\d+)?$)/i;

function codeOf(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`;
}

/** Accepts a dash between words and an apostrophe in a word, as in the reason of a consent. */
function isProse(text: string, { plain, at, character }: LookAlike): boolean {
  const around = (text[at - 1] ?? "") + (text[at + character.length] ?? "");
  return plain === "-" ? around === "  " : plain === "'" && /^[A-Za-z]{2}$/.test(around);
}

/** Returns the codes of all characters, but keeps a first letter that only has combining marks. */
function codesOf(letter: string): string {
  const [first = "", ...rest] = letter;
  return (/\p{L}\p{M}/u.test(letter) ? first : codeOf(first)) + rest.map(codeOf).join("");
}

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Returns "1 bucket" or "2 buckets". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Returns a count with the words for one or for several. */
export function numbered(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

const maxNames = 5;

/** Returns the first names, and the count of the others. */
export function fewNames(names: readonly string[]): string {
  const more = names.length - maxNames;
  return more > 0 ? `${names.slice(0, maxNames).join(", ")} and ${more} more` : names.join(", ");
}

/** Cuts a text in the middle, since names and paths differ at their ends, and says how much is missing. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  const left = characters.length - most;
  if (left <= 0) return text;
  const half = most / 2;
  return `${characters.slice(0, half).join("")} ...(${left} characters left out)... ${characters.slice(-half).join("")}`;
}
