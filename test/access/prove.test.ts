import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/access/evaluate.ts";
import { prove, requestSetOf, type Property } from "../../src/access/query.ts";
import { canonicalPolicy, canonicalStatement } from "../../src/policy/policy.ts";
import type { Request } from "../../src/access/request.ts";
import { runs } from "../support/runs.ts";

const bucket = { name: "web", owner: "1746495857600001" };
const users = ["202147604049350001", "202147604049350002"];
const others = ["202147604049350003", "arn:sts::1:assumed-role/a/b", "owner", "anonymous"];
// Not `*` beside others, whose meaning for the owner OSS leaves open.
const callers = fc.constantFrom(...[...users, "*"].map((one) => [one]), users);
const action = fc.constantFrom("oss:GetObject", "oss:PutObject", "oss:GetBucketPolicy");
const resource = fc.constantFrom("web", "web/*", "web/a/*", "*");
const fields = {
  Principal: callers,
  Action: fc.array(action, { minLength: 1, maxLength: 2 }),
  Resource: fc.array(resource, { minLength: 1, maxLength: 2 }),
};
const statement = fc
  .record({ Effect: fc.constantFrom("Allow", "Deny"), ...fields })
  .map(({ Resource, ...rest }) => ({
    ...rest,
    Resource: Resource.map((name) => `acs:oss:*:*:${name}`),
  }));

const requests: readonly Request[] = [...users, ...others].flatMap((principal) =>
  [
    ["oss:GetObject", "a/x"],
    ["oss:GetObject", "b"],
    ["oss:PutObject", "a/x"],
    ["oss:PutObject", "b"],
    ["oss:GetBucketPolicy", ""],
  ].map(([name = "", key = ""]) => ({ principal, action: name, resource: key, context: new Map() })),
);

const isMet: Readonly<Record<Property, (decision: string) => boolean>> = {
  allowed: (decision) => decision === "allow",
  "not allowed": (decision) => decision !== "allow",
  denied: (decision) => decision === "deny",
  "not denied": (decision) => decision !== "deny",
};

describe("a proof about a set of requests", () => {
  test("is what the reference decides on each of them", () => {
    fc.assert(
      fc.property(
        fc.array(statement, { maxLength: 4 }),
        statement,
        fc.constantFrom<Property>("allowed", "not allowed", "denied", "not denied"),
        (statements, asked, demand) => {
          const policy = canonicalPolicy({ Version: "1", Statement: statements });
          const scene = canonicalStatement({ ...asked, Effect: "Deny" });
          const opened = { ...policy, statements: [{ ...scene, effect: "Allow" }] };
          const decide = (of: typeof policy, request: Request) => evaluate(of, request, bucket).decision;
          const inScene = requests.filter((request) => decide(opened, request) === "allow");
          const isBroken = inScene.some((request) => !isMet[demand](decide(policy, request)));
          expect(prove(policy, bucket, scene, demand).kind).toBe(isBroken ? "broken" : "proved");
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test("needs no reading of OSS where no Allow is about the requests", () => {
    // Alone these Denies have more readings than are compared.
    const resource = ["acs:oss:cn-hangzhou:202147604049350009:web/*"];
    const readings = {
      IpAddress: { "acs:SourceIp": ["10.1.0.0/8"] },
      Bool: { "acs:SecureTransport": ["True"] },
      StringNotEquals: { "oss:x-oss-acl": ["private"] },
    };
    const denies = [
      {
        Effect: "Deny",
        Principal: ["*"],
        Action: ["oss:*object"],
        Resource: resource,
        Condition: readings,
      },
      { Effect: "Deny", Principal: ["*", "202147604049350001"], Action: ["oss:*"], Resource: resource },
    ];
    const read = {
      Effect: "Allow",
      Principal: ["*"],
      Action: ["oss:GetObject"],
      Resource: ["acs:oss:*:*:web/*"],
    };
    const policy = canonicalPolicy({ Version: "1", Statement: [...denies, read] });
    const scene = (name: string) => requestSetOf(["anonymous"], [name], ["acs:oss:*:*:web/*"], new Map());
    expect(prove(policy, bucket, scene("oss:GetObject"), "not allowed").kind).toBe("undecided");
    expect(prove(policy, bucket, scene("oss:PutObject"), "not allowed").kind).toBe("proved");
  });

  test("sees a Deny of exactly these requests", () => {
    const scene = requestSetOf(
      ["202147604049350001"],
      ["oss:GetBucketPolicy"],
      ["acs:oss:*:*:web"],
      new Map(),
    );
    const policy = { version: "1", statements: [scene], other: [] };
    expect(prove(policy, bucket, scene, "not denied").kind).toBe("broken");
  });
});
