import { childOf, stringOf, type ListNode, type Node } from "../../desired/node.ts";
import type { DesiredBucket } from "../../desired/bucket-file.ts";
import type { Fix, Position } from "../../diagnostic.ts";
import { findOperator } from "../../policy/conditions.ts";
import { parseRoleSession } from "../../policy/principal.ts";
import { parseResource } from "../../policy/resource.ts";
import { operatorEntries } from "../condition.ts";
import { kindOfKey } from "../condition-kind.ts";
import { meantText, partsOf, type Kind } from "../meaning.ts";
import { isWritten, membersOf, type Finding, type Rule, type StatementInFile } from "../rule.ts";
import { sourceText } from "../texts.ts";

export const joinedValues: Rule = {
  code: "joined-values",
  severity: "error",
  isCause: true,
  follows: "line-break",
  summary: "several values in one string, such as two resources with a comma between them",
  explanation: `A list in a policy is a list of strings (OSS docs: policy syntax). OSS takes one string as one value, whatever
separators it has: two actions in one string are one action that does not exist, and two resources in one string are one
resource with a strange key. An Allow then gives nothing, and a Deny blocks nothing.

Fix: write a list with each value as a string of its own.`,
  check: ({ statements, bucket }) =>
    statements.flatMap((statement) => [
      ...(["Principal", "Action", "Resource"] as const).flatMap((field) =>
        judge(childOf(statement.node, field), { statement, kind: kinds[field], isNegated: false }, bucket),
      ),
      ...operatorEntries(statement).flatMap(({ name, value }) => judgeTests(statement, name, value, bucket)),
    ]),
};

const kinds: Readonly<Record<"Principal" | "Action" | "Resource", Kind>> = {
  Principal: "principal",
  Action: "action",
  Resource: "resource",
};

function judgeTests(
  statement: StatementInFile,
  operator: string,
  keys: Node,
  bucket: DesiredBucket,
): readonly Finding[] {
  if (keys.kind !== "map") return [];
  const isNegated = findOperator(meantText(operator))?.negated !== false;
  return keys.entries.flatMap(({ name, value }) => {
    const kind = kindOfKey(name);
    return kind === undefined ? [] : judge(value, { statement, kind, isNegated }, bucket);
  });
}

/** Field or test that a list belongs to. */
interface ListPlace {
  readonly statement: StatementInFile;
  readonly kind: Kind;
  /** True if a list of more values matches fewer requests. */
  readonly isNegated: boolean;
}

function judge(node: Node | undefined, place: ListPlace, bucket: DesiredBucket): readonly Finding[] {
  if (node === undefined) return [];
  const { kind, isNegated, statement } = place;
  const members = membersOf(node).map((member) => ({ member, parts: partsIn(member, kind, bucket) }));
  const all = members.flatMap(({ member, parts }) => parts ?? stringOf(member) ?? []);
  const joined = members.filter(({ parts }) => parts !== undefined).length;
  return members.flatMap(({ member, parts }): readonly Finding[] => {
    if (parts === undefined) return [];
    const separator = separatorIn(stringOf(member) ?? "");
    const message = `this is one string${separator}, which OSS takes as one value`;
    const isGrant = statement.effect === "Allow" && !isNegated;
    if (!parts.every(isClear[kind]) || (isNegated && statement.effect !== "Allow"))
      return [{ message, span: member.span, help: choices(kind) }];
    const help = `write a list of its ${parts.length} values: \`${listText(parts)}\``;
    const isCertain =
      isGrant &&
      // A comma in a number may be its decimal point.
      kind !== "number" &&
      joined === 1 &&
      membersOf(node).every((one) => stringOf(one) !== undefined && isWritten(one));
    return [{ message, span: member.span, help, ...(isCertain ? listInPlace(node, all) : {}) }];
  });
}

/** Tests of a part that is certainly a value: it is complete and no wildcard that matches far more than the one string. */
const isClear: Readonly<Record<Kind, (part: string) => boolean>> = {
  principal: (part) => /^[0-9]+$/.test(part) || parseRoleSession(part) !== undefined,
  action: (part) => /^(?:[A-Za-z0-9-]+:)*[A-Za-z][A-Za-z0-9*?]*$/.test(part),
  resource: (part) => {
    const resource = parseResource(part);
    if (resource === undefined) return true;
    return resource.kind === "named" && /^[^*?/]+(?:\/.+)?$/s.test(resource.name);
  },
  address: () => true,
  date: () => true,
  number: () => true,
  word: (part) => !/[*?]/.test(part),
  tag: (part) => !/[*?]/.test(part),
  // A key can contain the separators.
  prefix: () => false,
  text: () => false,
};

function choices(kind: Kind): string {
  const list = "write the values that are meant as a list, each as a string of its own";
  return kind === "prefix" ? `${list}, or silence this with its reason if it is one prefix` : list;
}

/** Splits a string into its values; a path in the bucket becomes the full resource. */
function partsIn(
  member: Node,
  kind: Kind,
  { bucket, account }: DesiredBucket,
): readonly string[] | undefined {
  const text = stringOf(member);
  const parts = text === undefined ? undefined : partsOf(meantText(text), kind, bucket);
  if (kind !== "resource") return parts;
  return parts?.map((part) => (part.startsWith(`${bucket}/`) ? `acs:oss:*:${account.uid}:${part}` : part));
}

function separatorIn(text: string): string {
  if (/^\s*\[/.test(text)) return " that contains a list";
  const found = /[,;|\n\u3001\uff0c\uff1b]/.exec(text.trim())?.[0] ?? " ";
  const names: Readonly<Record<string, string>> = { " ": "spaces", "\n": "line feeds" };
  return ` with ${names[found] ?? `\`${found}\``} in it`;
}

function listText(parts: readonly string[]): string {
  return `[${parts.map((part) => JSON.stringify(part)).join(", ")}]`;
}

/** Returns the edit that writes the field as a list on one line; none if lines between its values may have comments. */
function listInPlace(node: Node, all: readonly string[]): { readonly fix?: Fix } {
  const { span } = node;
  // In a block of text, what was meant as a comment is a part of it.
  if (
    all.some((text) => text.includes("${") || text.startsWith("#")) ||
    (node.kind === "list" && !isDense(node))
  )
    return {};
  return { fix: { edits: [{ span, text: sourceText(span, listText(all)) }] } };
}

/** Returns whether a list has no line on which a comment could be: it is on one line, or has one item that fills it. */
function isDense({ items, span }: ListNode): boolean {
  const [first] = items;
  if (span.start.line === span.end.line || first === undefined) return true;
  return items.length === 1 && first.span.start.line === span.start.line && isAt(first.span.end, span.end);
}

function isAt(a: Position, b: Position): boolean {
  return a.line === b.line && a.column === b.column;
}
