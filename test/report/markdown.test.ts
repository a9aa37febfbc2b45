import { planReports, reportNames, withoutNotes } from "../../src/report/index.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan, WritingChange } from "../../src/plan/plan.ts";
import { diffPolicies } from "../../src/plan/diff.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { maxUnits, planMarkdown } from "../../src/report/markdown/plan.ts";
import { everyTree, everyWorld, policy, reads } from "../support/every-change.ts";
import { parseMarkdown } from "../support/markdown.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

describe("the plan as Markdown", () => {
  test("is one document on stdout, and the text goes to stderr", async () => {
    const { folder, env } = await everyWorld();
    const { stdout, stderr } = await runCli(["plan", "--policies", folder, "--markdown", "-"], { env });
    expect(stderr).toContain("Plan: 5 to create");
    await expect(stdout.replaceAll(folder, "policies")).toMatchFileSnapshot("golden/plan.md");
  });

  test("is written to a file by apply, with what became of each bucket, and the text stays on stdout", async () => {
    const { folder, env } = await everyWorld();
    const target = join(folder, "apply.md");
    const { stdout } = await runCli(["apply", "--policies", folder, "--markdown", target], { env });
    expect(stdout).toContain("Apply: ");
    await expect(readFileSync(target, "utf8").replaceAll(folder, "policies")).toMatchFileSnapshot(
      "golden/apply.md",
    );
  });

  test("says so where nothing could be planned", async () => {
    const folder = writeTree({
      "account.yaml": everyTree["account.yaml"],
      "x.yaml": "bukcet: x\npolicy: none\n",
    });
    const { code, stdout } = await runCli(["plan", "--policies", folder, "--markdown", "-"]);
    expect(code).toBe(1);
    await expect(stdout.replaceAll(folder, "policies")).toMatchFileSnapshot("golden/errored.md");
  });

  test("and the plan as JSON cannot be written to one place", async () => {
    const words = ["plan", "--sandbox", "--policies", writeTree(everyTree), "--json", "x", "--markdown", "x"];
    const { code, stderr } = await runCli(words);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("error: --json and --markdown both write to x: name two places"),
    ]);
  });

  test("that cannot be written fails the run", async () => {
    const words = ["plan", "--sandbox", "--policies", writeTree(everyTree), "--markdown", "/nowhere/plan.md"];
    const { code, stderr } = await runCli(words);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("`/nowhere/plan.md` cannot be written (ENOENT)"),
    ]);
  });
});

/** So many buckets that lose a little, and one that opens to everyone at the end of the alphabet. */
function planOf(count: number, findings = 0): Plan {
  const before = canonicalPolicy(JSON.parse(policy(reads("b"))) as Record<string, never>);
  const change = (bucket: string): WritingChange => ({
    account: "1746495857600001",
    bucket,
    region: "cn-hangzhou",
    file: `policies/${bucket}.yaml`,
    line: 2,
    names: new Map(),
    blocked: false,
    cause: "unknown",
    action: "delete",
    before: {},
    after: null,
    digests: { desired: "none", live: "none" },
    access: { verdict: "equal" },
    hazards: [],
    difference: diffPolicies(before, "none"),
  });
  const changes = Array.from({ length: count }, (_, index) =>
    change(`bucket-${String(index).padStart(5, "0")}`),
  );
  const worst: WritingChange = {
    ...change("zzz"),
    blocked: true,
    hazards: [{ code: "grants-public-access", severity: "block", message: "anonymous callers gain access" }],
  };
  const place = { line: 1, column: 1 };
  const finding = (_: unknown, index: number) => ({
    code: "wrong-region",
    severity: index === 0 ? ("error" as const) : ("warning" as const),
    message: "x",
    span: { file: `policies/${index}.yaml`, start: place, end: place },
  });
  return {
    changes: [...changes, worst],
    unmanaged: [],
    diagnostics: Array.from({ length: findings }, finding),
  };
}

describe("each rung of the ladder is whole, and has the worst first", () => {
  const rung = (plan: Plan) => {
    const text = planMarkdown(plan, { scope: "policies", isErrored: false });
    expect(text.length).toBeLessThanOrEqual(maxUnits);
    expect(text).toMatch(/^<!-- oss-policy: policies -->\n\n## oss-policy: 0 to create/);
    return { text, ...parseMarkdown(text) };
  };

  test("in full", () => {
    const { text, blocks, rows } = rung(planOf(100));
    expect([blocks.length, rows.length]).toEqual([101, 0]);
    expect(text.indexOf("### delete `zzz` (blocked by a hazard)")).toBeLessThan(200);
  });

  test("as a table", () => {
    const { text, blocks, rows } = rung(planOf(500, 3));
    expect([blocks.length, rows.length, new Set(rows)]).toEqual([0, 1 + 501 + 1 + 3, new Set([5, 3])]);
    expect(text.split("\n").slice(6, 10)).toEqual([
      "| action | bucket | where | access | worst hazard |",
      "| --- | --- | --- | --- | --- |",
      "| delete, blocked by a hazard | `zzz` | `policies/zzz.yaml:2` | unchanged (proved) | block `grants-public-access` |",
      "| delete | `bucket-00000` | `policies/bucket-00000.yaml:2` | unchanged (proved) | - |",
    ]);
  });

  test("as counts", () => {
    const { text } = rung(planOf(5_000, 3));
    expect(text).toBe(
      `<!-- oss-policy: policies -->

## oss-policy: 0 to create, 0 to update, 5001 to delete, 0 unchanged, 1 blocked

The plan is too long to be shown here: the complete plan is in the artifact that \`--json\` writes.

1 error finding, 2 other findings.
`,
    );
  });

  test("as a table and as counts it leads to the page of the run, where that is known", () => {
    const link = "https://github.example/octo/policies/actions/runs/4711";
    const text = (count: number) =>
      planMarkdown(planOf(count), { scope: "policies", isErrored: false, link });
    expect(parseMarkdown(text(100)).links).toEqual([]);
    expect(parseMarkdown(text(500)).links).toEqual([link]);
    expect(text(5_000).split("\n")[4]).toBe(
      `The plan is too long to be shown here: the complete plan is in the artifact that \`--json\` writes. Artifacts are on the page of [this run](${link}).`,
    );
  });

  test("and goes down by one as soon as the next bucket has no room", () => {
    const kinds = Array.from({ length: 100 }, (_, index) => rung(planOf(130 + index)).blocks.length > 0);
    const last = kinds.lastIndexOf(true);
    expect(kinds.slice(0, last + 1)).not.toContain(false);
    expect(last).toBeGreaterThan(0);
    expect(last).toBeLessThan(99);
    expect(rung(planOf(130 + last)).text.length).toBeGreaterThan(maxUnits - 1_000);
  });
});

test("notes about the files are in the JSON of a plan, and in no other report", async () => {
  const note = { code: "deny-reaches-owner", severity: "note", message: "a note about a file" } as const;
  const plan: Plan = { changes: [], unmanaged: [], diagnostics: [note] };
  for (const name of reportNames) {
    const { hasNotes, load } = planReports[name];
    const context = { version: "1.0.0", policies: "policies", scope: "policies", isErrored: false };
    const text = (await load())(hasNotes ? plan : withoutNotes(plan), context);
    expect(text.includes(note.message), name).toBe(name === "json");
  }
});
