import fc from "fast-check";
import type { Json, JsonObject } from "../../src/policy/json.ts";

const account = "1746495857600001";

const principal = fc.constantFrom("*", account, "202147604049350001", "arn:sts::1:assumed-role/r/*");
const action = fc.constantFrom("oss:GetObject", "oss:PutObject", "oss:ListObjects", "oss:Get*", "oss:*");
const arn = (name: string) => `acs:oss:*:${account}:${name}`;

/** Resources of the bucket `one`: itself and its objects always, so that every action finds what it acts on. */
const resources = fc
  .uniqueArray(fc.constantFrom("one/logs/*", "one/a?c", "*"))
  .map((names) => [arn("one"), arn("one/*"), ...names.map((name) => (name === "*" ? name : arn(name)))]);

function members(one: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return fc.uniqueArray(one, { minLength: 1, maxLength: 4 });
}

/** Conditions that OSS takes and that can be true: a SourceIp always has its SourceVpc. */
const vpc = fc.oneof(
  fc.record({
    StringEquals: fc.record({ "acs:SourceVpc": members(fc.constantFrom("vpc-1", "vpc-2", "vpc-3")) }),
  }),
  fc.record({ StringLike: fc.record({ "acs:SourceVpc": members(fc.constantFrom("vpc-*", "vpc-1?", "*")) }) }),
  fc.record({ StringNotLike: fc.record({ "acs:SourceVpc": members(fc.constantFrom("vpc-*", "vpc-1?")) }) }),
);
const sourceIp = fc.record({
  IpAddress: fc.record({
    "acs:SourceIp": members(fc.constantFrom("10.0.0.0/8", "203.0.113.7", "2001:db8::/32")),
  }),
});
const transport = fc.record({
  Bool: fc.record({ "acs:SecureTransport": members(fc.constantFrom("true", "false")) }),
});
const condition = fc
  .tuple(vpc, fc.option(sourceIp), fc.option(transport))
  .map((parts) => Object.assign({}, ...parts.filter((part) => part !== null)) as JsonObject);

/** A statement as people write it, every list a list. */
const statement: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      Effect: fc.constantFrom("Allow", "Deny"),
      Principal: members(principal),
      Action: members(action),
      Resource: resources,
      Condition: condition,
    },
    { requiredKeys: ["Effect", "Principal", "Action", "Resource"] },
  )
  .map((fields) => fields as JsonObject);

/** A policy for the bucket `one` in which `validate` finds no error. */
export const policyDocument: fc.Arbitrary<JsonObject> = fc
  .array(statement, { minLength: 1, maxLength: 5 })
  .map((statements) => ({ Version: "1", Statement: statements }));

/** The same policy in other words: order, one-item lists, repetition, spellings of everyone. */
export function respelled(document: JsonObject): fc.Arbitrary<JsonObject> {
  return fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })).map((stream) => {
    const dice = () => stream.next().value as number;
    const statements = (document["Statement"] as readonly JsonObject[]).map((one) =>
      respellStatement(one, dice),
    );
    const repeated = dice() < 0.3 ? [...statements, ...statements.slice(0, 1)] : statements;
    return shuffledMembers({ Version: "1", Statement: shuffle(repeated, dice) }, dice);
  });
}

function respellStatement(statement: JsonObject, dice: () => number): JsonObject {
  const respelt = Object.entries(statement).map(([field, value]): [string, Json] => {
    if (field === "Condition") return [field, respellCondition(value as JsonObject, dice)];
    return [field, Array.isArray(value) ? respellList(value as string[], dice) : value];
  });
  const principal = statement["Principal"] as readonly string[];
  const isEveryone = principal.length === 1 && principal[0] === "*";
  const kept = isEveryone && dice() < 0.3 ? respelt.filter(([field]) => field !== "Principal") : respelt;
  const emptied =
    isEveryone && dice() < 0.3 ? kept.map(([f, v]): [string, Json] => [f, f === "Principal" ? [] : v]) : kept;
  return shuffledMembers(Object.fromEntries(emptied), dice);
}

function respellCondition(condition: JsonObject, dice: () => number): JsonObject {
  const operators = Object.entries(condition).map(([name, keys]) => {
    const entries = Object.entries(keys as JsonObject).map(([key, values]) => [
      key,
      respellList(values as string[], dice),
    ]);
    return [name, shuffledMembers(Object.fromEntries(entries) as JsonObject, dice)];
  });
  return shuffledMembers(Object.fromEntries(operators) as JsonObject, dice);
}

function respellList(list: readonly string[], dice: () => number): Json {
  const shuffled = shuffle(list, dice);
  if (shuffled.length === 1 && dice() < 0.5) return shuffled[0] ?? "";
  return dice() < 0.3 ? [...shuffled, ...shuffled.slice(0, 1)] : shuffled;
}

function shuffledMembers(object: JsonObject, dice: () => number): JsonObject {
  return Object.fromEntries(shuffle(Object.entries(object), dice));
}

function shuffle<T>(items: readonly T[], dice: () => number): T[] {
  return items
    .map((item) => ({ item, key: dice() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Any JSON object, with names that the policy language knows and names that mean trouble. */
export const oddDocument: fc.Arbitrary<JsonObject> = fc.letrec<{ value: Json; object: JsonObject }>(
  (tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<Json>(
        null,
        true,
        1,
        -0.5,
        "",
        "*",
        "Allow",
        "${x}",
        "$${y}",
        "a: b # c",
        "multi\nline",
        "\u0000",
        "\u202e",
        " é ",
      ),
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.array(tie("value"), { maxLength: 3 }),
      tie("object"),
    ),
    object: fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          "Version",
          "Statement",
          "Effect",
          "Principal",
          "Action",
          "Resource",
          "Condition",
          "Sid",
          "constructor",
          "1",
          "",
        ),
        fc.string({ maxLength: 6 }).filter((name) => name !== "__proto__"),
      ),
      tie("value"),
      { maxKeys: 5 },
    ),
  }),
).object;
