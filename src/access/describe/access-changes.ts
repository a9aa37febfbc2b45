/** Access changes: the boxes of a diagram, described, with a witness each, in order of gravity. */

import { accessLevels, type Action } from "../../policy/actions.ts";
import { compareText } from "../../diagnostic.ts";
import { overAxes, type Axis, type AxisNode } from "./axes.ts";
import { Budget, limits } from "../budget.ts";
import { boxesOf, extentOf, pickRequest, type Box } from "./boxes.ts";
import type { Branch } from "../engine/nodes.ts";
import {
  actionTerms,
  describe,
  joinActions,
  type ActionSet,
  type Description,
  type PrincipalWord,
} from "./describe.ts";
import { grantable, type Field } from "../engine/fields.ts";
import type { AccessEffect } from "../effect.ts";
import type { Request } from "../request.ts";
import type { Term } from "./set-cover.ts";
import { preference, requestFrom, valueOfAtom } from "../engine/witness.ts";

/** Set of requests whose access changes alike, with one of them as a witness. */
export interface AccessChange extends Description {
  readonly effect: AccessEffect;
  readonly witness: Request;
}

/** Returns the access changes of a diagram, the worst first. Throws OverBudget if there are too many to read. */
export function accessChangesOf(
  diagram: Branch,
  budget = new Budget(limits.questionSteps),
): readonly AccessChange[] {
  const ranked = draftsOf(diagram, budget).map((draft) => {
    const { drafted, ...rest } = draft;
    const region: AccessChange = { ...rest, actions: actionTerms(drafted) };
    return { region, rank: rankOf(draft), key: accessChangeKey(region) };
  });
  ranked.sort((a, b) => {
    const at = a.rank.findIndex((one, index) => one !== b.rank[index]);
    if (at < 0) return compareText(a.key, b.key);
    return (a.rank[at] ?? 0) - (b.rank[at] ?? 0);
  });
  return ranked.map(({ region }) => region);
}

/** Access change whose actions have no names, which are slow to find. */
export interface NamelessChange extends Omit<AccessChange, "actions"> {
  /** Same key for equal changes, actions included. */
  readonly key: string;
}

/** Returns the same changes in no order, without the names of their actions. */
export function namelessChangesOf(diagram: Branch, budget: Budget): readonly NamelessChange[] {
  return draftsOf(diagram, budget).map(({ drafted, ...rest }) => ({
    ...rest,
    key: JSON.stringify([rest.principals, rest.on, rest.conditions, String(drafted?.set)]),
  }));
}

function draftsOf(diagram: Branch, budget: Budget): readonly DraftChange[] {
  const root = overAxes(diagram, budget);
  const axes = axesIn(root);
  return joined(boxesOf(root, budget).map((box) => draftOf(root, axes, box)));
}

type DraftChange = Omit<AccessChange, "actions"> & { readonly drafted: ActionSet | undefined };

/** Returns the same key for equal access changes. */
export function accessChangeKey({
  effect,
  principals,
  actions,
  on,
  conditions,
}: Omit<AccessChange, "witness">): string {
  return JSON.stringify([effect, principals, actions, on, conditions]);
}

/** Merges a change on the bucket itself with one on its objects if they are otherwise alike. */
function joined(drafts: readonly DraftChange[]): readonly DraftChange[] {
  const key = ({ effect, principals, conditions }: DraftChange) =>
    JSON.stringify([effect, principals, conditions]);
  const rest: DraftChange[] = drafts.filter(({ on }) => !on.bucket);
  for (const itself of drafts.filter(({ on }) => on.bucket)) {
    const at = rest.findIndex(
      (other) =>
        !other.on.bucket &&
        key(itself) === key(other) &&
        (joinActions(itself.drafted, other.drafted) !== undefined || itself.drafted === other.drafted),
    );
    const other = rest[at];
    if (other === undefined) rest.push(itself);
    else
      rest[at] = {
        ...other,
        drafted: joinActions(itself.drafted, other.drafted),
        on: { bucket: true, keys: other.on.keys },
      };
  }
  return rest;
}

function axesIn(root: AxisNode): readonly Axis[] {
  const axes = new Set<Axis>();
  const seen = new Set<AxisNode>();
  const walk = (node: AxisNode) => {
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

function draftOf(root: AxisNode, axes: readonly Axis[], box: Box): DraftChange {
  const { effect, on } = box.part;
  const { principals, actions, conditions } = describe(axes, extentOf(root, box));
  const witness = witnessOf(root, box);
  return { effect, principals, drafted: actions, on, conditions, witness };
}

function witnessOf(root: AxisNode, box: Box): Request {
  const rank = ({ field, samples }: Axis, bit: number) =>
    preference(field, valueOf(field, samples, bit), bit);
  const chosen = pickRequest(root, box, rank);
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

/**
 * Returns sort keys, worst first: gains, then the widest principals, the gravest action, the most actions,
 * the fewest conditions.
 */
function rankOf({ effect, principals, drafted, conditions }: DraftChange): readonly number[] {
  const effects: readonly AccessEffect[] = ["gains", "blockLifted", "loses", "newlyBlocked"];
  const levels = knownActionsIn(drafted).map(({ access }) => accessLevels.indexOf(access));
  const width = Math.min(...principals.map(widthOf));
  return [effects.indexOf(effect), width, -Math.max(-1, ...levels), -levels.length, conditions.length];
}

/** Returns 0 if a term includes anonymous callers, 1 if it includes callers that no policy names, otherwise 2. */
function widthOf({ all, except }: Term<PrincipalWord>): number {
  const isAnonymous = ({ kind }: PrincipalWord) => kind === "anonymous";
  if (all.every(isAnonymous)) return except.some(isAnonymous) ? 1 : 0;
  return all.some(({ kind }) => kind === "any UID" || kind === "any role session") ? 1 : 2;
}

function knownActionsIn(drafted: ActionSet | undefined): readonly Action[] {
  return drafted === undefined
    ? grantable
    : grantable.filter((_, index) => ((drafted.set >> BigInt(index)) & 1n) === 1n);
}
