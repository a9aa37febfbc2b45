import { actions, isGrantable, type Action } from "../../policy/actions.ts";
import { findConditionKey } from "../../policy/conditions.ts";
import type { ConditionTest, Statement } from "../../policy/policy.ts";
import { memoizeBy } from "../../memoize.ts";
import type { LiteralPrefix } from "../text/literal-prefix.ts";
import { anyText, objectKey, roleSession, sourceVpc, type Language } from "../text/language.ts";
import { addressAtoms, orderedAtoms, type Atom } from "./intervals.ts";
import type { Budget } from "../budget.ts";
import type { Interpretation } from "../request.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { mayBeUnknown, unknownActions } from "./unknown-actions.ts";
import { patternSet, startStates, type PatternSet, type PatternStyle, type NfaStates } from "../text/nfa.ts";
import { textClasses } from "../text/text-classes.ts";

/** One thing that a request has: who asks, for which action, a condition key, or on what. */
export type Field = AtomField | TextField;

/** A field with finitely many values that a policy can tell apart. */
export interface AtomField {
  readonly kind: "atoms";
  readonly name: string;
  readonly atoms: readonly Atom[];
  /** The patterns by which its atoms differ: of role sessions, or of actions that the catalogue does not know. */
  readonly patterns: readonly string[];
  /** Of the principal: whether letter case is ignored in the role of its patterns. */
  readonly foldsCase: boolean;
}

/** A field whose values are texts. */
export interface TextField {
  readonly kind: "texts";
  readonly name: string;
  readonly language: Language;
}

/** The part of a statement that speaks of one field. */
export type Test = AtomTest | TextTest;

/** Bit n is whether atom n of the field meets it. */
export interface AtomTest {
  readonly kind: "atoms";
  readonly mask: bigint;
}

/** All groups must match, or, where negated, must not. */
export interface TextTest {
  readonly kind: "texts";
  readonly groups: readonly TextGroup[];
  /** What a request without the key, or one to the bucket itself, makes of it. */
  readonly absent: boolean;
  /** The same of a call that cannot have the key. */
  readonly impossible: boolean;
}

export interface TextGroup {
  readonly group: PatternSet;
  readonly start: NfaStates;
  readonly isNegated: boolean;
  readonly patterns: readonly string[];
  readonly style: PatternStyle;
  /** What every text begins with. */
  readonly prefix: string;
  readonly key: string;
  /** What the texts that match begin with, in small letters. */
  readonly begins: readonly LiteralPrefix[];
}

export const always: AtomTest = { kind: "atoms", mask: -1n };

/** What the fields and the tests of them are worked out from. */
export interface AnalysisContext {
  readonly statements: readonly Statement[];
  readonly bucket: Bucket;
  readonly interpretation: Interpretation;
}

export const grantable: readonly Action[] = actions.filter(isGrantable);

/** Who asks, then the action, then keys with few values, then texts: those prune best late. */
export function fieldsOf(
  { statements, bucket, interpretation }: AnalysisContext,
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
    principalField(statements, bucket, interpretation.roleCase === "is left aside", budget),
    actionField(statements),
    ...byKey.filter(({ kind }) => kind === "atoms"),
    ...byKey.filter(({ kind }) => kind === "texts"),
    { kind: "texts", name: "resource", language: objectKey },
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

/** One field for each list of words, since what is worked out for a field is kept with it. */
const maxActionFields = 1_000;

/** The actions of the catalogue, in its order, then others: each kind on the bucket and on objects. */
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

/** Anonymous, the owner, each UID that is named, any other UID, and each kind of role session. */
function principalField(
  statements: readonly Statement[],
  { owner }: Bucket,
  foldsCase: boolean,
  budget: Budget,
): AtomField {
  const words = [...new Set(statements.flatMap(({ principal }) => principal ?? []))].sort();
  const uids = words.filter((word) => /^[0-9]+$/.test(word) && word !== owner);
  const roles = words.filter((word) => word.startsWith("arn:"));
  const groups = roles.map((role) => (foldsCase ? foldedRole(role) : exactRole(role)));
  const samples = [
    "anonymous",
    "owner",
    ...uids,
    anotherUid([...uids, owner]),
    ...roleSessions(groups, budget),
  ];
  return atomField(
    "principal",
    samples.map((sample) => ({ sample })),
    roles,
    foldsCase,
  );
}

/** One role session for each set of these patterns that some session matches. */
function roleSessions(groups: readonly PatternSet[], budget: Budget): readonly string[] {
  const classes = textClasses({
    language: roleSession,
    groups: groups.map((group, query) => ({ group, start: startStates(group), query })),
    isSettled: () => false,
    spend: (steps) => {
      budget.spend(steps, () => "the patterns of role sessions make too many kinds of sessions");
    },
  });
  return classes.map(({ sample }) => sample);
}

function exactRole(role: string): PatternSet {
  return patternSet([role], { isLiteral: false, foldsCase: false });
}

/** Whether letter case can matter in the role of a pattern: RAM shows role names in lower case. */
export function hasCapitalRole(pattern: string): boolean {
  return /^arn:[^/]*\/[^/]*[A-Z]/.test(pattern);
}

/** The role stands between the slashes; only there letter case may be left aside. */
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
