import type { Branch, Diagram, Leaf, Values } from "./diagram.ts";
import type { AtomField, Field } from "./fields.ts";
import { isInInterval } from "./intervals.ts";
import type { Request } from "../request.ts";

/** What a request rather holds than anything else: over TLS, from an address that is nobody's (RFC 5737). */
const usual: ReadonlyMap<string, string> = new Map([
  ["acs:SecureTransport", "true"],
  ["acs:SourceIp", "203.0.113.7"],
  ["acs:CurrentTime", "2026-01-01T00:00:00.000Z"],
  ["acs:SourceVpc", ""],
]);

const telling = [
  "oss:PutBucketPolicy",
  "oss:GetObject",
  "oss:PutObject",
  "oss:DeleteObject",
  "oss:ListObjects",
];

/** The lower, the rather: what people know, and of it what tells most. */
export function preference(field: Field, sample: string | undefined, index: number): number {
  if (field.name === "action") {
    const at = telling.indexOf(sample ?? "");
    return at < 0 ? telling.length : at;
  }
  if (field.name === "principal" && sample === "owner") return Number.MAX_SAFE_INTEGER;
  return field.name !== "principal" && sample === usual.get(field.name) ? -1 : index;
}

/** The value that stands for an atom: the usual one where it is among its values. */
export function valueOfAtom({ name, atoms }: AtomField, index: number): string | undefined {
  const known = usual.get(name);
  const range = atoms[index]?.range;
  const family = name === "acs:CurrentTime" ? "Date" : "Ip";
  if (known !== undefined && range !== undefined && isInInterval(range, family, known)) return known;
  return atoms[index]?.sample;
}

/** A request with these values of its fields. A key that no policy tests is left out: any value will do. */
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

/** Finds one request that two policies decide differently; undefined where there is none. */
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

/** Returns a value of a field that is on an edge, the preferred one where there are several. */
export function sampleOf(field: Field, values: Values): string | undefined {
  if (values.kind === "texts") return values.absent ? undefined : values.classes[0]?.sample;
  if (field.kind !== "atoms") return undefined;
  const options = field.atoms.flatMap((_, index) => {
    if (((values.mask >> BigInt(index)) & 1n) === 0n) return [];
    const value = valueOfAtom(field, index);
    return [{ value, rank: preference(field, value, index) }];
  });
  return options.sort((a, b) => a.rank - b.rank)[0]?.value;
}
