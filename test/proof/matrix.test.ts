import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Budget, limits } from "../../src/access/budget.ts";
import type { PatternWord } from "../../src/access/describe/pattern-words.ts";
import type { Term } from "../../src/access/describe/set-cover.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { interpretationsOf, openQuestionsIn } from "../../src/access/interpretations.ts";
import { prove } from "../../src/access/query.ts";
import type { Decision, Request } from "../../src/access/request.ts";
import { asciiLower } from "../../src/policy/ascii.ts";
import { globMatches } from "../../src/policy/glob.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { Extent } from "../../src/proof/extent.ts";
import { RowTable } from "../../src/proof/matrix.ts";
import {
  matrixColumns,
  matrixRow,
  matrixTurns,
  partFor,
  principalsIn,
  sceneOf,
  type MatrixColumn,
} from "../../src/proof/matrix-cells.ts";
import { extentText } from "../../src/report/extent-text.ts";
import { bucket, fewRequests, policyOf, statements } from "../access/worlds.ts";
import { runs } from "../support/runs.ts";

const columns: Readonly<Record<string, MatrixColumn>> = {
  "oss:GetObject": "read",
  "oss:GetBucketAcl": "read",
  "oss:PutObject": "write",
  "oss:ListObjects": "list",
};

const open = { Effect: "Allow", Principal: ["*", "1"], Action: ["oss:*"], Resource: ["*"] };
const callers = ["anonymous", "owner", "1", "2", "arn:sts::1:assumed-role/r/s"];

function matches({ text, style }: PatternWord, key: string): boolean {
  const [pattern, letters] = style.foldsCase ? [asciiLower(text), asciiLower(key)] : [text, key];
  return style.isLiteral ? pattern === letters : globMatches(pattern, letters);
}

const holds = ({ all, except }: Term<PatternWord>, key: string) =>
  all.every((word) => matches(word, key)) && !except.some((word) => matches(word, key));

function covers(extent: Extent, resource: string): boolean {
  if (extent.kind !== "some") return false;
  return resource === "" ? extent.bucket : extent.keys.some((term) => holds(term, resource));
}

/** Policies that depend on more undocumented points than are combined may have undecided cells. */
function isTooOpen(policies: readonly Policy[]): boolean {
  return interpretationsOf(openQuestionsIn(policies, bucket)).length > limits.interpretations;
}

test("a cell covers exactly the resources on which some request is allowed", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(statements, fc.boolean(), (list, isOpen) => {
      const queried = { bucket, policy: policyOf(isOpen ? [...list, open] : list) };
      for (const principal of callers) {
        const row = matrixRow(queried, principal);
        const keys = new Set([...fewRequests([queried.policy], [principal])].map(({ resource }) => resource));
        for (const [column, key] of matrixColumns.flatMap((one) =>
          [...keys].map((other) => [one, other] as const),
        )) {
          const resource = [`acs:oss:*:*:${bucket.name}${key === "" ? "" : `/${key}`}`];
          const scene = { ...sceneOf(bucket, principal, column), resource };
          const isRefused = prove(queried.policy, bucket, scene, "not allowed").kind === "proved";
          seen.add(row[column].kind);
          if (row[column].kind === "undecided" && isTooOpen([queried.policy])) continue;
          if (covers(row[column], key) === isRefused)
            expect([principal, column, key, row[column]]).toEqual([]);
        }
      }
    }),
    { numRuns: runs(2, 20) },
  );
  expect([...seen]).toEqual(expect.arrayContaining(["none", "some"]));
});

function decided(policy: Policy | "none", request: Request): Decision {
  return policy === "none" ? "none" : evaluate(policy, request, bucket).decision;
}

