/** Nodes of a decision diagram. */

import type { TextClass } from "../text/text-classes.ts";
import type { Decision } from "../request.ts";
import type { Field, TextGroup } from "./fields.ts";

/**
 * Diagram of the requests that two policies decide differently. Each path from the root to a leaf is a
 * set of requests; the sets are disjoint and contain every such request. Undefined means that there is no
 * difference: it proves that the policies are equal.
 */
export type Diagram = Leaf | Branch | undefined;

export interface Leaf {
  readonly kind: "leaf";
  readonly before: Decision;
  readonly after: Decision;
}

export interface Branch {
  readonly kind: "branch";
  readonly field: Field;
  readonly edges: readonly Edge[];
}

export interface Edge {
  readonly values: Values;
  readonly child: Leaf | Branch;
}

/** Values of a field on an edge. */
export type Values =
  | { readonly kind: "atoms"; readonly mask: bigint }
  | {
      readonly kind: "texts";
      /** True if requests without the key are included; under `resource`, requests to the bucket itself. */
      readonly absent: boolean;
      readonly groups: readonly TextGroup[];
      readonly classes: readonly TextClass[];
    };

/** Returns the same key for equal sets of values, for the unique table. */
export function valuesKey(values: Values): string {
  if (values.kind === "atoms") return `m${values.mask.toString(32)}`;
  const classes = values.classes.map(({ name }) => name).sort();
  return `t${values.absent ? 1 : 0}${values.groups.map(({ key }) => key).join("&")}:${classes.length}:${classes.join()}`;
}

/** Returns the part of a diagram whose leaves a function keeps, each as the leaf that it returns. */
export function mapLeaves(diagram: Diagram, leafOf: (leaf: Leaf) => Leaf | undefined): Diagram {
  const known = new Map<Branch, Diagram>();
  const mapped = (node: Leaf | Branch): Diagram => {
    if (node.kind === "leaf") return leafOf(node);
    if (known.has(node)) return known.get(node);
    const edges = node.edges.flatMap(({ values, child }): Edge[] => {
      const kept = mapped(child);
      return kept === undefined ? [] : [{ values, child: kept }];
    });
    const made: Diagram = edges.length === 0 ? undefined : { ...node, edges };
    known.set(node, made);
    return made;
  };
  return diagram === undefined ? undefined : mapped(diagram);
}
