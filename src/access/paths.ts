import type { Diagram, Leaf, Values } from "./compare.ts";
import type { Field } from "./fields.ts";
import type { Decision, Request } from "./request.ts";

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

/** A path to a leaf that is wanted; undefined where there is none. */
export function pathTo(diagram: Diagram, isWanted: (leaf: Leaf) => boolean): Path | undefined {
  const dead = new Set<Diagram>();
  const walk = (node: Diagram): Path | undefined => {
    if (node === undefined || dead.has(node)) return undefined;
    if (node.kind === "leaf")
      return isWanted(node) ? { before: node.before, after: node.after, steps: [] } : undefined;
    for (const { values, child } of node.edges) {
      const path = walk(child);
      if (path !== undefined) return { ...path, steps: [{ field: node.field, values }, ...path.steps] };
    }
    dead.add(node);
    return undefined;
  };
  return walk(diagram);
}

/** What a request holds where a path leaves it open: over TLS, from an address that is nobody's (RFC 5737). */
const usual: ReadonlyMap<string, string> = new Map([
  ["acs:SecureTransport", "true"],
  ["acs:SourceIp", "203.0.113.7"],
  ["acs:CurrentTime", "2026-01-01T00:00:00.000Z"],
  ["acs:SourceVpc", ""],
]);

/** One request of a path. */
export function witnessOf({ steps }: Path): Request {
  const chosen = new Map(steps.map(({ field, values }) => [field.name, sampleOf(field, values)]));
  const action = chosen.get("action") ?? "oss:GetObject";
  const context = new Map([...usual, ...chosen].flatMap(([key, value]) => entryOf(key, value)));
  return {
    principal: chosen.get("principal") ?? "anonymous",
    action,
    resource: chosen.get("resource") ?? "",
    context,
  };
}

function entryOf(key: string, value: string | undefined): readonly (readonly [string, string])[] {
  if (["principal", "action", "resource"].includes(key) || value === undefined) return [];
  return [[key, value]];
}

function sampleOf(field: Field, values: Values): string | undefined {
  if (values.kind === "texts") return values.absent ? undefined : values.classes[0]?.sample;
  if (field.kind !== "atoms") return undefined;
  return field.atoms.find((_, index) => ((values.mask >> BigInt(index)) & 1n) === 1n)?.sample;
}
