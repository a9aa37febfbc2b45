import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { logLine, logOwner, slsLine } from "../support/log-lines.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const [etl, reader, stranger] = ["202147604049350001", "202147604049350002", "202147604049350003"];
const role = `arn:sts::${logOwner}:assumed-role/ops/*`;
const roleId = "300024016803281053";

const statement = (effect: string, who: string, actions: string, on: string, more = "") =>
  `{"Effect":"${effect}","Principal":["${who}"],"Action":["${actions}"],"Resource":["acs:oss:*:*:${on}"]${more}}`;
const policy = (...statements: readonly string[]) => `{"Version":"1","Statement":[${statements.join(",")}]}`;
const inVpc = `,"Condition":{"StringEquals":{"acs:SourceVpc":["vpc-1"]}}`;

const before = policy(
  statement("Allow", etl, "oss:DeleteObject", "data/*"),
  statement("Allow", etl, "oss:GetObject", "data/*"),
  statement("Allow", "*", "oss:ListObjects", "data"),
  statement("Allow", role, "oss:PutObject", "data/*"),
);
const after = policy(
  statement("Allow", reader, "oss:GetObject", "data/*"),
  statement("Allow", etl, "oss:GetObject", "data/*", inVpc),
  statement("Deny", "*", "oss:DeleteObject", "data/raw/*"),
  statement("Allow", stranger, "oss:GetObject", "data/*").replace("*:*", "cn-hangzhou:*"),
);
const plain = (bucket: string, who: string) =>
  policy(statement("Allow", who, "oss:GetObject", `${bucket}/*`));
const file = (bucket: string, text: string) => `bucket: ${bucket}\nregion: cn-hangzhou\npolicy: ${text}\n`;

const tree = {
  "account.yaml": `${accountFile}identities: { etl: "${etl}", reader: "${reader}" }
interpretations: interpretations.yaml
`,
  "interpretations.yaml": `version: "1"
date: "2026-11-28"
region: cn-hangzhou
account: "${logOwner}"
bucket: scratch
tool: 0.1.0
observed:
  namedRegion: matches
`,
  "data.yaml": file("data", after),
  "quiet.yaml": file("quiet", plain("quiet", reader)),
  "same.yaml": file("same", plain("same", reader)),
};

const hour = (at: number) => `${String(16 + at)}/Nov/2026:10:00:00 +0800`;
const deleted = (at: number, object: string, requester: string) =>
  logLine({ time: hour(at), method: "DELETE", operation: "DeleteObject", object, requester });
const sls = (more: Readonly<Record<string, unknown>>) => slsLine(more);

const lines = [
  // Refused: a new Deny, and an anonymous listing, which nothing else can allow.
  deleted(0, "raw/a.csv", etl),
  deleted(1, "raw/b.csv", etl),
  logLine({ requester: "-", operation: "GetBucket", object: "-", target: "/?max-keys=2", accessId: "-" }),
  // Loses the policy's allow: a named caller, and a role.
  deleted(2, "tmp/a.csv", etl),
  sls({
    http_method: "PUT",
    operation: "PutObject",
    requester_id: roleId,
    access_id: "STS.NTj3",
    extend_information: `${logOwner},ops,alice@example.com,${logOwner}`,
  }),
  // Depends: the session and the VPC are in no log file.
  logLine({ method: "PUT", operation: "PutObject", requester: roleId, accessId: "STS.NTj3", time: hour(3) }),
  logLine({ requester: etl, time: hour(4) }),
  // Gains it, one as OSS was observed to decide.
  logLine({ requester: reader, object: "out/a.csv", time: hour(5) }),
  logLine({ requester: stranger, object: "a.csv", time: hour(6) }),
  // Changes nothing.
  logLine({ requester: logOwner, time: hour(7) }),
  logLine({ bucket: "same", requester: logOwner, object: "a" }),
  // Skipped, each for another reason.
  logLine({ status: "403" }),
  logLine({ bucket: "elsewhere" }),
  logLine({ bucket: "-", operation: "GetService" }),
  logLine({ time: "16/Oct/2026:10:00:00 +0800" }),
  logLine({ operation: "ExpireObject", syncRequest: "lifecycle" }),
  logLine({ requester: "16571836914537****" }),
  logLine({ method: "PUT", target: "/?newFeature", operation: "PutNewFeature", object: "-" }),
  sls({ sign_type: "AdminSign" }),
  sls({ http_status: "403", ec: "0003-00000101" }),
  sls({ __topic__: "oss_metering_log" }),
  "not a line",
  "x".repeat(70_000),
];

async function world() {
  const at = (name: string, text: string) => ({ name, region: "cn-hangzhou", policy: text });
  const sandbox = await sandboxWith({
    buckets: [at("data", before), at("quiet", plain("quiet", etl)), at("same", plain("same", etl))],
  });
  const folder = writeTree(tree);
  const log = join(writeTree({}), "log");
  writeFileSync(log, lines.join("\n"));
  const reports = writeTree({});
  const paths = ["json", "markdown"].flatMap((name) => [`--${name}`, join(reports, name)]);
  const words = ["plan", "--policies", folder, "--requests", log, "--since", "2026-11-01", ...paths];
  const run = (...more: readonly string[]) =>
    runCli([...words, ...more], {
      env: environmentOf(sandbox),
      wallTime: () => new Date("2026-11-24T00:00:00Z"),
    });
  const read = (name: string) => readFileSync(join(reports, name), "utf8");
  return { run, read, anonymous: (text: string) => text.replaceAll(folder, "policies") };
}

test("every effect, and every reason why a line is not weighed, is in the reports", async () => {
  const { run, read, anonymous } = await world();
  const { stdout, code } = await run();
  expect(code).toBe(0);
  await expect(anonymous(stdout)).toMatchFileSnapshot("../golden/requests.txt");
  await expect(anonymous(read("markdown"))).toMatchFileSnapshot("../golden/requests.md");
  await expect(
    anonymous(read("json"))
      .replace(/"version": "[^"]*"/, '"version": "VERSION"')
      .replace(/"digest": "sha256:[0-9a-f]{64}"/, '"digest": "DIGEST"'),
  ).toMatchFileSnapshot("../golden/requests.json");
});

test("--verbose adds up to three requests under each effect", async () => {
  const { run, anonymous } = await world();
  await expect(anonymous((await run("--verbose")).stdout)).toMatchFileSnapshot(
    "../golden/requests-verbose.txt",
  );
});
