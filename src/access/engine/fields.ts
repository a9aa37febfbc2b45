/**
 * Variables of the decision diagram, in variable order. A finite field is partitioned into atoms: its
 * values are equivalent if no test of the policies distinguishes them.
 */

import { actions, isGrantable, type Action } from "../../policy/actions.ts";
import { findConditionKey } from "../../policy/conditions.ts";
import type { ConditionTest, Statement } from "../../policy/policy.ts";
import { memoizeBy } from "../../memoize.ts";
import type { LiteralPrefix } from "../text/literal-prefix.ts";
import { anyText, objectKey, roleSession, sourceVpc, type Language } from "../text/language.ts";
import { addressAtoms, orderedAtoms, type Atom } from "./intervals.ts";
import { memoizeSteps, type Budget } from "../budget.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { mayBeUnknown, unknownActions } from "./unknown-actions.ts";
import { patternSet, startStates, type PatternSet, type PatternStyle, type NfaStates } from "../text/nfa.ts";
import { textClasses } from "../text/text-classes.ts";

/** Variable of the diagram: the principal, the action, a condition key or the resource of a request. */
export type Field = AtomField | TextField;

/** Field with finitely many classes of values. */
export interface AtomField {
  readonly kind: "atoms";
  readonly name: string;
  readonly atoms: readonly Atom[];
  /** Patterns that distinguish its atoms: of role sessions, or of actions outside the catalogue. */
  readonly patterns: readonly string[];
  /** True if `patterns` ignore letter case in the role name (principal only). */
  readonly foldsCase: boolean;
}

/** Field whose values are texts. */
export interface TextField {
  readonly kind: "texts";
  readonly name: string;
  readonly language: Language;
}

/** Part of a statement that constrains one field. */
export type Test = AtomTest | TextTest;

/** Test as a bit mask: bit n is set if atom n of the field meets it. */
export interface AtomTest {
  readonly kind: "atoms";
  readonly mask: bigint;
}

/** Test as a conjunction: every group must match, or must not match if it is negated. */
export interface TextTest {
  readonly kind: "texts";
  readonly groups: readonly TextGroup[];
  /** Result for a request without the key, or to the bucket itself. */
  readonly absent: boolean;
  /** Result for a call that cannot have the key. */
  readonly impossible: boolean;
}

export interface TextGroup {
  readonly group: PatternSet;
  readonly start: NfaStates;
  readonly isNegated: boolean;
  readonly patterns: readonly string[];
  readonly style: PatternStyle;
  /** Text that comes before the value of the field in every text: `BUCKET/` under `resource`, else empty. */
  readonly prefix: string;
  readonly key: string;
  /** Number of the object. */
  readonly id: number;
  /** Same key for groups whose patterns may be one union; empty if the group is negated. */
  readonly unionKey: string;
  /** Literal prefixes of the patterns, in lower case. */
  readonly begins: readonly LiteralPrefix[];
}

export const always: AtomTest = { kind: "atoms", mask: -1n };

export const grantable: readonly Action[] = actions.filter(isGrantable);

/**
 * Returns the fields in variable order: the principal, the action, finite keys, text keys, the resource.
 * Text fields come last: with few tails left, their automata are small.
 */
export function fieldsOf(
  statements: readonly Statement[],
  bucket: Bucket,
  foldsRoles: boolean,
  budget: Budget,
): readonly Field[] {
  const tests = statements.flatMap(({ condition }) => condition ?? []);
  const keys = [...new Set(tests.map(({ key }) => key ?? ""))].sort();
  const byKey = keys.map((key) =>
    keyField(
      key,
      tests.filter((test) => test.key === key),
    ),
  );
  return [
    principalField(statements, bucket, foldsRoles, budget),
    actionField(statements),
    ...byKey.filter(({ kind }) => kind === "atoms"),
    ...byKey.filter(({ kind }) => kind === "texts"),
    { kind: "texts", name: "resource", language: objectKey },
  ];
}

/** Number of the fields that make a target: the principal, the action and the resource. */
export const targetFields = 3;

/** Returns the fields with those of the target first. */
export function targetFirst(fields: readonly Field[]): readonly Field[] {
  const ofTarget = ["principal", "action", "resource"];
  return [
    ...fields.filter(({ name }) => ofTarget.includes(name)),
    ...fields.filter(({ name }) => !ofTarget.includes(name)),
  ];
}

function keyField(key: string, tests: readonly ConditionTest[]): Field {
  const absent: Atom = { sample: undefined };
  switch (findConditionKey(key)?.family) {
    case "Bool":
      return atomField(key, [{ sample: "true" }, { sample: "false" }, absent]);
    case "Numeric":
      return atomField(key, [...orderedAtoms("Numeric", tests), absent]);
    case "Date":
      return atomField(key, [...orderedAtoms("Date", tests), absent]);
    case "Ip":
      return atomField(key, [...addressAtoms(tests), absent]);
    case "String":
    case undefined:
      return { kind: "texts", name: key, language: key === "acs:SourceVpc" ? sourceVpc : anyText };
  }
}

