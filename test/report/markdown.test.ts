import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan, WritingChange } from "../../src/plan/plan.ts";
import { diffPolicies } from "../../src/plan/diff.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { mostUnits, planMarkdown } from "../../src/report/markdown.ts";
import { parseMarkdown } from "../support/markdown.ts";
import { environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const team = "202147604049350001";

interface StatementWords {
  readonly effect?: "Allow" | "Deny";
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly more?: string;
}

function statement({ effect = "Allow", principal, action, resource, more = "" }: StatementWords): string {
  return `{"Effect":"${effect}","Principal":["${principal}"],"Action":["${action}"],"Resource":["${resource}"]${more}}`;
}

function policy(...statements: readonly string[]): string {
  return `{"Version":"1","Statement":[${statements.join(",")}]}`;
}

const reads = (bucket: string, key = "*") =>
  statement({ principal: team, action: "oss:GetObject", resource: `acs:oss:*:*:${bucket}/${key}` });
const open = (bucket: string, key: string) =>
  statement({ principal: "*", action: "oss:GetObject", resource: `acs:oss:*:*:${bucket}/${key}` });
const noPut = (bucket: string) =>
  statement({
    effect: "Deny",
    principal: team,
    action: "oss:PutObject",
    resource: `acs:oss:*:*:${bucket}/*`,
  });

const file = (bucket: string, wanted: string, more = "") => `bucket: ${bucket}\npolicy: ${wanted}\n${more}`;
const accept = (hazard: string, reason: string) =>
  `accept:\n  - { hazard: ${hazard}, reason: ${JSON.stringify(reason)} }\n`;

/** One bucket for each thing that a plan can have to say. */
const tree = {
  "account.yaml": `account: "1746495857600001"
limits: { change: { percent: 100 }, delete: { percent: 100 } }
region: cn-hangzhou
scope: all
guardrails:
  - name: "nobody deletes, @everyone: see #1"
    Principal: ["*"]
    Action: ["oss:DeleteObject"]
    Resource: ["*"]
`,
  "accepted.yaml": file(
    "accepted",
    policy(open("accepted", "web/*")),
    accept("grants-public-access", "web assets, see owner/repo#1 <b>`ok`</b>"),
  ),
  "broken.yaml": file("broken", policy(reads("broken").replace("GetObject", "DeleteObject"))),
  "closed.yaml": file("closed", policy(reads("closed"))),
  "deleted.yaml": file("deleted", "none"),
  "depends.yaml": file("depends", policy(reads("depends").replace("acs:oss:*", "acs:oss:cn-hangzhou"))),
  "guarded.yaml": file("guarded", policy(reads("guarded"), noPut("guarded"))),
  "hostile.yaml": file("hostile", policy(reads("hostile", "::error::%0A @everyone #1 [x](//y) `|` <img>/*"))),
  "odd.yaml": file("odd", policy(reads("odd").replace('{"Effect"', '{"Sid":"x","Effect"'))),
  "opened.yaml": file("opened", policy(reads("opened"), open("opened", "*"))),
  "rewritten.yaml": file("rewritten", policy(reads("rewritten"))),
  "same.yaml": file("same", policy(reads("same"))),
  "unblocked.yaml": file("unblocked", policy(reads("unblocked"))),
};

async function world() {
  const at = (name: string, live?: string) => ({
    name,
    region: "cn-hangzhou",
    ...(live === undefined ? {} : { policy: live }),
  });
  const sandbox = await sandboxWith({
    buckets: [
      ...["accepted", "broken", "closed", "depends", "hostile", "odd"].map((name) => at(name)),
      at("deleted", policy(reads("deleted"))),
      at("guarded", policy(reads("guarded"))),
      at("opened", policy(reads("opened"))),
      at("rewritten", policy(reads("rewritten"), reads("rewritten", "logs/*"))),
      at("same", policy(reads("same"))),
      at("stranger", policy(reads("stranger"))),
      at("unblocked", policy(reads("unblocked"), noPut("unblocked"))),
    ],
  });
  sandbox.addFault({
    bucket: "closed",
    effect: {
      kind: "status",
      status: 403,
      code: "AccessDenied",
      message: "ask @octocat at https://x.example",
    },
  });
  return { folder: writeTree(tree), env: environmentOf(sandbox) };
}

describe("the plan as Markdown", () => {
  test("is one document on stdout, and the text goes to stderr", async () => {
    const { folder, env } = await world();
    const { stdout, stderr } = await runCli(["plan", "--policies", folder, "--markdown", "-"], { env });
    expect(stderr).toContain("Plan: 5 to create");
    await expect(stdout.replaceAll(folder, "policies")).toMatchFileSnapshot("golden/plan.md");
  });

  test("is written to a file by apply, with what became of each bucket, and the text stays on stdout", async () => {
    const { folder, env } = await world();
    const target = join(folder, "apply.md");
    const { stdout } = await runCli(["apply", "--policies", folder, "--markdown", target], { env });
    expect(stdout).toContain("Apply: ");
    await expect(readFileSync(target, "utf8").replaceAll(folder, "policies")).toMatchFileSnapshot(
      "golden/apply.md",
    );
  });

  test("says so where nothing could be planned", async () => {
    const folder = writeTree({ "account.yaml": tree["account.yaml"], "x.yaml": "bukcet: x\npolicy: none\n" });
    const { code, stdout } = await runCli(["plan", "--policies", folder, "--markdown", "-"]);
    expect(code).toBe(1);
    await expect(stdout.replaceAll(folder, "policies")).toMatchFileSnapshot("golden/errored.md");
  });

  test("and the plan as JSON cannot be written to one place", async () => {
    const words = ["plan", "--sandbox", "--policies", writeTree(tree), "--json", "x", "--markdown", "x"];
    const { code, stderr } = await runCli(words);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("error: --json and --markdown both write to x: name two places"),
    ]);
  });

  test("that cannot be written fails the run", async () => {
    const words = ["plan", "--sandbox", "--policies", writeTree(tree), "--markdown", "/nowhere/plan.md"];
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
    const text = planMarkdown(plan, { policies: "policies", isErrored: false });
    expect(text.length).toBeLessThanOrEqual(mostUnits);
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

This is too long to be shown here: see the plan's artifact, which \`--json\` writes.

1 error finding, 2 other findings.
`,
    );
  });

  test("and goes down by one as soon as the next bucket has no room", () => {
    const kinds = Array.from({ length: 100 }, (_, index) => rung(planOf(130 + index)).blocks.length > 0);
    const last = kinds.lastIndexOf(true);
    expect(kinds.slice(0, last + 1)).not.toContain(false);
    expect(last).toBeGreaterThan(0);
    expect(last).toBeLessThan(99);
    expect(rung(planOf(130 + last)).text.length).toBeGreaterThan(mostUnits - 1_000);
  });
});
