import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { describeWith } from "../support/describe-with.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

const tree = {
  "account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
  "_sets/shared.yaml":
    'Statement: [{ Effect: Deny, Principal: [7], Action: "oss:PutObject", Resource: "*" }]\n',
  "a b.yaml":
    'bucket: one\nuse: [shared]\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: "*", Action: "oss:GetObject", Resource: "*" }] }\n',
  "two.yaml": "bucket: two\nuse: [shared]\n",
  "x.yaml": "bukcet: x\npolicy: none\n",
};

function anonymous(text: string, folder: string): string {
  return text
    .replaceAll(pathToFileURL(folder).href, "policies")
    .replaceAll(folder, "policies")
    .replaceAll(/"finding\/v1": "\w+"/g, '"finding/v1": "FINGERPRINT"')
    .replace(/"version": "\d[^"]*"(,\n\s+"rules")/, '"version": "VERSION"$1');
}

test("--sarif writes the findings in SARIF, with rules, places and related places", async () => {
  const folder = writeTree(tree);
  const { code } = await runCli(["validate", "--policies", folder, "--sarif", join(folder, "out.sarif")]);
  expect(code).toBe(1);
  const text = anonymous(readFileSync(join(folder, "out.sarif"), "utf8"), folder);
  await expect(text).toMatchFileSnapshot("../golden/validate.sarif");
});

describeWith("sarif-schema", "as the official schema has it, SARIF", (officialSchema) => {
  test.each([
    ["findings", tree],
    ["none", { "account.yaml": tree["account.yaml"], "one.yaml": "bucket: one\npolicy: none\n" }],
    ["findings without a place", {}],
  ])("of %s", async (_, files) => {
    const schema = JSON.parse(readFileSync(officialSchema, "utf8")) as object;
    const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    const { stdout } = await runCli(["validate", "--policies", writeTree(files), "--sarif", "-"]);
    const report = JSON.parse(stdout) as { runs: object[] };
    accepts(report);
    expect(accepts.errors).toBeNull();
    expect(accepts({ ...report, runs: [{ ...report.runs[0], results: [{ level: "fatal" }] }] })).toBe(false);
  });
});

describe("SARIF", () => {
  test("has paths that hold for any name: relative ones encoded, absolute ones as file addresses", async () => {
    const folder = writeTree({ ...tree, "x #1?.yaml": "bukcet: y\npolicy: none\n" });
    const { stdout } = await runCli(["validate", "--policies", folder, "--sarif", "-"]);
    expect(stdout).toContain(`"uri": "${pathToFileURL(join(folder, "x #1?.yaml")).href}"`);
    const from = relative(process.cwd(), folder);
    const { stdout: short } = await runCli(["validate", "--policies", from, "--sarif", "-"]);
    expect(short).toContain(`"uri": "${from}/x%20%231%3F.yaml"`);
  });

  test("names for each result the rule that stands at its index", async () => {
    const { stdout } = await runCli(["validate", "--policies", writeTree(tree), "--sarif", "-"]);
    const [run] = (
      JSON.parse(stdout) as {
        runs: {
          tool: { driver: { rules: { id: string }[] } };
          results: { ruleId: string; ruleIndex: number }[];
        }[];
      }
    ).runs;
    for (const { ruleId, ruleIndex } of run?.results ?? [])
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  test("keeps its fingerprints when lines above come and go, and tells findings apart", async () => {
    const folder = writeTree(tree);
    const prints = async () => {
      const { stdout } = await runCli(["validate", "--policies", folder, "--sarif", "-"]);
      return [...stdout.matchAll(/"finding\/v1": "(\w{32})"/g)].map(([, print]) => print);
    };
    const before = await prints();
    writeFileSync(join(folder, "x.yaml"), `# a line\n\n${tree["x.yaml"]}`);
    expect(await prints()).toEqual(before);
    expect(new Set(before).size).toBe(3);
  });
});

test("--json writes the findings, and their counts", async () => {
  const folder = writeTree(tree);
  const { stdout, stderr } = await runCli(["validate", "--policies", folder, "--json", "-"]);
  const { summary, diagnostics } = JSON.parse(stdout) as {
    summary: object;
    diagnostics: { code: string; related: object[] }[];
  };
  expect(summary).toEqual({ errors: 2, warnings: 1, notes: 0 });
  expect(diagnostics.map(({ code, related }) => [code, related.length])).toEqual([
    ["unquoted-uid", 2],
    ["public-policy", 0],
    ["unknown-key", 0],
  ]);
  expect(stderr).toContain("Exit 1, error: 2 error findings.");
});

test("two reports in one place are refused: each would spoil the other", async () => {
  const folder = writeTree(tree);
  const { code, stderr } = await runCli(["validate", "--policies", folder, "--json", "-", "--sarif", "-"]);
  expect(code).toBe(1);
  expect(stderr).toContain("error: --json and --sarif both write to -: name two places");
});
