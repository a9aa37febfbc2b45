import { policyFieldNames, statementFieldNames } from "../policy/field-names.ts";
import {
  statementKey,
  type ConditionTest,
  type Policy,
  type Statement,
  type UnknownField,
} from "../policy/policy.ts";

/** Difference between two policies, statement by statement. Order and spelling do not count. */
export interface PolicyDifference {
  readonly added: readonly PlacedStatement[];
  readonly removed: readonly Statement[];
  readonly changed: readonly ChangedStatement[];
  /** Fields of the policy itself, such as Version. */
  readonly fields: readonly FieldDifference[];
}

/** Start of a desired statement in the files. */
export interface StatementPlace {
  readonly file: string;
  readonly line: number;
}

export interface PlacedStatement {
  readonly statement: Statement;
  readonly place: StatementPlace | null;
}

export interface ChangedStatement {
  readonly before: Statement;
  readonly after: Statement;
  readonly place: StatementPlace | null;
  readonly fields: readonly FieldDifference[];
}

/** Members of one field. A nested field has a path such as Condition, StringLike, acs:SourceVpc. */
export interface FieldValue {
  readonly path: readonly string[];
  readonly members: readonly string[];
  /** The only member is JSON text: a value of a shape that the policy language does not define. */
  readonly isJson?: true;
}

/** Members added to and removed from one field. */
export interface FieldDifference {
  readonly path: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** On at least one side the value is JSON text, which is compared as a whole. */
  readonly isJson?: true;
}

/** Returns a policy without statements. It copies a Version of "1", which is then no difference. */
function beside(policy: Policy | "none"): Policy {
  const version = policy !== "none" && policy.version === "1" ? "1" : null;
  return { version, statements: [], other: [] };
}

/** Compares two policies. Pairs a removed and an added statement if they share most of their members. */
export function diffPolicies(
  before: Policy | "none",
  after: Policy | "none",
  placeOf: (statement: Statement) => StatementPlace | null = () => null,
): PolicyDifference {
  const from = before === "none" ? beside(after) : before;
  const to = after === "none" ? beside(before) : after;
  const removed = statementsMissingIn(to, from.statements);
  const added = statementsMissingIn(from, to.statements);
  const pairs = pairSimilar(removed, added);
  const paired = new Set(pairs.flat());
  return {
    added: added
      .filter((statement) => !paired.has(statement))
      .map((statement) => ({ statement, place: placeOf(statement) })),
    removed: removed.filter((statement) => !paired.has(statement)),
    changed: pairs.map(([old, now]) => ({
      before: old,
      after: now,
      place: placeOf(now),
      fields: diffFields(statementFields(old), statementFields(now)),
    })),
    fields: diffFields(policyFields(from), policyFields(to)),
  };
}

function statementsMissingIn(policy: Policy, statements: readonly Statement[]): readonly Statement[] {
  const keys = new Set(policy.statements.map(statementKey));
  return statements.filter((statement) => !keys.has(statementKey(statement)));
}

type Pair = readonly [before: Statement, after: Statement];

/** Below this Jaccard index, two statements read better as one removed and one added. */
const leastSimilarity = 0.5;

/** Pairs greedily, most similar first. Ties keep the order of the statements, so the result is stable. */
function pairSimilar(removed: readonly Statement[], added: readonly Statement[]): readonly Pair[] {
  const candidates = removed
    .flatMap((before) => added.map((after) => ({ before, after, similarity: similarity(before, after) })))
    .filter((pair) => pair.similarity >= leastSimilarity)
    .sort((a, b) => b.similarity - a.similarity);
  const taken = new Set<Statement>();
  const pairs: Pair[] = [];
  for (const { before, after } of candidates) {
    if (taken.has(before) || taken.has(after)) continue;
    taken.add(before).add(after);
    pairs.push([before, after]);
  }
  return pairs;
}

/** Returns the Jaccard index of the members of all fields; 0 for an Allow and a Deny. */
function similarity(a: Statement, b: Statement): number {
  if (a.effect !== b.effect) return 0;
  const left = memberTexts(a);
  const right = memberTexts(b);
  const common = [...left].filter((member) => right.has(member)).length;
  return common / (left.size + right.size - common);
}

function memberTexts(statement: Statement): ReadonlySet<string> {
  return new Set(
    statementFields(statement).flatMap(({ path, members }) =>
      members.map((member) => [...path, member].join("\n")),
    ),
  );
}

function diffFields(before: readonly FieldValue[], after: readonly FieldValue[]): readonly FieldDifference[] {
  const from = new Map(before.map((field) => [field.path.join("\n"), field]));
  const to = new Map(after.map((field) => [field.path.join("\n"), field]));
  return [...new Map([...from, ...to])].flatMap(([key, { path }]) => {
    const old = from.get(key)?.members ?? [];
    const now = to.get(key)?.members ?? [];
    const added = now.filter((member) => !old.includes(member));
    const removed = old.filter((member) => !now.includes(member));
    const isJson = from.get(key)?.isJson ?? to.get(key)?.isJson;
    const difference = { path, added, removed, ...(isJson === undefined ? {} : { isJson }) };
    return added.length + removed.length === 0 ? [] : [difference];
  });
}

function policyFields({ version, other }: Policy): readonly FieldValue[] {
  return [field("Version", version === null ? [] : [JSON.stringify(version)]), ...otherFields(other)];
}

/** Returns the fields that a statement has, in OSS's order. */
export function statementFields(statement: Statement): readonly FieldValue[] {
  const { effect, principal, action, resource, condition, other } = statement;
  return [
    field("Effect", effect === null ? [] : [effect]),
    listField("Principal", principal),
    listField("Action", action),
    listField("Resource", resource),
    ...(condition === null ? [] : conditionFields(condition)),
    ...otherFields(other),
  ];
}

/** Returns an empty level as a field too, since an empty Condition differs from an absent one. */
function conditionFields(tests: readonly ConditionTest[]): readonly FieldValue[] {
  if (tests.length === 0) return [field("Condition", [empty])];
  return tests.map(({ operator, key, values, unquoted = [] }) => ({
    path: key === null ? ["Condition", operator] : ["Condition", operator, key],
    members:
      values.length > 0
        ? values.map((text) => (unquoted.includes(text) ? unquotedText(text) : text))
        : [empty],
  }));
}

/** Marks a condition value that is a JSON number or boolean, which differs from the string of the same text. */
export function unquotedText(text: string): string {
  return `${text} (without quotes)`;
}

const knownNames = [...policyFieldNames, ...statementFieldNames];

/** Returns fields outside the canonical form as JSON text, marked if the canonical form has the same name. */
function otherFields(other: readonly UnknownField[]): readonly FieldValue[] {
  return other.map(({ name, json }) => ({
    ...field(name, [knownNames.includes(name) ? `${json} (as JSON)` : json]),
    isJson: true,
  }));
}

/** Shown for an empty list or map, which differs from an absent one. */
const empty = "(empty)";

function listField(name: string, members: readonly string[] | null): FieldValue {
  return field(name, members?.length === 0 ? [empty] : (members ?? []));
}

function field(name: string, members: readonly string[]): FieldValue {
  return { path: [name], members };
}
