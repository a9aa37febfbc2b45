/** Witness extraction: one path from the root of the diagram to a leaf, turned into a request. */

import { memoizeOf } from "../../memoize.ts";
import type { Branch, Diagram, Leaf, Values } from "./nodes.ts";
import type { AtomField, Field } from "./fields.ts";
import { isInInterval } from "./intervals.ts";
import type { Request } from "../request.ts";

/** Preferred values of a witness: over TLS, from an address reserved for documentation (RFC 5737). */
const usual: ReadonlyMap<string, string> = new Map([
  ["acs:SecureTransport", "true"],
  ["acs:SourceIp", "203.0.113.7"],
  ["acs:CurrentTime", "2026-01-01T00:00:00.000Z"],
  ["acs:SourceVpc", ""],
]);

/** Preferred actions of a witness, the most informative first. */
const familiarActions = [
  "oss:PutBucketPolicy",
  "oss:GetObject",
  "oss:PutObject",
  "oss:DeleteObject",
  "oss:ListObjects",
];

/** Returns a rank for a value in a witness; the lowest is preferred. Familiar and informative values come first. */
export function preference(field: Field, sample: string | undefined, index: number): number {
  if (field.name === "action") {
    const at = familiarActions.indexOf(sample ?? "");
    return at < 0 ? familiarActions.length : at;
  }
  if (field.name === "principal" && sample === "owner") return Number.MAX_SAFE_INTEGER;
  return field.name !== "principal" && sample === usual.get(field.name) ? -1 : index;
}

/** Returns the sample of an atom, or the usual value if the atom contains it. */
export function valueOfAtom({ name, atoms }: AtomField, index: number): string | undefined {
  const known = usual.get(name);
  const range = atoms[index]?.range;
  const family = name === "acs:CurrentTime" ? "Date" : "Ip";
  if (known !== undefined && range !== undefined && isInInterval(range, family, known)) return known;
  return atoms[index]?.sample;
}

/** Builds a request from values of its fields. A key that no policy tests is left out: any value will do. */
export function requestFrom(values: ReadonlyMap<string, string | undefined>): Request {
  const context = [...values].flatMap(([key, value]): (readonly [string, string])[] =>
    ["principal", "action", "resource"].includes(key) || value === undefined ? [] : [[key, value]],
  );
  return {
    principal: values.get("principal") ?? "anonymous",
    action: values.get("action") ?? "oss:GetObject",
    resource: values.get("resource") ?? "",
    context: new Map(context.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Finds one request that two policies decide differently; undefined if there is none. */
export function findWitness(diagram: Diagram): Request | undefined {
  if (diagram === undefined) return undefined;
  const values = new Map<string, string | undefined>();
  let node: Leaf | Branch = diagram;
  while (node.kind === "branch") {
    const [edge] = node.edges;
    if (edge === undefined) throw new Error("a branch has edges");
    values.set(node.field.name, sampleOf(node.field, edge.values));
    node = edge.child;
  }
  return requestFrom(values);
}

/** Returns the preferred value of a field on an edge. */
export function sampleOf(field: Field, values: Values): string | undefined {
  if (values.kind === "texts") return values.absent ? undefined : values.classes[0]?.sample;
  if (field.kind !== "atoms") return undefined;
  const best = preferredOf(field).find(({ bit }) => (values.mask & bit) !== 0n);
  return best?.value;
}

/** Returns the values of a field, the preferred one first. */
const preferredOf = memoizeOf((field: AtomField) =>
  field.atoms
    .map((_, index) => {
      const value = valueOfAtom(field, index);
      return { bit: 1n << BigInt(index), value, rank: preference(field, value, index) };
    })
    .sort((a, b) => a.rank - b.rank),
);
