import { expect, test } from "vitest";
import { isWriting } from "../../src/plan/plan.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { matrixRow } from "../../src/proof/matrix-cells.ts";
import { accessMatrix } from "../../src/proof/matrix.ts";
import { isComparable } from "../../src/report/html/index.ts";
import { largePlan } from "../support/large-plan.ts";

const { changes } = largePlan(16);
const asker = (index: number) => String(500 + index);
const rowsOf = (matrix: ReturnType<typeof accessMatrix>) =>
  matrix.map(
    ({ change, rows, leftOut }) => [change.bucket, rows.map(({ principal }) => principal), leftOut] as const,
  );

test("the matrix has each change that writes, and what is asked of each policy by itself", () => {
  const matrix = accessMatrix(changes.filter(isComparable));
  expect(matrix.map(({ change }) => change)).toEqual(changes.filter(isWriting));
  for (const { change, rows } of matrix)
    for (const { principal, before, after } of rows)
      for (const [document, cells] of [
        [change.before, before],
        [change.after, after],
      ] as const) {
        const bucket = { name: change.bucket, owner: change.account };
        const policy = document === null ? "none" : canonicalPolicy(document);
        expect([change.bucket, principal, cells]).toEqual([
          change.bucket,
          principal,
          matrixRow({ bucket, policy }, principal),
        ]);
      }
});

test("buckets that differ in their name alone are one question, and others are not", () => {
  const wide = changes.filter(isWriting).map((change, index) => ({
    ...change,
    account: "1",
    access: { verdict: "undecided", cause: "made up" } as const,
    before: null,
    after: {
      Version: "1",
      Statement: [
        {
          Effect: "Allow",
          Principal: [asker(index)],
          Action: ["oss:GetObject"],
          Resource: [`acs:oss:*:1:${change.bucket}/*`],
        },
      ],
    },
    bucket: index === 3 ? "other" : change.bucket,
  }));
  // No policy, three rows of the same policy, and a fourth bucket that its Resource does not name.
  expect(accessMatrix(wide, 4).filter(({ leftOut }) => leftOut > 0).length).toBe(1);
  const matrix = accessMatrix(wide, 5);
  expect(matrix.map(({ leftOut }) => leftOut).every((left) => left === 0)).toBe(true);
  const cells = matrix.map(
    ({ rows }) => rows.find(({ principal }) => !["anonymous", "owner"].includes(principal))?.after.read,
  );
  expect(cells.map((cell, index) => cell?.kind === (index === 3 ? "none" : "some"))).not.toContain(false);
});

test("where the work is spent, what is left out is counted", () => {
  const all = rowsOf(accessMatrix(changes.filter(isComparable)));
  const some = rowsOf(accessMatrix(changes.filter(isComparable), 12));
  for (const [index, [bucket, principals, leftOut]] of some.entries()) {
    const [, whole = []] = all[index] ?? [];
    expect([bucket, principals, leftOut]).toEqual([
      all[index]?.[0],
      whole.slice(0, principals.length),
      whole.length - principals.length,
    ]);
  }
  expect(some.some(([, , leftOut]) => leftOut > 0)).toBe(true);
});

test("roles that a statement beside theirs may mean, too, are not alike", () => {
  const role = (name: string) => `arn:sts::1:assumed-role/${name}/*`;
  const [change] = changes.filter(isWriting);
  const bucketOf = (name: string) => {
    const Resource = [`acs:oss:*:1:${name}/*`];
    const Action = ["oss:GetObject"];
    const Statement = [
      { Effect: "Allow", Principal: [role(name)], Action, Resource },
      { Effect: "Deny", Principal: [role("den*")], Action, Resource },
    ];
    const access = { verdict: "undecided", cause: "made up" } as const;
    return {
      ...change!,
      bucket: name,
      account: "1",
      access,
      before: null,
      after: { Version: "1", Statement },
    };
  };
  const cells = accessMatrix(["other", "denied"].map(bucketOf)).map(
    ({ change: { bucket }, rows }) =>
      rows.find(({ principal }) => principal === role(bucket))?.after.read.kind,
  );
  expect(cells).toEqual(["some", "none"]);
});
