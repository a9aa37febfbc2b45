/**
 * Characters that look like an ASCII character, by that character (Unicode Technical Standard 39, confusables:
 * punctuation and spaces). Full-width and mathematical forms follow from their compatibility mapping.
 */
const rows: readonly (readonly [plain: string, characters: string])[] = [
  ["*", "\u2217\u204e\u066d\u2731\u2732\u2733\u22c6\ufe61\u2055"],
  ["?", "\u061f\ufe56\u2753\u2754\ua60f"],
  ["-", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\u02d7\u06d4\u2796\u30fc\u2500"],
  ["/", "\u2044\u2215\u2571\u29f8\u27cb"],
  [":", "\u2236\ua789\ufe55\u02d0\u02f8\u05c3\u0589\u205a\ufe13"],
  [".", "\u2024\ufe52\u0660\u06f0\u3002\uff61\u00b7\u2022\u2219\u22c5\u30fb"],
  [",", "\u060c\ufe50\u201a\u3001\uff64\u066b"],
  [";", "\ufe54\u061b\u037e"],
  ['"', "\u201c\u201d\u201e\u201f\u2033\u301d\u301e\u02ba"],
  ["'", "\u2018\u2019\u201b\u2032\u02b9\u02bc\u00b4"],
  ["=", "\u30a0\ufe66"],
  ["_", "\ufe4d\ufe4e\ufe4f"],
  ["~", "\u02dc\u223c\u301c"],
  ["|", "\u2223\u01c0\u2758"],
  ["\\", "\u2216\u29f5\u29f9\ufe68"],
  ["<", "\u2039\u276e\u02c2"],
  [">", "\u203a\u276f\u02c3"],
  ["$", "\ufe69"],
  ["{", "\u2774\ufe5b"],
  ["}", "\u2775\ufe5c"],
  [" ", "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"],
  // Those that a comparison without case takes for the letter.
  ["s", "\u017f"],
  ["k", "\u212a"],
];

const tables: readonly (readonly [plain: string, characters: RegExp])[] = rows.map(([plain, characters]) => [
  plain,
  new RegExp(`[${characters}]`, "u"),
]);

const candidates = new RegExp(
  `[${rows.map(([, characters]) => characters).join("")}\\uff01-\\uff5e\\u{1d400}-\\u{1d7ff}\\u2100-\\u214f]`,
  "gu",
);

const eastAsian = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Characters with a meaning in policies: their look-alikes are always reported, even in East Asian text. */
const neverOrdinary = ["*", "?", "/"];

/** Character that looks like an ASCII character. */
export interface LookAlike {
  readonly character: string;
  readonly plain: string;
  /** Offset in the text, in UTF-16 code units. */
  readonly at: number;
}

/** Finds the look-alikes in a text, except punctuation next to East Asian letters, which is normal there. */
export function lookAlikesIn(text: string): readonly LookAlike[] {
  const found: LookAlike[] = [];
  replaceLookAlikes(text, (one) => {
    found.push(one);
    return one.character;
  });
  return found;
}

/** Replaces each look-alike in a text. */
export function replaceLookAlikes(
  text: string,
  replace: (one: LookAlike) => string = ({ plain }) => plain,
): string {
  // Most texts are ASCII.
  if (!/[^\x00-\x7f]/.test(text)) return text;
  return text.replaceAll(candidates, (character, at: number) => {
    const plain = plainOf(character);
    if (plain === undefined) return character;
    if (!neverOrdinary.includes(plain) && isBesideEastAsian(text, at, character.length)) return character;
    return replace({ character, plain, at });
  });
}

function plainOf(character: string): string | undefined {
  const [plain] = tables.find(([, characters]) => characters.test(character)) ?? [];
  if (plain !== undefined) return plain;
  const mapped = character.normalize("NFKC");
  return /^[\x21-\x7e]$/.test(mapped) ? mapped : undefined;
}

function isBesideEastAsian(text: string, at: number, length: number): boolean {
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? "";
  const after = [...text.slice(at + length, at + length + 2)].at(0) ?? "";
  return eastAsian.test(before) || eastAsian.test(after);
}

/**
 * Sequences that NFC composes: a letter with its marks, or the parts of a Hangul syllable, as macOS writes file
 * names. They look the same as one character, but OSS compares characters.
 */
const sequence = /\P{M}\p{M}+|[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?/gu;

/** Replaces every such sequence, by default with its one character. */
export function replaceDecomposed(
  text: string,
  replace: (letter: string) => string = (letter) => letter.normalize("NFC"),
): string {
  if (!/[^\x00-\x7f]/.test(text)) return text;
  return text.replaceAll(sequence, (letter) =>
    letter.normalize("NFC") === letter ? letter : replace(letter),
  );
}
