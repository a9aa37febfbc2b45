import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../src/access/evaluate.ts";
import type { Decision, Request } from "../../src/access/request.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { matrixRow, partFor, principalsIn, type MatrixColumn } from "../../src/proof/access-queries.ts";
import { bucket, fewRequests, policyOf, statements } from "../access/worlds.ts";
import { runs } from "../support/runs.ts";

const columns: Readonly<Record<string, MatrixColumn>> = {
  "oss:GetObject": "read",
  "oss:GetBucketAcl": "read",
  "oss:PutObject": "write",
  "oss:ListObjects": "list",
};

const open = { Effect: "Allow", Principal: ["*", "1"], Action: ["oss:*"], Resource: ["*"] };
const asking = ["anonymous", "owner", "1", "2", "arn:sts::1:assumed-role/r/s"];

test("a cell that is none has no request that is allowed, and one that is all has no other", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(statements, fc.boolean(), (list, isOpen) => {
      const asked = { bucket, policy: policyOf(isOpen ? [...list, open] : list) };
      for (const principal of asking) {
        const row = matrixRow(asked, principal);
        for (const cell of Object.values(row)) seen.add(cell);
        for (const request of fewRequests([asked.policy], [principal])) {
          const column = columns[request.action];
          if (column === undefined) continue;
          const cell = row[column];
          const isAllowed = evaluate(asked.policy, request, bucket).decision === "allow";
          if (isAllowed ? cell === "none" : cell === "all") expect([principal, request, cell]).toEqual([]);
        }
      }
    }),
    { numRuns: runs(4, 40) },
  );
  expect([...seen]).toEqual(expect.arrayContaining(["all", "none", "some"]));
});

function decided(policy: Policy | "none", request: Request): Decision {
  return policy === "none" ? "none" : evaluate(policy, request, bucket).decision;
}

test("what a principal does not meet changes no cell", () => {
  fc.assert(
    fc.property(statements, (list) => {
      const asked = { bucket, policy: policyOf(list) };
      for (const principal of principalsIn([asked])) {
        const part = partFor(asked, principal);
        expect(matrixRow(part, principal)).toEqual(matrixRow(asked, principal));
        for (const request of fewRequests([asked.policy], [principal]))
          if (decided(part.policy, request) !== decided(asked.policy, request))
            expect([principal, request, part]).toEqual([]);
      }
    }),
    { numRuns: runs(3, 30) },
  );
});

test.each([
  [
    "an unknown field in a Deny",
    { Effect: "Deny", Principal: ["1"], Action: ["oss:*"], Resource: ["*"], Odd: "x" },
    "unknown",
  ],
  ["a Deny alone", { Effect: "Deny", Principal: ["1"], Action: ["oss:*"], Resource: ["*"] }, "none"],
  [
    "an Allow for somebody else",
    { Effect: "Allow", Principal: ["2"], Action: ["oss:*"], Resource: ["*"] },
    "none",
  ],
  ["an Allow for all", { Effect: "Allow", Principal: ["1"], Action: ["oss:*"], Resource: ["*"] }, "all"],
])("%s", (_, statement, cell) => {
  expect(new Set(Object.values(matrixRow({ bucket, policy: policyOf([statement]) }, "1")))).toEqual(
    new Set([cell]),
  );
});

test.each([
  ["oss:PutBucketLifecycle", "admin"],
  ["oss:DeleteBucketLogging", "admin"],
  ["oss:DeleteObjectTagging", "write"],
  ["oss:DeleteObject", "delete"],
])("%s is in the column %s alone", (action, column) => {
  const policy = policyOf([{ Effect: "Allow", Principal: ["1"], Action: [action], Resource: ["*"] }]);
  const cells = Object.entries(matrixRow({ bucket, policy }, "1"));
  expect(cells.filter(([, cell]) => cell !== "none")).toEqual([[column, "some"]]);
});
