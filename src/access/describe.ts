import { globMatches } from "../policy/glob.ts";
import { rememberedBy } from "../policy/remembered.ts";
import { patternNames, type Axis } from "./axes.ts";
import { bitsOf, type Extent } from "./boxes.ts";
import { foldedRoleMatches, grantable } from "./fields.ts";
import { networksOf, scaleText } from "./points.ts";
import { termsOf, termText, type Name } from "./set-names.ts";

/** A set of requests in words; the lists are unions, and the four parts hold together. */
export interface Description {
  /** `everyone`, `anonymous`, `owner`, UIDs, ARNs, `any UID`, `any role session`, and exceptions from these. */
  readonly principals: readonly string[];
  /** Names and patterns of actions, and exceptions from these. */
  readonly actions: readonly string[];
  /** `(bucket)` for the bucket itself, patterns of object keys, and exceptions from these. */
  readonly resources: readonly string[];
  /** For each key that matters `KEY: VALUE or VALUE`, where a value may be `any except ...` or `absent`. */
  readonly conditions: readonly string[];
}

export function describe(axes: readonly Axis[], extent: Extent): Described {
  const setOf = (axis: Axis) => ({
    set: extent.present.get(axis) ?? 0n,
    possible: extent.possible.get(axis) ?? axis.all,
  });
  const named = (name: string) => axes.find(({ field }) => field.name === name);
  const [principal, action] = [named("principal"), named("action")];
  const keys = axes.filter((axis) => axis !== principal && axis !== action);
  return {
    principals: principal === undefined ? ["everyone"] : principalTexts(principal, setOf(principal)),
    actions: action === undefined ? undefined : setOf(action),
    conditions: keys.flatMap((axis) => conditionText(axis, setOf(axis))),
  };
}

/** What is common to all that a box asks on; actions are named once it is known whether boxes are told as one. */
export interface Described {
  readonly principals: readonly string[];
  readonly actions: SetOnAxis | undefined;
  readonly conditions: readonly string[];
}

/** An action is on the bucket or on objects, so that two sets of one level each have none in common. */
export function joinActions(a: SetOnAxis | undefined, b: SetOnAxis | undefined): SetOnAxis | undefined {
  return a && b && { set: a.set | b.set, possible: a.possible | b.possible };
}

/** Bits of an axis, and those that could be instead. */
export interface SetOnAxis {
  readonly set: bigint;
  readonly possible: bigint;
}

function principalTexts({ field, samples }: Axis, { set, possible }: SetOnAxis): readonly string[] {
  const where = (holds: (sample: string) => boolean) => maskWhere(samples, holds);
  const isUid = (sample: string) => /^[0-9]+$/.test(sample);
  // The last UID stands for all that no policy names.
  const uids = samples.filter((sample) => sample !== undefined && isUid(sample)).slice(0, -1);
  const roles = field.kind === "atoms" ? field.roles : [];
  const names: readonly Name[] = [
    { text: "anonymous", mask: where((sample) => sample === "anonymous") },
    { text: "any UID", mask: where(isUid) },
    { text: "any role session", mask: where((sample) => sample.startsWith("arn:")) },
    { text: "owner", mask: where((sample) => sample === "owner") },
    ...uids.map((uid) => ({ text: uid ?? "", mask: where((sample) => sample === uid) })),
    ...roles.map((role) => ({ text: role, mask: where((sample) => globMatches(role, sample)) })),
    ...roles.map((role) => ({
      text: `${role} in any case`,
      mask: where((sample) => sample.startsWith("arn:") && foldedRoleMatches(role, sample)),
    })),
  ];
  return termsOf(set, possible, names).map((term) => termText(term, "everyone"));
}

function maskWhere(samples: readonly (string | undefined)[], holds: (sample: string) => boolean): bigint {
  return samples.reduce(
    (sum, sample, index) => (sample !== undefined && holds(sample) ? sum | (1n << BigInt(index)) : sum),
    0n,
  );
}

const mostActionSets = 2_000;
const actionPatterns = ["oss:Get*", "oss:List*", "oss:Put*", "oss:Delete*"];

export function actionTexts(actions: SetOnAxis | undefined): readonly string[] {
  return actions === undefined ? ["oss:*"] : namedActions(actions.set, actions.possible);
}

/** Every comparison has the same actions, and policies name few sets of them. */
const namedActions = rememberedBy(
  (set: bigint, possible: bigint) => `${set.toString(36)} ${possible.toString(36)}`,
  (set, possible): readonly string[] => {
    const samples = grantable.map(({ name }) => name);
    const patterns = actionPatterns.map((pattern) => ({
      text: pattern,
      mask: maskWhere(samples, (name) => globMatches(pattern, name)),
    }));
    const exact = samples.map((name, index) => ({ text: name, mask: 1n << BigInt(index) }));
    return termsOf(set, possible, [...patterns, ...exact]).map((term) => termText(term, "oss:*"));
  },
  mostActionSets,
);

/** None where the key may have any value. */
function conditionText(axis: Axis, { set, possible }: SetOnAxis): readonly string[] {
  if ((possible & ~set) === 0n) return [];
  const absent = maskOfAbsent(axis);
  const isAbsentOpen = (possible & absent) !== 0n;
  const values = possible & ~absent;
  const texts = (set & values) === 0n ? [] : valueTexts(axis, set & values, values);
  const none = isAbsentOpen && (set & absent) !== 0n ? ["absent"] : [];
  return [`${axis.field.name}: ${[...texts, ...none].join(" or ")}`];
}

function maskOfAbsent({ samples }: Axis): bigint {
  return samples.reduce(
    (sum, sample, index) => (sample === undefined ? sum | (1n << BigInt(index)) : sum),
    0n,
  );
}

function valueTexts(axis: Axis, set: bigint, possible: bigint): readonly string[] {
  const { field, samples } = axis;
  if ((possible & ~set) === 0n) return ["any"];
  if (field.kind === "texts")
    return termsOf(set, possible, patternNames(axis)).map((term) => termText(term, "any"));
  const first = field.atoms.find(({ range }) => range !== undefined)?.range;
  if (first === undefined) return bitsOf(set).map((bit) => samples[bit] ?? "");
  const isIn = (mask: bigint) => (index: number) => ((mask >> BigInt(index)) & 1n) === 1n;
  if (/Ip$/.test(field.name)) {
    const [inside, outside] = [
      networksOf(field.atoms, isIn(set)),
      networksOf(field.atoms, isIn(possible & ~set)),
    ];
    return outside.length < inside.length ? [`any except ${outside.join(", ")}`] : inside;
  }
  return spansOf(axis, isIn(set));
}

/** Numbers and times, from the first to the last of each run. */
function spansOf({ field }: Axis, isMeant: (index: number) => boolean): readonly string[] {
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
  return spans.map(({ first, last, isOpen }) => {
    const from = scaleText(family, first);
    if (isOpen) return `from ${from}`;
    return first === last ? from : `from ${from} to ${scaleText(family, last)}`;
  });
}
