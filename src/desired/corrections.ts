import type { Diagnostic, Span } from "../diagnostic.ts";
import { nearMiss } from "../near-miss.ts";
import type { MapNode, Node } from "./node.ts";

/** Returns the correction of a region in the form of an endpoint, such as `oss-cn-hangzhou`. */
export function shortRegion(name: string, node: Node): Pick<Diagnostic, "fix"> {
  if (name !== "region" || node.kind !== "scalar" || node.isExpanded === true) return {};
  const [, short] =
    /^oss-([a-z]{2,}(?:-[a-z0-9]+)+?)(?:-internal)?(?:\.aliyuncs\.com)?$/.exec(String(node.value)) ?? [];
  return short === undefined ? {} : { fix: { edits: [{ span: node.span, text: short }] } };
}

/** Keys of a file in which a misspelt one is corrected: each is compared with all others. */
const maxKeys = 100;

/** Returns the correction of a misspelt key; none if another key of the file is, or may be, the right one. */
export function renaming(
  key: string,
  span: Span,
  root: MapNode,
  allowed: readonly string[],
): Pick<Diagnostic, "fix"> {
  if (root.entries.length > maxKeys) return {};
  const near = nearMiss(key, allowed);
  const others = root.entries.filter(({ name }) => name !== key);
  const isMeant = (name: string) =>
    name === near || (!allowed.includes(name) && nearMiss(name, allowed) === near);
  if (near === undefined || others.some(({ name }) => isMeant(name))) return {};
  return { fix: { edits: [{ span, text: near }] } };
}