test("a cell that changes says what is gained and lost, as the reference decides it", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(statements, statements, fc.constantFrom(0, 1, 2), (some, others, kind) => {
      const [old = some, now = others] = [
        [some, others],
        [[...some, open], some],
        [some, [...some, ...others]],
      ][kind]!;
      const policies = [policyOf(old), policyOf(now)] as const;
      const [before, after] = [
        { bucket, policy: policies[0] },
        { bucket, policy: policies[1] },
      ];
      for (const principal of callers) {
        const rows = [matrixRow(before, principal), matrixRow(after, principal)] as const;
        const turns = matrixTurns([before, after], rows, principal);
        for (const request of fewRequests(policies, [principal])) {
          const column = columns[request.action];
          if (column === undefined) continue;
          const [was, is] = [before, after].map(({ policy }) => decided(policy, request) === "allow");
          seen.add(turns[column]);
          if (turns[column] === "undecided" && isTooOpen(policies)) continue;
          const allowed = was ? ["narrower", "different"] : ["wider", "different"];
          if (was !== is && !allowed.includes(turns[column]))
            expect([principal, request, was, is, turns[column]]).toEqual([]);
        }
      }
    }),
    { numRuns: runs(5, 30) },
  );
  expect(seen.has("same") && seen.size > 1).toBe(true);
});

test("what a principal does not meet changes no cell", () => {
  fc.assert(
    fc.property(statements, (list) => {
      const queried = { bucket, policy: policyOf(list) };
      for (const principal of principalsIn([queried])) {
        const part = partFor(queried, principal);
        expect(matrixRow(part, principal)).toEqual(matrixRow(queried, principal));
        for (const request of fewRequests([queried.policy], [principal]))
          if (decided(part.policy, request) !== decided(queried.policy, request))
            expect([principal, request, part]).toEqual([]);
      }
    }),
    { numRuns: runs(3, 30) },
  );
});

const on = (...keys: readonly string[]) => keys.map((key) => `acs:oss:*:*:${bucket.name}${key}`);
const allow = (Action: string, Resource: readonly string[], more: object = {}) => ({
  Effect: "Allow",
  Principal: ["1"],
  Action: [Action],
  Resource,
  ...more,
});
const vpc = { Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } } };
const tls = {
  Effect: "Deny",
  Principal: ["*"],
  Action: ["oss:*"],
  Resource: ["*"],
  Condition: { Bool: { "acs:SecureTransport": ["false"] } },
};
const role = (name: string) => `arn:sts::1:assumed-role/${name}/*`;

describe("the words of a cell", () => {
  test.each([
    ["nothing", [], "none"],
    ["a Deny alone", [{ ...allow("oss:*", ["*"]), Effect: "Deny" }], "none"],
    ["an Allow for another caller", [{ ...allow("oss:*", ["*"]), Principal: ["2"] }], "none"],
    ["everything", [allow("oss:*", ["*"])], "bucket, all objects"],
    ["an action on the bucket", [allow("oss:GetBucketAcl", on(""))], "bucket"],
    ["a prefix", [allow("oss:GetObject", on("/logs/*"))], "logs/*"],
    ["two prefixes", [allow("oss:GetObject", on("/logs/*", "/img/*"))], "img/*, logs/*"],
    ["three prefixes", [allow("oss:GetObject", on("/a/*", "/b/*", "/c/*"))], "a/* and 2 more"],
    [
      "a prefix in another",
      [allow("oss:GetObject", on("/logs/*")), allow("oss:GetObjectAcl", on("/logs/old/*"))],
      "logs/*",
    ],
    [
      "all but a prefix",
      [allow("oss:GetObject", on("/*")), { ...allow("oss:*", on("/secret/*")), Effect: "Deny" }],
      "all objects except secret/*",
    ],
    ["a condition", [allow("oss:GetObject", on("/logs/*"), vpc)], "logs/* (conditional)"],
    ["TLS, which is none", [allow("oss:GetObject", on("/*")), tls], "all objects"],
    [
      "a condition of one of two",
      [allow("oss:GetObject", on("/a/*"), vpc), allow("oss:GetObject", on("/b/*"))],
      "a/*, b/* (partly conditional)",
    ],
    ["an undocumented point", [allow("oss:getobject", on("/a/*"))], "a/* (undocumented)"],
    ["a key with spaces and quotes", [allow("oss:GetObject", on('/a "b"/x'))], '"a \\"b\\"/x"'],
    ["an unknown field in a Deny", [{ ...allow("oss:*", ["*"]), Effect: "Deny", Odd: "x" }], "none"],
    ["an unknown field in an Allow", [{ ...allow("oss:*", ["*"]), Odd: "x" }], "undecided"],
  ])("%s", (_, list, text) => {
    expect(extentText(matrixRow({ bucket, policy: policyOf(list) }, "1").read)).toBe(text);
  });

  test("sessions that a Deny takes out of a pattern of roles are marked", () => {
    const list = [
      { ...allow("oss:GetObject", on("/*")), Principal: [role("*")] },
      { ...allow("oss:GetObject", on("/*")), Principal: [role("ci")], Effect: "Deny" },
    ];
    const queried = { bucket, policy: policyOf(list) };
    expect(extentText(matrixRow(queried, role("*")).read)).toBe("all objects (some sessions)");
    expect(extentText(matrixRow(queried, role("web")).read)).toBe("all objects");
    expect(extentText(matrixRow(queried, role("ci")).read)).toBe("none");
  });
});

