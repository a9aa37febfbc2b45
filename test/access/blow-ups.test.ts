import { describe, expect, test } from "vitest";
import { Budget, limits } from "../../src/access/budget.ts";
import { accessDifference } from "../../src/access/difference.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";

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
