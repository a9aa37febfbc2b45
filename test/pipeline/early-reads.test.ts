import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { hostileOss } from "../support/hostile-oss.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const env = { OSS_ACCESS_KEY_ID: "neutral-key", OSS_ACCESS_KEY_SECRET: "neutral-secret" };
const fine = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [`b${index}.yaml`, `bucket: early-${index}\npolicy: none\n`]),
);

/** Runs the built tool, which reads a large tree in threads. */
async function runBuilt(words: readonly string[]): Promise<{ code: number; stdout: string }> {
  const child = spawn(process.execPath, ["dist/cli.js", ...words], { env: { ...process.env, ...env } });
  let stdout = "";
  child.stdout.on("data", (part: Buffer) => {
    stdout += part.toString();
  });
  const [code] = (await once(child, "close")) as [number];
  return { code, stdout };
}

test("a file with an error ends the run at once, though reads of other buckets are in flight", async () => {
  const oss = await hostileOss(() => undefined);
  const tree = writeTree({ "account.yaml": accountFile, ...fine, "z.yaml": "bucket: [\n" });
  const child = spawn(process.execPath, ["dist/cli.js", "plan", "--policies", tree, "--endpoint", oss.url], {
    env: { ...process.env, ...env },
  });
  let stdout = "";
  child.stdout.on("data", (part: Buffer) => {
    stdout += part.toString();
  });
  // The server never answers: a call is given up after ten seconds, and repeated up to half a minute.
  const [code] = (await Promise.race([
    once(child, "close"),
    new Promise((_, reject) => setTimeout(() => reject(new Error("it still runs")), 9_000).unref()),
  ])) as [number];
  expect(code).toBe(1);
  expect(stdout).toContain("no plan was made, and nothing was written");
});

test("no bucket is read that was not selected, and each that was is read once", async () => {
  const called: (string | undefined)[] = [];
  const oss = await hostileOss(({ headers, url }, response) => {
    called.push(/early-\d+/.exec(`${headers.host ?? ""}${url ?? ""}`)?.[0]);
    response.writeHead(404, { "content-type": "application/xml" });
    response.end("<Error><Code>NoSuchBucketPolicy</Code></Error>");
  });
  const tree = writeTree({ "account.yaml": accountFile, ...fine });
  const words = ["plan", "--policies", tree, "--endpoint", oss.url, "--bucket", "early-1*"];
  expect((await runCli(words, { env })).code).toBe(0);
  expect([...new Set(called)].sort()).toEqual([...called].sort());
  expect(called.every((name) => name?.startsWith("early-1"))).toBe(true);
  expect(called).toHaveLength(11);
});

test("a bucket that is guessed before its file is parsed is read once, and a wrong guess changes nothing", async () => {
  const called: string[] = [];
  const oss = await hostileOss(({ headers, url }, response) => {
    called.push(/[a-z]+-\d+/.exec(`${headers.host ?? ""}${url ?? ""}`)?.[0] ?? "");
    response.writeHead(404, { "content-type": "application/xml" });
    response.end("<Error><Code>NoSuchBucketPolicy</Code></Error>");
  });
  const names = Array.from({ length: 320 }, (_, index) => `early-${index}`);
  const many = Object.fromEntries(names.map((name) => [`${name}.yaml`, `bucket: ${name}\npolicy: none\n`]));
  // At the start of a line, and yet within a text.
  const misleading = '{ vars: { x: "1\nbucket: never-1\n2" }, bucket: early-7, policy: none }\n';
  const tree = writeTree({ "account.yaml": accountFile, ...many, "early-7.yaml": misleading });
  const { code, stdout } = await runBuilt(["plan", "--policies", tree, "--endpoint", oss.url]);
  expect(code).toBe(0);
  expect(stdout).toContain("320 unchanged");
  expect(stdout).not.toContain("never-1");
  expect(called.filter((name) => name !== "never-1").sort()).toEqual([...names].sort());
  expect(called).toHaveLength(321);
});

const policyOn = (name: string, keys: string) => ({
  Version: "1",
  Statement: [
    {
      Effect: "Allow",
      Principal: ["202147604049351234"],
      Action: ["oss:GetObject"],
      Resource: [`acs:oss:*:1746495857600001:${name}/${keys}`],
    },
  ],
});

/** Server whose buckets have these policies, and the calls that it got. */
async function ossWith(policyOf: (name: string) => object): Promise<{ url: string; called: string[] }> {
  const called: string[] = [];
  const info =
    "<BucketInfo><Bucket><Owner><ID>1746495857600001</ID></Owner><AccessControlList><Grant>private</Grant></AccessControlList><BlockPublicAccess>true</BlockPublicAccess></Bucket></BucketInfo>";
  const { url } = await hostileOss((request, response) => {
    const name = /early-\d+/.exec(`${request.headers.host ?? ""}${request.url ?? ""}`)?.[0] ?? "";
    const operation = /policy|bucketInfo/.exec(request.url ?? "")?.[0] ?? "";
    called.push(`${operation} ${name}`);
    response.end(operation === "policy" ? JSON.stringify(policyOf(name)) : info);
  });
  return { url, called };
}

test("the ACL and Block Public Access are read once, and only of buckets that change", async () => {
  const isChanged = (name: string) => Number(name.slice(6)) % 4 === 0;
  const oss = await ossWith((name) => policyOn(name, isChanged(name) ? "old/*" : "*"));
  const names = Array.from({ length: 40 }, (_, index) => `early-${index}`);
  const files = names.map((name) => [
    `${name}.yaml`,
    JSON.stringify({ bucket: name, policy: policyOn(name, "*") }),
  ]);
  const limits = "limits: { change: { percent: 100 } }\n";
  const tree = writeTree({ "account.yaml": accountFile + limits, ...Object.fromEntries(files) });
  const { stdout } = await runCli(["plan", "--policies", tree, "--endpoint", oss.url], { env });
  expect(stdout).toContain("10 to update, 0 to delete, 30 unchanged");
  const changed = names.filter(isChanged).map((name) => `bucketInfo ${name}`);
  expect(oss.called.filter((call) => call.startsWith("bucketInfo")).sort()).toEqual(changed.sort());
});

test("a change that needs more steps than each bucket has at least gets them where few change", async () => {
  const wide = `*a${"?".repeat(14)}`;
  const oss = await ossWith((name) => policyOn(name, wide));
  const file = JSON.stringify({ bucket: "early-1", policy: policyOn("early-1", `${wide}*`) });
  const tree = writeTree({ "account.yaml": accountFile, "early-1.yaml": file });
  const { stdout } = await runCli(["plan", "--policies", tree, "--endpoint", oss.url], { env });
  expect(stdout).toContain("1 to update");
  expect(stdout).not.toContain("access-undecided");
});

test.each([
  [["--accept", "grants-public-access@nowhere"]],
  [["--forbid", "losses"]],
  [["--replace-unparseable", "nowhere"]],
  [["--bucket", "early-1*", "--bucket", "nowhere"]],
  [["--exclude", "nowhere"]],
  [["--account", "nobody"]],
  [["--base", "no-revision"]],
])("a refused command line reads nothing: %s", async (words) => {
  const oss = await hostileOss((_, response) => response.end());
  const tree = writeTree({ "account.yaml": accountFile, ...fine });
  const { code } = await runCli(["plan", "--policies", tree, "--endpoint", oss.url, ...words], { env });
  expect(code).toBe(1);
  // A call that was started would arrive by now.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(oss.requests).toEqual([]);
});
