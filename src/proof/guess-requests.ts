import { actionsMatching } from "../policy/actions.ts";
import { parseIpRange } from "../policy/ip-range.ts";
import type { ConditionTest, Statement } from "../policy/policy.ts";
import { parseResource } from "../policy/resource.ts";
import type { Request } from "../access/request.ts";
import type { Bucket } from "../policy/bucket.ts";

/** Guesses requests that a statement matches, without a search. */
export function guessesFor(statement: Statement, bucket: Bucket): readonly Request[] {
  const context = new Map((statement.condition ?? []).flatMap((test) => guessFor(test)));
  const principal = principalLike(statement.principal?.[0] ?? "*", bucket);
  return keysLike(statement, bucket).flatMap((resource) => {
    // No object key begins with `/` or `\` (OSS docs: object naming).
    if (/^[/\\]/.test(resource)) return [];
    const action = actionOf(statement, resource === "" ? "bucket" : "object");
    return action === undefined ? [] : [{ principal, action, resource, context }];
  });
}

function actionOf({ action }: Statement, level: "bucket" | "object"): string | undefined {
  for (const word of action ?? []) {
    const found = actionsMatching(word).find((one) => one.level === level);
    if (found !== undefined) return found.name;
  }
  return undefined;
}

/** Text that other patterns are unlikely to match. */
const rare = "zq7";

function filled(pattern: string): string {
  return pattern.replaceAll("*", rare).replaceAll("?", "z");
}

function principalLike(word: string, { owner }: Bucket): string {
  if (word === "*") return "anonymous";
  if (word === owner) return "owner";
  return word
    .replace(/^arn:sts::\*/, "arn:sts::7")
    .replaceAll(/\*:/g, "assumed-role:")
    .replaceAll("*", rare);
}

function keysLike({ resource }: Statement, { name }: Bucket): readonly string[] {
  return (resource ?? []).flatMap((word) => {
    const parsed = parseResource(word);
    if (parsed === undefined) return [];
    if (parsed.kind === "everything" || parsed.name === "*") return [rare, ""];
    if (parsed.name.startsWith(`${name}/`)) return [filled(parsed.name.slice(name.length + 1))];
    return [""];
  });
}

function guessFor({ operator, key, values }: ConditionTest): readonly (readonly [string, string])[] {
  const [value] = values;
  if (key === null || value === undefined) return [];
  if (operator === "IpAddress") {
    const range = parseIpRange(value);
    return range === undefined ? [] : [[key, value.replace(/\/.*/, "")]];
  }
  if (operator === "StringLike") return [[key, filled(value)]];
  return operator.includes("Not") || operator.endsWith("Than") ? [] : [[key, value]];
}
