/** Access changes: the boxes of a diagram, described, with a witness each, in order of gravity. */

import { accessLevels } from "../../policy/actions.ts";
import { memoizeBy, memoizeOf } from "../../memoize.ts";
import { compareText } from "../../diagnostic.ts";
import { overAxes, type Axis } from "./axes.ts";
import { boxSpaceOf, type BoxSpace } from "./box-space.ts";
import { Budget, limits, OverBudget, tooManyParts } from "../budget.ts";
import { extentOf, type BoxExtent } from "./box-extent.ts";
import { boxesOf, type Box } from "./boxes.ts";
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
    const region: AccessChange = { ...rest, actions: actionTerms(drafted, budget) };
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
    key: `[${jsonOf(rest.principals)},${jsonOf(rest.on)},${jsonOfAll(rest.conditions)},"${drafted?.set}"]`,
  }));
}

function draftsOf(diagram: Branch, budget: Budget): readonly DraftChange[] {
  const space = boxSpaceOf(overAxes(diagram, budget));
  const axes = space.axes.map(({ axis }) => axis);
  let conditions = 0;
  const drafts = boxesOf(space, budget).map((box) => {
    const draft = draftOf(space, axes, box, budget);
    conditions += draft.conditions.length;
    if (conditions > limits.describedConditions) throw new OverBudget(tooManyParts());
    return draft;
  });
  return joined(drafts);
}

type DraftChange = Omit<AccessChange, "actions"> & { readonly drafted: ActionSet | undefined };

/** Returns the same key for equal access changes: the JSON of all parts but the witness. */
export const accessChangeKey = memoizeOf(
  ({ effect, principals, actions, on, conditions }: Omit<AccessChange, "witness">): string => {
    const parts = [principals, actions, on].map((part) => jsonOf(part));
    return `["${effect}",${parts.join()},${jsonOfAll(conditions)}]`;
  },
);

/** JSON of a part of a description; most changes share their parts. */
const jsonOf = memoizeOf((part: object) => JSON.stringify(part));

function jsonOfAll(parts: readonly object[]): string {
  return `[${parts.map((part) => jsonOf(part)).join()}]`;
}

/** Merges a change on the bucket itself with one on its objects if they are otherwise alike. */
function joined(drafts: readonly DraftChange[]): readonly DraftChange[] {
  const key = memoizeOf(({ effect, principals, conditions }: DraftChange) =>
    [effect, jsonOf(principals), jsonOfAll(conditions)].join(),
  );
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

function draftOf(space: BoxSpace, axes: readonly Axis[], box: Box, budget: Budget): DraftChange {
  const { effect, on } = box.part;
  const extent = extentOf(space, box, ranksOf);
  const { principals, actions, conditions } = describe(axes, extent, budget);
  const witness = witnessOf(extent, box);
  return { effect, principals, drafted: actions, on, conditions, witness };
}

const knownRanks = new WeakMap<Axis, readonly number[]>();

/** Returns the order in which a witness prefers the values of an axis. */
function ranksOf(axis: Axis): readonly number[] {
  const { field, samples } = axis;
  const ranks =
    knownRanks.get(axis) ?? samples.map((_, bit) => preference(field, valueOf(field, samples, bit), bit));
  knownRanks.set(axis, ranks);
  return ranks;
}

function witnessOf({ request }: BoxExtent, box: Box): Request {
  const values = [...request].map(([{ field, samples }, bit]): [string, string | undefined] => [
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
  const { gravest, count } = gravityOf(drafted?.set ?? -1n);
  const width = Math.min(...principals.map(widthOf));
  return [effects.indexOf(effect), width, -gravest, -count, conditions.length];
}

/** Returns 0 if a term includes anonymous callers, 1 if it includes callers that no policy names, otherwise 2. */
function widthOf({ all, except }: Term<PrincipalWord>): number {
  const isAnonymous = ({ kind }: PrincipalWord) => kind === "anonymous";
  if (all.every(isAnonymous)) return except.some(isAnonymous) ? 1 : 0;
  return all.some(({ kind }) => kind === "any UID" || kind === "any role session") ? 1 : 2;
}

const maxSets = 2_000;

/** Returns the gravest access level of the catalogue's actions in a set, and how many they are. */
const gravityOf = memoizeBy(
  (set: bigint) => set.toString(32),
  (set) => {
    const known = grantable.filter((_, index) => ((set >> BigInt(index)) & 1n) === 1n);
    const levels = known.map(({ access }) => accessLevels.indexOf(access));
    return { gravest: Math.max(-1, ...levels), count: known.length };
  },
  maxSets,
);
