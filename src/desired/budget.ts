import type { Diagnostic } from "../diagnostic.ts";
import type { Node } from "./node.ts";

/** How many characters of policy the files of a tree may still ask for. */
export interface ExpansionBudget {
  left: number;
}

/** Four thousand policies, each as large as OSS takes it. */
export const maxOfTree = 64_000_000;

/** Takes the policies of the buckets of a file from the budget of the tree; a finding where that has too little. */
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

/** In characters, with some for each value. */
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
