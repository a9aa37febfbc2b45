import fc from "fast-check";
import { expect, test } from "vitest";
import { compareUnder } from "../../src/access/engine/diagram.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { pathsOf } from "./paths.ts";
import { defaultInterpretation, type Request } from "../../src/access/request.ts";
import { findAction } from "../../src/policy/actions.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import { runs } from "../support/runs.ts";
import { askingIn, contains } from "./lookup.ts";
import { reading } from "./worlds.ts";

// Policies as teams write them, asked at their own edges: a request that was drawn from everywhere would
// hardly ever hit what two policies decide differently.

const bucket = { name: "examplebucket", owner: "1746495857600001" };
const users = ["202147604049350001", "202147604049350002", bucket.owner];
const roles = ["arn:sts::1746495857600001:assumed-role/backup/*", "arn:sts::*:*/*/*"];
const prefixes = ["logs/", "logs/private/", "data/2024/", "data/2025/", "public/"];
const keyPatterns = [...prefixes.map((prefix) => `${prefix}*`), "*.gz", "data/20??/*", "*", "logs/a"];
const verbs = ["oss:GetObject", "oss:Get*", "oss:PutObject", "oss:*", "oss:ListObjects", "oss:DeleteBucket"];
const ranges = ["10.0.0.0/8", "10.1.0.0/16", "203.0.113.7", "2001:db8::/32"];
const vpcs = ["vpc-1", "vpc-2", "vpc-*", "*"];

const condition = fc.option(
  fc.oneof(
    fc.record({
      Bool: fc.constantFrom({ "acs:SecureTransport": ["true"] }, { "acs:SecureTransport": ["false"] }),
    }),
    fc
      .tuple(fc.constantFrom("IpAddress", "NotIpAddress"), fc.subarray(ranges, { minLength: 1 }))
      .map(([operator, values]) => ({ [operator]: { "acs:SourceIp": values } })),
    fc
      .tuple(fc.constantFrom("StringLike", "StringNotLike", "StringEquals"), fc.constantFrom(...vpcs))
      .map(([operator, value]) => ({ [operator]: { "acs:SourceVpc": [value] } })),
    fc
      .tuple(fc.constantFrom("StringLike", "StringNotLike"), fc.constantFrom("logs/*", "", "data/*"))
      .map(([operator, value]) => ({ [operator]: { "oss:Prefix": [value] } })),
  ),
  { nil: undefined },
);

const statement: fc.Arbitrary<JsonObject> = fc
  .record({
    effect: fc.constantFrom("Allow", "Allow", "Deny"),
    who: fc.oneof(fc.constant(["*"]), fc.subarray([...users, ...roles], { minLength: 1, maxLength: 2 })),
    what: fc.subarray(verbs, { minLength: 1, maxLength: 2 }),
    on: fc.subarray(keyPatterns, { minLength: 1, maxLength: 3 }),
    alsoBucket: fc.boolean(),
    under: condition,
  })
  .map(({ effect, who, what, on, alsoBucket, under }) => ({
    Effect: effect,
    Principal: who,
    Action: what,
    Resource: [
      ...on.map((key) => `acs:oss:*:*:${bucket.name}/${key}`),
      ...(alsoBucket ? [`acs:oss:*:*:${bucket.name}`] : []),
    ],
    ...(under === undefined ? {} : { Condition: under }),
  }));

const policyOf = (list: readonly JsonObject[]): Policy => canonicalPolicy({ Version: "1", Statement: list });

/** A policy, and the same with one or two statements changed. */
const edited = fc
  .tuple(
    fc.array(statement, { minLength: 4, maxLength: 10 }),
    fc.array(statement, { minLength: 1, maxLength: 2 }),
  )
  .map(([list, changed]): readonly [Policy, Policy] => [
    policyOf(list),
    policyOf([...list.slice(changed.length), ...changed]),
  ]);

