import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/access/evaluate.ts";
import type { Decision, Request } from "../../src/access/request.ts";
import { bucketOf, desiredPolicy } from "../../src/desired/desired-policy.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { renderBucketFile } from "../../src/desired/render.ts";
import { hasErrors } from "../../src/diagnostic.ts";
import type { EditableTree } from "../../src/edit/editable-tree.ts";
import { editTree, type TreeEdit } from "../../src/edit/edit-tree.ts";
import { requestsOf, type Intent } from "../../src/edit/intent.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { isFailed } from "../../src/result.ts";
import { fewRequests, reading, statements } from "../access/worlds.ts";
import { runs } from "../support/runs.ts";

const owner = "1746495857600001";
const role = "arn:sts::1:assumed-role/r/s";

/** The worlds have a bucket `b`, whose name is too short for a file. */
const renamed = (list: readonly JsonObject[]) =>
  JSON.parse(JSON.stringify(list).replaceAll(/(acs:oss:[^:"]*:[^:"]*:)b/g, "$1bbb")) as JsonObject[];

const intent: fc.Arbitrary<Intent> = fc
  .record({
    verb: fc.constantFrom("grant", "revoke", "deny"),
    principal: fc.constantFrom("1", "2", role, "arn:sts::1:assumed-role/r/*"),
    actions: fc.constantFrom<readonly string[]>(
      ["oss:GetObject"],
      ["oss:ListObjects"],
      ["oss:Get*", "oss:PutObject"],
      ["oss:*"],
      [],
    ),
    key: fc.constantFrom(undefined, undefined, "a*", "a", "b/a"),
    isConditional: fc.boolean(),
  })
  .filter(({ verb, actions }) => verb !== "grant" || actions.length > 0)
  .map(({ isConditional, key, ...rest }) => ({
    ...rest,
    key: rest.actions.includes("oss:ListObjects") ? undefined : key,
    condition:
      isConditional && rest.verb !== "revoke" ? { Bool: { "acs:SecureTransport": ["true"] } } : undefined,
  }));

/** Tree of one bucket file, alone or with another bucket or a set that shares statements. */
function treeOf(own: readonly JsonObject[], shared: readonly JsonObject[]): EditableTree | undefined {
  const policy = { Version: "1", Statement: renamed(own) };
  const files = [
    { path: "account.yaml", text: `account: "${owner}"\nregion: cn-hangzhou\nidentities: { one: "1" }\n` },
    { path: "b.yaml", text: renderBucketFile("bbb", undefined, policy) },
    ...(shared.length === 0
      ? []
      : [
          { path: "_sets/common.yaml", text: JSON.stringify({ Statement: renamed(shared) }) },
          { path: "c.yaml", text: 'bucket: ccc\nuse: [common]\npolicy: { Version: "1", Statement: [] }\n' },
        ]),
  ];
  const used = files.map(({ path, text }) =>
    path === "b.yaml" && shared.length > 0 ? { path, text: `use: [common]\n${text}` } : { path, text },
  );
  const desired = parseDesired(used);
  return hasErrors(desired.diagnostics) ? undefined : { files: used, context: {}, desired };
}

const asking = ["anonymous", "owner", "1", "2", role, "arn:sts::2:assumed-role/r/t"];

/** Decisions of a policy on every request of a small world. */
function decisions(
  policy: Policy | "none",
  requests: readonly Request[],
  bucket: ReturnType<typeof bucketOf>,
  under: Parameters<typeof evaluate>[3],
) {
  return requests.map((request): Decision =>
    policy === "none" ? "none" : evaluate(policy, request, bucket, under).decision,
  );
}

const counts = { done: 0, edited: 0, refused: 0 };

describe("an edit is exact, or it is refused", () => {
  test("on every request of small worlds, under any interpretation", () => {
    const sets = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: statements });
    fc.assert(
      fc.property(statements, sets, intent, reading, (own, shared, wanted, under) => {
        const tree = treeOf(own, shared);
        const target = tree?.desired.buckets.find(({ bucket }) => bucket === "bbb");
        if (tree === undefined || target === undefined) return;
        const before = JSON.stringify(tree.files);
        const edit = editTree(tree, [target], wanted);
        expect(JSON.stringify(tree.files)).toBe(before);
        if (isFailed(edit)) {
          expect(edit.problems.some(({ severity, help }) => severity === "error" && help !== undefined)).toBe(
            true,
          );
          counts.refused += 1;
          return;
        }
        counts[edit.files.length === 0 ? "done" : "edited"] += 1;
        compare(tree, edit, wanted, under);
      }),
      { numRuns: runs(24, 2_000) },
    );
    // No outcome is so rare that the property says nothing about it.
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
  });
});

function compare(
  tree: EditableTree,
  edit: TreeEdit,
  wanted: Intent,
  under: Parameters<typeof evaluate>[3],
): void {
  for (const old of tree.desired.buckets) {
    const now = edit.desired.buckets.find(({ bucket }) => bucket === old.bucket);
    if (now === undefined) throw new Error("a bucket is lost");
    const bucket = bucketOf(old);
    const isTarget = old.bucket === "bbb";
    const asked: Policy = {
      version: "1",
      statements: [{ ...requestsOf(wanted, old), effect: "Allow" }],
      other: [],
    };
    const [was, is] = [desiredPolicy(old), desiredPolicy(now)];
    const all = [
      ...fewRequests(
        [was, is, asked].filter((one) => one !== "none"),
        asking,
      ),
    ];
    const [first, second] = [decisions(was, all, bucket, under), decisions(is, all, bucket, under)];
    const meant = isTarget ? decisions(asked, all, bucket, under) : all.map((): Decision => "none");
    const expected = all.map((_, at) =>
      wantedDecision(wanted.verb, first[at] ?? "none", meant[at] === "allow"),
    );
    expect(second).toEqual(expected);
  }
}

/** What a request must be decided as after an edit. */
function wantedDecision(verb: Intent["verb"], before: Decision, isMeant: boolean): Decision {
  if (!isMeant) return before;
  if (verb === "deny") return "deny";
  if (verb === "grant") return before === "deny" ? "deny" : "allow";
  return before === "allow" ? "none" : before;
}
