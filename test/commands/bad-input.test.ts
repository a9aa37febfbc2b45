import { chmodSync, existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const none = "bucket: one\npolicy: none\n";
const good = { "account.yaml": accountFile, "one.yaml": none };

/** Every verb that reads a tree, on a sandbox that logs what reaches it. */
async function refusedBy(verb: string, folder: string, words: readonly string[] = []) {
  const sandbox = await sandboxWith({ buckets: [{ name: "one", region: "cn-hangzhou" }] });
  const result = await runCli([verb, "--policies", folder, ...words], { env: environmentOf(sandbox) });
  expect(sandbox.requests).toEqual([]);
  expect(result.code).toBe(1);
  expect(result.stdout.trimEnd().split("\n").at(-1)).toMatch(/^Exit 1, error/);
  return result;
}

describe.each(["plan", "apply"])("%s stops before anything is connected to", (verb) => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["an empty tree", { "README.md": "x" }, "has no policy files [no-policies]"],
    ["an account file alone", { "account.yaml": accountFile }, "the tree has no bucket file"],
    ["a file that is no YAML", { ...good, "x.yaml": "a: [b" }, "x.yaml:1:4: error:"],
    [
      "a wrong type",
      { ...good, "x.yaml": "bucket: xxx\npolicy: 3\n" },
      "x.yaml:2:9: error: `policy`: a policy is a map",
    ],
    ["an unknown key", { ...good, "x.yaml": "bukcet: xxx\npolicy: none\n" }, "help: did you mean `bucket`?"],
    ["a bucket twice", { ...good, "x.yaml": none }, "the first place: "],
    [
      "an unquoted UID",
      { ...good, "account.yaml": "account: 0123\nregion: cn-x\n" },
      'write it in quotes: `"0123"`',
    ],
    ["a bad bucket name", { ...good, "x.yaml": "bucket: a_b\npolicy: none\n" }, "3 to 63 lower-case letters"],
    [
      "a region of no shape",
      { ...good, "x.yaml": "bucket: xxx\nregion: china\npolicy: none\n" },
      "not the shape of a region",
    ],
  ])("%s", async (_, files, message) => {
    expect((await refusedBy(verb, writeTree(files))).stderr).toContain(message);
  });

  test("a folder that is not there", async () => {
    const { stderr } = await refusedBy(verb, join(writeTree({}), "none"));
    expect(stderr).toMatch(
      /cannot be read \(ENOENT\) \[no-policies\]\n {2}help: write it with `oss-policy import`/,
    );
  });

  test("a file in place of the folder", async () => {
    expect((await refusedBy(verb, join(writeTree(good), "one.yaml"))).stderr).toContain("is not a folder");
  });

  test("a link that leaves the tree", async () => {
    const folder = writeTree(good);
    symlinkSync("/etc/hostname", join(folder, "x.yaml"));
    expect((await refusedBy(verb, folder)).stderr).toContain(
      "is a link to something that is not a file of this tree",
    );
  });

  test("text that is no UTF-8", async () => {
    const folder = writeTree(good);
    writeFileSync(join(folder, "x.yaml"), Buffer.from([0x62, 0xff, 0xfe]));
    expect((await refusedBy(verb, folder)).stderr).toContain("is not UTF-8 text");
  });

  test("--bucket that matches nothing", async () => {
    const { stderr } = await refusedBy(verb, writeTree(good), ["--bucket", "onee"]);
    expect(stderr).toBe("error: --bucket `onee` matches no bucket [no-match]\n  help: did you mean `one`?\n");
  });

  test("one --bucket of two that matches nothing", async () => {
    const { stderr } = await refusedBy(verb, writeTree(good), ["--bucket", "on*", "--bucket", "two-*"]);
    expect(stderr).toContain("`two-*` matches no bucket");
  });

  test.each([
    ["an unknown option", ["--bukcet", "one"], "unknown option '--bukcet'\n(Did you mean --bucket?)"],
    ["a word too many", ["one"], "too many arguments"],
    ["a number that is none", ["--concurrency", "many"], "a whole number from 1 to 256"],
    ["a log that is not there", ["--requests", "x"], "the log `x` cannot be read (ENOENT)"],
    ["an option without its value", ["--json"], "argument missing"],
    ["a seed without a sandbox", ["--seed", "x.yaml"], "--seed says what a sandbox holds"],
    ["a sandbox and an endpoint", ["--sandbox", "--endpoint", "http://127.0.0.1:1"], "exclude each other"],
    [
      "an endpoint that would show all on the way",
      ["--endpoint", "http://example.com"],
      "is plain http to a host other than the loopback",
    ],
  ])("%s", async (_, words, message) => {
    expect((await refusedBy(verb, writeTree(good), words)).stderr).toContain(message);
  });
});

