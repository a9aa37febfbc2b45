import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Budget } from "../../src/access/budget.ts";
import { compareUnder } from "../../src/access/engine/diagram.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { pathsOf, witnessOf, type Path } from "./paths.ts";
import type { Interpretation, Request } from "../../src/access/request.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { runs } from "../support/runs.ts";
import { askingIn, contains } from "./lookup.ts";
import { bucket, fewRequests, pair, policyOf, reading, requests, smallPair, statements } from "./worlds.ts";

/** Throws where a request does not lie on a path exactly where it is decided differently, and on one only. */
function judge(
  before: Policy,
  after: Policy,
  open: Interpretation,
  paths: readonly Path[],
  all: Iterable<Request>,
) {
  for (const request of all) {
    const was = evaluate(before, request, bucket, open).decision;
    const is = evaluate(after, request, bucket, open).decision;
    const own = paths.filter((path) => contains(path, request)).map((path) => `${path.before} ${path.after}`);
    const wanted = was === is ? "" : `${was} ${is}`;
    if (own.join() !== wanted)
      throw new Error(
        `${JSON.stringify({ ...request, context: [...request.context] })}: ${was} ${is}, paths ${own.join()}`,
      );
  }
}

describe("against the reference, in a world where every request can be asked", () => {
  test("a request lies on a path exactly where it is decided differently, and on one path only", () => {
    const law = fc.property(pair, reading, ([before, after], open) => {
      const { paths, isComplete } = pathsOf(compareUnder(before, after, bucket, open));
      fc.pre(isComplete);
      judge(before, after, open, paths, requests([before, after], askingIn(paths)));
    });
    fc.assert(law, { numRuns: runs(2, 20) });
  });

  test("the same of hundreds of small policies, and of thousands in the long runs", () => {
    const law = fc.property(smallPair, reading, ([before, after], open) => {
      const { paths } = pathsOf(compareUnder(before, after, bucket, open));
      judge(before, after, open, paths, fewRequests([before, after], askingIn(paths)));
    });
    fc.assert(law, { numRuns: runs(20, 1_800) });
  }, 600_000);
});

describe("any pair of policies", () => {
  test("each path has a witness that the reference decides as the path says", () => {
    const law = fc.property(pair, reading, ([before, after], open) => {
      for (const path of pathsOf(compareUnder(before, after, bucket, open)).paths) {
        const request = witnessOf(path);
        expect([
          evaluate(before, request, bucket, open).decision,
          evaluate(after, request, bucket, open).decision,
        ]).toEqual([path.before, path.after]);
      }
    });
    fc.assert(law, { numRuns: runs(12) });
  });

  test("a policy equals itself in any order, with statements repeated", () => {
    const law = fc.property(statements, reading, (list, open) => {
      const again = policyOf([...list].reverse().concat(list.slice(0, 1)));
      expect(compareUnder(policyOf(list), again, bucket, open)).toBeUndefined();
    });
    fc.assert(law, { numRuns: runs(10) });
  });

  test("a statement split into its actions and resources decides as before", () => {
    const law = fc.property(statements, reading, (list, open) => {
      const parts = list.flatMap((one) =>
        (one["Action"] as string[]).flatMap((action) =>
          (one["Resource"] as string[]).map((resource) => ({
            ...one,
            Action: [action],
            Resource: [resource],
          })),
        ),
      );
      expect(compareUnder(policyOf(list), policyOf(parts), bucket, open)).toBeUndefined();
    });
    fc.assert(law, { numRuns: runs(10) });
  });

  test("an added Allow never takes, an added Deny never gives", () => {
    const law = fc.property(statements, statements, reading, (list, more, open) => {
      for (const added of more) {
        const labels = pathsOf(compareUnder(policyOf(list), policyOf([...list, added]), bucket, open)).paths;
        const wanted = added["Effect"] === "Allow" ? "allow" : "deny";
        expect(labels.every(({ after }) => after === wanted)).toBe(true);
      }
    });
    fc.assert(law, { numRuns: runs(10) });
  });

  test("the other way round, each kind of difference is its mirror", () => {
    const law = fc.property(pair, reading, ([before, after], open) => {
      const there = pathsOf(compareUnder(before, after, bucket, open)).paths;
      const back = pathsOf(compareUnder(after, before, bucket, open)).paths;
      const kinds = new Set(there.map((path) => `${path.before} ${path.after}`));
      expect(new Set(back.map((path) => `${path.after} ${path.before}`))).toEqual(kinds);
    });
    fc.assert(law, { numRuns: runs(10) });
  });
});

test("patterns that would take more states than the budget end in a cause, not in a guess", () => {
  const resource = (name: string) => ({
    Effect: "Allow",
    Principal: ["1"],
    Action: ["oss:GetObject"],
    Resource: [`acs:oss:*:*:b/${name}`],
  });
  const bomb = `*a${"?".repeat(20)}`;
  const before = policyOf([resource(bomb)]);
  const after = policyOf([resource(`*b${"?".repeat(20)}`)]);
  const open = fc.sample(reading, 1)[0];
  expect(() => open && compareUnder(before, after, bucket, open, new Budget(100_000))).toThrow(
    /patterns of resource/,
  );
});

test("what has no known meaning is named", () => {
  const statement = { Effect: "Allow", Principal: "1", Action: "oss:GetObject", Resource: "*" };
  const found = unsupported(
    policyOf([
      { ...statement, NotPrincipal: ["2"] },
      { ...statement, Condition: { IpAddressIncludeBorder: { "acs:SourceIp": "1.1.1.1" } } },
      {
        ...statement,
        Condition: { NumericEquals: { "acs:SourceIp": "1" }, StringEquals: { "acs:Nope": "1" } },
      },
      { ...statement, Condition: { IpAddress: { "acs:SourceIp": "101.*.*.100" } } },
      { ...statement, Effect: "allow" },
    ]),
  );
  expect(found.map(({ what }) => what).sort()).toMatchInlineSnapshot(`
    [
      "\`NumericEquals\` on \`acs:SourceIp\`",
      "an Effect that is neither Allow nor Deny",
      "the condition key \`acs:Nope\`",
      "the field \`NotPrincipal\`",
      "the operator \`IpAddressIncludeBorder\`",
      "the value \`101.*.*.100\`",
    ]
  `);
});
