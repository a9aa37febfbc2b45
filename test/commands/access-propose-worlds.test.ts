import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import equal from "fast-deep-equal";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { accessDifference } from "../../src/access/difference.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { bucketOf, desiredPolicy } from "../../src/desired/desired-policy.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { Bucket } from "../../src/policy/bucket.ts";
import { possibleDecisions } from "../plan/possible-decisions.ts";
import { owner, policyTree, treeBuckets, type PolicyTree } from "../plan/policy-trees.ts";
import { readLines } from "../support/log-lines.ts";
import { runs } from "../support/runs.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

type Files = PolicyTree["files"];

interface World {
  readonly bucket: Bucket;
  readonly before: Policy;
  readonly after: Policy;
}

const nothing: Policy = { version: "1", statements: [], other: [] };

function worldsOf(before: Files, after: Files): readonly World[] {
  const read = (files: Files) => {
    const sources = Object.entries(files).map(([name, text]) => ({ path: `policies/${name}`, text }));
    const { buckets, diagnostics } = parseDesired(sources, { top: "policies/" });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(buckets.map(({ bucket }) => bucket)).toEqual(treeBuckets);
    return buckets;
  };
  const [old, narrow] = [read(before), read(after)];
  const policyOf = (bucket: (typeof old)[number] | undefined) => {
    const policy = bucket === undefined ? "none" : desiredPolicy(bucket);
    return policy === "none" ? nothing : policy;
  };
  return old.map((bucket, at) => ({
    bucket: bucketOf(bucket),
    before: policyOf(bucket),
    after: policyOf(narrow[at]),
  }));
}

/** Asks for a narrower policy, and applies the patch as a user does; undefined if there is none. */
async function narrowed({ files, lines }: PolicyTree): Promise<Files | undefined> {
  const folder = writeTree({});
  for (const [name, text] of [
    ...Object.entries(files).map(([path, text]) => [`policies/${path}`, text] as const),
    ["log", lines.join("\n")] as const,
  ]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const asked = ["access", "unused", "--requests", "log", "--propose", "patch"];
  const { code, stderr } = await runCli(asked, { folder });
  if (!existsSync(join(folder, "patch"))) {
    expect(stderr).toContain("no narrower policy can be proposed and proved");
    return undefined;
  }
  expect(code).toBe(0);
  execFileSync("git", ["apply", "--whitespace=nowarn", "patch"], { cwd: folder });
  const valid = await runCli(["validate"], { folder });
  expect(valid.stdout + valid.stderr).not.toMatch(/error:/);
  const texts = Object.keys(files).map((name) => [
    name,
    readFileSync(join(folder, "policies", name), "utf8"),
  ]);
  return Object.fromEntries(texts) as Files;
}

/** Requests of every kind that the worlds distinguish, also of callers that the log does not have. */
const principals = [
  ...["anonymous", "owner", "299"],
  ...[1, 2, 3].map((at) => `20214760404935000${at}`),
  `arn:sts::${owner}:assumed-role/ops/alice`,
];
const targets = [
  ...["oss:ListObjects", "oss:GetBucketAcl", "oss:PutBucketAcl"].map((action) => ({ action, resource: "" })),
  ...["oss:GetObject", "oss:PutObject", "oss:PutObjectAcl", "oss:GetObjectTagging"].flatMap((action) =>
    ["raw/a.csv", "tmp/a", "top"].map((resource) => ({ action, resource })),
  ),
];
const contexts = ["vpc-1", "vpc-9"].flatMap((vpc) =>
  ["true", "false"].map(
    (tls) =>
      new Map([
        ["acs:SourceVpc", vpc],
        ["acs:SecureTransport", tls],
      ]),
  ),
);

function expectNarrower({ bucket, before, after }: World): void {
  const difference = accessDifference(before, after, bucket);
  expect(difference.verdict).not.toBe("undecided");
  const effects = difference.verdict === "different" ? difference.regions.map(({ effect }) => effect) : [];
  expect(effects.filter((effect) => effect !== "loses")).toEqual([]);
  const denies = ({ statements }: Policy) => statements.filter(({ effect }) => effect === "Deny");
  expect(denies(after)).toEqual(denies(before));
  for (const principal of principals)
    for (const target of targets)
      for (const context of contexts) {
        const request = { principal, ...target, context };
        const [was, is] = [before, after].map((policy) => evaluate(policy, request, bucket).decision);
        if (was !== is) expect([was, is], JSON.stringify(request)).toEqual(["allow", "none"]);
      }
}

/** Nothing but the policy differs, and the comments around it stay. */
function expectSameFile(before: string, after: string): void {
  const rest = (text: string) => {
    const values = parseDocument(text).toJS() as Record<string, unknown>;
    return Object.entries(values).filter(([name]) => name !== "policy");
  };
  expect(rest(after)).toEqual(rest(before));
  expect(after).toContain("# top");
  expect(after).toContain("# near");
  expect(after).toContain("# end");
  expect(/[^\r]\n/.test(after)).toBe(/[^\r]\n/.test(before));
}

function actionsOf({ statements }: Policy): readonly string[] {
  return statements.flatMap(({ action }) => action ?? []);
}

const trees = runs(40, 200);

test("a proposal for a generated tree grants less, keeps what was seen, and changes nothing else", async () => {
  const count = { trees: 0, proposals: 0, pairs: 0, statements: 0, wildcards: 0 };
  await fc.assert(
    fc.asyncProperty(policyTree, async (tree) => {
      count.trees += 1;
      const files = await narrowed(tree);
      if (files === undefined) return;
      count.proposals += 1;
      const requests = readLines(tree.lines.join("\n")).requests;
      expect(requests.length).toBeGreaterThan(0);
      for (const [name, text] of Object.entries(tree.files)) {
        const after = files[name] ?? "";
        if (name === "data.yaml" || name === "pair.yaml") expectSameFile(text, after);
        else expect(after).toBe(text);
      }
      if (files["pair.yaml"] !== tree.files["pair.yaml"]) count.pairs += 1;
      for (const world of worldsOf(tree.files, files)) {
        const { bucket, before, after } = world;
        if (equal(before, after)) continue;
        if (after.statements.length < before.statements.length) count.statements += 1;
        if (actionsOf(after).some((word) => !actionsOf(before).includes(word))) count.wildcards += 1;
        expectNarrower(world);
        const own = requests.filter((request) => request.bucket === bucket.name);
        expect(own.length).toBeGreaterThan(0);
        for (const request of own)
          for (const decided of possibleDecisions(request, before, after, bucket))
            expect(decided.after, JSON.stringify(request)).toBe(decided.before);
      }
    }),
    { numRuns: trees },
  );
  expect(count.trees).toBeGreaterThanOrEqual(trees);
  expect(count.proposals).toBeGreaterThan(0.75 * trees);
  // Files of two buckets, statements that are gone, and wildcards in whose place are actions.
  expect(Math.min(count.pairs, count.statements, count.wildcards)).toBeGreaterThan(0.25 * trees);
}, 300_000);
