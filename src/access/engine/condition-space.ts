/** What two policies decide for one target, over all values of the conditions. */

import type { Budget } from "../budget.ts";
import { memoizeOf } from "../../memoize.ts";
import type { Decision } from "../request.ts";
import { textClasses } from "../text/text-classes.ts";
import type { Target } from "./diagram.ts";
import { always, type AtomField, type Field, type Test, type TextField, type TextGroup } from "./fields.ts";
import { split } from "./partition.ts";
import { domainsOf, presenceOf, type RequestKind } from "./request-kind.ts";
import { allowAfter, allowBefore, denyAfter, denyBefore, sidesOf, tailOf } from "./residual.ts";

/** Class of values of a condition key that no statement of a target distinguishes. */
export type ConditionPart =
  | { readonly kind: "atoms"; readonly field: AtomField; readonly mask: bigint }
  | { readonly kind: "absent" }
  /** Texts with these answers to the groups of patterns. */
  | { readonly kind: "text"; readonly groups: readonly TextGroup[]; readonly truth: readonly boolean[] };

/** Decisions of both policies, and the parts under which they are made, for the keys that were asked for. */
export interface ConditionOutcome {
  readonly before: Decision;
  readonly after: Decision;
  /** The part of each key, by its name; a key that no statement tests is missing. */
  readonly parts: ReadonlyMap<string, ConditionPart>;
}

interface LiveStatement {
  readonly sides: number;
  readonly tests: readonly Test[];
}

interface FieldParts {
  readonly field: Field;
  readonly parts: readonly ConditionPart[];
  /** True if outcomes name the part of this key. */
  readonly isNamed: boolean;
}

/** Returns every combination of decisions and of parts of the named keys that some request has. Throws OverBudget. */
export function outcomesOf(
  target: Target,
  named: readonly string[],
  budget: Budget,
): readonly ConditionOutcome[] {
  const statements = statementsOf(target);
  const fields = target.fields.flatMap((field, index): FieldParts[] => {
    const tests = statements.flatMap(({ tests: all }) => all[index] ?? []);
    const parts = tests.every((test) => test === always)
      ? []
      : partsOf(field, tests, target.requestKind, budget);
    return [{ field, parts, isNamed: named.includes(field.name) }];
  });
  const known = new Map<string, readonly ConditionOutcome[]>();
  const from = (at: number, live: readonly LiveStatement[]): readonly ConditionOutcome[] => {
    const here = fields[at];
    if (here === undefined) return [decided(live)];
    if (here.parts.length === 0) return from(at + 1, live);
    const key = `${at} ${live.map((one) => statements.indexOf(one)).join()}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    budget.spend(here.parts.length * (1 + live.length), tooManyCombinations);
    const answer = here.parts.flatMap((part) => {
      const left = live.filter(({ tests }) => holds(tests[at] ?? always, part, here.field, target));
      const rest = from(at + 1, left);
      budget.spend(rest.length, tooManyCombinations);
      return here.isNamed ? rest.map((outcome) => withPart(outcome, here.field.name, part)) : rest;
    });
    const unique = distinct(answer);
    known.set(key, unique);
    return unique;
  };
  return from(0, statements);
}

const tooManyCombinations = () => "too many combinations of conditions";

function statementsOf({ residual, tails, fields }: Target): readonly LiveStatement[] {
  return residual.map((code) => {
    let id = tailOf(code);
    const tests = fields.map(() => {
      const { test, next } = tails.at(id);
      id = next;
      return test;
    });
    return { sides: sidesOf(code), tests };
  });
}

function decided(live: readonly LiveStatement[]): ConditionOutcome {
  const sides = live.reduce((all, one) => all | one.sides, 0);
  const decision = (allow: number, deny: number): Decision =>
    (sides & deny) !== 0 ? "deny" : (sides & allow) !== 0 ? "allow" : "none";
  return {
    before: decision(allowBefore, denyBefore),
    after: decision(allowAfter, denyAfter),
    parts: new Map(),
  };
}

function withPart(outcome: ConditionOutcome, name: string, part: ConditionPart): ConditionOutcome {
  return { ...outcome, parts: new Map([[name, part], ...outcome.parts]) };
}

function distinct(outcomes: readonly ConditionOutcome[]): readonly ConditionOutcome[] {
  const byKey = new Map(
    outcomes.map((outcome) => [`${outcome.before} ${outcome.after} ${conditionsKey(outcome)}`, outcome]),
  );
  return [...byKey.values()];
}

/** Returns equal keys for outcomes under the same parts of the given keys, or of all. */
export function conditionsKey(
  { parts }: ConditionOutcome,
  keys: readonly string[] = [...parts.keys()],
): string {
  return keys
    .map((key) => {
      const part = parts.get(key);
      return part === undefined ? "" : partKey(part);
    })
    .join("|");
}

const partKey = memoizeOf((part: ConditionPart): string => {
  if (part.kind === "atoms") return part.mask.toString(32);
  return part.kind === "absent" ? "absent" : part.truth.map(Number).join("");
});

function partsOf(
  field: Field,
  tests: readonly Test[],
  requestKind: RequestKind,
  budget: Budget,
): readonly ConditionPart[] {
  return field.kind === "atoms"
    ? atomParts(field, tests, requestKind)
    : textParts(field, tests, requestKind, budget);
}

function atomParts(
  field: AtomField,
  tests: readonly Test[],
  requestKind: RequestKind,
): readonly ConditionPart[] {
  const masks = new Set(
    tests.flatMap((test) => (test.kind === "atoms" && test !== always ? [test.mask] : [])),
  );
  return domainsOf(field, requestKind)
    .flatMap(({ domain }) => (domain === 0n ? [] : split(domain, masks)))
    .map((mask) => ({ kind: "atoms", field, mask }));
}

function textParts(
  field: TextField,
  tests: readonly Test[],
  requestKind: RequestKind,
  budget: Budget,
): readonly ConditionPart[] {
  const presence = presenceOf(field.name, requestKind);
  const absent: readonly ConditionPart[] = presence === "always" ? [] : [{ kind: "absent" }];
  if (presence === "never") return absent;
  const all = tests.flatMap((test) => (test.kind === "texts" ? test.groups : []));
  const groups = [...new Map(all.map((group) => [group.key, group])).values()];
  const classes = textClasses({
    language: field.language,
    groups: groups.map(({ group, start }, query) => ({ group, start, query })),
    isSettled: () => false,
    spend: (steps) => {
      budget.spend(steps, () => `the patterns of ${field.name} take too many states`);
    },
  });
  return [...absent, ...classes.map(({ truth }): ConditionPart => ({ kind: "text", groups, truth }))];
}

function holds(test: Test, part: ConditionPart, field: Field, { requestKind }: Target): boolean {
  if (test === always) return true;
  if (test.kind === "atoms") return part.kind === "atoms" && (part.mask & test.mask) !== 0n;
  if (part.kind === "absent")
    return presenceOf(field.name, requestKind) === "never" ? test.impossible : test.absent;
  if (part.kind !== "text") return false;
  return test.groups.every(({ key, isNegated }) => {
    const at = part.groups.findIndex((group) => group.key === key);
    return (part.truth[at] ?? false) !== isNegated;
  });
}
