import type { Edit } from "../diagnostic.ts";
import type { ListNode, Node } from "../desired/node.ts";
import {
  endOf,
  isFlow,
  lineEnd,
  lineStart,
  nextLine,
  replace,
  startOf,
  type SourceText,
} from "./source-text.ts";

/** New item of a list, as it is written in a list of either style. */
export interface NewItem {
  /** Lines behind the dash of a block list. */
  readonly lines: readonly string[];
  /** Text in a list in brackets. */
  readonly flow: string;
}

/** Returns the edits that add an item behind another; undefined if the text has an unusual layout. */
export function insertItem(
  source: SourceText,
  list: ListNode,
  behind: number,
  item: NewItem,
): readonly Edit[] | undefined {
  const before = list.items[behind];
  if (!isFlow(source, list)) return before === undefined ? undefined : insertInBlock(source, before, item);
  if (before !== undefined) return insertInFlow(source, before, list.items[behind + 1], item.flow);
  const start = startOf(source, list) + 1;
  return [replace(source, start, start, item.flow)];
}

function insertInBlock(source: SourceText, before: Node, { lines }: NewItem): readonly Edit[] | undefined {
  const indent = dashIndent(source, before);
  if (indent === undefined) return undefined;
  const text = `${indent}- ${lines.join(`\n${indent}  `)}`;
  let at = nextLine(source, endOf(source, before));
  while (isInnerComment(source.text.slice(at, lineEnd(source, at)), indent)) at = nextLine(source, at);
  const isLast = at === source.text.length && !source.text.endsWith("\n");
  return [replace(source, at, at, isLast ? `\n${text}` : `${text}\n`)];
}

/** Returns whether a line is a comment deeper than a dash, of the item before. An ignore comment is about the next line. */
function isInnerComment(line: string, indent: string): boolean {
  return line.startsWith(`${indent} `) && /^\s*#(?!\s*oss-policy-ignore\b)/.test(line);
}

/** Returns the blanks before the dash of an item; undefined if the dash is not the first character of its line. */
function dashIndent(source: SourceText, item: Node): string | undefined {
  const start = startOf(source, item);
  return /^([ \t]*)-[ \t]+$/.exec(source.text.slice(lineStart(source, start), start))?.[1];
}

function insertInFlow(
  source: SourceText,
  before: Node,
  next: Node | undefined,
  flow: string,
): readonly Edit[] {
  const [start, end] = [startOf(source, before), endOf(source, before)];
  const indent = source.text.slice(lineStart(source, start), start);
  const isLastOfLine = next === undefined || !isOnOneLine(source, end, startOf(source, next));
  if (!/^[ \t]*$/.test(indent) || !isLastOfLine) return [replace(source, end, end, `, ${flow}`)];
  const comma = commaAfter(source, end);
  const at = lineEnd(source, comma ?? end);
  const isBare = comma === undefined;
  return [
    ...(isBare ? [replace(source, end, end, ",")] : []),
    replace(source, at, at, `\n${indent}${flow}${isBare ? "" : ","}`),
  ];
}

