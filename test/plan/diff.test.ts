import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffPolicies, statementFields } from "../../src/plan/diff.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import {
  canonicalPolicy,
  canonicalStatement,
  statementDocument,
  statementKey,
  type Policy,
} from "../../src/policy/policy.ts";
import { policyDocument } from "../support/arbitraries.ts";
import { runs } from "../support/runs.ts";

const read = {
  Effect: "Allow",
  Principal: ["1", "2"],
  Action: ["oss:GetObject", "oss:ListObjects"],
  Resource: ["b", "b/*"],
};

function without(field: string): JsonObject {
  return Object.fromEntries(Object.entries(read).filter(([name]) => name !== field));
}

function policy(...statements: JsonObject[]): Policy {
  return canonicalPolicy({ Version: "1", Statement: statements });
}

describe("the difference of two policies", () => {
  test("a member added to a list is one member added, whatever the order of the list", () => {
    const { added, removed, changed } = diffPolicies(
      policy(read),
      policy({ ...read, Principal: ["3", "2", "1"] }),
    );
    expect([added, removed]).toEqual([[], []]);
    expect(changed).toMatchObject([{ fields: [{ path: ["Principal"], added: ["3"], removed: [] }] }]);
  });

  test("an Allow that becomes a Deny is two statements, never a changed one", () => {
    const { added, removed, changed } = diffPolicies(policy(read), policy({ ...read, Effect: "Deny" }));
    expect([added.length, removed.length, changed.length]).toEqual([1, 1, 0]);
  });

  test("statements that share little are not paired", () => {
    const other = { Effect: "Allow", Principal: ["9"], Action: ["oss:PutObject"], Resource: ["b/x"] };
    expect(diffPolicies(policy(read), policy(other)).changed).toEqual([]);
  });

  test("an empty Condition shows as a change", () => {
    const { changed } = diffPolicies(policy(read), policy({ ...read, Condition: {} }));
    expect(changed).toMatchObject([{ fields: [{ path: ["Condition"], added: ["(empty)"], removed: [] }] }]);
  });

  test("one value of a nested condition shows with its operator and key", () => {
    const vpc = (...values: string[]) => ({
      ...read,
      Condition: { StringEquals: { "acs:SourceVpc": values } },
    });
    const { changed } = diffPolicies(policy(vpc("vpc-1")), policy(vpc("vpc-1", "vpc-2")));
    expect(changed).toMatchObject([
      { fields: [{ path: ["Condition", "StringEquals", "acs:SourceVpc"], added: ["vpc-2"], removed: [] }] },
    ]);
  });

  test.each([
    ["NotPrincipal", "Principal", ["1"]],
    ["Principals", "Principal", ["1"]],
    ["principal", "Principal", "1"],
    ["NotAction", "Action", ["oss:PutObject"]],
    ["NotResource", "Resource", ["b/x"]],
  ])("a statement with %s and without %s is shown with what it has", (field, missing, value) => {
    const rest = { ...without(missing), [field]: value };
    const [{ statement } = { statement: undefined }] = diffPolicies("none", policy(rest)).added;
    const fields = statement === undefined ? [] : statementFields(statement);
    const shown = new Map(fields.map(({ path, members }) => [path.join(), members]));
    expect(shown.get(field)).toEqual([JSON.stringify(value)]);
    expect(shown.get(missing) ?? []).toEqual([]);
    expect(Object.keys(statement === undefined ? {} : statementDocument(statement))).not.toContain(missing);
  });

  test("a missing Principal beside no such field is everyone, as OSS reads it", () => {
    expect(diffPolicies("none", policy(without("Principal"))).added).toMatchObject([
      { statement: { principal: ["*"] } },
    ]);
  });

  test("another Version shows as a field of the policy", () => {
    const { fields } = diffPolicies(canonicalPolicy({ Version: 1, Statement: [read] }), policy(read));
    expect(fields).toEqual([{ path: ["Version"], added: ['"1"'], removed: ["1 (as JSON)"], isJson: true }]);
  });
});

test("taking away what was removed and adding what was added leads from one policy to the other", () => {
  fc.assert(
    fc.property(policyDocument, policyDocument, (from, to) => {
      const [before, after] = [canonicalPolicy(from), canonicalPolicy(to)];
      const { added, removed, changed } = diffPolicies(before, after);
      const keys = new Set(before.statements.map(statementKey));
      for (const statement of [...removed, ...changed.map((pair) => pair.before)])
        keys.delete(statementKey(statement));
      for (const statement of [...added.map((one) => one.statement), ...changed.map((pair) => pair.after)]) {
        keys.add(statementKey(statement));
      }
      expect([...keys].sort()).toEqual(after.statements.map(statementKey).sort());
    }),
    { numRuns: runs(200) },
  );
});

test("equal statements are told by their key alone", () => {
  expect(statementKey(canonicalStatement(read))).toBe(
    statementKey(canonicalStatement({ ...read, Principal: ["2", "1"] })),
  );
});
