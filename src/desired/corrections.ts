import type { Diagnostic, Span } from "../diagnostic.ts";
import { nearMiss } from "../near-miss.ts";
import { entryOf, type MapNode, type Node } from "./node.ts";

/** Returns the correction of a region in the form of an endpoint, such as `oss-cn-hangzhou`. */
export function shortRegion(name: string, node: Node): Pick<Diagnostic, "fix"> {
  if (name !== "region" || node.kind !== "scalar" || node.isExpanded === true) return {};
  const [, short] =
    /^oss-([a-z]{2,}(?:-[a-z0-9]+)+?)(?:-internal)?(?:\.aliyuncs\.com)?$/.exec(String(node.value)) ?? [];
  return short === undefined ? {} : { fix: { edits: [{ span: node.span, text: short }] } };
}

/** Returns the correction of a misspelt key; none if the file has the right one too. */
export function renaming(
  key: string,
  span: Span,
  root: MapNode,
  allowed: readonly string[],
): Pick<Diagnostic, "fix"> {
  const near = nearMiss(key, allowed);
  if (near === undefined || entryOf(root, near) !== undefined) return {};
  return { fix: { edits: [{ span, text: near }] } };
}
