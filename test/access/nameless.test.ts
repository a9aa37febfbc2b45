import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessDifference, differenceOf } from "../../src/access/difference.ts";
import { Budget } from "../../src/access/budget.ts";
import { namelessText } from "../../src/access/nameless.ts";
import { prove, requestSetOf, type Property } from "../../src/access/query.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";

const owner = "1746495857600001";

/** A policy of a bucket that reads these places of `at`. */
function policy(places: readonly string[], at: string, principal = "202147604049350001"): Policy {
  return canonicalPolicy({
    Version: "1",
    Statement: places.map((place) => ({
      Effect: place.includes("private") ? "Deny" : "Allow",
      Principal: [principal],
      Action: ["oss:GetObject", "oss:ListObjects"],
      Resource: [
        place === "*" ? "*" : `acs:oss:*:*:${place.replace(/^(every)?/, (word) => (word ? "*" : at))}`,
      ],
    })),
  });
}

const place = fc.constantFrom(
  "",
  "/*",
  "/logs/*",
  "/logs/a?",
  "/private/*",
  "*",
  "every",
  "every/*",
  "every/logs/*",
);
const places = fc.array(place, { maxLength: 3 });

describe("one change of many buckets", () => {
  test("has the difference and the steps that it has in each bucket alone", () => {
    fc.assert(
      fc.property(places, places, (before, after) => {
        const ask = (name: string, steps: number) => {
          const budget = new Budget(steps);
          const difference = accessDifference(
            policy(before, name),
            policy(after, name),
            { name, owner },
            budget,
          );
          return { difference, left: budget.left };
        };
        const first = ask("alpha", 11_000_000);
        expect(ask("omega-2", 11_000_000)).toEqual(first);
        expect(ask("omega-2", 11_000_001)).toEqual({ ...first, left: first.left + 1 });
        // Decided anew, without what is known of the first.
        const bucket = { name: "omega-2", owner };
        const budget = new Budget(11_000_000);
        const [old, now] = [policy(before, bucket.name), policy(after, bucket.name)];
        expect({ difference: differenceOf(old, now, bucket, budget), left: budget.left }).toEqual(first);
      }),
      { numRuns: 60 },
    );
  });

  test("is undecided with fewer steps than it took, whatever is known", () => {
    const bucket = { name: "alpha", owner };
    const ask = (budget: Budget) =>
      accessDifference(policy(["/*"], "alpha"), policy(["/*", "/private/*"], "alpha"), bucket, budget)
        .verdict;
    const budget = new Budget(9_000_000);
    expect(ask(budget)).toBe("different");
    const steps = 9_000_000 - budget.left;
    expect(ask(new Budget(steps))).toBe("different");
    expect(ask(new Budget(steps - 1))).toBe("undecided");
  });

  test("is undecided again with the same steps, and decided with more", () => {
    const keys = (name: string) => [policy(["/*"], name), policy(["/*", "/private/*"], name)] as const;
    const ask = (name: string, steps: number) => {
      const budget = new Budget(steps);
      return { difference: accessDifference(...keys(name), { name, owner }, budget), left: budget.left };
    };
    const [first, again] = [ask("alpha", 30), ask("omega-2", 30)];
    expect(first.difference.verdict).toBe("undecided");
    expect(first.left).toBeLessThan(0);
    expect(again).toEqual(first);
    expect(ask("omega-2", 11_000_000).difference.verdict).toBe("different");
  });

  test("has the name of no other bucket in the cause of an undecided answer", () => {
    const marks = `*a${"?".repeat(20)}`;
    const ask = (name: string) => {
      const [before, after] = [policy([`/${marks}`], name), policy([`/${marks}*`], name)];
      const difference = accessDifference(before, after, { name, owner }, new Budget(20_000));
      return difference.verdict === "undecided" ? difference.cause : difference.verdict;
    };
    expect(ask("alpha")).toContain("alpha/*a???");
    expect(ask("omega-2")).toContain("omega-2/*a???");
  });

  test("has the proofs and the steps that it has in each bucket alone", () => {
    fc.assert(
      fc.property(
        places,
        fc.constantFrom<Property>("allowed", "not allowed", "denied", "not denied"),
        (words, demand) => {
          const ask = (name: string, steps: number) => {
            const budget = new Budget(steps);
            const user = ["202147604049350001"];
            const scene = requestSetOf(user, ["oss:GetObject"], [`acs:oss:*:*:${name}/logs/*`], new Map());
            const excepted = requestSetOf(user, ["oss:*"], [`acs:oss:*:*:${name}/logs/a*`], new Map());
            const proof = prove(policy(words, name), { name, owner }, scene, demand, [excepted], budget);
            return { proof, spent: steps - budget.left };
          };
          const first = ask("alpha", 11_000_000);
          expect(ask("omega-2", 11_000_000)).toEqual(first);
          expect(ask("omega-2", 11_000_001)).toEqual(first);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ["another principal", policy(["/*"], "beta", "202147604049350002")],
    ["another key", policy(["/logs/*"], "beta")],
    ["another bucket", policy(["/*"], "alpha")],
    ["a pattern of names", policy(["*/*"], "bet")],
  ])("is told from one of %s", (_, other) => {
    const text = (one: Policy, name: string) => namelessText([one], { name, owner });
    expect(text(other, "beta")).not.toBe(text(policy(["/*"], "alpha"), "alpha"));
  });

  test("of a pattern of names is told in each bucket, since it may match one and not the other", () => {
    const text = (name: string) => namelessText([policy(["*/*"], "a")], { name, owner });
    expect(text("alpha")).not.toBe(text("beta"));
  });
});
