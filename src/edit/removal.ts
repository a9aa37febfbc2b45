import { Budget, limits } from "../access/budget.ts";
import { isProvedEqual } from "../access/difference.ts";
import { unsupported } from "../access/unsupported.ts";
import { bucketOf } from "../desired/desired-policy.ts";
import { childOf, jsonOf } from "../desired/node.ts";
import { globMatches } from "../policy/glob.ts";
import type { Json, JsonObject } from "../policy/json.ts";
import { canonicalPolicy } from "../policy/policy.ts";
import { parseResource } from "../policy/resource.ts";
import type { FileEdit, ListField } from "./file-edit.ts";
import type { Intent } from "./intent.ts";
import { meaningOf, membersOf, type WrittenMember, type WrittenStatement } from "./written-statement.ts";

/**
 * Returns the edits that take the requests of an intent out of one Allow statement, as far as its lists can express
 * it: the principal leaves it, and what else it had gets a statement of its own. A proof decides if that was enough.
 */
export function removalFrom(statement: WrittenStatement, intent: Intent): readonly FileEdit[] {
  if (meaningOf(statement).effect !== "Allow") return [];
  const parts = partsOf(statement, intent);
  const { Principal: principals, Action: actions, Resource: resources } = parts;
  if ([principals, actions, resources].some(({ taken }) => taken.length === 0)) return [];
  const { index } = statement;
  const rest = restsOf(statement, parts);
  if (principals.kept.length > 0)
    return [
      ...rest.map((content, at) => ({ kind: "insert statement" as const, behind: index + at, content })),
      ...removed(index, "Principal", principals),
    ];
  const [first, second] = rest;
  if (first === undefined) return [{ kind: "remove statement", statement: index }];
  if (actions.kept.length === 0) return removed(index, "Resource", resources);
  return [
    ...(second === undefined ? [] : [{ kind: "insert statement" as const, behind: index, content: second }]),
    ...removed(index, "Action", actions),
  ];
}

/** Members of a field that an intent takes away, by their index, and the others. */
interface FieldPart {
  readonly members: readonly WrittenMember[];
  readonly taken: readonly number[];
  readonly kept: readonly number[];
}

type StatementParts = Readonly<Record<ListField, FieldPart>>;

function partsOf(statement: WrittenStatement, { principal, actions, key }: Intent): StatementParts {
  const { bucket } = statement.bucket;
  const split = (field: ListField, isTaken: (word: string) => boolean): FieldPart => {
    const members = membersOf(statement, field);
    const [taken, kept]: [number[], number[]] = [[], []];
    for (const [index, { words }] of members.entries())
      (words.length > 0 && words.every(isTaken) ? taken : kept).push(index);
    return { members, taken, kept };
  };
  return {
    Principal: split("Principal", (word) => word !== "*" && globMatches(principal, word)),
    Action: split("Action", (word) => actions.length === 0 || actions.some((one) => globMatches(one, word))),
    Resource: split("Resource", (word) => key === undefined || isBelow(`${bucket}/${key}`, word)),
  };
}

function isBelow(pattern: string, word: string): boolean {
  const resource = parseResource(word);
  return resource?.kind === "named" && globMatches(pattern, resource.name);
}

function removed(statement: number, field: ListField, { taken }: FieldPart): readonly FileEdit[] {
  return taken.toReversed().map((member) => ({ kind: "remove member", statement, field, member }));
}

/** Returns what the statement still has to allow the principal: at most two statements, as the file writes them. */
function restsOf(statement: WrittenStatement, parts: StatementParts): readonly JsonObject[] {
  const { Action: actions, Resource: resources } = parts;
  const all = [...resources.members.keys()];
  const others = restOf(statement, parts, actions.kept, all);
  const elsewhere = restOf(statement, parts, actions.taken, resources.kept);
  return [
    ...(actions.kept.length === 0 ? [] : [others.content]),
    ...(resources.kept.length === 0 || !allowsSomething(elsewhere.meaning, statement)
      ? []
      : [elsewhere.content]),
  ];
}

/** Statement as a file writes it, and as OSS gets it without its Condition. */
interface Rest {
  readonly content: JsonObject;
  readonly meaning: JsonObject;
}

function restOf(
  { node }: WrittenStatement,
  { Principal: principals, Action: actions, Resource: resources }: StatementParts,
  actionsKept: readonly number[],
  resourcesKept: readonly number[],
): Rest {
  const texts = ({ members }: FieldPart, kept: readonly number[]) =>
    kept.map((index) => members[index]?.text ?? "");
  const words = ({ members }: FieldPart, kept: readonly number[]) =>
    kept.flatMap((index) => members[index]?.words ?? []);
  const condition = childOf(node, "Condition");
  const build = (list: (part: FieldPart, kept: readonly number[]) => readonly Json[]): JsonObject => ({
    Effect: "Allow",
    Principal: list(principals, principals.taken),
    Action: list(actions, actionsKept),
    Resource: list(resources, resourcesKept),
  });
  return {
    content: { ...build(texts), ...(condition === undefined ? {} : { Condition: jsonOf(condition) }) },
    meaning: build(words),
  };
}

/**
 * Returns false for a statement that is proved to have no effect, such as with actions on objects and no resource but the bucket.
 * Each has few steps, since a policy can have a hundred of them; one that is kept does no harm.
 */
function allowsSomething(statement: JsonObject, { bucket }: WrittenStatement): boolean {
  const policy = canonicalPolicy({ Version: "1", Statement: [statement] });
  const nothing = { ...policy, statements: [] };
  const isKnown = unsupported(policy).length === 0;
  return !isKnown || !isProvedEqual(nothing, policy, bucketOf(bucket), new Budget(limits.hintSteps));
}