/** Returns the offset after the comma that follows an item; undefined if it has none. */
function commaAfter({ text }: SourceText, end: number): number | undefined {
  const gap = /(?:\s|#.*\n)*,/y;
  gap.lastIndex = end;
  return gap.test(text) ? gap.lastIndex : undefined;
}

/** Returns the edits that remove an item from a list with others; undefined if the text has an unusual layout. */
export function removeItem(source: SourceText, list: ListNode, index: number): readonly Edit[] | undefined {
  const item = list.items[index];
  if (item === undefined) return undefined;
  return isFlow(source, list) ? removeFromFlow(source, list, index) : removeFromBlock(source, list, index);
}

function removeFromBlock(source: SourceText, list: ListNode, index: number): readonly Edit[] | undefined {
  const item = list.items[index];
  if (item === undefined || dashIndent(source, item) === undefined) return undefined;
  const lines = wholeLines(source, list, index, { end: endOf(source, item), head: /^[ \t]*-[ \t]+$/ });
  return lines === undefined ? undefined : [replace(source, lines[0], lines[1], "")];
}

function removeFromFlow(source: SourceText, list: ListNode, index: number): readonly Edit[] {
  const { items } = list;
  const [item, next, previous] = [items[index], items[index + 1], items[index - 1]];
  if (item === undefined) return [];
  const [start, end] = [startOf(source, item), endOf(source, item)];
  const comma = commaAfter(source, end);
  const lines = wholeLines(source, list, index, { end: comma ?? end, head: /^[ \t]*$/ });
  const [from, to] = lines ?? [start, end];
  if (next === undefined && previous !== undefined) {
    const before = endOf(source, previous);
    if (lines === undefined && isOnOneLine(source, before, start)) return [replace(source, before, end, "")];
    // The last item leaves no comma behind, unless it had one itself.
    const at = comma === undefined ? commaAfter(source, before) : undefined;
    const isBare = at === undefined;
    return [...(isBare ? [] : [replace(source, at - 1, at, "")]), replace(source, from, to, "")];
  }
  if (lines !== undefined) return [replace(source, from, to, "")];
  if (next !== undefined && isOnOneLine(source, end, startOf(source, next)))
    return [replace(source, start, startOf(source, next), "")];
  return [replace(source, start, comma ?? end, "")];
}

function isOnOneLine({ text }: SourceText, from: number, to: number): boolean {
  return !/[\n#]/.test(text.slice(from, to));
}

/**
 * Returns the range of all lines of an item, with the comments above that are about it. Undefined if the lines have
 * anything else but a comment at the end.
 */
function wholeLines(
  source: SourceText,
  list: ListNode,
  index: number,
  { end, head }: { readonly end: number; readonly head: RegExp },
): readonly [number, number] | undefined {
  const { text } = source;
  const start = list.items[index] === undefined ? end : startOf(source, list.items[index]);
  const begin = lineStart(source, start);
  const isWhole =
    head.test(text.slice(begin, start)) && /^[ \t]*(#.*)?$/.test(text.slice(end, lineEnd(source, end)));
  if (!isWhole) return undefined;
  const indent = /^[ \t]*/.exec(text.slice(begin, start))?.[0] ?? "";
  const top = linesAbove(source, begin, (line) => line.startsWith(`${indent}#`) || isIgnore(line));
  const isOwn = isAboutItem(source, list, index, text.slice(top, begin));
  return [isOwn ? top : linesAbove(source, begin, isIgnore), nextLine(source, end)];
}

/** Returns where the lines begin that stand right above an offset and are of a kind. */
function linesAbove(source: SourceText, at: number, isOfKind: (line: string) => boolean): number {
  let begin = at;
  while (begin > 0) {
    const above = lineStart(source, begin - 1);
    if (!isOfKind(source.text.slice(above, begin))) break;
    begin = above;
  }
  return begin;
}

/** An ignore comment is about the first line of what follows it. */
function isIgnore(line: string): boolean {
  return /^[ \t]*#\s*oss-policy-ignore\b/.test(line);
}

/**
 * Returns whether comments above an item are about it alone. Those above the first one may be about the whole list, unless
 * they name it, or the next item has comments of its own.
 */
function isAboutItem(source: SourceText, { items }: ListNode, index: number, comments: string): boolean {
  const [item, next] = [items[index], items[index + 1]];
  if (item === undefined) return false;
  if (index > 0 || next === undefined) return true;
  const word = source.text.slice(startOf(source, item), endOf(source, item)).replaceAll(/["'${}]/g, "");
  const isNamed = item.kind === "scalar" && comments.split(/[^\w-]+/).includes(word);
  return isNamed || /\n[ \t]*#/.test(source.text.slice(endOf(source, item), startOf(source, next)));
}
