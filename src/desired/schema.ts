import { en } from "zod/locales";
import * as z from "zod/mini";
import { compareDiagnostics, type Diagnostic, type Span } from "../diagnostic.ts";
import { nearMiss, suggestion } from "../near-miss.ts";
import { policyFieldNames } from "../policy/field-names.ts";
import type { JsonObject } from "../policy/json.ts";
import { scalarText } from "../policy/policy.ts";
import { entryOf, jsonOf, nodeAt, type MapNode, type Node } from "./node.ts";
import { renaming, shortRegion } from "./corrections.ts";
import { credentialKeys, credentials } from "./credential-schema.ts";
import { wrongWords } from "./guard-problems.ts";
import {
  acceptableHazards,
  accepts,
  adjustableHazards,
  described,
  expects,
  guardrails,
  operators,
  passingHazards,
  severities,
} from "./guard-schema.ts";
import { interpretationsName } from "./interpretations-schema.ts";

// zod/mini has messages of its own only where they are asked for.
z.config(en());

const region = described(
  z
    .string("a region is a string such as `cn-hangzhou`")
    .check(
      z.regex(
        /^(?!oss-)[a-z]{2,}(-[a-z0-9]+)+$/,
        "not the shape of a region: write it as OSS's short form, such as `cn-hangzhou`",
      ),
    ),
  "Region in its short form, such as cn-hangzhou.",
);

const bucketName = z
  .string("a bucket name is a string")
  .check(
    z.regex(
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
      "not a bucket name: 3 to 63 lower-case letters, digits and hyphens, no hyphen at either end",
    ),
  );

const variableName = z
  .string()
  .check(
    z.regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "a name begins with a letter and holds letters, digits, `-` and `_`"),
  );

const vars = z.record(
  variableName,
  z.union([z.string(), z.array(z.string())], "a variable is a string, or a list of strings"),
  "vars is a map of names to strings or lists of strings",
);

const limit = z.strictObject(
  {
    count: described(
      z.optional(z.int("a count is a whole number").check(z.minimum(0, "a count is a whole number from 0"))),
      "Maximum of buckets in one run.",
    ),
    percent: described(
      z.optional(
        z
          .number("a percentage is a number from 0 to 100")
          .check(
            z.minimum(0, "a percentage is a number from 0 to 100"),
            z.maximum(100, "a percentage is a number from 0 to 100"),
          ),
      ),
      "Maximum in percent of the buckets that have a file.",
    ),
  },
  "a limit is `{ count: N }`, `{ percent: N }` or both",
);

/** Schema of an account.yaml. */
export const accountSchema = described(
  z.strictObject({
    account: described(
      z
        .string("an account is a UID in quotes")
        .check(z.regex(/^[0-9]{1,32}$/, 'an account is a UID, all digits, such as `"1746495857600001"`')),
      "UID of the bucket owner, in quotes.",
    ),
    name: described(
      z.optional(z.string("a name is a string").check(z.minLength(1, "a name is not empty"))),
      "Name of the account, which --account accepts.",
    ),
    region: described(z.optional(region), "Default region of the buckets, such as cn-hangzhou."),
    scope: described(
      z.optional(z.enum(["listed", "all"], "scope is `listed` or `all`")),
      "listed: only buckets that have a file; all: also report buckets that have a policy but no file.",
    ),
    identities: described(
      z.optional(
        z.record(
          variableName,
          z
            .string("an identity is a UID or a role's ARN, in quotes")
            .check(
              z.regex(
                /^([0-9]+|arn:sts::.+)$/,
                "an identity is a UID, all digits, or an ARN that begins with `arn:sts::`",
              ),
            ),
          "identities is a map of names to UIDs and ARNs",
        ),
      ),
      "Names for UIDs and role ARNs: usable in policies as ${name}.",
    ),
    vars: described(
      z.optional(vars),
      "Variables for all policies of the account: a string, or a list of strings.",
    ),
    credentials,
    operators,
    limits: described(
      z.optional(
        z.strictObject(
          {
            change: described(
              z.optional(limit),
              "Updates and deletes. Default: 30 percent, from 10 buckets on.",
            ),
            delete: described(z.optional(limit), "Deletes. Default: 10 percent, from 10 buckets on."),
            abandon: described(
              z.optional(limit),
              "Buckets whose file is gone since --base. Default: 10 percent, from 10 buckets on.",
            ),
          },
          "limits is a map of `change`, `delete` and `abandon`",
        ),
      ),
      "How much of the account one run may change. Above a limit, apply writes no bucket of the account.",
    ),
    hazards: severities,
    guardrails,
    interpretations: interpretationsName,
  }),
  "Account folder: the folder of this file and all folders below it, down to the next account.yaml.",
);

