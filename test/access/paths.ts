import type { Diagram, Values } from "../../src/access/engine/nodes.ts";
import type { Field } from "../../src/access/engine/fields.ts";
import type { Decision, Request } from "../../src/access/request.ts";
import { requestFrom, sampleOf } from "../../src/access/engine/witness.ts";

/** One set of requests that are decided differently, all in the same way. */
export interface Path {
  readonly before: Decision;
  readonly after: Decision;
  /** What each field may hold; a field that is not there may hold anything. */
  readonly steps: readonly Step[];
}

export interface Step {
  readonly field: Field;
  readonly values: Values;
}

/** More paths than anybody reads; a diagram may have many more. */
const maxPaths = 2_000;

/** The paths of a diagram, from its root to its leaves. `isComplete` is false where there are too many to list. */
export function pathsOf(diagram: Diagram): { readonly paths: readonly Path[]; readonly isComplete: boolean } {
  const paths: Path[] = [];
  const walk = (node: Diagram, steps: readonly Step[]): void => {
    if (node === undefined || paths.length > maxPaths) return;
    if (node.kind === "leaf") paths.push({ before: node.before, after: node.after, steps });
    else for (const { values, child } of node.edges) walk(child, [...steps, { field: node.field, values }]);
  };
  walk(diagram, []);
  return { paths: paths.slice(0, maxPaths), isComplete: paths.length <= maxPaths };
}

/** One request of a path. */
export function witnessOf({ steps }: Path): Request {
  return requestFrom(new Map(steps.map(({ field, values }) => [field.name, sampleOf(field, values)])));
}
