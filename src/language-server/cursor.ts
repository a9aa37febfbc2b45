import type { Position, Range } from "vscode-languageserver";

/** Place in a text, found without parsing it: a file that is being typed is rarely valid YAML. */
export interface TextCursor {
  /** Keys above the cursor, the outermost first. Items of lists have no name. */
  readonly path: readonly string[];
  /** The word around the cursor, without quotes, and its place. */
  readonly word: string;
  readonly range: Range;
  /** The part of the word before the cursor. */
  readonly typed: string;
  readonly isQuoted: boolean;
  /** True if no other value is right before or behind the word without a comma, or below it. */
  readonly isAlone: boolean;
  /** True where a value needs a blank in front. */
  readonly isBehindColon: boolean;
  /** True for a key that has its colon. */
  readonly hasColon: boolean;
  /** True where the name of a key is written, false where a value is. */
  readonly isKey: boolean;
}

/** Returns the name of the variable around a cursor: a word can have several. */
export function variableAt({ word, typed }: TextCursor): string | undefined {
  const around = [...word.matchAll(/\$\{([^{}]*)\}/g)].find(
    ({ index, 0: whole }) => index <= typed.length && typed.length <= index + whole.length,
  );
  return around?.[1];
}

/** Map or list that is open at a place. */
interface Nesting {
  readonly open: "block" | "{" | "[";
  /** Columns before its lines; only for blocks. */
  readonly indent: number;
  /** Key whose value it is, or whose value is next in it. */
  key?: string;
}

