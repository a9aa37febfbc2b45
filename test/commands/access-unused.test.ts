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

const unused = (lines: readonly string[], ...words: readonly string[]) =>
  unusedOf({ "data.yaml": data }, lines, ...words);

async function unusedOf(
  files: Readonly<Record<string, string>>,
  lines: readonly string[],
  ...words: readonly string[]
) {
  const tree = { "account.yaml": `${accountFile}identities: { old-job: "${old}" }\n`, ...files };
  const folder = writeTree({
    ...Object.fromEntries(Object.entries(tree).map(([name, text]) => [`policies/${name}`, text])),
    log: lines.join("\n"),
  });
  const json = join(writeTree({}), "unused.json");
  const all = ["access", "unused", "--requests", "log", "--json", json, ...words];
  const result = await runCli(all, { folder, wallTime: () => new Date("2026-11-24T00:00:00Z") });
  return {
    ...result,
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
  const { stdout } = await unused([seen("raw/a")], "--propose", patch);
  expect(stdout).toContain("not seen");
  expect(stdout).toContain("a copy into a bucket whose log you did not give");
  const written = readFileSync(patch, "utf8");
  expect(written).toContain("--- a/policies/data.yaml\n");
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
  const { stdout, stderr, code } = await unused([seen("raw/a")], "--since", "1d", "--propose", patch);
  expect(stdout).toContain("data: the access logs have no request in the window");
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

const statementOf = (
  principals: readonly string[],
  actions: readonly string[],
  resources: readonly string[],
) =>
  `bucket: data
region: cn-hangzhou
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ${JSON.stringify(principals)}
      Action: ${JSON.stringify(actions)}
      Resource: ${JSON.stringify(resources.map((name) => `acs:oss:*:*:${name}`))}
`;
const put = (object: string, more = {}) => seen(object, { method: "PUT", operation: "PutObject", ...more });
const list = (more = {}) => seen("-", { operation: "GetBucket", ...more });

test("combinations of used members into which no request fell are boxes, without those that no request can meet", async () => {
  const all = statementOf(
    [etl, old],
    ["oss:GetObject", "oss:PutObject", "oss:ListObjects"],
    ["data", "data/raw/*", "data/tmp/*"],
  );
  const lines = [put("raw/a"), put("tmp/a"), seen("tmp/a"), list(), seen("raw/a", { requester: old })];
  const { stdout, json } = await unusedOf({ "data.yaml": all }, lines);
  // Alone, `data` with an action on objects, and a listing of `data/raw/*`, are nothing that was not used.
  expect(json().unused).toMatchObject([
    {
      part: "combination",
      principals: [etl],
      actions: ["oss:GetObject"],
      resources: ["acs:oss:*:*:data/raw/*"],
    },
    {
      part: "combination",
      principals: [old],
      actions: ["oss:GetObject", "oss:ListObjects", "oss:PutObject"],
      resources: ["acs:oss:*:*:data", "acs:oss:*:*:data/tmp/*"],
    },
    { part: "combination", principals: [old], actions: ["oss:ListObjects", "oss:PutObject"] },
  ]);
  expect(stdout).toMatch(
    /data\.yaml:6 +combination Allow 202147604049350001 oss:GetObject acs:oss:\*:\*:data\/raw/,
  );
});

test("of a wildcard action, the actions that were seen are named, and all others are in the JSON", async () => {
  const wild = statementOf([etl], ["oss:*"], ["data", "data/*"]);
  const { stdout, json } = await unusedOf({ "data.yaml": wild }, [seen("a"), put("b"), list()]);
  expect(stdout).toMatch(
    /action oss:\* but for oss:GetObject, oss:ListObjects, oss:PutObject, and oss:PutObjectTagging, which may have been needed, and \d+ actions, which no log shows, of Allow/,
  );
  const [row] = json().unused as { part: string; actions: string[] }[];
  expect(row).toMatchObject({
    part: "wildcard",
    wildcard: "oss:*",
    seenActions: ["oss:GetObject", "oss:ListObjects", "oss:PutObject"],
    possibleActions: ["oss:PutObjectTagging"],
  });
  expect(row?.actions).toContain("oss:DeleteObject");
  expect(row?.actions).toContain("oss:PutBucketAcl");
  expect(row?.actions).not.toContain("oss:BypassGovernanceRetention");
  expect(row?.actions).not.toContain("oss:GetObject");
  expect(row?.actions).not.toContain("oss:ListBuckets");
});

test("a wildcard on objects does not cover what is done to the bucket", async () => {
  const wild = statementOf([etl], ["oss:Get*"], ["data/*"]);
  const { json } = await unusedOf({ "data.yaml": wild }, [seen("a")]);
  const [row] = json().unused as { actions: string[] }[];
  expect(row).not.toHaveProperty("possibleActions");
  expect(row?.actions).toContain("oss:GetObjectAcl");
  expect(row?.actions).not.toContain("oss:GetBucketAcl");
});

test("a role without its session counts for every pattern of sessions, in each combination", async () => {
  const roles = ["ops", "dev"].map((role) => `arn:sts::1746495857600001:assumed-role/${role}/*`);
  const both = statementOf(roles, ["oss:GetObject", "oss:PutObject"], ["data/*"]);
  const role = { requester: "300024016803281053", accessId: "STS.NTj3" };
  const { json } = await unusedOf({ "data.yaml": both }, [seen("a", role), put("b", role)]);
  expect(json().unused).toEqual([]);
});

test("with more combinations than can be kept, members are listed alone, and that is said", async () => {
  const names = Array.from({ length: 150 }, (_, at) => `data/${at}/*`);
  const uids = Array.from({ length: 150 }, (_, at) => String(202147604049350000n + BigInt(at)));
  const lines = names.map((_, at) => seen(`${at}/a`, { requester: uids[at] }));
  const wide = await unusedOf({ "data.yaml": statementOf(uids, ["oss:GetObject"], names) }, lines);
  expect(wide.stdout).toContain("of some statements only members are listed");
  expect(wide.json()).toMatchObject({
    unused: [],
    buckets: [{ limited: expect.stringContaining("members") as string }],
  });
});

test("a report shows few combinations of a statement, and the JSON has all", async () => {
  const names = Array.from({ length: 16 }, (_, at) => `data/${at}/*`);
  const uids = Array.from({ length: 16 }, (_, at) => String(202147604049350000n + BigInt(at)));
  const lines = names.map((_, at) => seen(`${at}/a`, { requester: uids[at] }));
  const { stdout, json } = await unusedOf(
    { "data.yaml": statementOf(uids, ["oss:GetObject"], names) },
    lines,
  );
  const { length } = json().unused;
  expect(length).toBeGreaterThan(10);
  expect(stdout.match(/combination Allow/g)).toHaveLength(10);
  expect(stdout).toContain(`${length - 10} more combinations, which --json lists`);
});

test("--days is a window that ends now, and only of unused", async () => {
  const early = seen("raw/a");
  const late = put("raw/b", { time: "23/Nov/2026:10:00:00 +0800" });
  const { json } = await unused([early, late], "--days", "3");
  expect(json().unused).toContainEqual(expect.objectContaining({ actions: ["oss:GetObject"] }));
  expect(json().unused).not.toContainEqual(expect.objectContaining({ actions: ["oss:PutObject"] }));
  const twice = await unused([early], "--days", "3", "--since", "3d");
  expect(twice.stderr).toContain("--days and --since both say where the window begins");
  for (const days of ["0", "100000", "1.5", "x"])
    expect((await unused([early], "--days", days)).stderr).toContain(
      "must be a whole number from 1 to 99999",
    );
  const folder = writeTree({ "account.yaml": accountFile, "data.yaml": data });
  const other = await runCli(["access", "public", "--policies", folder, "--days", "3"]);
  expect(other.stderr).toContain("`public` has no --days");
  const bare = await runCli(["access", "unused", "--policies", folder, "--days", "3"]);
  expect(bare.stderr).toContain("unused needs access logs");
  expect(bare.stderr).not.toContain("--since");
});

test("a grant whose statement has an observed point says so", async () => {
  const folder = writeTree({
    "account.yaml": `${accountFile}interpretations: interpretations.yaml\n`,
    "interpretations.yaml": `version: "1"
date: "2026-11-28"
region: cn-hangzhou
account: "1746495857600001"
bucket: scratch
tool: 0.1.0
observed: { namedRegion: never matches }
`,
    "data.yaml": data.replace("acs:oss:*:*:data/*", "acs:oss:cn-hangzhou:*:data/*"),
  });
  const log = join(writeTree({}), "log");
  writeFileSync(log, logLine({ requester: etl, method: "DELETE", operation: "DeleteObject" }));
  const words = ["access", "unused", "--policies", folder, "--requests", log, "--json", "-"];
  const { stdout, stderr } = await runCli(words);
  const since =
    "since a Resource with a region other than `*` never matches (observed in cn-hangzhou on 2026-11-28)";
  const lines = stderr.split("\n").filter((line) => line.includes(since));
  expect(lines).toEqual([expect.stringContaining("data.yaml:10  Allow")]);
  expect(JSON.parse(stdout)).toMatchObject({
    unused: [
      { statement: 0 },
      { statement: 1, observed: [{ name: "namedRegion", position: "never matches" }] },
    ],
  });
});

test.each(["/tmp/policies", "../policies", "policies/../../x", ".."])(
  "--propose refuses %s, of which git takes no patch",
  async (folder) => {
    const { stderr } = await unused([seen("raw/a")], "--propose", "patch", "--policies", folder);
    expect(stderr).toContain("is not below this one, and git takes no patch of it");
  },
);
