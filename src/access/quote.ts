import type { PatternWord } from "./describe/pattern-words.ts";

/**
 * Formats a text so that it can be parsed back exactly. It is bare unless it could be mistaken for a reserved
 * word or for several words; then it is in double quotes with JavaScript's escapes. In both forms `*` and `?`
 * are wildcards, and a literal one is `\*` or `\?`. A character that looks like another is shown by its code
 * point.
 */
export function patternText({ text, style }: PatternWord): string {
  const isEscaped = style.isLiteral && /[*?]/.test(text);
  const isNormal = text === text.normalize("NFC");
  const isBare =
    !isEscaped && text !== "" && !isReserved(text) && [...text].every((one) => isPlain(one, isNormal));
  return isBare && !text.endsWith(":")
    ? text
    : `"${[...text].map((one) => escaped(one, style.isLiteral, isNormal)).join("")}"`;
}

export function literalText(text: string): string {
  return patternText({ text, style: { isLiteral: true, foldsCase: false } });
}

/** Words that rendered access changes and requests use. */
const reserved: ReadonlySet<string> = new Set(
  (
    "absent actions address admin all and anonymous any at bucket case delete everyone except from http if in is list " +
    "more no none objects of on or outside over owner plain present read role session such that the TLS to UID VPC " +
    "where with write"
  ).split(" "),
);

function isReserved(text: string): boolean {
  return reserved.has(text);
}

/** Returns true for letters, digits and ASCII signs that no rendered text uses as punctuation. */
function isPlain(character: string, isNormal: boolean): boolean {
  return /^[\x21-\x7e]$/.test(character) ? !/[",;()`\\]/.test(character) : isFaithful(character, isNormal);
}

/** Returns true if a reader can distinguish a character beyond ASCII from all others. */
function isFaithful(character: string, isNormal: boolean): boolean {
  if (/^\p{M}$/u.test(character)) return isNormal;
  return (
    /^[\p{L}\p{N}\p{Extended_Pictographic}]$/u.test(character) && character.normalize("NFKC") === character
  );
}

function escaped(character: string, isLiteral: boolean, isNormal: boolean): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (/^[*?]$/.test(character)) return isLiteral ? `\\${character}` : character;
  if (/^[\x20-\x7e]$/.test(character) || isFaithful(character, isNormal)) return character;
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;
}
