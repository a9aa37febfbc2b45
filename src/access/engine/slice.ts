/** Cone-of-influence reduction (slicing): statements that cannot affect the difference are removed. */

import { lowerNames } from "../../policy/actions.ts";
import { asciiLower } from "../../policy/ascii.ts";
import { globMatches } from "../../policy/glob.ts";
import { statementKey, type Policy, type Statement } from "../../policy/policy.ts";
import { parseResource } from "../../policy/resource.ts";
import { memoize } from "../../memoize.ts";
import { literalPrefixOf, mayOverlap, type LiteralPrefix } from "../text/literal-prefix.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { mayBeUnknown } from "./unknown-actions.ts";

/**
 * Returns two policies without the shared statements that overlap none of the unshared ones: a request
 * that is decided differently matches an unshared statement.
 */
export function sliced(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
): readonly [Policy | "none", Policy | "none"] {
  if (before === "none" || after === "none") return [before, after];
  const [old, wanted] = [byKey(before), byKey(after)];
  const own = [
    ...[...old].filter(([key]) => !wanted.has(key)),
    ...[...wanted].filter(([key]) => !old.has(key)),
  ].map(([, statement]) => statement);
  const far = new Set<string>();
  for (const [key, shared] of old)
    if (wanted.has(key) && !own.some((one) => statementsMayMeet(shared, one, bucket))) far.add(key);
  const kept = (list: ReadonlyMap<string, Statement>) =>
    [...list].flatMap(([key, statement]) => (far.has(key) ? [] : [statement]));
  return [
    { ...before, statements: kept(old) },
    { ...after, statements: kept(wanted) },
  ];
}

const keys = new WeakMap<Statement, string>();

function byKey({ statements }: Policy): ReadonlyMap<string, Statement> {
  return new Map(
    statements.map((statement) => {
      const key = keys.get(statement) ?? statementKey(statement);
      keys.set(statement, key);
      return [key, statement];
    }),
  );
}

/** Returns false only if no request matches both under any interpretation. A quick check: true proves nothing. */
export function statementsMayMeet(one: Statement, other: Statement, bucket: Bucket): boolean {
  return actionsMayMeet(one, other) && principalsMayMeet(one, other, bucket) && resourcesMayMeet(one, other);
}

const actionBits = memoize((pattern) => {
  const folded = asciiLower(pattern);
  return lowerNames.reduce(
    (bits, name, index) => (globMatches(folded, name) ? bits | (1n << BigInt(index)) : bits),
    0n,
  );
});

function actionsMayMeet(one: Statement, other: Statement): boolean {
  if ((actionsOf(one) & actionsOf(other)) !== 0n) return true;
  const [left, right] = [unknownOf(one), unknownOf(other)];
  return left.some((name) => right.some((also) => mayOverlap(name, also)));
}

const unknown = new WeakMap<Statement, readonly LiteralPrefix[]>();

/** Returns the literal prefixes of actions outside the catalogue that it may match, in lower case. */
function unknownOf(statement: Statement): readonly LiteralPrefix[] {
  const known =
    unknown.get(statement) ??
    (statement.action ?? [])
      .filter((word) => mayBeUnknown(word))
      .map((word) => literalPrefixOf(asciiLower(word)));
  unknown.set(statement, known);
  return known;
}

const bitsOf = new WeakMap<Statement, bigint>();

/** Returns one bit for each action that it matches if letter case is ignored. */
function actionsOf(statement: Statement): bigint {
  const bits =
    bitsOf.get(statement) ?? (statement.action ?? []).reduce((all, pattern) => all | actionBits(pattern), 0n);
  bitsOf.set(statement, bits);
  return bits;
}

function principalsMayMeet(one: Statement, other: Statement, { owner }: Bucket): boolean {
  if (one.principal === null || other.principal === null) return true;
  // Next to other principals, `*` may include the owner: open question `mixedPrincipals`.
  const spared = ({ condition, principal }: Statement) => condition === null && principal?.length === 1;
  const meets = (everyone: Statement, word: string) =>
    !((word === owner || word === "owner") && spared(everyone));
  return one.principal.some((left) =>
    other.principal?.some((right) => {
      if (left === right) return true;
      if (left === "*") return meets(one, right);
      if (right === "*") return meets(other, left);
      if (left === "owner" || right === "owner") return left === owner || right === owner;
      return left.startsWith("arn:") && right.startsWith("arn:");
    }),
  );
}

function resourcesMayMeet(one: Statement, other: Statement): boolean {
  const [left, right] = [namesOf(one), namesOf(other)];
  return left.some((name) => right.some((also) => mayOverlap(name, also)));
}

const names = new WeakMap<Statement, readonly LiteralPrefix[]>();

function namesOf(statement: Statement): readonly LiteralPrefix[] {
  const known = names.get(statement) ?? (statement.resource ?? [""]).map(nameOf);
  names.set(statement, known);
  return known;
}

const nameOf = memoize((word): LiteralPrefix => {
  const parsed = parseResource(word);
  return literalPrefixOf(parsed === undefined || parsed.kind === "everything" ? "*" : parsed.name);
});
