import * as z from "zod";
import { extend } from "zod/mini";
import { actions, administrationTexts, isGrantable, type Action } from "../policy/actions.ts";
import { conditionKeys, operators } from "../policy/conditions.ts";
import { openQuestions } from "../policy/open-questions.ts";
import { interpretationsSchema } from "./interpretations-schema.ts";
import { accountSchema, bucketSchema, setSchema } from "./schema.ts";

/**
 * Returns the JSON Schema of the files, for editors: the schemas of the parser, with the policy language in
 * `policy` from its catalogues. All that it refuses, `validate` refuses too, unless an ignore comment silences
 * it, which an editor does not know.
 */
export function filesSchema(): object {
  const all = z.object({
    account: accountSchema,
    interpretations: extend(interpretationsSchema, { observed: observedPositions }),
    set: extend(setSchema, { Statement: statements }),
    bucket: extend(bucketSchema, { policy: policyOrNone.optional() }),
  });
  // One call for all, so that shared parts are defined once, under a name that an editor can show.
  const made = z.toJSONSchema(all, { target: "draft-7", io: "input", reused: "inline" });
  const { account, interpretations, set, bucket } = made.properties ?? {};
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "oss-policy files",
    description:
      "An account.yaml, a statement set (a file in a _sets folder), a bucket file, or interpretations.",
    if: { required: ["observed"] },
    then: interpretations,
    else: {
      if: { required: ["account"] },
      then: account,
      else: {
        if: { required: ["Statement"] },
        then: set,
        else: {
          allOf: [bucket],
          oneOf: [{ required: ["bucket"] }, { required: ["buckets"] }],
          anyOf: [{ required: ["policy"] }, { required: ["use"] }],
        },
      },
    },
    definitions: made["definitions"],
  };
}

/** Positions of each open question, so that an editor offers them. */
const observedPositions = z
  .strictObject(
    Object.fromEntries(
      Object.entries<readonly string[]>(openQuestions).map(([name, positions]) => [
        name,
        z.enum(positions).optional().describe(`Observed position of ${name}.`),
      ]),
    ),
  )
  .describe(z.globalRegistry.get(interpretationsSchema.shape.observed)?.description ?? "");

/** Text with a variable, which may have any value; `validate` checks it once the value is known. */
const variablePattern = /\$\{/;
const variable = z.string().regex(variablePattern);

function oneOrMore(member: z.ZodType): z.ZodType {
  return z.union([member, z.array(member)]);
}

const knownAction = z.union(
  actions.filter(isGrantable).map((action) => z.literal(action.name).describe(actionText(action))),
);
const action = z.union([knownAction, z.string().regex(/[*?]/), variable]).meta({ id: "action" });

function actionText({ level, access, administers, note }: Action): string {
  const reason = administers === undefined ? [] : [administrationTexts[administers]];
  return [`${access}, ${level} level`, ...reason, ...(note === undefined ? [] : [note])].join("; ");
}

const conditionValue = oneOrMore(z.union([z.string(), z.number(), z.boolean()])).meta({
  id: "condition values",
});

const conditionTests = z
  .object(
    Object.fromEntries(
      conditionKeys.map(({ name, description, note }) => [
        name,
        conditionValue.optional().describe(note === undefined ? description : `${description}; ${note}`),
      ]),
    ),
  )
  .catchall(conditionValue)
  .meta({ id: "condition keys" });

/** Conditions by operator. Operators are a closed list; a name with a variable is accepted. */
const condition = z
  .object(
    Object.fromEntries(
      operators.map(({ name, family, negated, hasMeaning }) => {
        const matches = negated ? "none of the values matches" : "any of the values matches";
        const meaning = hasMeaning ? `True if ${matches}.` : "Its meaning is not documented.";
        return [name, conditionTests.optional().describe(`${family} values. ${meaning}`)];
      }),
    ),
  )
  .meta({ patternProperties: { [variablePattern.source]: {} }, additionalProperties: false });

const statement = z.strictObject({
  Sid: z.string().optional().describe("Name of the statement. OSS does not document it."),
  Effect: z
    .union([z.enum(["Allow", "Deny"]), variable])
    .describe("Allow or Deny. A Deny overrides every Allow."),
  Principal: oneOrMore(z.string()).describe(
    'UIDs in quotes, role sessions as arn:sts::UID:assumed-role/ROLE/SESSION, or "*" for everyone.',
  ),
  Action: oneOrMore(action).describe("Actions such as oss:GetObject; * and ? are wildcards."),
  Resource: oneOrMore(z.string()).describe(
    "acs:oss:*:${account}:${bucket} for the bucket, acs:oss:*:${account}:${bucket}/* for its objects.",
  ),
  Condition: condition.optional().describe("Operator, then key, then a value or a list of values."),
});

const statements = z
  .array(statement)
  .describe("Statements, in any order: a Deny overrides every Allow, and Allows add up.");

const policyOrNone = z
  .union([
    z.literal("none"),
    z.strictObject({
      Id: z.string().optional().describe("Name of the policy. OSS does not document it."),
      Version: z
        .union([z.literal("1"), variable])
        .describe('Version of the policy language: "1", in quotes.'),
      Statement: statements.optional().describe("Statements; optional if `use` adds some."),
    }),
  ])
  .describe(z.globalRegistry.get(bucketSchema.shape.policy)?.description ?? "");
