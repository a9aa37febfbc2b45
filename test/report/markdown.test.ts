import { planReports, reportNames } from "../../src/report/forms.ts";
import { loadReport, withoutNotes } from "../../src/report/index.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { isWriting, type Plan, type WritingChange } from "../../src/plan/plan.ts";
import { diffPolicies } from "../../src/plan/diff.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { fitChanges } from "../../src/report/markdown/ladder.ts";
import { maxUnits, planMarkdown } from "../../src/report/markdown/plan.ts";
import { everyTree, everyWorld, policy, reads } from "../support/every-change.ts";
import { parseMarkdown } from "../support/markdown.ts";
import { runs } from "../support/runs.ts";
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

/** So many buckets whose limits differ, so that each is an entry, and one that is worse at the end of the alphabet. */
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
  const changes = Array.from({ length: count }, (_, index) => {
    const bucket = `bucket-${String(index).padStart(5, "0")}`;
    return { ...change(bucket), limit: bucket };
  });
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

describe("a plan of any length fits, and loses details of the changes with the least risk first", () => {
  const told = (plan: Plan, link?: string) => {
    const text = planMarkdown(plan, { scope: "policies", isErrored: false, link });
    expect(text.length).toBeLessThanOrEqual(maxUnits);
    expect(text).toMatch(/^<!-- oss-policy: policies -->\n\n## oss-policy: (Blocked|Incomplete): /);
    const sections = [...text.matchAll(/^### (\w+(?: the policy of)?) `([^`]+)`/gm)].map(
      ([, , bucket]) => bucket,
    );
    const rows = [...text.matchAll(/^\| \w+(?: the policy of)? `([^`]+)`/gm)].map(([, bucket]) => bucket);
    return { text, sections, rows, links: parseMarkdown(text).links };
  };

  test("in full", () => {
    const { text, sections, rows } = told(planOf(100));
    expect([sections.length, rows.length]).toEqual([101, 0]);
    expect(text.indexOf("### delete the policy of `zzz` (blocked by a hazard)")).toBeLessThan(200);
    expect(text).not.toContain("too long");
  });

  test("the riskiest with details, and a line for each of the others", () => {
    const { text, sections, rows } = told(planOf(400, 3));
    expect(sections[0]).toBe("zzz");
    expect(sections.length).toBeGreaterThan(20);
    expect(sections.length + rows.length).toBe(401);
    expect([...sections.slice(1), ...rows]).toEqual([...sections.slice(1), ...rows].sort());
    expect(text).toContain(
      "| delete the policy of `bucket-00399` | `policies/bucket-00399.yaml:2` | unchanged (proved) | - |",
    );
    expect(text).toContain("the complete plan is in the artifact that `--json` writes");
  });

  test("a count of those that have no room for a line", () => {
    const { text, sections, rows } = told(planOf(5_000, 3));
    expect(sections[0]).toBe("zzz");
    const [, count] = /^And (\d+) changes without room here: \1 without risk\.$/m.exec(text) ?? [];
    expect(sections.length + rows.length + Number(count)).toBe(5_001);
    expect(text.length).toBeGreaterThan(maxUnits - 1_000);
  });

  test("and the page of the run, where it is known", () => {
    const link = "https://github.example/octo/policies/actions/runs/4711";
    expect(told(planOf(100), link).links).toEqual([]);
    expect(told(planOf(500), link).links).toEqual([link]);
    expect(told(planOf(5_000), link).text).toContain(`Artifacts are on the page of [this run](${link}).`);
  });

  test("details go one change at a time, as the plan grows", () => {
    const lengthOf = (count: number) => told(planOf(count)).text.length;
    const first = Math.floor(maxUnits / ((lengthOf(30) - lengthOf(20)) / 10)) - 6;
    const counts = Array.from({ length: 12 }, (_, index) => told(planOf(first + index)).sections.length);
    const full = counts.filter((count, index) => count === first + 1 + index).length;
    expect(full).toBeGreaterThan(0);
    expect(full).toBeLessThan(12);
    const falling = counts.slice(full);
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    expect(falling[0]).toBeGreaterThan(counts[0]! / 2);
  });
});

test("changes of one cause are one entry with a count and the buckets", () => {
  const { changes } = planOf(300);
  const alike = changes.map((change) => (isWriting(change) ? { ...change, limit: "the limit" } : change));
  const text = planMarkdown(
    { changes: alike, unmanaged: [], diagnostics: [] },
    { scope: "policies", isErrored: false },
  );
  expect(text.match(/^### .*/gm)).toEqual([
    "### delete the policy of `zzz` (blocked by a limit of its account)",
    "### delete the policy of 300 buckets",
  ]);
  expect(text).toContain("bucket-00099\nand 200 more, which --json lists\n");
});

describe("the forms of changes within a room", () => {
  const rungs = fc.array(
    fc.record({ details: fc.string({ minLength: 1, maxLength: 400 }), line: fc.string({ maxLength: 40 }) }),
    { maxLength: 40 },
  );

  test("each change has one form, nothing is over the room, and the riskiest has details if they fit", () => {
    const law = fc.property(rungs, fc.integer({ min: 0, max: 4_000 }), (changes, room) => {
      const { details, lines, counted } = fitChanges(changes, room);
      expect([...details, ...lines, ...counted].sort((a, b) => a - b)).toEqual([...changes.keys()]);
      const length = (index: number, form: "details" | "line") => changes[index]?.[form].length ?? 0;
      const used =
        details.reduce((sum, index) => sum + length(index, "details") + 2, 0) +
        lines.reduce((sum, index) => sum + length(index, "line") + 1, 0);
      expect(used).toBeLessThanOrEqual(room);
      if (changes.length > 0 && length(0, "details") + 2 <= room) expect(details).toContain(0);
      if (counted.length > 0) expect(Math.min(...counted)).toBeGreaterThan(Math.max(-1, ...lines));
    });
    fc.assert(law, { numRuns: runs(300) });
  });
});

test("notes about the files are in the JSON of a plan, and in no other report", async () => {
  const note = { code: "deny-reaches-owner", severity: "note", message: "a note about a file" } as const;
  const plan: Plan = { changes: [], unmanaged: [], diagnostics: [note] };
  for (const name of reportNames) {
    const { hasNotes } = planReports[name];
    const context = { version: "1.0.0", policies: "policies", scope: "policies", isErrored: false };
    const text = [...(await loadReport[name]())(hasNotes ? plan : withoutNotes(plan), context)].join("");
    expect(text.includes(note.message), name).toBe(name === "json");
  }
});
