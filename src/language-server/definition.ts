import type { Span } from "../diagnostic.ts";
import type { TextCursor } from "./cursor.ts";
import { accountOf, namesIn } from "./names.ts";
import type { OpenTree } from "./open-tree.ts";

/** Returns where the variable, the identity or the statement set at a place of a file is defined. */
export function definitionAt(
  tree: OpenTree,
  path: string,
  { word, typed, path: keys }: TextCursor,
): Span | undefined {
  if (keys.at(-1) === "use")
    return tree.shared.sets.sets.find((set) => set.name === word && path.startsWith(set.folder))?.span;
  const at = [...word.matchAll(/\$\{([^{}]*)\}/g)].find(
    ({ index, 0: whole }) => index <= typed.length && typed.length <= index + whole.length,
  );
  const account = accountOf(tree, path);
  const name = at?.[1] ?? [...(account?.identities ?? [])].find(([, who]) => who === word)?.[0];
  return namesIn(tree, path).find((one) => one.name === name)?.span;
}
