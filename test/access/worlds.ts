import fc from "fast-check";
import type { Policy } from "../../src/policy/policy.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Dependence } from "../../src/access/interpretation-texts.ts";
import { openQuestions, type Interpretation, type Request } from "../../src/access/request.ts";

export const bucket = { name: "b", owner: "1746495857600001" };

/** Every key of up to three letters over a small alphabet. */
const keys = ["a", "b"].flatMap((one) => [
  one,
  ...["a", "b", "/"].flatMap((two) => [one + two, ...["a", "b", "/"].map((three) => one + two + three)]),
]);

const principals = [
  "anonymous",
  "owner",
  "1",
  "2",
  "arn:sts::1:assumed-role/r/s",
  "arn:sts::1:assumed-role/R/s",
  "arn:sts::2:assumed-role/r/t",
];
const addresses = ["10.0.0.0", "10.0.0.255", "10.0.1.0", "9.255.255.255", "2001:db8::", "2001:db8::1"];

const values: ReadonlyMap<string, readonly (string | undefined)[]> = new Map([
  ["acs:SecureTransport", ["true", "false"]],
  ["acs:SourceVpc", ["", "vpc-a", "vpc-b"]],
  ["acs:SourceIp", addresses],
  ["acs:UserAgent", [undefined, "a", "A", "", "7"]],
]);

/** Each combination of values of the keys that a policy tests. */
function contextsOf(policies: readonly Policy[]): readonly ReadonlyMap<string, string>[] {
  const tests = policies.flatMap((policy) => policy.statements.flatMap(({ condition }) => condition ?? []));
  const tested = new Set(tests.map(({ key }) => key));
  let contexts: ReadonlyMap<string, string>[] = [new Map()];
  for (const [key, all] of values) {
    const used = tested.has(key) ? all : all.slice(0, 1);
    contexts = contexts.flatMap((context) =>
      used.map((value) => (value === undefined ? context : new Map([...context, [key, value]]))),
    );
  }
  return contexts;
}

/** Every request of a small world to policies that test these keys. */
export function* requests(
  policies: readonly Policy[],
  asking: readonly string[] = principals,
): Generator<Request> {
  const contexts = contextsOf(policies);
  for (const principal of asking)
    for (const { action, on } of calls)
      for (const resource of on)
        for (const context of contexts) yield { principal, action, resource, context };
}

/** Actions of the catalogue, and two that it does not know, each with what it is on. */
const calls: readonly { readonly action: string; readonly on: readonly string[] }[] = [
  ...["oss:GetObject", "oss:PutObject"].map((action) => ({ action, on: keys })),
  ...["oss:ListObjects", "oss:GetBucketAcl"].map((action) => ({ action, on: [""] })),
  ...["oss:GetNews", "oss:AutObject"].map((action) => ({ action, on: ["", "a", "b/a"] })),
];

const shortKeys = keys.filter((one) => one.length <= 2);

/** Every request of a world so small that thousands of policies can be asked in it. */
export function* fewRequests(
  policies: readonly Policy[],
  asking: readonly string[] = ["anonymous", "owner", "1", "arn:sts::1:assumed-role/r/s"],
): Generator<Request> {
  const contexts = contextsOf(policies);
  for (const principal of asking)
    for (const context of contexts) {
      for (const resource of shortKeys) yield { principal, action: "oss:GetObject", resource, context };
      yield { principal, action: "oss:ListObjects", resource: "", context };
      yield { principal, action: "oss:Future", resource: "", context };
      yield { principal, action: "oss:Future", resource: "a", context };
    }
}

const members = (...words: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 3 });

const pattern = fc.oneof(
  fc.constantFrom("*", "b", "b/*", "b*", "b/a*", "b/*a", "b/?", "b/a?b", "b/*/*", "b/a/", "other/*"),
  fc
    .array(fc.constantFrom("a", "b", "/", "*", "?"), { minLength: 1, maxLength: 4 })
    .map((marks) => `b/${marks.join("").replaceAll(/\*+/g, "*")}`),
);
const arn = fc
  .tuple(
    fc.constantFrom("*", "*", "*", "cn-hangzhou"),
    fc.constantFrom("*", bucket.owner, bucket.owner, "99"),
    pattern,
  )
  .map(([region, owner, name]) => `acs:oss:${region}:${owner}:${name}`);

