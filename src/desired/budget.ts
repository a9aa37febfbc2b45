import type { Diagnostic } from "../diagnostic.ts";
import type { Node } from "./node.ts";

/** Budget of characters of policy for all files of a tree. */
export interface ExpansionBudget {
  left: number;
}

/** Maximum of characters: four thousand policies of the maximum size of OSS. */
export const maxOfTree = 64_000_000;

/** Takes the policies of a file's buckets from the budget of the tree; a finding if too little is left. */
export function tooMuch(
  file: Node,
  policy: Node,
  buckets: number,
  budget: ExpansionBudget,
): Diagnostic | undefined {
  budget.left -= buckets * Math.max(sizeOf(file), sizeOf(policy));
  if (budget.left >= 0) return undefined;
  const message = `with this file, the policies of the tree have more than ${maxOfTree} characters`;
  const help = "name fewer buckets in one file, or share shorter statement sets";
  return { code: "wrong-value", severity: "error", message, span: file.span, help };
}

/** Returns a size in characters, with an overhead for each value. */
function sizeOf(node: Node): number {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" ? node.value.length + 3 : 3;
    case "list":
      return node.items.reduce((sum, item) => sum + sizeOf(item), 2);
    case "map":
      return node.entries.reduce((sum, { name, value }) => sum + name.length + 3 + sizeOf(value), 2);
  }
}
