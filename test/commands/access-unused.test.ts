import { applyPatch } from "diff";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { logLine } from "../support/log-lines.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const etl = "202147604049350001";
const old = "202147604049350009";
const data = `bucket: data
region: cn-hangzhou
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["${etl}", "${old}"]
      Action: ["oss:GetObject", "oss:PutObject"]
      Resource: ["acs:oss:*:*:data/raw/*", "acs:oss:*:*:data/tmp/*"]
    - Effect: Allow
      Principal: ["${etl}"]
      Action: ["oss:DeleteObject"]
      Resource: ["acs:oss:*:*:data/*"]
      Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } }
    - Effect: Deny
      Principal: ["*"]
      Action: ["oss:PutObjectAcl"]
      Resource: ["acs:oss:*:*:data/*"]
`;

async function unused(lines: readonly string[], ...words: readonly string[]) {
  const folder = writeTree({
    "account.yaml": `${accountFile}identities: { old-job: "${old}" }\n`,
    "data.yaml": data,
  });
  const log = join(writeTree({}), "log");
  writeFileSync(log, lines.join("\n"));
  const json = join(writeTree({}), "unused.json");
  const all = ["access", "unused", "--policies", folder, "--requests", log, "--json", json, ...words];
  const result = await runCli(all, { wallTime: () => new Date("2026-11-24T00:00:00Z") });
  return {
    ...result,
    folder,
    json: () => JSON.parse(readFileSync(json, "utf8")) as { unused: readonly object[] },
  };
}

const seen = (object: string, more = {}) => logLine({ requester: etl, object, ...more });

test("members and statements that no request used are named with place, window and extent, and never called unused", async () => {
  const lines = [
    seen("raw/a"),
    seen("raw/b", { method: "PUT", operation: "PutObject", time: "20/Nov/2026:10:00:00 +0800" }),
  ];
  const { stdout, json } = await unused(lines);
  expect(stdout).toContain("data: not seen in 4 days of 2 requests between 2026-11-16 and 2026-11-20:");
  expect(stdout).toMatch(/data\.yaml:6 +principal 202147604049350009 \(old-job\) of /);
  expect(stdout).toMatch(/data\.yaml:6 +resource acs:oss:\*:\*:data\/tmp\/\* of /);
  expect(stdout).toMatch(/data\.yaml:10 +Allow 202147604049350001 oss:DeleteObject/);
  expect(stdout).toContain("Access logs are best effort");
  expect(stdout).not.toMatch(/unused|Deny/);
  expect(json().unused).toMatchObject([
    { part: "principal", principals: [old], actions: ["oss:GetObject", "oss:PutObject"], line: 6 },
    { part: "resource", principals: [etl, old], window: { from: "2026-11-16T02:00:00.000Z", requests: 2 } },
    {
      bucket: "data",
      line: 10,
      part: "statement",
      seen: 0,
      conditions: ["StringEquals acs:SourceVpc vpc-1"],
    },
  ]);
});

test("the patch of --propose leaves what requests used, applies as it is, and gains nothing", async () => {
  const patch = join(writeTree({}), "narrow.patch");
  const { folder, stdout } = await unused([seen("raw/a")], "--propose", patch);
  expect(stdout).toContain("not seen");
  const written = readFileSync(patch, "utf8");
  expect(written).toContain(`--- a/${join(folder, "data.yaml")}\n`);
  expect(applyPatch(data, written)).toBe(`bucket: data
region: cn-hangzhou
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["${etl}"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:*:data/raw/*"]
    - Effect: Deny
      Principal: ["*"]
      Action: ["oss:PutObjectAcl"]
      Resource: ["acs:oss:*:*:data/*"]
`);
});

test("nothing is proposed where every grant is used", async () => {
  const patch = join(writeTree({}), "narrow.patch");
  const { stderr, code } = await unused([seen("raw/a")], "--since", "1d", "--propose", patch);
  expect(stderr).toContain("no narrower policy can be proposed and proved");
  expect(code).toBe(1);
});

test("a request that may have met a condition counts as one that did", async () => {
  const { json } = await unused([seen("raw/a", { method: "DELETE", operation: "DeleteObject" })]);
  expect(json().unused).not.toContainEqual(expect.objectContaining({ line: 10 }));
});

test("without requests in the window nothing is claimed", async () => {
  const { stdout, json } = await unused([seen("raw/a")], "--since", "1d");
  expect(stdout).toContain("data: the access logs have no request in the window, so nothing is claimed");
  expect(json().unused).toEqual([]);
});

test("questions that read no access logs refuse them, and unused needs some", async () => {
  const folder = writeTree({ "account.yaml": accountFile, "data.yaml": data });
  const log = join(folder, "log");
  writeFileSync(log, "");
  const refused = await runCli(["access", "public", "--policies", folder, "--requests", log]);
  expect(refused.stderr).toContain("`public` reads no access logs");
  const bare = await runCli(["access", "unused", "--policies", folder]);
  expect(bare.stderr).toContain("unused needs access logs");
});
