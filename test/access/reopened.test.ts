import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/access/evaluate.ts";
import { reopened } from "../../src/access/reopened.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { isDeep, runs } from "../support/runs.ts";
import { bucket, fewRequests, policyOf, reading, requests, statements } from "./worlds.ts";

/** Three policies that share most statements, so that closing and reopening are about some of them. */
const three = fc
  .tuple(statements, statements, statements, fc.nat(), fc.nat())
  .map(([shared, before, now, closed, kept]) => {
    const asked = [...shared, ...before];
    const live = asked.filter((_, index) => index !== closed % asked.length);
    return {
      live: policyOf(live),
      asked: policyOf(asked),
      wanted: policyOf([...shared.slice(0, kept % (shared.length + 1)), ...now]),
    };
  })
  .filter(({ live, asked, wanted }) =>
    [live, asked, wanted].every((policy) => unsupported(policy).length === 0),
  );

/** The smaller world has a tenth of the requests. */
const world = isDeep ? requests : fewRequests;

describe("against the reference, in a world where every request can be asked", () => {
  test("something is reopened where a request says so, and nothing where none does", () => {
    const found = { some: 0, none: 0 };
    const law = fc.property(three, reading, ({ live, asked, wanted }, open) => {
      const answer = reopened({ live, asked, wanted }, bucket);
      fc.pre(answer.kind !== "undecided");
      found[answer.kind === "some" ? "some" : "none"] += 1;
      // The example of an answer was replayed before it was given.
      if (answer.kind === "some") return;
      const isAllowed = (policy: Policy, request: Parameters<typeof evaluate>[1]) =>
        evaluate(policy, request, bucket, open).decision === "allow";
      for (const request of world([live, asked, wanted], ["anonymous", "1", "arn:sts::1:assumed-role/r/s"])) {
        if (isAllowed(live, request) || !isAllowed(asked, request) || !isAllowed(wanted, request)) continue;
        throw new Error(`${JSON.stringify({ ...request, context: [...request.context] })} is reopened`);
      }
    });
    fc.assert(law, { numRuns: runs(15, 45) });
    expect(Math.min(found.some, found.none)).toBeGreaterThan(1);
  });

  test("what is closed already, or was never asked for, is never reopened", () => {
    const law = fc.property(three, ({ live, asked, wanted }) => {
      expect(reopened({ live: asked, asked, wanted }, bucket).kind).not.toBe("some");
      expect(reopened({ live, asked: live, wanted }, bucket).kind).not.toBe("some");
      expect(reopened({ live, asked, wanted: live }, bucket).kind).not.toBe("some");
    });
    fc.assert(law, { numRuns: runs(15) });
  });
});
