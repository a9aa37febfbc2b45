import type { Span } from "../diagnostic.ts";
import { variableAt, type TextCursor } from "./cursor.ts";
import { accountOf, namesIn, setNamed } from "./names.ts";
import type { OpenTree } from "./open-tree.ts";

/** Returns where the variable, the identity or the statement set at a place of a file is defined. */
export function definitionAt(tree: OpenTree, path: string, cursor: TextCursor): Span | undefined {
  const { word, path: keys } = cursor;
  if (keys.at(-1) === "use") return setNamed(tree, path, word)?.span;
  const account = accountOf(tree, path);
  const name = variableAt(cursor) ?? [...(account?.identities ?? [])].find(([, who]) => who === word)?.[0];
  return namesIn(tree, path).find((one) => one.name === name)?.span;
}