/** Finds the keys and the word at a place of a text. */
export function cursorAt(text: string, { line, character }: Position): TextCursor {
  const lines = text.split("\n");
  const current = (lines[line] ?? "").replace(/\r$/, "");
  const column = Math.min(character, current.length);
  const levels: Nesting[] = [];
  for (const above of lines.slice(0, line))
    if (!/^\s*(#|$)/.test(above)) readLine(above.replace(/\r$/, ""), levels);
  const start = wordStart(current, column);
  const isKey = readLine(current.slice(0, start.quote === undefined ? start.at : start.at - 1), levels);
  const end = wordEnd(current, column, start.quote);
  const rest = current.slice(current.charAt(end) === start.quote ? end + 1 : end);
  const isValueBelow = /:\s*$/.test(current.slice(0, start.at)) && isDeeper(lines.slice(line + 1), current);
  const before = start.quote === undefined ? current.slice(0, start.at) : "";
  return {
    path: levels.flatMap(({ key }) => key ?? []),
    word: current.slice(start.at, end),
    typed: current.slice(start.at, column),
    range: { start: { line, character: start.at }, end: { line, character: end } },
    isQuoted: start.quote !== undefined,
    isAlone: !isValueBelow && /^\s*(?:[:,}\]#]|$)/.test(rest) && !/["'}\]]\s*$/.test(before),
    isBehindColon: before.endsWith(":"),
    hasColon: /^\s*:/.test(rest),
    isKey,
  };
}

/** Returns whether the next line with a value belongs to the key of a line. */
function isDeeper(below: readonly string[], line: string): boolean {
  const next = below.find((one) => !/^\s*(#|$)/.test(one)) ?? "";
  const indent = next.length - next.trimStart().length;
  const [own = ""] = /^\s*(?:-\s+)*/.exec(line) ?? [];
  return indent > own.length || (indent === own.length && /^\s*-(\s|$)/.test(next));
}

interface WordStart {
  readonly at: number;
  readonly quote: string | undefined;
}

/** Finds where the word before a column starts: behind its quote, or behind a blank or a bracket. */
function wordStart(line: string, column: number): WordStart {
  let quote: string | undefined;
  let at = 0;
  for (let index = 0; index < column; index += 1) {
    const character = line.charAt(index);
    if (quote !== undefined) {
      if (character === quote) [quote, at] = [undefined, index + 1];
    } else if (/["']/.test(character) && /[\s[{,:-]|^$/.test(line.charAt(index - 1))) {
      [quote, at] = [character, index + 1];
    } else if (isBreak(line, index)) at = index + 1;
  }
  return { at, quote };
}

function wordEnd(line: string, column: number, quote: string | undefined): number {
  for (let index = column; index < line.length; index += 1)
    if (quote === undefined ? isBreak(line, index) : line.charAt(index) === quote) return index;
  return line.length;
}

/** Characters before a closing brace in which a variable starts. A line can have a brace in every column. */
const maxVariable = 200;

/** A brace behind `$` belongs to a variable, and a colon ends a key only before a blank. */
function isBreak(line: string, index: number): boolean {
  const character = line.charAt(index);
  if (character === "{") return line.charAt(index - 1) !== "$";
  if (character === "}") return !/\$\{[^{}\s]*$/.test(line.slice(Math.max(0, index - maxVariable), index));
  if (character === ":") return /[\s"']|^$/.test(line.charAt(index + 1));
  return /[\s[\],"']/.test(character);
}

/** Reads a line, or its part before the cursor, into the open levels. Returns whether a key is written next. */
function readLine(line: string, levels: Nesting[]): boolean {
  if (levels.some(({ open }) => open !== "block")) return readFlow(line, levels);
  const [dashes = ""] = /^\s*(?:-(?:\s+|$))*/.exec(line) ?? [];
  const dash = dashes.indexOf("-");
  // The items of a list may be indented as much as its key.
  closeBlocks(levels, dash < 0 ? dashes.length : dash + 1);
  const rest = line.slice(dashes.length);
  const found = keyOf(rest);
  if (found === undefined)
    return /^[[{]/.test(rest) ? readFlow(rest, levels) : rest === "" && takesKey(levels, dash >= 0);
  levels.push({ open: "block", indent: dashes.length, key: found.key });
  const value = rest.slice(found.end).trimStart();
  return /^[[{]/.test(value) && readFlow(value, levels);
}

/** Returns the key at the start of a text, and the end of its colon. */
function keyOf(text: string): { readonly key: string; readonly end: number } | undefined {
  const quoted = /^(?:"([^"]*)"|'([^']*)')\s*:(?=\s|$)/.exec(text);
  if (quoted !== null) return { key: quoted[1] ?? quoted[2] ?? "", end: quoted[0].length };
  if (!/^[^\s"'[{#]/.test(text)) return undefined;
  // The first character of a key may be a colon.
  const colon = text.slice(1).search(/:(?:\s|$)/) + 1;
  const key = text.slice(0, colon);
  return colon === 0 || key.includes("#") ? undefined : { key: key.trimEnd(), end: colon + 1 };
}

/** Closes the blocks that are indented as much as a line, or more. */
function closeBlocks(levels: Nesting[], indent: number): void {
  while ((levels.at(-1)?.indent ?? -1) >= indent) levels.pop();
}

/** Lists of maps; the items of every other list are texts. */
const listsOfMaps = ["Statement", "accept", "expect", "guardrails", "operators"];

function takesKey(levels: readonly Nesting[], isItem: boolean): boolean {
  return !isItem || listsOfMaps.includes(levels.at(-1)?.key ?? "");
}

/** Reads a part of brackets into the open levels. Returns whether a key is written next. */
function readFlow(part: string, levels: Nesting[]): boolean {
  for (const [token] of part.matchAll(flowToken)) {
    const top = levels.at(-1);
    if (token === "{" || token === "[") levels.push({ open: token, indent: 0 });
    else if (token === "}" || token === "]") closeFlow(levels);
    else if (top?.open !== "{" || /^[\s:]/.test(token)) continue;
    else if (token === ",") delete top.key;
    else top.key ??= token.replaceAll(/^["']|["']$/g, "");
  }
  const top = levels.at(-1);
  return top?.open === "{" && top.key === undefined;
}

/** A text in quotes, a bracket, a comma, a colon, or anything between them. */
const flowToken =
  /"(?:\\.|[^"\\])*"?|'[^']*'?|[[\]{},]|:(?=\s|$)|(?:\$\{[^{}]*\}|:(?!\s|$)|[^\s[\]{},:"'])+|\s+/g;

function closeFlow(levels: Nesting[]): void {
  const last = levels.findLastIndex(({ open }) => open !== "block");
  if (last >= 0) levels.splice(last);
}
