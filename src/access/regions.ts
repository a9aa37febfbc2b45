import { findAction } from "../policy/actions.ts";
import { overAxes, type Axis, type Node } from "./axes.ts";
import { boxesOf, extentOf, requestOf, type Box } from "./boxes.ts";
import type { Branch, Leaf } from "./compare.ts";
import { describe, type Description } from "./describe.ts";
import { isWithin } from "./points.ts";
import type { Decision, Request } from "./request.ts";

/** How access changes: OSS tells Allow, Deny and no match apart, and RAM policies and ACLs act on the last. */
export type Label = "gains" | "loses" | "newlyBlocked" | "blockLifted";

/** Some requests that are all decided alike before and alike after, with one of them. */
export interface Region extends Description {
  readonly label: Label;
  readonly before: Decision;
  readonly after: Decision;
  readonly witness: Request;
}

function labelOf(before: Decision, after: Decision): Label {
  if (after === "allow") return "gains";
  if (before === "allow") return "loses";
  return after === "deny" ? "newlyBlocked" : "blockLifted";
}

/** The regions of a diagram, the worst first. Throws TooManyKinds or TooManyParts where nobody could read them. */
export function regionsOf(diagram: Leaf | Branch): readonly Region[] {
  const root = overAxes(diagram);
  const axes = axesIn(root);
  const regions = boxesOf(root).map((box) => regionOf(root, axes, box));
  return regions.sort((a, b) => {
    const [x, y] = [rankOf(a), rankOf(b)];
    const at = x.findIndex((one, index) => one !== y[index]);
    return at < 0 ? compareTexts(a, b) : (x[at] ?? 0) - (y[at] ?? 0);
  });
}

function axesIn(root: Node): readonly Axis[] {
  const axes = new Set<Axis>();
  const seen = new Set<Node>();
  const walk = (node: Node) => {
    if (node.kind === "leaf" || seen.has(node)) return;
    seen.add(node);
    axes.add(node.axis);
    node.edges.forEach(({ child }) => {
      walk(child);
    });
  };
  walk(root);
  return [...axes];
}

function regionOf(root: Node, axes: readonly Axis[], box: Box): Region {
  const { before, after } = box.leaf;
  const description = describe(axes, extentOf(root, box));
  return { label: labelOf(before, after), before, after, ...description, witness: witnessOf(root, box) };
}

/** What a request holds where nothing else is asked for: over TLS, from an address that is nobody's (RFC 5737). */
const usual: ReadonlyMap<string, string> = new Map([
  ["acs:SecureTransport", "true"],
  ["acs:SourceIp", "203.0.113.7"],
  ["acs:CurrentTime", "2026-01-01T00:00:00.000Z"],
  ["acs:SourceVpc", ""],
]);

function witnessOf(root: Node, box: Box): Request {
  const chosen = requestOf(root, box, preference);
  if (chosen === undefined) throw new Error("each box holds a request");
  const values = new Map([...chosen].map(([axis, bit]) => [axis.field.name, valueOf(axis, bit)]));
  const context = new Map<string, string>();
  for (const [key, value] of [...usual, ...values]) {
    if (["principal", "action", "resource"].includes(key)) continue;
    if (value === undefined) context.delete(key);
    else context.set(key, value);
  }
  return {
    principal: values.get("principal") ?? "anonymous",
    action: values.get("action") ?? "oss:GetObject",
    resource: values.get("resource") ?? "",
    context: new Map([...context].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const telling = [
  "oss:PutBucketPolicy",
  "oss:GetObject",
  "oss:PutObject",
  "oss:DeleteObject",
  "oss:ListObjects",
];

/** The lower, the rather: what people know, and of it what tells most. */
function preference(axis: Axis, bit: number): number {
  const sample = axis.samples[bit];
  if (axis.field.name === "action") {
    const at = telling.indexOf(sample ?? "");
    return at < 0 ? telling.length : at;
  }
  if (axis.field.name === "principal") return sample === "owner" ? axis.samples.length : bit;
  if (valueOf(axis, bit) === usual.get(axis.field.name)) return -1;
  return bit;
}

function valueOf({ field, samples }: Axis, bit: number): string | undefined {
  const known = usual.get(field.name);
  const range = field.kind === "atoms" ? field.atoms[bit]?.range : undefined;
  const family = field.name === "acs:CurrentTime" ? "Date" : "Ip";
  return known !== undefined && range !== undefined && isWithin(range, family, known) ? known : samples[bit];
}

/** Worst first: what is gained, by the most, with the gravest action, from the most places. */
function rankOf({ label, principals, actions, conditions }: Region): readonly number[] {
  const labels: readonly Label[] = ["gains", "blockLifted", "loses", "newlyBlocked"];
  const who = principals.join(" ");
  const isFor = (...words: readonly string[]) => words.some((word) => who.includes(word));
  const width = isFor("everyone", "anonymous") ? 0 : isFor("any UID", "any role session") ? 1 : 2;
  const gravest = Math.max(...actions.map(gravity));
  return [labels.indexOf(label), width, -gravest, conditions.length];
}

const gravities = ["List", "Read", "Tagging", "Write", "Permissions management"];

/** The levels of access are inferred from the names of the actions. */
function gravity(text: string): number {
  if (text.startsWith("oss:*")) return gravities.length;
  if (text.startsWith("oss:Put") || text.startsWith("oss:Delete"))
    return gravities.indexOf("Write") + Number(text.includes("*"));
  const access = findAction(text)?.access;
  return access === undefined ? gravities.indexOf("Read") : gravities.indexOf(access);
}

function compareTexts(a: Region, b: Region): number {
  const [x, y] = [a, b].map(({ principals, actions, resources, conditions }) =>
    [principals, actions, resources, conditions].flat().join("\n"),
  );
  return (x ?? "") < (y ?? "") ? -1 : 1;
}