const edgeKeys = [
  ...prefixes.flatMap((prefix) => [prefix, `${prefix}x`, prefix.slice(0, -1), `${prefix}x.gz`]),
  "x",
  "a.gz",
  ".gz",
  "logs/ab",
  "data/20/x",
];
const edgeAddresses = ["9.255.255.255", "10.0.0.0", "10.1.0.0", "10.1.255.255", "10.2.0.0", "11.0.0.0"];
const sixes = ["2001:db8::", "2001:db9::", "203.0.113.7", "203.0.113.8"];
const edgePrefixes = [undefined, "", "logs/", "logs/x", "data/", "other"];

interface Edge {
  readonly who: number;
  readonly action: string;
  readonly key: string;
  readonly address: string;
  readonly vpc: string;
  readonly prefix: string | undefined;
  readonly transport: string;
}

const edge: fc.Arbitrary<Edge> = fc.record({
  who: fc.nat(1_000),
  action: fc.constantFrom(
    "oss:GetObject",
    "oss:PutObject",
    "oss:GetObjectAcl",
    "oss:ListObjects",
    "oss:DeleteBucket",
  ),
  key: fc.constantFrom(...edgeKeys),
  address: fc.constantFrom(...edgeAddresses, ...sixes),
  vpc: fc.constantFrom("", "vpc-1", "vpc-2", "vpc-3"),
  prefix: fc.constantFrom(...edgePrefixes),
  transport: fc.constantFrom("true", "false"),
});

function requestAt(at: Edge, principals: readonly string[]): Request {
  const isListing = at.action === "oss:ListObjects";
  return {
    principal: principals[at.who % principals.length] ?? "anonymous",
    action: at.action,
    resource: findAction(at.action)?.level === "object" ? at.key : "",
    context: new Map([
      ["acs:SecureTransport", at.transport],
      ["acs:SourceIp", at.address],
      ["acs:SourceVpc", at.vpc],
      ...(isListing && at.prefix !== undefined ? [["oss:Prefix", at.prefix] as const] : []),
    ]),
  };
}

test("at the edges of everyday policies, the comparison and the reference agree", () => {
  const seen = { requests: 0, differing: 0 };
  const law = fc.property(
    edited,
    reading,
    fc.array(edge, { minLength: 60, maxLength: 60 }),
    (pair, open, edges) => {
      const { paths, isComplete } = pathsOf(compareUnder(...pair, bucket, open));
      fc.pre(isComplete);
      // The owner asks as `owner`, never as a UID.
      const others = users.filter((user) => user !== bucket.owner);
      const principals = askingIn(paths) ?? ["anonymous", "owner", ...others];
      for (const request of edges.map((at) => requestAt(at, principals))) {
        const [was, is] = pair.map((policy) => evaluate(policy, request, bucket, open).decision);
        const own = paths
          .filter((path) => contains(path, request))
          .map(({ before, after }) => `${before} ${after}`);
        seen.requests += 1;
        if (was !== is) seen.differing += 1;
        const wanted = was === is ? "" : `${was ?? ""} ${is ?? ""}`;
        if (own.join() !== wanted) expect([request, own]).toEqual([request, [wanted]]);
      }
    },
  );
  fc.assert(law, { numRuns: runs(50) });
  // Edges that hit no difference would hold nothing.
  expect(seen.differing / seen.requests).toBeGreaterThan(0.02);
});

test("a call that cannot have a key and one that may have it are told apart", () => {
  const user = "202147604049350001";
  const allow = (principal: string, action: string, extra: JsonObject = {}): JsonObject => ({
    Effect: "Allow",
    Principal: [principal],
    Action: [action],
    Resource: [`acs:oss:*:*:${bucket.name}`],
    ...extra,
  });
  const prefixed = allow(user, "oss:DeleteBucket", { Condition: { StringLike: { "oss:Prefix": ["a"] } } });
  const before = policyOf([allow("*", "oss:GetBucketInfo"), allow(user, "oss:ListObjects"), prefixed]);
  const { paths } = pathsOf(compareUnder(before, policyOf([prefixed]), bucket, defaultInterpretation));
  const context = new Map([
    ["acs:SourceVpc", ""],
    ["oss:Prefix", "logs/"],
  ]);
  const listing: Request = { principal: user, action: "oss:ListObjects", resource: "", context };
  expect(paths.filter((path) => contains(path, listing))).toHaveLength(1);
});
