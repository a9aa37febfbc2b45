import { readAction } from "../policy/actions.ts";
import { replaceDecomposed, replaceLookAlikes, type LookAlike } from "../policy/look-alikes.ts";

/**
 * Returns the text that was most likely meant. All rules use it, except those that report the difference, so a
 * look-alike character or a space at an end is one finding and causes no others.
 */
export function meantText(text: string, replace?: (one: LookAlike) => string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  const plain = replaceDecomposed(replaceLookAlikes(text, replace));
  return trimmed(plain.replaceAll(invisible, (character) => (/[\t\n\r]/.test(character) ? character : "")));
}

/** Returns the principal that was most likely meant. A look-alike of a wildcard never stands for everyone. */
export function meantPrincipal(text: string): string {
  return meantText(text, ({ character, plain }) => (plain === "*" || plain === "?" ? character : plain));
}

const blanks = " \t\r\n";

export function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && blanks.includes(text.charAt(start))) start += 1;
  while (end > start && blanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Invisible characters, without variation selectors, which only style the character before them (emoji). */
export const invisible =
  /(?!\p{Variation_Selector})[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Kind of a field's values, which decides what can separate the members of a list in one string. */
export type Kind =
  "principal" | "action" | "resource" | "address" | "date" | "number" | "word" | "prefix" | "tag" | "text";

/** Returns the members of a list that was written as one string; undefined if the text is one member. */
export function partsOf(text: string, kind: Kind, bucket: string): readonly string[] | undefined {
  // Most words have no separator, and these tests are many times faster than to split.
  if (!text.startsWith("[") && !anySeparator.test(text)) return undefined;
  const listed = listedIn(text);
  if (listed !== undefined) return listed;
  if (kind === "action" && isOneAction(text)) return undefined;
  const parts = withoutBrackets(text, kind)
    .split(separators[kind](bucket))
    .map((part) => withoutMarks(bare(part), kind))
    .filter((part) => part !== "");
  return parts.length > 1 && parts.every((part) => isPart[kind]?.(part) ?? true) ? parts : undefined;
}

/** Removes the brackets around a list or a value without quotes. A key may have them as well. */
function withoutBrackets(text: string, kind: Kind): string {
  return kind === "principal" || kind === "action" || kind === "resource"
    ? text.replace(/^\[(.*)\]$/s, "$1")
    : text;
}

/** Reports whether a text with blanks is one action that they cut in two, such as `oss: GetObject`. */
function isOneAction(text: string): boolean {
  const bare = text.replaceAll(/[ \t]+/g, "");
  return /^oss:[A-Za-z]+$/.test(bare) && readAction(bare).kind !== "unknown";
}

/** Finds a character that every separator of `separators` contains one of. */
const anySeparator = /[\s,;|\u3001]/;

/** Parses a whole list in JSON, or in the brackets of another language, within a string. */
function listedIn(text: string): readonly string[] | undefined {
  if (!text.startsWith("[") || !text.endsWith("]") || !/["']/.test(text)) return undefined;
  const parts = text
    .slice(1, -1)
    .split(",")
    .map(bare)
    .filter((part) => part !== "");
  return parts.length > 0 ? parts : undefined;
}

/** Removes the dashes of joined list items and the sign of a block of text. */
function withoutMarks(part: string, kind: Kind): string {
  return ["principal", "action", "resource"].includes(kind)
    ? part.replace(/^[->|]+\s*/, "").replace(/(?<!\s)\s+-$/, "")
    : part;
}

function bare(part: string): string {
  return trimmed(part)
    .replace(/^["']+/, "")
    .replace(/(?<!["'])["']+$/, "");
}

const separators: Readonly<Record<Kind, (bucket: string) => RegExp>> = {
  principal: () => /[\s,;|\u3001]+/,
  action: () => /[\s,;|\u3001]+/,
  word: () => /[\s,;|\u3001]+/,
  address: () => /[\s,;|\u3001]+/,
  date: () => /[,;|\n]/,
  // A comma before three digits may group them.
  number: () => /[;|\s]+|, +|,(?!\d{3}(?:\D|$))/,
  // Keys can contain commas and spaces: only text that begins like a resource is one.
  resource: (bucket) =>
    new RegExp(
      `(?<![\\s,;|])(?:[\\s,;|]+["']?(?=(?:acs|arn|oss|https?|s3):)|(?=[\\s,;|]*[,;|\\n])[\\s,;|]+["']?(?=${bucket}(?:/|$)))`,
    ),
  // Keys can contain commas, and the values of tags cannot (OSS docs: object tagging).
  prefix: () => /[,;|\n]/,
  tag: () => /[,;|]/,
  // A User-Agent can contain every separator.
  text: () => /(?!)/,
};

const isPart: Readonly<Partial<Record<Kind, (part: string) => boolean>>> = {
  address: (part) => /^[0-9a-f:.*/]+$/i.test(part) && /[.:]/.test(part),
  date: (part) => /^\d{4}-/.test(part),
  prefix: (part) => /[/*]$/.test(part),
  number: (part) => /^[-+]?[0-9.]+$/.test(part),
};
