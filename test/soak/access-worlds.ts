import fc from "fast-check";
import type { Interpretation, Request } from "../../src/access/request.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { asciiLower } from "../../src/policy/ascii.ts";
import { bucket, reading } from "../access/worlds.ts";

/** The documents of two policies, and positions of the points that concern neither. */
export interface PairOfPolicies {
  readonly before: readonly JsonObject[];
  readonly after: readonly JsonObject[];
  readonly elsewhere: Interpretation;
}

const some = (most: number, ...words: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: most });

const strings = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"] as const;
const anyCase = ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"] as const;
const order = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];

function testOf(
  key: string,
  operators: readonly string[],
  values: fc.Arbitrary<JsonObject[string]>,
): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(fc.constantFrom(...operators), values)
    .map(([name, value]) => ({ [name]: { [key]: value } }));
}

/** Values of which some are not JSON strings. */
const flags = fc.oneof(
  some(2, "true", "false", "False", "TRUE"),
  fc.constantFrom<boolean | string>(true, false, "true", "False").map((one) => [one]),
  fc.constant([false, "true"]),
);

/** For each condition key, its tests; a pair of policies has those of two keys at most. */
const tests: readonly fc.Arbitrary<JsonObject>[] = [
  testOf("acs:SecureTransport", ["Bool"], flags),
  testOf("acs:MFAPresent", ["Bool"], flags),
  testOf(
    "acs:SourceIp",
    ["IpAddress", "NotIpAddress"],
    some(
      2,
      "10.0.0.0/24",
      "10.0.0.7/24",
      "10.0.0.9/23",
      "10.0.0.7",
      "10.0.*.*",
      "2001:db8::1/32",
      "0.0.0.0/0",
    ),
  ),
  testOf("acs:SourceVpc", strings, some(2, "vpc-a", "vpc-*", "vpc-?", "*", "")),
  testOf("acs:UserAgent", [...strings, ...anyCase], some(2, "a", "A", "", "?", "*")),
  testOf("acs:UserAgent", ["StringEquals", "StringNotEquals"], fc.constantFrom([7], [7, "a"], ["7"])),
  testOf("acs:AccessId", ["StringLike", "StringNotLike"], some(2, "STS.*", "LTAI*", "*", "")),
  testOf("oss:Prefix", strings, some(2, "a", "a*", "", "*")),
  testOf(
    "oss:object-remaining-retention-days",
    order.map((name) => `Numeric${name}`),
    fc.constantFrom(["3"], [3], ["2", "4"], [2, "4"]),
  ),
  testOf(
    "acs:CurrentTime",
    order.map((name) => `Date${name}`),
    some(2, "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-01-01T08:00:00+08:00"),
  ),
];

const role = (name: string) => [`arn:sts::1:assumed-role/${name}`];

/** What the statements of a pair are made of: few open points at once, and any of them together. */
interface Kinds {
  readonly principals: fc.Arbitrary<readonly string[]>;
  readonly actions: fc.Arbitrary<readonly string[]>;
  readonly regions: readonly string[];
  readonly owners: readonly string[];
  readonly tests: readonly fc.Arbitrary<JsonObject>[];
}

const plainPrincipals = fc.constantFrom(["*"], ["*"], ["1"], [bucket.owner], role("r/*"), role("?/s"));
const plainActions = fc.constantFrom(["oss:GetObject"], ["oss:*"], ["oss:ListObjects"], ["oss:Get*"]);

const kinds: fc.Arbitrary<Kinds> = fc.record({
  principals: fc.oneof(
    { weight: 3, arbitrary: fc.constant(plainPrincipals) },
    {
      weight: 1,
      arbitrary: fc.constant(some(3, "*", "1", bucket.owner, "arn:sts::*:*/*/*", ...role("r/s"))),
    },
    {
      weight: 1,
      arbitrary: fc.constant(fc.oneof(plainPrincipals, fc.constantFrom(role("R/s"), role("R*/?")))),
    },
  ),
  actions: fc.oneof(
    { weight: 3, arbitrary: fc.constant(plainActions) },
    {
      weight: 1,
      arbitrary: fc.constant(
        some(2, "oss:getobject", "oss:?etObject", "oss:LIST*", "oss:GetBucketAcl", "oss:*Object"),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constant(
        some(2, "oss:Future", "oss:future", "oss:Fut*", "OSS:Futur?", "oss:*e", "oss:GetObject"),
      ),
    },
  ),
  regions: fc.constantFrom(["*"], ["*"], ["*"], ["*", "cn-hangzhou"]),
  owners: fc.constantFrom(["*", bucket.owner], ["*"], ["*"], ["*", "17*", "99"]),
  tests: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...tests).map((one) => [one]) },
    { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...tests), { minLength: 2, maxLength: 2 }) },
  ),
});

