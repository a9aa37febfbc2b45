import type { JsonObject } from "../../src/policy/json.ts";
import type { Pick } from "../soak/random.ts";
import { people } from "./account.ts";
import { split as splitRange } from "./ranges.ts";
import { shuffled } from "./scene.ts";
import { owner, type Condition, type Statement } from "./statements.ts";

/** Rewriting of a policy that leaves its meaning; the same policy where it does not fit. */
type Rewriting = (statements: readonly Statement[], pick: Pick) => readonly Statement[];

const lists = ["Principal", "Action", "Resource"] as const;

/** Rewrites a policy in several ways at once. Access stays as it is. */
export function rewritten(statements: readonly Statement[], pick: Pick): readonly Statement[] {
  const steps = Array.from({ length: 1 + pick(4) }, () => rewritings[pick(rewritings.length)]);
  const result = steps.reduce((done, step) => step?.(done, pick) ?? done, statements);
  return shuffled(result, pick);
}

/** Spells a policy with lists in any order, a member twice, and a list of one as its member. */
export function spelled(statements: readonly Statement[], pick: Pick): JsonObject {
  const Statement = statements.map((statement) =>
    Object.fromEntries(
      shuffled(Object.entries(statement), pick).map(([name, value]) => [name, spelledValue(value, pick)]),
    ),
  );
  return pick(2) === 0 ? { Version: "1", Statement } : { Statement, Version: "1" };
}

function spelledValue(value: Statement[keyof Statement] | Condition[string], pick: Pick): JsonObject[string] {
  if (value === undefined) return null;
  if (typeof value === "string") return value;
  if (value instanceof Array) return spelledList(value as readonly string[], pick);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, spelledValue(inner as Condition[string], pick)]),
  );
}

function spelledList(list: readonly string[], pick: Pick): string | readonly string[] {
  const [only] = list;
  if (list.length === 1 && only !== undefined && pick(3) === 0) return only;
  return shuffled(list, pick);
}

/** Writes some UIDs, the account and the bucket as variables of the file. */
export function withVariables(document: JsonObject, bucket: string, pick: Pick): JsonObject {
  const named = Object.entries(people)
    .filter(() => pick(4) === 0)
    .map(([name, uid]) => [`"${uid}"`, `"\${${name}}"`] as const);
  const pairs = pick(4) === 0 ? [...named, [`:${owner}:${bucket}`, ":${account}:${bucket}"] as const] : named;
  const text = pairs.reduce((done, [from, to]) => done.replaceAll(from, () => to), JSON.stringify(document));
  return JSON.parse(text) as JsonObject;
}

const rewritings: readonly Rewriting[] = [
  splitAtList,
  splitAtValues,
  merge,
  withDuplicate,
  withPartTwice,
  withSmallerMember,
  (statements, pick) => onOne(statements, pick, anyOwner),
  (statements, pick) => onOne(statements, pick, equalsAsLike),
  (statements, pick) => onOne(statements, pick, rangesInHalves),
  (statements, pick) => onOne(statements, pick, inBeijing),
];

function onOne(
  statements: readonly Statement[],
  pick: Pick,
  change: (statement: Statement) => Statement,
): readonly Statement[] {
  const chosen = pick(statements.length);
  return statements.map((statement, index) => (index === chosen ? change(statement) : statement));
}

/** Splits a statement in two at one of its lists. Everyone beside others stays whole: the owner rule is open there. */
function splitAtList(statements: readonly Statement[], pick: Pick): readonly Statement[] {
  const name = lists[pick(lists.length)] ?? "Action";
  const chosen = pick(statements.length);
  return statements.flatMap((statement, index) => {
    const list = statement[name];
    if (index !== chosen || list.length < 2 || (name === "Principal" && list.includes("*")))
      return [statement];
    const at = 1 + pick(list.length - 1);
    return [
      { ...statement, [name]: list.slice(0, at) },
      { ...statement, [name]: list.slice(at) },
    ];
  });
}

