import { SymbolKind, type DocumentSymbol } from "vscode-languageserver";
import { childOf, entryOf, stringOf, type Entry, type Node } from "../desired/node.ts";
import { parseYaml } from "../desired/yaml.ts";
import { membersOf } from "../lint/rule.ts";
import { rangeOf } from "./positions.ts";

/** Returns the outline of a file: its keys, and the statements of its policy. Empty while the file is not valid YAML. */
export function symbolsIn(text: string, path: string): readonly DocumentSymbol[] {
  const { node } = parseYaml(text, path);
  return node?.kind === "map" ? node.entries.map(symbolOf) : [];
}

function symbolOf(entry: Entry): DocumentSymbol {
  const statements = entry.name === "Statement" ? entry.value : childOf(entry.value, "Statement");
  const children = statements?.kind === "list" ? statements.items.map(statementSymbol) : [];
  const value = stringOf(entry.value);
  return {
    name: value === undefined ? entry.name : `${entry.name}: ${value}`,
    kind: children.length > 0 ? SymbolKind.Namespace : SymbolKind.Property,
    range: rangeOf({ start: entry.nameSpan.start, end: later(entry.nameSpan, entry.value.span).end }),
    selectionRange: rangeOf(entry.nameSpan),
    children,
  };
}

function later(a: Entry["nameSpan"], b: Entry["nameSpan"]): Entry["nameSpan"] {
  const isBefore = b.end.line < a.end.line || (b.end.line === a.end.line && b.end.column < a.end.column);
  return isBefore ? a : b;
}

function statementSymbol(statement: Node): DocumentSymbol {
  const words = (field: string) =>
    membersOf(childOf(statement, field)).flatMap((member) => stringOf(member) ?? []);
  const effect = stringOf(childOf(statement, "Effect")) ?? "statement";
  const at = entryOf(statement, "Effect")?.nameSpan ?? statement.span;
  const isInside = at.start.line >= statement.span.start.line;
  return {
    name: `${effect} ${few(words("Action"))}`,
    detail: `to ${few(words("Principal"))}`,
    kind: SymbolKind.Object,
    range: rangeOf(statement.span),
    selectionRange: rangeOf(isInside ? at : statement.span),
  };
}

function few(words: readonly string[]): string {
  const [first = "nothing", ...more] = words;
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}