const name = fc.constantFrom("*", "b", "b/*", "b/*", "b*", "b/a", "b/a*", "b/*a", "b/?", "b/a?*", "other/*");

function statementOf({ principals, actions, regions, owners, tests }: Kinds): fc.Arbitrary<JsonObject> {
  const resource = fc
    .tuple(fc.constantFrom(...regions), fc.constantFrom(...owners), name)
    .map(([region, owner, on]) => (on === "*" ? on : `acs:oss:${region}:${owner}:${on}`));
  const condition = fc
    .array(fc.oneof(...tests), { maxLength: 2 })
    .map((all): JsonObject => Object.assign({}, ...all) as JsonObject);
  return fc.record(
    {
      Effect: fc.constantFrom("Allow", "Allow", "Deny"),
      Principal: principals,
      Action: actions,
      Resource: fc.uniqueArray(resource, { minLength: 1, maxLength: 2 }),
      Condition: condition,
    },
    { requiredKeys: ["Effect", "Principal", "Action", "Resource"] },
  );
}

/** Two policies with statements in common, as a change leaves them. */
export const pairOfPolicies: fc.Arbitrary<PairOfPolicies> = kinds
  .chain((kind) => {
    const few = (maxLength: number) => fc.array(statementOf(kind), { maxLength });
    return fc.tuple(few(2), few(1), few(1), reading);
  })
  .map(([common, x, y, elsewhere]) => ({
    before: [...common, ...x],
    after: [...common, ...y],
    elsewhere,
  }));

const principals = ["anonymous", "owner", "1", "2", "arn:sts::1:assumed-role/r/s"];
const capitalRole = "arn:sts::1:assumed-role/R/s";
const calls: readonly { readonly action: string; readonly on: readonly string[] }[] = [
  { action: "oss:GetObject", on: ["a", "b", "ab", "ba"] },
  { action: "oss:ListObjects", on: [""] },
  { action: "oss:GetBucketAcl", on: [""] },
  { action: "oss:Future", on: ["", "a"] },
  { action: "oss:Futures", on: ["b"] },
];

type Values = readonly (string | undefined)[];

/** The values that a request of this kind may have, the foremost first; undefined is a request without the key. */
function valuesOf(key: string, asking: string, action: string): Values {
  if (key === "acs:AccessId") return asking === "anonymous" ? [undefined] : ["STS.a", "LTAIa", "a"];
  if (key === "oss:Prefix") return action === "oss:ListObjects" ? [undefined, "", "a", "ab"] : [undefined];
  return values.get(key) ?? [undefined];
}

const values: ReadonlyMap<string, Values> = new Map<string, Values>([
  ["acs:SecureTransport", ["true", "false"]],
  ["acs:MFAPresent", [undefined, "true", "false"]],
  ["acs:SourceIp", ["10.0.0.7", "10.0.0.9", "2001:db8::1", "10.0.1.0", "10.9.0.0", "2001:db8::2"]],
  ["acs:SourceVpc", ["", "vpc-a", "vpc-bb"]],
  ["acs:UserAgent", [undefined, "", "a", "A", "7"]],
  ["oss:object-remaining-retention-days", [undefined, "3", "2", "4", "5"]],
  ["acs:CurrentTime", ["2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:01.000Z"]],
]);

/** Every request of a small world to policies that test these keys. */
export function* requestsTo(policies: readonly Policy[]): Generator<Request> {
  const statements = policies.flatMap((policy) => policy.statements);
  const keys = [
    ...new Set(statements.flatMap(({ condition }) => condition ?? []).map(({ key }) => key ?? "")),
  ];
  const most = keys.length > 1 ? 3 : Infinity;
  const namesRole = statements.some(({ principal }) => principal?.some((word) => word.startsWith("arn:")));
  for (const asking of namesRole ? [...principals, capitalRole] : principals)
    for (const { action: called, on } of calls)
      for (const context of contextsOf(keys, asking, called, most))
        for (const key of on) yield { principal: asking, action: called, resource: key, context };
}

function contextsOf(keys: readonly string[], asking: string, called: string, most: number) {
  return keys.reduce<readonly ReadonlyMap<string, string>[]>(
    (contexts, key) =>
      contexts.flatMap((context) =>
        valuesOf(key, asking, called)
          .slice(0, most)
          .map((value) => (value === undefined ? context : new Map([...context, [key, value]]))),
      ),
    [new Map()],
  );
}

/** Whether a request can be: RAM shows the names of roles in lower case, so capitals are only where case counts. */
export function canBe({ principal }: Request, { roleCase }: Interpretation): boolean {
  return roleCase === "counts" || principal === asciiLower(principal);
}
