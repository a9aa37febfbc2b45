import { childOf, entryOf, stringOf, type MapNode, type Node } from "../../desired/node.ts";
import { nearMiss } from "../../near-miss.ts";
import { insteadOf } from "../misspelt.ts";
import { isWritten, membersOf, type Finding, type PolicyInFile, type Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const policyShape: Rule = {
  code: "policy-shape",
  severity: "error",
  summary: "a policy or statement that does not have the shape that OSS documents",
  explanation: `A policy is a map with Version and Statement, a list of statements. A statement has Effect (exactly Allow or Deny),
Action, Resource and Principal, each a string or a list of strings, and may have a Condition: operator, then key, then a
value or a list of values (OSS docs: policy syntax). OSS refuses any other shape (EC 0030-00000005), or stores it with
an effect that is not documented.

Fix: write the field in the shape that the message names.`,
  check: (policy) => [
    ...statementList(policy),
    ...policy.statements.flatMap(({ node }) => statementShape(node)),
  ],
};

function statementList({ node }: PolicyInFile): readonly Finding[] {
  const statements = childOf(node, "Statement");
  const help = "write `Statement` as a list of statements";
  if (statements === undefined)
    return [{ message: "`Statement` is missing", span: node.span, help, ...insteadOf(node, "Statement") }];
  if (statements.kind !== "list")
    return [{ message: "`Statement` is not a list", span: statements.span, help }];
  if (statements.items.length === 0) {
    const help = "write `policy: none` to have no policy";
    return [{ message: "`Statement` is empty", span: statements.span, help }];
  }
  return statements.items
    .filter((item) => item.kind !== "map")
    .map((item) => ({
      message: "this statement is not a map",
      span: item.span,
      help: "write its Effect, Action ...",
    }));
}

function statementShape(statement: MapNode): readonly Finding[] {
  return [
    ...effect(statement),
    ...required(statement, "Action", "write the actions, such as oss:GetObject"),
    ...required(statement, "Resource", "write the resources, such as acs:oss:*:UID:BUCKET/KEY"),
    ...["Action", "Resource", "Principal"].flatMap((field) => stringMembers(statement, field)),
    ...condition(childOf(statement, "Condition")),
  ];
}

function effect(statement: MapNode): readonly Finding[] {
  const written = childOf(statement, "Effect");
  const value = stringOf(written);
  if (value === "Allow" || value === "Deny") return [];
  const message = written === undefined ? "`Effect` is missing" : "`Effect` is neither Allow nor Deny";
  const span = (written ?? statement).span;
  const near = value === undefined ? undefined : nearEffect(value);
  if (near === undefined) {
    const help = "write `Allow` or `Deny`, whichever is meant";
    return [{ message, span, help, ...insteadOf(statement, "Effect") }];
  }
  const word = { text: value ?? "", span, isWhole: written !== undefined && isWritten(written) };
  return [{ message, span, help: `write \`${near}\``, ...replacing(word, near) }];
}

function required(statement: MapNode, field: string, help: string): readonly Finding[] {
  const entry = entryOf(statement, field);
  if (entry?.value.kind === "list" && entry.value.items.length === 0) {
    return [
      {
        message: `\`${field}\` is empty, and what OSS does with an empty list is not documented`,
        span: entry.value.span,
        help,
      },
    ];
  }
  if (entry !== undefined) return [];
  return [{ message: `\`${field}\` is missing`, span: statement.span, help, ...insteadOf(statement, field) }];
}

function nearEffect(value: string): string | undefined {
  const near = nearMiss(value.trim().toLowerCase(), ["allow", "deny"]);
  return near === undefined ? undefined : near.charAt(0).toUpperCase() + near.slice(1);
}

/** Reports members that are not strings. A number in Principal is left to unquoted-uid, which has the right fix. */
function stringMembers(statement: MapNode, field: string): readonly Finding[] {
  return membersOf(childOf(statement, field))
    .filter((member) => !(member.kind === "scalar" && isMember(member.value, field)))
    .map((member) => ({
      message: `\`${field}\` contains something that is not a string`,
      span: member.span,
      help:
        (field === "Principal" ? typedHelp(member) : undefined) ??
        inQuotes(member) ??
        "write a string, or a list of strings",
    }));
}

/** Returns the help for principals by type, such as `AWS: [...]` or `RAM: [...]` of other policy languages. */
function typedHelp(member: Node): string | undefined {
  return member.kind === "map"
    ? "write one list of UIDs and role sessions of Alibaba Cloud: OSS has no keys for kinds of principals"
    : undefined;
}

function isMember(value: unknown, field: string): boolean {
  return typeof value === "string" || (field === "Principal" && value !== null);
}

function condition(node: Node | undefined): readonly Finding[] {
  if (node === undefined) return [];
  const help = "write it as operator, key, values: StringEquals: { acs:SourceVpc: [vpc-1] }";
  const operators = node.kind === "map" ? node.entries.map(({ value }) => value) : [node];
  const strange = operators.filter((operator) => operator.kind !== "map" || node.kind !== "map");
  const values = operators.flatMap((operator) => (operator.kind === "map" ? operator.entries : []));
  const strangeValues = values
    .flatMap(({ value }) => membersOf(value))
    .filter((value) => !isConditionValue(value));
  return [...strange, ...strangeValues].map((strangeNode) => ({
    message: "this is not the shape of a Condition",
    span: strangeNode.span,
    help: (strangeValues.includes(strangeNode) ? inQuotes(strangeNode) : undefined) ?? help,
  }));
}

/** Returns the help to quote a scalar of another type, with the same characters. */
function inQuotes(node: Node): string | undefined {
  const source = node.kind === "scalar" ? (node.source ?? "") : "";
  return source === "" ? undefined : `write it in quotes: \`"${source}"\``;
}

function isConditionValue(node: Node): boolean {
  return node.kind === "scalar" && node.value !== null;
}
