/**
 * Cone-of-influence reduction (slicing): statements that cannot affect the difference are removed, and so are the words
 * of the others that cannot.
 */

import { lowerNames } from "../../policy/actions.ts";
import { asciiLower } from "../../policy/ascii.ts";
import { globMatches } from "../../policy/glob.ts";
import { statementKey, type Policy, type Statement } from "../../policy/policy.ts";
import { parseResource } from "../../policy/resource.ts";
import { memoize, memoizeWithin } from "../../memoize.ts";
import { literalPrefixOf, mayOverlap, rolesMayOverlap, type LiteralPrefix } from "../text/literal-prefix.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { mayBeUnknown } from "./unknown-actions.ts";

/**
 * Returns two policies without the shared statements, and without their principals, actions and resources, that no
 * unshared statement overlaps: a request that is decided differently matches an unshared statement.
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
  const near = new Map<string, Statement | undefined>();
  for (const [key, shared] of old) if (wanted.has(key)) near.set(key, partNear(shared, own, bucket));
  const kept = (list: ReadonlyMap<string, Statement>) =>
    [...list].flatMap(([key, statement]) => (near.has(key) ? (near.get(key) ?? []) : [statement]));
  return [
    { ...before, statements: kept(old) },
    { ...after, statements: kept(wanted) },
  ];
}

/**
 * Returns a statement without the words that match no request of the other statements; undefined if it matches none of
 * their requests. A quick check: some words that stay may match none, too.
 */
export function partNear(
  statement: Statement,
  others: readonly Statement[],
  bucket: Bucket,
): Statement | undefined {
  const near = others.filter((one) => statementsMayMeet(statement, one, bucket));
  if (near.length === 0) return undefined;
  const { principal, action, resource } = statement;
  const words = {
    // Next to other principals, `*` may mean something else.
    principal:
      principal?.includes("*") === false
        ? principal.filter((word) => near.some((one) => principalMeets(word, statement, one, bucket)))
        : principal,
    action: action?.filter((word) => near.some((one) => actionMeets(word, one))) ?? null,
    resource: resource?.filter((word) => near.some((one) => resourceMeets(word, one))) ?? null,
  };
  const isWhole = (["principal", "action", "resource"] as const).every(
    (name) => words[name]?.length === statement[name]?.length,
  );
  return isWhole ? statement : withWords(statement, words);
}

type Words = Pick<Statement, "principal" | "action" | "resource">;

/** One object for equal parts of a statement: many questions on a bucket have the same. */
const withWords = memoizeWithin(
  (words: Words) => JSON.stringify(words),
  (statement: Statement, words: Words): Statement => ({ ...statement, ...words }),
);

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
function statementsMayMeet(one: Statement, other: Statement, bucket: Bucket): boolean {
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

/** Returns false only if no action matches both a word of one statement and another statement. */
function actionMeets(word: string, other: Statement): boolean {
  if ((actionBits(word) & actionsOf(other)) !== 0n) return true;
  if (!mayBeUnknown(word)) return false;
  const name = literalPrefixOf(asciiLower(word));
  return unknownOf(other).some((also) => mayOverlap(name, also));
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

function principalsMayMeet(one: Statement, other: Statement, bucket: Bucket): boolean {
  if (one.principal === null || other.principal === null) return true;
  if (one.principal.length > other.principal.length) return principalsMayMeet(other, one, bucket);
  return one.principal.some((word) => principalMeets(word, one, other, bucket));
}

/** Returns false only if no caller matches both a word of one statement and another statement. */
function principalMeets(left: string, one: Statement, other: Statement, { owner }: Bucket): boolean {
  if (other.principal === null) return true;
  // Next to other principals, `*` may include the owner: open question `mixedPrincipals`.
  const spared = ({ condition, principal }: Statement) => condition === null && principal?.length === 1;
  const meets = (everyone: Statement, word: string) =>
    !((word === owner || word === "owner") && spared(everyone));
  const { words, roles } = callersOf(other);
  if (words.has(left)) return true;
  if (left === "*") return other.principal.some((right) => meets(one, right));
  if (words.has("*") && meets(other, left)) return true;
  if (left === "owner") return words.has(owner);
  if (left === owner) return words.has("owner");
  return left.startsWith("arn:") && roles.some((right) => rolesMayOverlap(left, right));
}

interface Callers {
  readonly words: ReadonlySet<string>;
  readonly roles: readonly string[];
}

const callers = new WeakMap<Statement, Callers>();

function callersOf(statement: Statement): Callers {
  const words = statement.principal ?? [];
  const known = callers.get(statement) ?? {
    words: new Set(words),
    roles: words.filter((word) => word.startsWith("arn:")),
  };
  callers.set(statement, known);
  return known;
}

function resourcesMayMeet(one: Statement, other: Statement): boolean {
  const [left, right] = [namesOf(one), namesOf(other)];
  return left.some((name) => right.some((also) => mayOverlap(name, also)));
}

/** Returns false only if no resource matches both a word of one statement and another statement. */
function resourceMeets(word: string, other: Statement): boolean {
  const name = nameOf(word);
  return namesOf(other).some((also) => mayOverlap(name, also));
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