describe("credentials", () => {
  test("none: nothing is connected to, and the message says how to give them", async () => {
    const { code, stderr } = await runCli(["plan", "--policies", writeTree(good)]);
    expect([code, stderr]).toEqual([
      1,
      "error: there are no credentials for OSS [credentials]\n" +
        "  help: set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or try without an account by `plan --sandbox`\n",
    ]);
  });

  test("half set: named, and no other source is tried", async () => {
    const env = {
      OSS_ACCESS_KEY_ID: "a",
      ALIBABA_CLOUD_ACCESS_KEY_ID: "b",
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: "c",
    };
    const { stderr } = await runCli(["plan", "--policies", writeTree(good)], { env });
    expect(stderr).toContain("half set: OSS_ACCESS_KEY_SECRET is missing");
  });

  test("wrong ones show as what OSS says, for each bucket", async () => {
    const sandbox = await sandboxWith({ buckets: [{ name: "one", region: "cn-hangzhou" }] });
    const env = { ...environmentOf(sandbox), OSS_ACCESS_KEY_SECRET: "wrong" };
    const { code, stdout } = await runCli(["plan", "--policies", writeTree(good)], { env });
    expect(code).toBe(1);
    expect(stdout).toContain("! cannot read one");
    expect(stdout).toContain("OSS answered 403 SignatureDoesNotMatch");
  });

  test("a secret never shows in what is printed", async () => {
    const sandbox = await sandboxWith({ buckets: [{ name: "one", region: "cn-hangzhou" }] });
    const env = { ...environmentOf(sandbox), OSS_ACCESS_KEY_SECRET: "s3cr3t-value" };
    const { stdout, stderr } = await runCli(["plan", "--policies", writeTree(good), "--json", "-"], { env });
    expect(stdout + stderr).not.toContain("s3cr3t-value");
  });
});

test("an endpoint that refuses connections: each bucket is unreadable, nothing is lost", async () => {
  const sandbox = await sandboxWith({});
  await sandbox.close();
  const { code, stdout } = await runCli(["apply", "--policies", writeTree(good)], {
    env: environmentOf(sandbox),
  });
  expect(code).toBe(1);
  expect(stdout).toContain("(ECONNREFUSED)\n    help: check the network, and --endpoint or OSS_ENDPOINT");
  expect(stdout).toContain("Exit 1, error: 1 bucket could not be read.");
});

test("a report that cannot be written fails the run, and the plan is still shown", async () => {
  const { code, stdout, stderr } = await runCli([
    "plan",
    "--sandbox",
    "--policies",
    writeTree(good),
    "--json",
    "/nowhere/plan.json",
  ]);
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining("`/nowhere/plan.json` cannot be written (ENOENT)"),
  ]);
  expect(stdout).toContain("Plan: 0 to create");
});

test("import into a folder that cannot be written says so", async () => {
  const sandbox = await sandboxWith({
    buckets: [{ name: "one", region: "cn-hangzhou", policy: '{"Statement":[]}' }],
  });
  const folder = writeTree({ "a-file": "" });
  const { code, stderr } = await runCli(["import", "--policies", join(folder, "a-file", "x")], {
    env: environmentOf(sandbox),
  });
  expect([code, stderr]).toEqual([1, expect.stringContaining("cannot be")]);
  chmodSync(folder, 0o755);
  expect(existsSync(join(folder, "a-file", "x"))).toBe(false);
});

test("control characters from a server or a file never reach the terminal", async () => {
  const sandbox = await sandboxWith({ buckets: [{ name: "one", region: "cn-hangzhou" }] });
  sandbox.addFault({ effect: { kind: "status", status: 403, code: "X", message: "a\u009b2Jb\u202ec" } });
  const { stdout } = await runCli(["plan", "--policies", writeTree(good)], { env: environmentOf(sandbox) });
  expect(stdout).toContain("a\\u{9b}2Jb\\u{202e}c");
});

test("nor do those of an outcome, a listing or a region", async () => {
  const sandbox = await sandboxWith({
    buckets: [{ name: "one", region: "cn-hangzhou", policy: '{"Statement":[]}' }],
  });
  const message = "a\u009b2Jb\u202ec";
  sandbox.addFault({
    operation: "DeleteBucketPolicy",
    effect: { kind: "status", status: 403, code: "X", message },
  });
  const refusedWrite = await runCli(["apply", "--policies", writeTree(good)], {
    env: environmentOf(sandbox),
  });
  expect(refusedWrite.stdout).toContain(
    "failed        delete one: OSS answered 403 X: a\\u{9b}2Jb\\u{202e}c",
  );
  const name = "evil\u202e";
  const body = `<ListAllMyBucketsResult><Owner><ID>1</ID></Owner><Buckets><Bucket><Name>${name}</Name><Region>cn-x</Region></Bucket></Buckets></ListAllMyBucketsResult>`;
  sandbox.addFault({ operation: "ListBuckets", effect: { kind: "status", status: 200, code: "", body } });
  const folder = writeTree({ ...good, "account.yaml": `${accountFile}scope: all\n` });
  const listed = await runCli(["plan", "--policies", folder], { env: environmentOf(sandbox) });
  expect(listed.stderr).toContain("the list of buckets that OSS sent does not parse");
  expect(listed.stdout + listed.stderr).not.toContain("\u202e");
});
