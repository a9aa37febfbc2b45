import { replaceDecomposed, replaceLookAlikes, type LookAlike } from "../policy/look-alikes.ts";

/**
 * Text from outside as it may stand on a terminal or in the log of a pipeline: control, bidirectional
 * and invisible characters are shown by their code, so that no policy and no server can move the cursor
 * or reorder a line; so is the sign that would make a command to the runner of it. Look-alikes of ASCII and letters in
 * several characters are shown by theirs, too: of two texts that look the same, a reader sees what differs.
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

/** What follows may be ours, with a `::` in it; so all but an address of IPv6, which no command is like. */
const commandStart = /^\s*:(?=:)(?!:[\da-f]{0,4}(?:[:.][\da-f]+)*(?:\/\d+)?$)/i;

function codeOf(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`;
}

/** A dash between words and an apostrophe within one, as the reason of a consent may have. */
function isProse(text: string, { plain, at, character }: LookAlike): boolean {
  const around = (text[at - 1] ?? "") + (text[at + character.length] ?? "");
  return plain === "-" ? around === "  " : plain === "'" && /^[A-Za-z]{2}$/.test(around);
}

/** All but the first, which stays a letter, where the others are marks on it. */
function codesOf(letter: string): string {
  const [first = "", ...rest] = letter;
  return (/\p{L}\p{M}/u.test(letter) ? first : codeOf(first)) + rest.map(codeOf).join("");
}

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** "1 bucket", "2 buckets". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

const maxNames = 5;

/** The first names, and how many more there are. */
export function fewNames(names: readonly string[]): string {
  const more = names.length - maxNames;
  return more > 0 ? `${names.slice(0, maxNames).join(", ")} and ${more} more` : names.join(", ");
}

/** Cut in the middle, since names and paths differ at their ends, with the count of what is left out. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  const left = characters.length - most;
  if (left <= 0) return text;
  const half = most / 2;
  return `${characters.slice(0, half).join("")} ...(${left} characters left out)... ${characters.slice(-half).join("")}`;
}
