import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const names = ["five", "four", "one", "three", "two"];
const stood =
  '{"Version":"1","Statement":[{"Effect":"Deny","Action":["oss:PutObject"],"Principal":["1"],"Resource":["*"]}]}';
const wanted = (name: string) =>
  `bucket: ${name}\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: ["2"], Action: "oss:GetObject", Resource: "acs:oss:*:*:${name}/*" }] }\n`;

interface World {
  readonly sandbox: Sandbox;
  readonly tree: string;
  apply(...words: readonly string[]): Promise<Result>;
}

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Five buckets, one write after the other. */
async function world(files: Readonly<Record<string, string>> = {}): Promise<World> {
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: stood })),
  });
  const tree = writeTree({
    "account.yaml": accountFile,
    ...Object.fromEntries(names.map((name) => [`${name}.yaml`, wanted(name)])),
    ...files,
  });
  const apply = (...words: readonly string[]) =>
    runCli(["apply", "--policies", tree, "--concurrency", "1", ...words], { env: environmentOf(sandbox) });
  return { sandbox, tree, apply };
}

/** What is told of each bucket must be what stands there. */
function lies({ sandbox }: World, { stdout }: Result): readonly string[] {
  return names.filter((name) => {
    const who = `(?:${name}\\b|\\d+ buckets \\([^)]*\\b${name}\\b)`;
    const result = new RegExp(`^  (applied|failed|unverified) +update ${who}`, "m").exec(stdout)?.[1];
    const isWritten = sandbox.policyOf(name) !== stood;
    return result === undefined || (result !== "unverified" && (result === "applied") !== isWritten);
  });
}

describe("the key expires in mid-run", () => {
  test.each([
    ["before a write is read again", { from: 18, to: 10_000 }],
    ["right before a write", { from: 17, to: 10_000 }],
  ])("%s: each bucket is told as it is, and once what to do", async (_, calls) => {
    const made = await world();
    made.sandbox.addFault({ calls, effect: { kind: "expired-token" } });
    const result = await made.apply();
    expect(lies(made, result)).toEqual([]);
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/failed +update .*\btwo\b.*: .*403 SecurityTokenExpired/);
    expect(result.stdout.split("help: the token has expired")).toHaveLength(2);
    const puts = made.sandbox.requests.filter(({ operation }) => operation === "PutBucketPolicy");
    expect(puts.length).toBeLessThan(names.length);
  });

  test("between a write and its read-back: unverified, with the reason", async () => {
    const made = await world();
    made.sandbox.addFault({
      operation: "GetBucketPolicy",
      calls: { from: 9, to: 10_000 },
      effect: { kind: "expired-token" },
    });
    const result = await made.apply();
    expect(lies(made, result)).toEqual([]);
    expect(result.stdout).toMatch(
      /unverified +update four: OSS accepted the write, but then: .*SecurityTokenExpired/,
    );
  });
});

describe("a bucket vanishes in mid-run", () => {
  const gone = {
    kind: "status",
    status: 404,
    code: "NoSuchBucket",
    message: "The bucket does not exist.",
  } as const;

  test.each([
    [
      "before it is read again",
      "failed",
      { bucket: "one", operation: "GetBucketPolicy", calls: { from: 2, to: 99 } },
    ],
    ["before it is written", "failed", { bucket: "one", operation: "PutBucketPolicy" }],
    [
      "before it is read back",
      "unverified",
      { bucket: "one", operation: "GetBucketPolicy", calls: { from: 3, to: 99 } },
    ],
  ] as const)("%s: it is %s, and the others are written", async (_, outcome, rule) => {
    const made = await world();
    made.sandbox.addFault({ ...rule, effect: gone });
    const { code, stdout } = await made.apply();
    expect(stdout).toMatch(new RegExp(`${outcome} +update one: .*(does not exist|NoSuchBucket)`));
    expect(stdout).toContain("Apply: 4 applied, 1");
    expect(code).toBe(1);
  });

  test("one that shall have no policy: the delete fails, since the bucket may be another's by now", async () => {
    const made = await world({ "one.yaml": "bucket: one\npolicy: none\n" });
    made.sandbox.addFault({ bucket: "one", operation: "DeleteBucketPolicy", effect: gone });
    const { code, stdout } = await made.apply();
    expect(stdout).toMatch(/failed +delete one: OSS answered 404 NoSuchBucket/);
    expect(code).toBe(1);
  });

  test("one whose policy somebody deleted in the same moment: what was asked for stands there", async () => {
    const made = await world({ "one.yaml": "bucket: one\npolicy: none\n" });
    const effect = { kind: "status", status: 404, code: "NoSuchBucketPolicy", when: "after" } as const;
    made.sandbox.addFault({ bucket: "one", operation: "DeleteBucketPolicy", effect });
    const { code, stdout } = await made.apply();
    expect(stdout).toMatch(/applied +delete one/);
    expect(code).toBe(0);
  });
});

test("a policy that grew over 16 KB by variables is blocked, with its size, and the others are written", async () => {
  const folders = Array.from({ length: 45 }, (_, index) => `"acs:oss:*:*:one/\${folder}/${index}/*"`);
  const made = await world({
    "account.yaml": `${accountFile}vars: { folder: "${"x".repeat(400)}" }\n`,
    "one.yaml": wanted("one").replace('"acs:oss:*:*:one/*"', `[${folders.join(", ")}]`),
  });
  const { code, stdout, stderr } = await made.apply();
  expect(stderr).toMatch(/one\.yaml:2:\d+: error: .*\[policy-size\]/);
  expect(stdout).toMatch(/blocked +update one: /);
  expect(stdout).toContain("Apply: 4 applied, 1 blocked.");
  expect(made.sandbox.policyOf("one")).toBe(stood);
  expect(code).toBe(1);
});

test("a report that cannot be written after an apply: all is told on the terminal, and the run fails", async () => {
  const made = await world();
  const missing = join(made.tree, "no", "report.json");
  writeFileSync(join(made.tree, "file"), "");
  const markdown = join(made.tree, "file", "report.md");
  const { code, stdout, stderr } = await made.apply("--json", missing, "--markdown", markdown);
  expect(stdout).toContain("Apply: 5 applied.");
  expect(stdout).toContain("Exit 1, error: a report could not be written.");
  expect(stderr).toContain(`\`${missing}\` cannot be written (ENOENT)`);
  expect(stderr).toContain(`\`${markdown}\` cannot be written (ENOTDIR)`);
  expect(code).toBe(1);
});
