import { styleText } from "node:util";

export type Style = "red" | "green" | "yellow" | "dim" | "bold";

/** How a text report is to look: colour adds to the symbols and words, it never carries a meaning alone. */
export interface TextStyle {
  readonly paint: (style: Style, text: string) => string;
}

export const plainText: TextStyle = { paint: (_, text) => text };
export const colouredText: TextStyle = { paint: (style, text) => styleText(style, text) };

/**
 * Text from outside as it may stand on a terminal or in the log of a pipeline: control, bidirectional
 * and invisible characters are shown by their code, so that no policy and no server can move the cursor
 * or reorder a line; so is the sign that would make a command to the runner of it.
 */
export function printable(text: string): string {
  return text
    .replaceAll(unprintable, codeOf)
    .replaceAll("##[", `##${codeOf("[")}`)
    .replace(commandStart, (start) => `${start.slice(0, -1)}${codeOf(":")}`);
}

/** What follows may be ours, with a `::` in it; so all but an address of IPv6, which no command is like. */
const commandStart = /^\s*:(?=:)(?!:[\da-f]{0,4}(?:[:.][\da-f]+)*(?:\/\d+)?$)/i;

function codeOf(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`;
}

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** "1 bucket", "2 buckets". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

const mostNames = 5;

/** The first names, and how many more there are. */
export function fewNames(names: readonly string[]): string {
  const more = names.length - mostNames;
  return more > 0 ? `${names.slice(0, mostNames).join(", ")} and ${more} more` : names.join(", ");
}

/** Cut in the middle, since names and paths differ at their ends, with the count of what is left out. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  const left = characters.length - most;
  if (left <= 0) return text;
  const half = most / 2;
  return `${characters.slice(0, half).join("")} ...(${left} characters left out)... ${characters.slice(-half).join("")}`;
}
