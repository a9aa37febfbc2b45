import { findAction } from "../policy/actions.ts";
import { overAxes, type Axis, type Node } from "./axes.ts";
import { boxesOf, extentOf, requestOf, type Box } from "./boxes.ts";
import type { Branch } from "./compare.ts";
import { actionTexts, describe, joinActions, type SetOnAxis, type Description } from "./describe.ts";
import type { Field } from "./fields.ts";
import type { Label } from "./label.ts";
import type { Request } from "./request.ts";
import { preference, requestFrom, valueOfAtom } from "./witness.ts";

/** Some requests whose access all changes alike, with one of them. */
export interface Region extends Description {
  readonly label: Label;
  readonly witness: Request;
}

/** The regions of a diagram, the worst first. Throws TooManyKinds or TooManyParts where nobody could read them. */
export function regionsOf(diagram: Branch): readonly Region[] {
  const root = overAxes(diagram);
  const axes = axesIn(root);
  const drafts = joined(boxesOf(root).map((box) => draftOf(root, axes, box)));
  const regions = drafts.map(({ drafted, ...rest }): Region => ({ ...rest, actions: actionTexts(drafted) }));
  const ranked = regions.map((region) => ({ region, rank: rankOf(region), text: textOf(region) }));
  ranked.sort((a, b) => {
    const at = a.rank.findIndex((one, index) => one !== b.rank[index]);
    if (at < 0) return a.text < b.text ? -1 : 1;
    return (a.rank[at] ?? 0) - (b.rank[at] ?? 0);
  });
  return ranked.map(({ region }) => region);
}

type Draft = Omit<Region, "actions"> & { readonly drafted: SetOnAxis | undefined };

/** What is said of the bucket and of its objects alike is said once. */
function joined(drafts: readonly Draft[]): readonly Draft[] {
  const isItself = ({ resources }: Draft) => resources[0] === "(bucket)";
  const key = ({ label, principals, conditions }: Draft) => JSON.stringify([label, principals, conditions]);
  const rest: Draft[] = drafts.filter((draft) => !isItself(draft));
  for (const itself of drafts.filter(isItself)) {
    const at = rest.findIndex((other) => !isItself(other) && key(itself) === key(other));
    const other = rest[at];
    if (other === undefined) rest.push(itself);
    else
      rest[at] = {
        ...other,
        drafted: joinActions(itself.drafted, other.drafted),
        resources: [...itself.resources, ...other.resources],
      };
  }
  return rest;
}

function axesIn(root: Node): readonly Axis[] {
  const axes = new Set<Axis>();
  const seen = new Set<Node>();
  const walk = (node: Node) => {
    if (node.kind === "end" || seen.has(node)) return;
    seen.add(node);
    axes.add(node.axis);
    node.edges.forEach(({ child }) => {
      walk(child);
    });
  };
  walk(root);
  return [...axes];
}

function draftOf(root: Node, axes: readonly Axis[], box: Box): Draft {
  const { label, resources } = box.part;
  const { principals, actions, conditions } = describe(axes, extentOf(root, box));
  const witness = witnessOf(root, box);
  return { label, principals, drafted: actions, resources, conditions, witness };
}

function witnessOf(root: Node, box: Box): Request {
  const rank = ({ field, samples }: Axis, bit: number) =>
    preference(field, valueOf(field, samples, bit), bit);
  const chosen = requestOf(root, box, rank);
  if (chosen === undefined) throw new Error("each box holds a request");
  const values = [...chosen].map(([{ field, samples }, bit]): [string, string | undefined] => [
    field.name,
    valueOf(field, samples, bit),
  ]);
  return requestFrom(new Map([...values, ["resource", box.part.sample]]));
}

function valueOf(field: Field, samples: Axis["samples"], bit: number): string | undefined {
  return field.kind === "atoms" ? valueOfAtom(field, bit) : samples[bit];
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

function textOf({ principals, actions, resources, conditions }: Region): string {
  return [principals, actions, resources, conditions].flat().join("\n");
}
