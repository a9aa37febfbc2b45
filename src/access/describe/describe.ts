/** Projection of a box onto its axes; each projection is described by named sets (set cover). */

import { asciiLower } from "../../policy/ascii.ts";
import { globMatches } from "../../policy/glob.ts";
import { memoizeOf, memoizeWithin } from "../../memoize.ts";
import { memoizeSteps, tooManyParts, type Budget } from "../budget.ts";
import { patternNames, type Axis, type On } from "./axes.ts";
import { bitsOf, type BoxExtent } from "./box-extent.ts";
import { grantable, type AtomField } from "../engine/fields.ts";
import { foldedRoleMatches } from "../engine/statement-tests.ts";
import type { PatternWord } from "./pattern-words.ts";
import { networkTerms } from "./networks.ts";
import { scaleText } from "../engine/intervals.ts";
import { termsOf, type NamedSet, type Spend, type Term } from "./set-cover.ts";

/** Set of requests as data. Each list is a union, and all four parts apply together. */
export interface Description {
  readonly principals: readonly Term<PrincipalWord>[];
  readonly actions: readonly Term<PatternWord>[];
  readonly on: On;
  /** Keys that matter; any other key may have any value, or be absent. */
  readonly conditions: readonly ConditionTerm[];
}

export type PrincipalWord =
  | { readonly kind: "anonymous" | "owner" | "any UID" | "any role session" }
  | { readonly kind: "UID"; readonly uid: string }
  /** Pattern of role sessions; `foldsCase` applies only to the role name. */
  | { readonly kind: "role"; readonly pattern: string; readonly foldsCase: boolean };

/** Condition key with its possible values. `orAbsent` includes requests without the key. */
export interface ConditionTerm {
  readonly key: string;
  readonly values: readonly Term<ValueWord>[];
  readonly orAbsent: boolean;
}

export type ValueWord =
  | { readonly kind: "text"; readonly word: PatternWord }
  /** `true` or `false`. */
  | { readonly kind: "bool"; readonly value: string }
  /** Addresses in CIDR form. */
  | { readonly kind: "network"; readonly cidr: string }
  /** Numbers or times, both ends included; without `to` it has no end. */
  | { readonly kind: "span"; readonly from: string; readonly to: string | undefined };

/** Term for all values. */
const anything: Term<never> = { all: [], except: [] };

/** Description of a box except its resources. */
export interface Described {
  readonly principals: readonly Term<PrincipalWord>[];
  readonly actions: ActionSet | undefined;
  readonly conditions: readonly ConditionTerm[];
}

/** Set of actions. It is named later, once it is known whether two boxes become one access change. */
export interface ActionSet {
  readonly field: AtomField;
  readonly set: bigint;
  readonly possible: bigint;
}

/** Describes a box. Throws OverBudget if its sets take too long to name. */
export function describe(axes: readonly Axis[], extent: BoxExtent, budget: Budget): Described {
  const setOf = (axis: Axis) => ({
    set: extent.present.get(axis) ?? 0n,
    possible: extent.possible.get(axis) ?? axis.all,
    budget,
  });
  const named = (name: string) => axes.find(({ field }) => field.name === name);
  const [principal, action] = [named("principal"), named("action")];
  const keys = axes.filter((axis) => axis !== principal && axis !== action);
  return {
    principals: principal === undefined ? [anything] : principalTerms(principal, setOf(principal)),
    actions: action?.field.kind === "atoms" ? { field: action.field, ...setOf(action) } : undefined,
    conditions: keys.flatMap((axis) => conditionTerm(axis, setOf(axis))),
  };
}

/**
 * Returns the union of the actions on the bucket itself and those on objects. Undefined if only one set
 * has some action outside the catalogue, because such an action may be of either level.
 */
export function joinActions(a: ActionSet | undefined, b: ActionSet | undefined): ActionSet | undefined {
  if (a === undefined || b === undefined || othersIn(a) !== othersIn(b)) return undefined;
  return { ...a, set: a.set | b.set, possible: a.possible | b.possible };
}

