import equal from "fast-deep-equal";
import type * as z from "zod/mini";
import { compareDiagnostics, type Diagnostic, type Span } from "../diagnostic.ts";
import { nearMiss, suggestion } from "../near-miss.ts";
import { policyFieldNames } from "../policy/field-names.ts";
import type { JsonObject } from "../policy/json.ts";
import { scalarText } from "../policy/policy.ts";
import { renaming, shortRegion } from "./corrections.ts";
import { credentialKeys } from "./credential-schema.ts";
import { unquotedIn, wrongWords, type WrongWord } from "./guard-problems.ts";
import { acceptableHazards, adjustableHazards, passingHazards } from "./guard-schema.ts";
import { entryOf, jsonOf, nodeAt, type MapNode, type Node } from "./node.ts";
import { limitKeys } from "./schema.ts";

/** Reports each violation of a schema, at its place. */
export function checkSchema(schema: z.ZodMiniObject, node: Node): readonly Diagnostic[] {
  if (node.kind !== "map") {
    const names = Object.keys(schema.shape).join("`, `");
    return [finding("wrong-value", "the file must be a map", node.span, `its keys are \`${names}\``)];
  }
  const result = schema.safeParse(withoutInsides(node));
  if (result.success) return [];
  const { issues } = result.error;
  const allowed = Object.keys(schema.shape);
  return issues
    .filter((issue) => !isMisspelt(issue, node, issues) && !isByUnknownKey(issue, issues))
    .flatMap((issue) => explain(issue, node, allowed))
    .sort(compareDiagnostics);
}

/** Returns the JSON of a file without its policies and statements, which lint checks. */
function withoutInsides({ entries }: MapNode): JsonObject {
  return Object.fromEntries(
    entries.map(({ name, value }) => {
      if (name === "policy" && value.kind === "map") return [name, {}];
      if (name === "Statement" && value.kind === "list") return [name, []];
      return [name, jsonOf(value)];
    }),
  );
}

/** Returns whether a key is only misspelt: a missing and an unknown key of one map are then one mistake. */
function isMisspelt(issue: z.core.$ZodIssue, root: Node, issues: readonly z.core.$ZodIssue[]): boolean {
  const name = String(issue.path.at(-1) ?? "");
  const above = issue.path.slice(0, -1);
  if (issue.path.length === 0 || entryOf(nodeAt(root, above), name) !== undefined) return false;
  return issues.some(
    (other) =>
      other.code === "unrecognized_keys" &&
      equal(other.path, above) &&
      other.keys.some((key) => nearMiss(key, [name]) !== undefined),
  );
}

/** Returns whether a map breaks a rule on its keys because one of them is unknown. */
function isByUnknownKey({ code, path }: z.core.$ZodIssue, issues: readonly z.core.$ZodIssue[]): boolean {
  return (
    code === "custom" &&
    issues.some((other) => other.code === "unrecognized_keys" && other.path[0] === path[0])
  );
}

/** Unknown keys of one map that are reported: with more, it is another file. */
const maxUnknownKeys = 20;

function explain(issue: z.core.$ZodIssue, root: MapNode, allowed: readonly string[]): Diagnostic[] {
  if (issue.code === "unrecognized_keys") {
    const inside = nodeAt(root, issue.path);
    const words = issue.path.length === 2 ? wrongWords(String(issue.path[0]), inside) : [];
    if (words.length > 0) return words.map((word) => wordFinding(word));
    if (issue.path[0] === "hazards") return issue.keys.map((key) => wrongSeverity(key, inside));
    const known = keysAt(issue.path) ?? allowed;
    return issue.keys.slice(0, maxUnknownKeys).map((key) => {
      const span = entryOf(inside, key)?.nameSpan ?? inside.span;
      const isOfPolicy = policyFieldNames.includes(key);
      const help = isOfPolicy ? "write it below `policy:`, indented" : suggestion(key, known);
      const found = finding(
        "unknown-key",
        `\`${key}\` is not a key of ${inside === root ? "this file" : `\`${issue.path.map(String).join(".")}\``}`,
        span,
        help,
      );
      return isOfPolicy || inside !== root ? found : { ...found, ...renaming(key, span, root, allowed) };
    });
  }
  const [key = ""] = issue.path;
  const entry = entryOf(root, String(key));
  if (entry === undefined)
    return [finding("missing-key", `\`${String(key)}\` is missing`, root.span, issue.message)];
  const name = issue.path.map(String).join(".");
  const wrong = wrongIn(issue.path, root);
  if (wrong.length > 0) return wrong.map((word) => wordFinding(word));
  if (issue.code === "invalid_key") {
    const wrongKey = entryOf(entry.value, String(issue.path.at(-1)));
    const message = `\`${name}\`: ${issue.issues[0]?.message ?? issue.message}`;
    return [finding("wrong-value", message, wrongKey?.nameSpan ?? entry.nameSpan)];
  }
  const node = nodeAt(root, issue.path);
  const isUnquoted = node.kind === "scalar" && typeof node.value !== "string" && node.value !== null;
  if (isUnquoted && !["policy", "limits", "hazards"].includes(String(key))) {
    const isUid = ["account", "identities"].includes(String(key)) && typeof node.value !== "boolean";
    const quoted = `"${node.source ?? scalarText(node.value)}"`;
    const help = `write it in quotes: \`${quoted}\``;
    const code = isUid ? "unquoted-uid" : "wrong-value";
    const fix = { edits: [{ span: node.span, text: quoted }] };
    return [{ ...finding(code, `\`${name}\` must be a string`, node.span, help), fix }];
  }
  const help = key === "policy" ? "write `Version` and `Statement` below it, or the word `none`" : undefined;
  return [
    {
      ...finding("wrong-value", `\`${name}\`: ${issue.message}`, node.span, help),
      ...shortRegion(name, node),
    },
  ];
}

/** Returns the wrong words of an entry of a list, or of a value in it, that has not the right shape. */
function wrongIn(path: readonly PropertyKey[], root: MapNode): readonly WrongWord[] {
  const [list, ...rest] = path.map(String);
  const node = nodeAt(root, path);
  if (list === undefined || !["accept", "expect", "operators", "guardrails", "vars"].includes(list))
    return [];
  return rest.length === 1 && list !== "vars" ? wrongWords(list, node) : unquotedIn(node);
}

/** Returns the keys of a map inside an account file; undefined at the top of a file. */
function keysAt([first, second]: readonly PropertyKey[]): readonly string[] | undefined {
  if (first === "credentials") return credentialKeys;
  if (first !== "limits") return undefined;
  return second === undefined ? limitKeys : ["count", "percent"];
}

/** Reports a key of `hazards` whose severity an account cannot set. */
function wrongSeverity(key: string, inside: Node): Diagnostic {
  const span = entryOf(inside, key)?.nameSpan ?? inside.span;
  const isHazard = [...acceptableHazards, ...passingHazards].some((code) => code === key);
  const message = isHazard
    ? `\`${key}\` blocks whatever account.yaml says`
    : `\`${key}\` is not a hazard whose severity can be set`;
  return finding("wrong-value", message, span, isHazard ? "remove it" : suggestion(key, adjustableHazards));
}

function wordFinding({ code, message, span, help, fix }: WrongWord): Diagnostic {
  return { ...finding(code, message, span, help), ...(fix === undefined ? {} : { fix }) };
}

function finding(code: string, message: string, span: Span, help?: string): Diagnostic {
  return { code, severity: "error", message, span, ...(help === undefined ? {} : { help }) };
}