/** Splits a statement at the values of an operator of which one value has to match. */
function splitAtValues(statements: readonly Statement[]): readonly Statement[] {
  return statements.flatMap((statement) => {
    const { Condition: condition = {} } = statement;
    const found = (["StringEquals", "IpAddress"] as const)
      .flatMap((operator) =>
        Object.entries(condition[operator] ?? {}).map(([key, values]) => ({ operator, key, values })),
      )
      .find(({ values }) => values.length > 1);
    if (found === undefined) return [statement];
    return found.values.map((value) => ({
      ...statement,
      Condition: { ...condition, [found.operator]: { ...condition[found.operator], [found.key]: [value] } },
    }));
  });
}

/** Merges two statements that differ in one list only. */
function merge(statements: readonly Statement[]): readonly Statement[] {
  for (const [index, one] of statements.entries())
    for (const other of statements.slice(index + 1)) {
      const differing = lists.filter((name) => !sameMembers(one[name], other[name]));
      const [name] = differing;
      if (differing.length !== 1 || name === undefined || !sameRest(one, other)) continue;
      const joined = [...new Set([...one[name], ...other[name]])];
      if (name === "Principal" && joined.includes("*")) continue;
      return statements.flatMap((statement) =>
        statement === other ? [] : statement === one ? [{ ...one, [name]: joined }] : [statement],
      );
    }
  return statements;
}

function sameMembers(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((member) => other.includes(member));
}

function sameRest(one: Statement, other: Statement): boolean {
  return (
    one.Effect === other.Effect &&
    JSON.stringify(one.Condition ?? null) === JSON.stringify(other.Condition ?? null)
  );
}

function withDuplicate(statements: readonly Statement[], pick: Pick): readonly Statement[] {
  return [...statements, ...statements.slice(pick(statements.length)).slice(0, 1)];
}

/** Adds a statement on some of the keys of another. */
function withPartTwice(statements: readonly Statement[], pick: Pick): readonly Statement[] {
  const whole = statements[pick(statements.length)];
  if (whole === undefined) return statements;
  return [...statements, { ...whole, Resource: whole.Resource.map((one) => one.replace(/\*$/, "2024/*")) }];
}

/** Adds to a list of keys some that a pattern of it has. */
function withSmallerMember(statements: readonly Statement[], pick: Pick): readonly Statement[] {
  return onOne(statements, pick, (statement) => {
    const [pattern] = statement.Resource.filter((one) => one.endsWith("*"));
    if (pattern === undefined) return statement;
    return { ...statement, Resource: [...statement.Resource, pattern.replace(/\*$/, "tmp/*")] };
  });
}

function anyOwner(statement: Statement): Statement {
  return { ...statement, Resource: statement.Resource.map((one) => one.replace(`:${owner}:`, ":*:")) };
}

/** Writes StringEquals as StringLike, which is the same without a wildcard. */
function equalsAsLike(statement: Statement): Statement {
  const { StringEquals: values, ...rest } = statement.Condition ?? {};
  return values === undefined || rest["StringLike"] !== undefined
    ? statement
    : { ...statement, Condition: { ...rest, StringLike: values } };
}

function rangesInHalves(statement: Statement): Statement {
  return withValues(statement, ["IpAddress", "NotIpAddress"], splitRange);
}

/** Writes a date of UTC in the time of Beijing. */
function inBeijing(statement: Statement): Statement {
  const dates = Object.keys(statement.Condition ?? {}).filter((operator) => operator.startsWith("Date"));
  return withValues(statement, dates, (date) => {
    if (!date.endsWith("Z")) return [date];
    return [new Date(Date.parse(date) + 8 * 3_600_000).toISOString().replace(/\.000Z$/, "+08:00")];
  });
}

function withValues(
  statement: Statement,
  operators: readonly string[],
  change: (value: string) => readonly string[],
): Statement {
  if (statement.Condition === undefined) return statement;
  const changed = Object.entries(statement.Condition).map(([operator, keys]) => {
    if (!operators.includes(operator)) return [operator, keys];
    const values = Object.entries(keys).map(([key, values]) => [key, values.flatMap(change)]);
    return [operator, Object.fromEntries(values)];
  });
  return { ...statement, Condition: Object.fromEntries(changed) as Condition };
}
