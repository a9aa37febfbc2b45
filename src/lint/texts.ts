import type { Node } from "../desired/node.ts";
import type { Fix, Span } from "../diagnostic.ts";

/** String with its place. */
export interface Word {
  readonly text: string;
  readonly span: Span;
  /** The characters in the file, if it is a number or boolean there. */
  readonly source?: string;
  /** True if the source at `span` is this word alone: only then can an edit replace it. */
  readonly isWhole: boolean;
}

/** String that is a value or the name of a map entry. */
export interface Text extends Word {
  readonly isName: boolean;
  /** Sign of a block of text, if it is one. */
  readonly block?: ">" | "|";
}

/** Returns every string below a node with its place, including the names of map entries. */
export function textsIn(top: Node): readonly Text[] {
  const texts: Text[] = [];
  // An explicit stack instead of recursion: deep nesting cannot exhaust the call stack.
  const left: Node[] = [top];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node.kind === "scalar" && typeof node.value === "string") {
      const { value: text, span, block, isExpanded, hasComment } = node;
      const word = { text, span, isName: false, isWhole: isExpanded !== true && hasComment !== true };
      texts.push(block === undefined ? word : { ...word, block });
    }
    if (node.kind === "list") for (const item of node.items) left.push(item);
    if (node.kind === "map") {
      for (const { name, nameSpan, value } of node.entries) {
        texts.push({ text: name, span: nameSpan, isName: true, isWhole: !name.includes("${") });
        left.push(value);
      }
    }
  }
  return texts;
}

/** Returns the edit that replaces a word, as a member to spread; empty if no edit is exact. */
export function replacing({ span, isWhole }: Word, text: string): { readonly fix?: Fix } {
  // A text with `${` in it would be read as a variable.
  if (!isWhole || text.includes("${")) return {};
  return { fix: { edits: [{ span, text: sourceText(span, JSON.stringify(text)) }] } };
}

/** Returns new source for a span. A block of text includes its line break, which is added again. */
export function sourceText({ start, end }: Span, text: string): string {
  return end.line > start.line && end.column === 1 ? `${text}\n` : text;
}

/** Returns a word of the user as a message shows it. */
export function quoted(text: string): string {
  return text === "" ? "the empty string" : `\`${text}\``;
}

/** Returns a character's code point as Unicode writes it: `U+200B`. */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