/** Returns the classes of actions outside the catalogue in a set, regardless of the level. */
function othersIn({ field, set }: ActionSet): string {
  const others = bitsOf(set >> BigInt(grantable.length)).map(
    (bit) => field.atoms[grantable.length + bit]?.sample,
  );
  return JSON.stringify([...new Set(others)]);
}

/** Set of bits of an axis, and the bits that are possible. */
interface SetOnAxis {
  readonly set: bigint;
  readonly possible: bigint;
  readonly budget: Budget;
}

/** Counts the steps to name a set. An axis belongs to one question, so what was named before costs nothing. */
const spendOf =
  (budget: Budget): Spend =>
  (steps) => {
    budget.spend(steps, tooManyParts);
  };

const setKey = ({ set, possible }: SetOnAxis) => `${set.toString(32)} ${possible.toString(32)}`;

const principalTerms = memoizeWithin(
  setKey,
  (axis: Axis, { set, possible, budget }: SetOnAxis): readonly Term<PrincipalWord>[] =>
    termsOf(set, possible, principalNames(axis), spendOf(budget)),
);

/** Returns the words for principals as named sets. */
const principalNames = memoizeOf(namesOfPrincipals);

function namesOfPrincipals({ field, samples }: Axis): readonly NamedSet<PrincipalWord>[] {
  const where = (holds: (sample: string) => boolean) => maskWhere(samples, holds);
  const isUid = (sample: string) => /^[0-9]+$/.test(sample);
  // The last UID represents all UIDs that no policy names.
  const uids = samples.filter((sample) => sample !== undefined && isUid(sample)).slice(0, -1);
  const { patterns: roles, foldsCase } = field.kind === "atoms" ? field : { patterns: [], foldsCase: false };
  return [
    { word: { kind: "anonymous" }, mask: where((sample) => sample === "anonymous") },
    { word: { kind: "any UID" }, mask: where(isUid) },
    { word: { kind: "any role session" }, mask: where((sample) => sample.startsWith("arn:")) },
    { word: { kind: "owner" }, mask: where((sample) => sample === "owner") },
    ...uids.map((uid = "") => ({
      word: { kind: "UID" as const, uid },
      mask: where((sample) => sample === uid),
    })),
    ...roles.map((pattern) => ({
      word: { kind: "role" as const, pattern, foldsCase },
      mask: where((sample) =>
        foldsCase
          ? sample.startsWith("arn:") && foldedRoleMatches(pattern, sample)
          : globMatches(pattern, sample),
      ),
    })),
  ];
}

function maskWhere(samples: readonly (string | undefined)[], holds: (sample: string) => boolean): bigint {
  return samples.reduce(
    (sum, sample, index) => (sample !== undefined && holds(sample) ? sum | (1n << BigInt(index)) : sum),
    0n,
  );
}

const maxActionSets = 2_000;
/** Style of the catalogue's names. */
const exact = { isLiteral: true, foldsCase: false };

/** Names a set of actions. Throws OverBudget if that takes too long. */
export function actionTerms(actions: ActionSet | undefined, budget: Budget): readonly Term<PatternWord>[] {
  return actions === undefined ? [anything] : namedActions(actions, budget);
}

/** Memoized, because policies contain few different sets. */
const namedActions = memoizeSteps(
  ({ field, set, possible }: ActionSet) =>
    `${set.toString(36)} ${possible.toString(36)} ${JSON.stringify(field.patterns)}`,
  ({ field, set, possible }, budget): readonly Term<PatternWord>[] =>
    termsOf(set, possible, actionNames(field), spendOf(budget)),
  tooManyParts,
  maxActionSets,
);