const test = fc.oneof(
  fc.record({ Bool: fc.record({ "acs:SecureTransport": members("true", "false", "False", "TRUE") }) }),
  fc
    .tuple(
      fc.constantFrom("IpAddress", "NotIpAddress"),
      members("10.0.0.0/24", "10.0.0.255/23", "10.0.0.255", "2001:db8::/32", "0.0.0.0/0"),
    )
    .map(([name, values]) => ({ [name]: { "acs:SourceIp": values } })),
  fc
    .tuple(
      fc.constantFrom("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
      members("vpc-a", "vpc-*", "vpc-?", "*", ""),
    )
    .map(([name, values]) => ({ [name]: { "acs:SourceVpc": values } })),
  fc
    .tuple(
      fc.constantFrom(
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
      ),
      members("a", "A", "", "?", "*"),
    )
    .map(([name, values]) => ({ [name]: { "acs:UserAgent": values } })),
);
/** A value that is no JSON string. */
const unquoted = fc.constantFrom(
  { Bool: { "acs:SecureTransport": [true] } },
  { Bool: { "acs:SecureTransport": [false, "true"] } },
  { StringNotEquals: { "acs:UserAgent": [7, "a"] } },
);
const condition = fc
  .array(fc.oneof({ weight: 5, arbitrary: test }, { weight: 1, arbitrary: unquoted }), { maxLength: 3 })
  .map((tests) => Object.assign({}, ...tests) as JsonObject);

const statement = fc.record(
  {
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    Principal: members(
      "*",
      "1",
      "2",
      bucket.owner,
      "arn:sts::1:assumed-role/r/*",
      "arn:sts::*:*/*/*",
      "arn:sts::1:assumed-role/?/s",
    ),
    Action: members(
      "oss:GetObject",
      "oss:Get*",
      "oss:*",
      "oss:ListObjects",
      "oss:putobject",
      "oss:?utObject",
    ),
    Resource: fc.uniqueArray(arn, { minLength: 1, maxLength: 2 }),
    Condition: condition,
  },
  { requiredKeys: ["Effect", "Principal", "Action", "Resource"] },
);

/** Of the same kind, with less in each. */
const smallStatement = fc.record(
  {
    Effect: fc.constantFrom("Allow", "Deny"),
    Principal: fc
      .constantFrom("*", "1", bucket.owner, "arn:sts::*:*/*/*", "arn:sts::1:assumed-role/r/*")
      .map((who) => [who]),
    Action: fc.constantFrom("oss:GetObject", "oss:*", "oss:ListObjects").map((what) => [what]),
    Resource: fc.uniqueArray(
      pattern.map((name) => `acs:oss:*:*:${name}`),
      { minLength: 1, maxLength: 2 },
    ),
    Condition: test,
  },
  { requiredKeys: ["Effect", "Principal", "Action", "Resource"] },
) as unknown as fc.Arbitrary<JsonObject>;
const few = fc.array(smallStatement, { maxLength: 2 });

export const smallPair = fc
  .tuple(few, few, few)
  .map(
    ([common, x, y]) =>
      [policyOf([...common, ...x.slice(0, 1)]), policyOf([...common, ...y.slice(0, 1)])] as const,
  );

export const statements = fc.array(statement, { maxLength: 4 }) as unknown as fc.Arbitrary<JsonObject[]>;

export function policyOf(list: readonly JsonObject[]): Policy {
  return canonicalPolicy({ Version: "1", Statement: list });
}

/** Two policies with some statements in common, as a change leaves them. */
export const pair = fc
  .tuple(statements, statements, statements)
  .map(
    ([common, x, y]) =>
      [policyOf([...common, ...x.slice(0, 2)]), policyOf([...common, ...y.slice(0, 2)])] as const,
  );

export const reading: fc.Arbitrary<Interpretation> = fc.record(
  Object.fromEntries(
    Object.entries(openQuestions).map(([name, positions]) => [name, fc.constantFrom(...positions)]),
  ),
) as unknown as fc.Arbitrary<Interpretation>;

export function isTrueUnder(dependence: Dependence, one: Interpretation): boolean {
  if (dependence.length === 0) return true;
  return dependence.some((all) => all.every(({ name, position }) => one[name] === position));
}
