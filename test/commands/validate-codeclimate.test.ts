import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable } from "../../src/report/printable.ts";
import { planFindings } from "../../src/report/plan-findings.ts";
import { codeClimateDocument } from "../../src/report/json/codeclimate.ts";
import { hostile, unprintable } from "../support/hostile.ts";
import { planWith } from "../support/plans.ts";
import { runCli, writeTree } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";

interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/** Two statements with the same mistake in one file, a warning, a note, and a file that is none. */
const tree = {
  "policies/account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
  "policies/open.yaml": `bucket: open-data
policy:
  Version: "1"
  Statement:
    - { Effect: Allow, Principal: "*", Action: "oss:GetObjekt", Resource: "acs:oss:*:*:open-data/*" }
    - { Effect: Allow, Principal: "*", Action: "oss:GetObjekt", Resource: "acs:oss:*:*:open-data/a/*" }
`,
  "policies/x.yaml": "bukcet: x\npolicy: none\n",
};

async function issuesIn(folder: string, env = {}, policies = "policies"): Promise<readonly Issue[]> {
  const { stdout } = await runCli(["validate", "--policies", policies, "--codeclimate", "-"], {
    folder,
    env,
  });
  return JSON.parse(stdout) as readonly Issue[];
}

/** The members that GitLab reads, all of which it demands. */
const schema = {
  type: "array",
  items: {
    type: "object",
    required: ["description", "check_name", "fingerprint", "severity", "location"],
    properties: {
      description: { type: "string", minLength: 1 },
      check_name: { type: "string", pattern: "^[a-z-]+$" },
      fingerprint: { type: "string", pattern: "^[0-9a-f]{32}$" },
      severity: { enum: ["info", "minor", "major", "critical", "blocker"] },
      location: {
        type: "object",
        required: ["path", "lines"],
        properties: {
          path: { type: "string", minLength: 1, not: { pattern: "^(\\./|/)" } },
          lines: {
            type: "object",
            required: ["begin"],
            properties: { begin: { type: "integer", minimum: 1 } },
          },
        },
      },
    },
  },
};

test("--codeclimate writes the findings as GitLab reads them", async () => {
  const folder = writeTree(tree);
  const { code, stdout } = await runCli(["validate", "--codeclimate", "findings.json"], { folder });
  expect([code, stdout]).toEqual([1, expect.stringContaining("Exit 1, error")]);
  const text = readFileSync(join(folder, "findings.json"), "utf8");
  await expect(text).toMatchFileSnapshot("../golden/validate.codeclimate.json");
});

describe.each([
  ["findings", tree],
  ["none", { "policies/account.yaml": tree["policies/account.yaml"] }],
  ["findings without a place", {}],
])("of %s", (_, files) => {
  test.each(["policies", "./policies", "."])("with --policies %s, it is whole", async (policies) => {
    const accepts = new Ajv2020().compile(schema);
    const issues = await issuesIn(writeTree(files), {}, policies);
    accepts(issues);
    expect(accepts.errors).toBeNull();
  });
});

describe("fingerprints", () => {
  const prints = (issues: readonly Issue[]) => issues.map(({ fingerprint }) => fingerprint);

  test("differ, also where one file has the same mistake twice", async () => {
    const issues = await issuesIn(writeTree(tree));
    const twice = issues.filter(({ check_name }) => check_name === "unknown-action");
    expect(twice.map(({ location }) => location.path)).toEqual(["policies/open.yaml", "policies/open.yaml"]);
    expect(new Set(prints(issues)).size).toBe(issues.length);
  });

  test("stay when lines above come and go, and change with the file", async () => {
    const folder = writeTree(tree);
    const before = await issuesIn(folder);
    const file = join(folder, "policies/open.yaml");
    writeFileSync(file, `# a line\n\n${tree["policies/open.yaml"]}`);
    const after = await issuesIn(folder);
    expect(prints(after)).toEqual(prints(before));
    expect(after.map(({ location }) => location.lines.begin)).not.toEqual(
      before.map(({ location }) => location.lines.begin),
    );
    renameSync(file, join(folder, "policies/other.yaml"));
    expect(prints(await issuesIn(folder))).not.toEqual(prints(before));
  });
});

test("paths start at the checkout of GitLab's runner, wherever the tool runs", async () => {
  const folder = writeTree({});
  mkdirSync(join(folder, "cloud"));
  renameSync(writeTree(tree), join(folder, "cloud/oss"));
  const paths = (issues: readonly Issue[]) => new Set(issues.map(({ location }) => location.path));
  const env = { CI_PROJECT_DIR: folder };
  const expected = new Set(["cloud/oss/policies/open.yaml", "cloud/oss/policies/x.yaml"]);
  expect(paths(await issuesIn(join(folder, "cloud/oss"), env))).toEqual(expected);
  expect(paths(await issuesIn(folder, env, join(folder, "cloud/oss/policies")))).toEqual(expected);
});

test("whatever stands in the files, the report is one array of issues without control characters", () => {
  const law = fc.property(planWith(hostile), (plan) => {
    const findings = planFindings(plan);
    const text = codeClimateDocument(findings, { policies: "policies", pathOf: (file) => file });
    const issues = JSON.parse(text) as readonly Issue[];
    expect(issues.map(({ check_name }) => check_name)).toEqual(findings.map(({ code }) => printable(code)));
    expect(text.replaceAll("\n", "").match(unprintable)).toBeNull();
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length);
  });
  fc.assert(law, { numRuns: runs(100) });
});
