import { describe, expect, test } from "vitest";
import { Budget, limits } from "../../src/access/budget.ts";
import { accessDifference } from "../../src/access/difference.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import { principalsIn } from "../../src/proof/matrix-cells.ts";
import { accessMatrix } from "../../src/proof/matrix.ts";
import { heavyPolicies } from "../support/heavy-policies.ts";

const bucket = { name: "web", owner: "1746495857600001" };
const words = "dev ops ci qa etl web app log sec net api job bot sre ml db ux hr fin law".split(" ");

/** Policies that 16 KB can hold, and whose classes or combinations grow exponentially if they are built unasked. */
const cases: Readonly<Record<string, JsonObject>> = {
  "patterns with a word in the middle of roles": {
    Principal: words.map((word) => `arn:sts::1746495857600001:assumed-role/*${word}*/*`),
  },
  "patterns with a word in the middle of sessions": {
    Principal: words.map((word) => `arn:sts::*:*/*/*${word}*`),
  },
  "a role with 20 times ?": { Principal: [`arn:sts::1746495857600001:assumed-role/*a${"?".repeat(20)}/*`] },
  "a key with 20 times ?": { Resource: [`acs:oss:*:*:web/*a${"?".repeat(20)}`] },
  "keys with a word in the middle": { Resource: words.map((word) => `acs:oss:*:*:web/*${word}*`) },
  "900 ranges of addresses": {
    Condition: {
      IpAddress: {
        "acs:SourceIp": Array.from(
          { length: 900 },
          (_, index) => `10.${index % 250}.${Math.floor(index / 250)}.0/${20 + (index % 12)}`,
        ),
      },
    },
  },
  "1,400 values of a key": {
    Condition: {
      StringEquals: { "acs:UserAgent": Array.from({ length: 1_400 }, (_, index) => `agent${index}`) },
    },
  },
};

const policyOf = (actions: readonly string[], fields: JsonObject): Policy =>
  canonicalPolicy({
    Version: "1",
    Statement: actions.map((action) => ({
      Effect: "Allow",
      Principal: ["202147604049350001"],
      Action: [action],
      Resource: ["acs:oss:*:*:web/*"],
      ...fields,
    })),
  });

describe("what could blow up is decided, or ends with its budget", () => {
  test.each(Object.entries(cases))("%s", (_, fields) => {
    const budget = new Budget(limits.questionSteps);
    const [before, after] = [["oss:GetObject"], ["oss:GetObject", "oss:PutObject"]].map((actions) =>
      policyOf(actions, fields),
    ) as [Policy, Policy];
    const difference = accessDifference(before, after, bucket, budget);
    // Never "equal", which would be wrong, and undecided only where no step is left or too much is to be said.
    if (difference.verdict === "undecided") expect(difference.cause).toMatch(/^(the patterns|too) /);
    else expect(difference.verdict).toBe("different");
    expect(budget.left).toBeLessThan(limits.questionSteps);
  });
});

const heavy = (name: string) => {
  const document = { Version: "1", Statement: heavyPolicies[name] ?? [] };
  return { document, policy: canonicalPolicy(document) };
};

// Each took from ten seconds to minutes before its work was counted. `npm run bench -- heavy` measures all of them.
/** Each of 100 roles may read a folder, and half of them may write to another. */
function listsOfRoles(): JsonObject {
  const roles = Array.from(
    { length: 100 },
    (_, index) => `arn:sts::1746495857600001:assumed-role/app-${String(index).padStart(3, "0")}/*`,
  );
  const allow = (principals: readonly string[], action: string, folder: string) => ({
    Effect: "Allow",
    Principal: principals,
    Action: [action],
    Resource: [`acs:oss:*:*:web/${folder}/*`],
  });
  return {
    Version: "1",
    Statement: [allow(roles, "oss:GetObject", "in"), allow(roles.slice(0, 50), "oss:PutObject", "out")],
  };
}

test("of 100 roles in one list, the matrix has a decided row for each", () => {
  const access = { verdict: "different" as const };
  const change = { bucket: "web", account: bucket.owner, before: null, after: listsOfRoles(), access };
  const [matrix] = accessMatrix([change]);
  expect(matrix?.leftOut).toBe(0);
  const kinds = matrix?.rows.map(({ after }) => `${after.read.kind} ${after.write.kind}`);
  expect(kinds?.filter((one) => one === "some some")).toHaveLength(50);
  expect(kinds?.filter((one) => one === "some none")).toHaveLength(50);
});

describe("a policy of almost 16 KB", () => {
  const decided = ["IPv6 addresses", "short IPv6 addresses", "numbers that differ", "lists of users"];
  test.each(decided)("of %s is decided", (name) => {
    const budget = new Budget(limits.questionSteps);
    const difference = accessDifference("none", heavy(name).policy, bucket, budget);
    expect(difference.verdict).toBe("different");
  });

  const costly = ["tags in a chain", "190 tags in two statements", "actions outside the catalogue"];
  test.each(costly)("of %s says what is too much", (name) => {
    const difference = accessDifference("none", heavy(name).policy, bucket);
    expect(difference).toEqual({
      verdict: "undecided",
      cause: expect.stringMatching(/too (many|much)/) as string,
    });
  });

  test.each(["roles with capitals", "tags in a chain", "a key with 15,000 times ?"])(
    "of %s leaves the matrix enough for another bucket",
    (name) => {
      const access = { verdict: "different" as const };
      const account = bucket.owner;
      const plain = {
        Version: "1",
        Statement: [
          {
            Effect: "Allow",
            Principal: ["202147604049350001"],
            Action: ["oss:GetObject"],
            Resource: ["acs:oss:*:*:plain/*"],
          },
        ],
      };
      const { document, policy } = heavy(name);
      const [first, second] = accessMatrix([
        { bucket: "web", account, before: null, after: document, access },
        { bucket: "plain", account, before: null, after: plain, access },
      ]);
      const asked = principalsIn([{ bucket, policy }]).length;
      expect((first?.rows.length ?? 0) + (first?.leftOut ?? 0)).toBe(asked);
      expect(second?.leftOut).toBe(0);
      expect(second?.rows.map(({ after }) => after.read.kind)).toEqual(["none", "none", "some"]);
    },
  );
});
