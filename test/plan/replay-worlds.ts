import fc from "fast-check";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { SeenCaller, SeenRequest } from "../../src/requests/seen-request.ts";
import { respelled } from "../support/arbitraries.ts";

export const owner = "1746495857600001";
export const bucket = { name: "data", owner };
const uid = "202147604049350001";
const session = `arn:sts::${owner}:assumed-role/ops/alice`;

const arn = (name: string) => `acs:oss:*:*:${name}`;

const several = (words: readonly string[], most = 3) =>
  fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: most });

const condition = fc
  .tuple(
    fc.option(
      fc.record({
        StringLike: fc.record({ "acs:SourceVpc": several(["vpc-1", "vpc-2*", "vpc-*"], 2) }),
      }),
    ),
    fc.option(
      fc.record({ StringNotEquals: fc.record({ "acs:SourceVpc": several(["vpc-1", "vpc-22"], 1) }) }),
    ),
    fc.option(fc.record({ Bool: fc.record({ "acs:SecureTransport": several(["true", "False"], 1) }) })),
    fc.option(
      fc.record({ NotIpAddress: fc.record({ "acs:SourceIp": several(["10.0.0.0/8", "10.1.0.7/24"], 1) }) }),
    ),
    fc.option(fc.record({ StringEquals: fc.record({ "acs:UserAgent": several(["curl", ""], 2) }) })),
    fc.option(
      fc.record({
        DateLessThan: fc.record({
          "acs:CurrentTime": several(["2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z"], 1),
        }),
      }),
    ),
  )
  .map((parts) => Object.assign({}, ...parts.filter((part) => part !== null)) as JsonObject);

const statement = fc
  .record(
    {
      Effect: fc.constantFrom("Allow", "Allow", "Deny"),
      Principal: several([
        "*",
        owner,
        uid,
        "203",
        session.replace("alice", "*"),
        `arn:sts::${owner}:assumed-role/Ops/b*`,
      ]),
      Action: several(["oss:GetObject", "oss:PutObject", "oss:Get*", "oss:*", "oss:listobjects"]),
      Resource: several([
        arn("data"),
        arn("data/*"),
        arn("data/raw/*"),
        arn("*/raw/a.csv"),
        arn("data/r?w/a*v"),
        arn("data/*a*.csv"),
        arn("data/*w/*b.c*v*"),
      ]),
      Condition: condition,
    },
    { requiredKeys: ["Effect", "Principal", "Action", "Resource"] },
  )
  .map((fields) => fields as JsonObject);

/** Policy of the bucket `data`, often with conditions on what a log does not have. */
export const policyText: fc.Arbitrary<JsonObject> = fc
  .array(statement, { minLength: 1, maxLength: 4 })
  .chain((statements) => respelled({ Version: "1", Statement: statements }));

const caller: fc.Arbitrary<SeenCaller> = fc.constantFrom<SeenCaller>(
  { kind: "anonymous" },
  { kind: "owner", uid: owner },
  { kind: "uid", uid, account: undefined },
  { kind: "uid", uid: "203", account: "999" },
  { kind: "role session", arn: session, account: owner },
  { kind: "role", id: "300024016803281053" },
);

const known = fc
  .record(
    {
      "acs:SourceIp": fc.constantFrom("10.1.0.7", "10.1.0.9", "203.0.113.7"),
      "acs:SourceVpc": fc.constantFrom("vpc-1", "vpc-22", "vpc-3"),
      "acs:SecureTransport": fc.constantFrom("true", "false"),
      "acs:UserAgent": fc.constantFrom("curl", "wget"),
    },
    { requiredKeys: ["acs:SourceIp"] },
  )
  .map((fields) => new Map(Object.entries(fields)));

/** Requests of a log, of which some know the VPC and others do not. */
export const seenRequests: fc.Arbitrary<readonly SeenRequest[]> = fc.array(
  fc
    .record({
      timeMs: fc
        .constantFrom("2026-11-15T23:00:00Z", "2026-11-16T00:00:00Z", "2026-11-16T08:00:00Z")
        .map(Date.parse),
      caller,
      target: fc.constantFrom(
        { actions: ["oss:GetObject"], key: "raw/a.csv" },
        { actions: ["oss:GetObject"], key: "raw/b.csv" },
        { actions: ["oss:PutObject"], key: "row/a.csv" },
        { actions: ["oss:PutObject", "oss:GetObject"], key: "top.csv" },
        { actions: ["oss:ListObjects"], key: "" },
      ),
      context: known,
      absent: fc.constantFrom<readonly string[]>([], ["acs:SourceVpc", "acs:UserAgent"]),
    })
    .map(({ timeMs, caller: who, target, context, absent }): SeenRequest => ({
      timeMs,
      bucket: bucket.name,
      owner,
      caller: who,
      ...target,
      context,
      absent: new Set(absent.filter((key) => !context.has(key))),
      source: "file",
    })),
  { minLength: 1, maxLength: 20 },
);

export const allow = (more: JsonObject = {}): JsonObject => ({
  Effect: "Allow",
  Principal: ["202147604049350001"],
  Action: ["oss:DeleteObject"],
  Resource: ["acs:oss:*:*:data/*"],
  ...more,
});
export const policyOf = (...statements: readonly JsonObject[]) =>
  canonicalPolicy({ Version: "1", Statement: statements });

/** A delete of one caller, seen in a log file. */
export function seen(more: Partial<SeenRequest> = {}): SeenRequest {
  return {
    timeMs: Date.parse("2026-11-23T14:02:00Z"),
    bucket: "data",
    owner,
    caller: { kind: "uid", uid: "202147604049350001", account: undefined },
    actions: ["oss:DeleteObject"],
    key: "raw/2026/a.csv",
    context: new Map([["acs:SourceIp", "10.0.0.7"]]),
    absent: new Set(),
    source: "file",
    ...more,
  };
}
