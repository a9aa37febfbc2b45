import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pages, root } from "../support/pages.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";

const reports = `bucket: reports
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049351234"]
      Action: ["oss:ListObjects"]
      Resource: ["acs:oss:*:*:reports"]
      Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } }
`;

/** A project that has the package and vitest, as one that installed both. */
function project(policy: string): string {
  const example = pages
    .find(({ path }) => path === "docs/sandbox.md")
    ?.fences.find(({ language }) => language === "ts");
  const folder = writeTree({
    "policies.test.ts": example?.text ?? "",
    "policies/account.yaml": `${accountFile}identities: { alice: "202147604049351234" }\n`,
    "policies/reports.yaml": policy,
  });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/oss-policy"));
  symlinkSync(join(root, "node_modules/vitest"), join(folder, "node_modules/vitest"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  return folder;
}

function runExample(policy: string) {
  const words = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--reporter=default"];
  return spawnSync(process.execPath, words, {
    cwd: project(policy),
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
}

test("the example of docs/sandbox.md runs as it stands, with the package that the build makes", () => {
  const { status, stdout, stderr } = runExample(reports);
  expect(`${stdout}${stderr}`).toContain("1 passed");
  expect(status).toBe(0);
});

test("and it fails, with the reason, where the policy does not do what it expects", () => {
  const { status, stdout, stderr } = runExample(reports.replace("vpc-1", "vpc-2"));
  expect(`${stdout}${stderr}`).toContain("refused because nothing allows it");
  expect(status).toBe(1);
});