describe("a cell that changes is", () => {
  const logs = allow("oss:GetObject", on("/logs/*"));
  test.each([
    ["the same", [logs], [logs, allow("oss:PutObject", on("/*"))], "same"],
    ["the same, if rewritten", [logs], [allow("oss:GetObject", on("/logs/*", "/logs/old/*"))], "same"],
    ["wider from nothing", [], [logs], "wider"],
    ["narrower to nothing", [logs], [], "narrower"],
    ["wider, by its resources", [logs], [allow("oss:GetObject", on("/*"))], "wider"],
    ["wider, by a condition that goes", [allow("oss:GetObject", on("/logs/*"), vpc)], [logs], "wider"],
    ["wider, by an action", [logs], [allow("oss:GetObject*", on("/logs/*"))], "wider"],
    ["wider, by plain http", [logs, tls], [logs], "wider"],
    ["narrower, by a Deny", [logs], [logs, { ...logs, Effect: "Deny", ...vpc }], "narrower"],
    ["different", [logs], [allow("oss:GetObject", on("/img/*"))], "different"],
    ["undecided", [logs], [logs, { ...logs, Odd: "x" }], "undecided"],
  ])("%s", (_, old, now, turn) => {
    const policies = [
      { bucket, policy: policyOf(old) },
      { bucket, policy: policyOf(now) },
    ] as const;
    const rows = [matrixRow(policies[0], "1"), matrixRow(policies[1], "1")] as const;
    expect(matrixTurns(policies, rows, "1").read).toBe(turn);
  });

  test("undecided where the budget is spent, and never the same", () => {
    const policies = [
      { bucket, policy: policyOf([logs]) },
      { bucket, policy: policyOf([allow("oss:GetObject", on("/img/*"))]) },
    ] as const;
    const rows = [matrixRow(policies[0], "1"), matrixRow(policies[1], "1")] as const;
    expect(matrixTurns(policies, rows, "1", new Budget(1)).read).toBe("undecided");
    expect(matrixRow(policies[0], "1", new Budget(1)).read.kind).toBe("undecided");
  });
});

test.each([
  ["oss:PutBucketLifecycle", "admin"],
  ["oss:DeleteBucketLogging", "admin"],
  ["oss:DeleteObjectTagging", "write"],
  ["oss:DeleteObject", "delete"],
])("%s is in the column %s alone", (action, column) => {
  const policy = policyOf([{ Effect: "Allow", Principal: ["1"], Action: [action], Resource: ["*"] }]);
  const cells = Object.entries(matrixRow({ bucket, policy }, "1"));
  expect(cells.filter(([, { kind }]) => kind !== "none").map(([name]) => name)).toEqual([column]);
});

test("`*` next to other principals is never taken for `*` alone", () => {
  const seen = { position: "is none", region: "cn-hangzhou", date: "2026-11-01" };
  const observed = new Map([["emptyCondition" as const, seen]]);
  const queried = (name: string, principals: readonly string[]) => ({
    bucket: { ...bucket, name, observed },
    policy: policyOf([
      { ...open, Principal: principals, Resource: [`acs:oss:*:*:${name}/*`], Condition: {} },
    ]),
  });
  const table = new RowTable();
  table.row(queried("one", ["*"]), "owner");
  const mixed = queried("two", ["*", "2"]);
  expect(table.row(mixed, "owner")).toEqual(new RowTable().row(mixed, "owner"));
});