/** Schema of a bucket file. The content of `policy` is in the policy language, which lint checks. */
export const bucketSchema = described(
  z.strictObject({
    bucket: described(z.optional(bucketName), "Name of the bucket."),
    buckets: described(
      z.optional(
        z
          .array(bucketName, "buckets is a list of bucket names")
          .check(
            z.minLength(1, "buckets names at least one bucket"),
            z.maxLength(1_000, "buckets names at most 1,000 buckets"),
          ),
      ),
      "Names of several buckets with the same policy, in which ${bucket} is the name of each.",
    ),
    region: described(z.optional(region), "Region of the bucket, if it is not the account's region."),
    vars: described(z.optional(vars), "Variables of this file, which override those of the account."),
    use: described(
      z.optional(
        z
          .array(z.string("a statement set is named by a string"), "use is a list of names of statement sets")
          .check(
            z.minLength(1, "use names at least one statement set"),
            z.maxLength(50, "use names at most 50 statement sets"),
          ),
      ),
      "Statement sets, from _sets/NAME.yaml in the nearest folder upward; appended to the policy.",
    ),
    policy: described(
      z.optional(
        z.union(
          [z.literal("none"), z.record(z.string(), z.unknown())],
          "a policy is a map with Version and Statement, or the word `none`",
        ),
      ),
      "Bucket policy in OSS's own language, or none for no policy.",
    ),
    expect: expects,
    accept: accepts,
  }),
  "Desired policy of a bucket.",
);

/** Schema of a statement set: a file in a `_sets` folder. */
export const setSchema = described(
  z.strictObject({
    Statement: described(z.array(z.unknown(), "Statement is a list of statements"), "Statements of the set."),
  }),
  "Statement set, for `use`.",
);

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
  const unknown = issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  return issues
    .filter((issue) => !isMisspelt(issue, node, unknown) && !isByUnknownKey(issue, issues))
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

/** Returns whether a key is only misspelt: a missing and an unknown key are then one mistake. */
function isMisspelt(issue: z.core.$ZodIssue, root: Node, unknown: readonly string[]): boolean {
  const name = String(issue.path[0] ?? "");
  if (issue.path.length !== 1 || entryOf(root, name) !== undefined) return false;
  return unknown.some((key) => nearMiss(key, [name]) !== undefined);
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
    if (words.length > 0)
      return words.map(({ message, span, help }) => finding("unknown-key", message, span, help));
    if (issue.path[0] === "hazards") return issue.keys.map((key) => wrongSeverity(key, inside));
    const known = issue.path[0] === "credentials" ? credentialKeys : allowed;
    return issue.keys.slice(0, maxUnknownKeys).map((key) => {
      const span = entryOf(inside, key)?.nameSpan ?? inside.span;
      const isOfPolicy = policyFieldNames.includes(key);
      const help = isOfPolicy ? "write it below `policy:`, indented" : suggestion(key, known);
      const found = finding("unknown-key", `\`${key}\` is not a key of this file`, span, help);
      return isOfPolicy || inside !== root ? found : { ...found, ...renaming(key, span, root, allowed) };
    });
  }
  const [key = ""] = issue.path;
  const entry = entryOf(root, String(key));
  if (entry === undefined)
    return [finding("missing-key", `\`${String(key)}\` is missing`, root.span, issue.message)];
  const name = issue.path.map(String).join(".");
  const wrong = issue.path.length === 2 ? wrongWords(String(key), nodeAt(root, issue.path)) : [];
  if (wrong.length > 0)
    return wrong.map(({ message, span, help }) => finding("wrong-value", message, span, help));
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

/** Reports a key of `hazards` whose severity an account cannot set. */
function wrongSeverity(key: string, inside: Node): Diagnostic {
  const span = entryOf(inside, key)?.nameSpan ?? inside.span;
  const isHazard = [...acceptableHazards, ...passingHazards].some((code) => code === key);
  const message = isHazard
    ? `\`${key}\` blocks whatever account.yaml says`
    : `\`${key}\` is not a hazard whose severity can be set`;
  return finding("wrong-value", message, span, isHazard ? "remove it" : suggestion(key, adjustableHazards));
}

function finding(code: string, message: string, span: Span, help?: string): Diagnostic {
  return { code, severity: "error", message, span, ...(help === undefined ? {} : { help }) };
}