function atomField(
  name: string,
  atoms: readonly Atom[],
  patterns: readonly string[] = [],
  foldsCase = false,
): AtomField {
  return { kind: "atoms", name, atoms, patterns, foldsCase };
}

/** Size of the cache. Equal lists of words share one field, because other caches use the field as a key. */
const maxActionFields = 1_000;

/** Returns the catalogue's actions in its order, then each unknown class on the bucket and on objects. */
function actionField(statements: readonly Statement[]): AtomField {
  const words = statements.flatMap(({ action }) => action ?? []).filter((word) => mayBeUnknown(word));
  return actionFieldOf([...new Set(words)].sort());
}

const actionFieldOf = memoizeBy(
  (words: readonly string[]) => JSON.stringify(words),
  (words): AtomField => {
    const others = unknownActions(words).flatMap((sample): Atom[] => [
      { sample, level: "bucket" },
      { sample, level: "object" },
    ]);
    const known = grantable.map(({ name, level }): Atom => ({
      sample: name,
      level: level === "object" ? level : "bucket",
    }));
    return atomField("action", [...known, ...others], words);
  },
  maxActionFields,
);

const anotherUid = (taken: readonly string[]) => {
  let uid = 299999999999999999n;
  while (taken.includes(String(uid))) uid -= 1n;
  return String(uid);
};

/** Returns atoms for anonymous, the owner, each named UID, any other UID, and each class of role sessions. */
function principalField(
  statements: readonly Statement[],
  { owner }: Bucket,
  foldsCase: boolean,
  budget: Budget,
): AtomField {
  const words = [...new Set(statements.flatMap(({ principal }) => principal ?? []))].sort();
  const uids = words.filter((word) => /^[0-9]+$/.test(word) && word !== owner);
  const roles = words.filter((word) => word.startsWith("arn:"));
  const sessions = roleSessions({ roles, foldsCase }, budget);
  budget.spend(Math.ceil((roles.length * sessions.length) / sessionsOfStep), tooManySessions);
  const samples = ["anonymous", "owner", ...uids, anotherUid([...uids, owner]), ...sessions];
  return atomField(
    "principal",
    samples.map((sample) => ({ sample })),
    roles,
    foldsCase,
  );
}

/** The owner needs no policy, so a target is never the owner's. */
export function maskOfOwner({ name, atoms }: AtomField): bigint {
  const at = atoms.findIndex(({ sample }) => sample === "owner");
  return name === "principal" && at >= 0 ? 1n << BigInt(at) : 0n;
}

const tooManySessions = () => "the patterns of role sessions make too many kinds of sessions";

/** Sessions that are matched with one pattern in one step. */
const sessionsOfStep = 4;

/** Lists of roles whose sessions are kept. */
const maxRoleLists = 200;

interface RolePatterns {
  readonly roles: readonly string[];
  readonly foldsCase: boolean;
}

/** Returns one role session for each class: each set of these patterns that some session matches. Throws OverBudget. */
const roleSessions = memoizeSteps(
  ({ roles, foldsCase }: RolePatterns) => JSON.stringify([foldsCase, roles]),
  ({ roles, foldsCase }, budget): readonly string[] => {
    const classes = textClasses({
      language: roleSession,
      groups: roles.map((role, query) => {
        const group = foldsCase ? foldedRole(role) : exactRole(role);
        return { group, start: startStates(group), query };
      }),
      isSettled: () => false,
      spend: (steps) => {
        budget.spend(steps, tooManySessions);
      },
    });
    return classes.map(({ sample }) => sample);
  },
  tooManySessions,
  maxRoleLists,
);

function exactRole(role: string): PatternSet {
  return patternSet([role], { isLiteral: false, foldsCase: false });
}

/** Returns true if letter case can matter in the role of a pattern. RAM shows role names in lower case. */
export function hasCapitalRole(pattern: string): boolean {
  return /^arn:[^/]*\/[^/]*[A-Z]/.test(pattern);
}

/** Compiles a pattern that ignores letter case in the role, which is between the slashes, and only there. */
function foldedRole(role: string): PatternSet {
  const exact = exactRole(role);
  const folded = patternSet([role], { isLiteral: false, foldsCase: true });
  const letters = [...role];
  const first = letters.indexOf("/");
  const second = letters.indexOf("/", first + 1);
  const symbols = exact.symbols.map((mark, index) =>
    index > first && index < second ? (folded.symbols[index] ?? mark) : mark,
  );
  return { ...exact, symbols };
}