/** Returns the words for actions as named sets. */
const actionNames = memoizeOf((field: AtomField): readonly NamedSet<PatternWord>[] => {
  const samples = field.atoms.map(({ sample }) => sample);
  const patterns = field.patterns.flatMap((text): readonly NamedSet<PatternWord>[] => {
    const folded = asciiLower(text);
    const plain = { text, style: { isLiteral: false, foldsCase: false } };
    return [
      { word: plain, mask: maskWhere(samples, (name) => globMatches(text, name)) },
      {
        word: { text, style: { isLiteral: false, foldsCase: true } },
        mask: maskWhere(samples, (name) => globMatches(folded, asciiLower(name))),
      },
    ];
  });
  const names = grantable.map(({ name: text }, index) => ({
    word: { text, style: exact },
    mask: 1n << BigInt(index),
  }));
  return [...patterns, ...names];
});

/** Returns the condition on a key; none if the key may have any value. */
const conditionTerm = memoizeWithin(setKey, conditionOn);

function conditionOn(axis: Axis, { set, possible, budget }: SetOnAxis): readonly ConditionTerm[] {
  if ((possible & ~set) === 0n) return [];
  const absent = maskOfAbsent(axis);
  const values = possible & ~absent;
  return [
    {
      key: axis.field.name,
      values: (set & values) === 0n ? [] : valueTerms(axis, { set: set & values, possible: values, budget }),
      orAbsent: (possible & absent) !== 0n && (set & absent) !== 0n,
    },
  ];
}

function maskOfAbsent({ samples }: Axis): bigint {
  return samples.reduce(
    (sum, sample, index) => (sample === undefined ? sum | (1n << BigInt(index)) : sum),
    0n,
  );
}

function valueTerms(axis: Axis, { set, possible, budget }: SetOnAxis): readonly Term<ValueWord>[] {
  const { field, samples } = axis;
  if ((possible & ~set) === 0n) return [anything];
  if (field.kind === "texts") {
    const textWord = (word: PatternWord): ValueWord => ({ kind: "text", word });
    return termsOf(set, possible, patternNames(axis), spendOf(budget)).map(({ all, except }) => ({
      all: all.map(textWord),
      except: except.map(textWord),
    }));
  }
  const isIn = (index: number) => ((set >> BigInt(index)) & 1n) === 1n;
  if (field.atoms.every(({ range }) => range === undefined))
    return bitsOf(set).map((bit) => ({ all: [{ kind: "bool", value: samples[bit] ?? "" }], except: [] }));
  if (!/Ip$/.test(field.name)) return spansOf(axis, isIn);
  spendOf(budget)(field.atoms.length * stepsOfNetwork);
  const cidrWord = (cidr: string): ValueWord => ({ kind: "network", cidr });
  return networkTerms(field.atoms, isIn).map(({ all, except }) => ({
    all: all.map(cidrWord),
    except: except.map(cidrWord),
  }));
}

/** Steps to cover the addresses of one atom with networks. */
const stepsOfNetwork = 100;

/** Returns the runs of numbers or times, adjacent atoms merged. */
function spansOf({ field }: Axis, isMeant: (index: number) => boolean): readonly Term<ValueWord>[] {
  if (field.kind !== "atoms") return [];
  const family = field.name === "acs:CurrentTime" ? "Date" : "Numeric";
  const spans: { first: bigint; last: bigint; isOpen: boolean }[] = [];
  const ordered = field.atoms.flatMap(({ range }, index) => (range === undefined ? [] : [{ range, index }]));
  for (const [at, { range, index }] of ordered.entries()) {
    if (!isMeant(index)) continue;
    const before = spans.at(-1);
    const isOpen = at === ordered.length - 1;
    if (before !== undefined && before.last + 1n === range.first)
      Object.assign(before, { last: range.last, isOpen });
    else spans.push({ ...range, isOpen });
  }
  return spans.map(({ first, last, isOpen }) => ({
    all: [{ kind: "span", from: scaleText(family, first), to: isOpen ? undefined : scaleText(family, last) }],
    except: [],
  }));
}
