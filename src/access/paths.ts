import type { Diagram, Values } from "./compare.ts";
import type { Field } from "./fields.ts";
import type { Decision, Request } from "./request.ts";
import { requestFrom, preference, valueOfAtom } from "./witness.ts";

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
const mostPaths = 2_000;

/** The paths of a diagram, from its root to its leaves. `isComplete` is false where there are too many to list. */
export function pathsOf(diagram: Diagram): { readonly paths: readonly Path[]; readonly isComplete: boolean } {
  const paths: Path[] = [];
  const walk = (node: Diagram, steps: readonly Step[]): void => {
    if (node === undefined || paths.length > mostPaths) return;
    if (node.kind === "leaf") paths.push({ before: node.before, after: node.after, steps });
    else for (const { values, child } of node.edges) walk(child, [...steps, { field: node.field, values }]);
  };
  walk(diagram, []);
  return { paths: paths.slice(0, mostPaths), isComplete: paths.length <= mostPaths };
}

/** One request of a path. */
export function witnessOf({ steps }: Path): Request {
  return requestFrom(new Map(steps.map(({ field, values }) => [field.name, sampleOf(field, values)])));
}

function sampleOf(field: Field, values: Values): string | undefined {
  if (values.kind === "texts") return values.absent ? undefined : values.classes[0]?.sample;
  if (field.kind !== "atoms") return undefined;
  const options = field.atoms.flatMap((_, index) => {
    if (((values.mask >> BigInt(index)) & 1n) === 0n) return [];
    const value = valueOfAtom(field, index);
    return [{ value, rank: preference(field, value, index) }];
  });
  return options.sort((a, b) => a.rank - b.rank)[0]?.value;
}
