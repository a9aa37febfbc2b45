import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonText, type JsonObject } from "../../src/policy/json.ts";
import { oddDocument, policyDocument } from "../support/arbitraries.ts";
import { onFullDisk } from "../support/full-disk.ts";
import { refusesOwner } from "../support/refuses-owner.ts";
import { runs } from "../support/runs.ts";
import { environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";

const plain =
  '{"Version":"1","Statement":[{"Effect":"Allow","Principal":["1"],"Action":"oss:*","Resource":"*"}]}';

async function imported(sandbox: Sandbox, folder: string, ...words: string[]) {
  return runCli(["import", "--policies", folder, ...words], { env: environmentOf(sandbox) });
}

async function planOf(sandbox: Sandbox, folder: string) {
  return runCli(["plan", "--detailed-exitcode", "--policies", folder], { env: environmentOf(sandbox) });
}

function live(...policies: string[]) {
  return {
    buckets: policies.map((policy, index) => ({ name: `bucket-${index}`, region: "cn-hangzhou", policy })),
  };
}

/** What has no Statement is no policy, and cannot be read. */
function withStatement(document: JsonObject): JsonObject {
  const { Statement: statement } = document;
  return typeof statement === "object" && statement !== null ? document : { ...document, Statement: [] };
}

/** Success without a word beside the credentials. */
const silent = { code: 0, stderr: expect.stringMatching(/^credentials: .*\n$/) as string };

describe("import, then plan, is empty", () => {
  test.each([
    ["a plain policy", plain],
    [
      "unknown fields",
      '{"Version":"1","Id":"x","Statement":[{"Sid":"s","Effect":"Allow","Action":"oss:*","Resource":"*","NotPrincipal":["1"]}]}',
    ],
    [
      "a UID as a number",
      '{"Version":"1","Statement":[{"Effect":"Allow","Principal":[202147604049350001,1],"Action":"oss:*","Resource":"*"}]}',
    ],
    ["Version as a number", '{"Version":1,"Statement":[]}'],
    ["no Version", '{"Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"}]}'],
    ["a statement that is no list", '{"Version":"1","Statement":{"Effect":"Allow"}}'],
    ["a statement that is a word", '{"Version":"1","Statement":["Allow",{}]}'],
    [
      "odd conditions",
      '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*","Condition":{"Bool":{"k":true,"l":{}},"X":[]}}]}',
    ],
    ["a text that looks like a variable", plain.replace('"*"', '"${a}/$${b}/$"')],
    ["a name that looks like a merge key", '{"<<":{"a":1},"Statement":[{"<<":null}]}'],
    ["names that look like a variable", '{"${":{"a${b}":[]},"Statement":[{"$${":["$${c}"]}]}'],
    [
      "text in other scripts, with controls",
      plain.replace('"*"', '"日志/\\u202e\\u0000\\n# oss-policy-ignore version: x"'),
    ],
    ["odd layout and a byte order mark", `\uFEFF\n\t${plain}\n\n`],
  ])("for %s", async (_, policy) => {
    const sandbox = await sandboxWith(live(policy));
    const folder = writeTree({});
    expect(await imported(sandbox, folder)).toMatchObject(silent);
    expect(await planOf(sandbox, folder)).toMatchObject(silent);
    expect(await runCli(["validate", "--policies", folder])).toMatchObject({ code: 0 });
  });

  test("for any policy, and for any JSON object with a list of statements", async () => {
    // One that refuses its owner cannot be read.
    const names = Array.from({ length: 12 }, (_, index) => `bucket-${index}`);
    const open = fc
      .oneof(policyDocument, oddDocument)
      .filter((one) => !names.some((name) => refusesOwner(withStatement(one), name)));
    const documents = fc.array(open, { minLength: 1, maxLength: 12 });
    const isEmpty = fc.asyncProperty(documents, async (policies) => {
      const sandbox = await sandboxWith(live(...policies.map((policy) => jsonText(withStatement(policy)))));
      const folder = writeTree({});
      expect(await imported(sandbox, folder)).toMatchObject(silent);
      expect(await planOf(sandbox, folder)).toMatchObject(silent);
    });
    await fc.assert(isEmpty, { numRuns: runs(5) });
  });
});

test("the first import writes the account file and one file a bucket, and says so", async () => {
  const sandbox = await sandboxWith({
    buckets: [
      { name: "app-a", region: "us-west-1", policy: plain },
      { name: "app-b", region: "us-west-1", policy: plain },
      { name: "app-c", region: "cn-beijing", policy: plain },
      { name: "empty", region: "us-west-1" },
    ],
  });
  const folder = writeTree({});
  const { stdout } = await imported(sandbox, folder);
  const text = (name: string) => readFileSync(join(folder, name), "utf8");
  expect(text("account.yaml")).toBe('account: "1746495857600001"\nregion: us-west-1\n');
  expect(text("app-a.yaml")).toBe(`# yaml-language-server: $schema=./schema.json
bucket: app-a
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal:
        - "1"
      Action: oss:*
      Resource: "*"
`);
  expect(text("app-c.yaml")).toContain("region: cn-beijing\n");
  expect(stdout).toContain("Import: 3 written, 1 bucket without a policy.\nExit 0, success.\n");
});

test("what lint objects to has an ignore comment with its reason above it", async () => {
  const sandbox = await sandboxWith(
    live(
      '{"Version":"1","Statement":[{"Sid":"s","Effect":"Allow","Principal":[1],"Action":"oss:*","Resource":"*"}]}',
    ),
  );
  const folder = writeTree({});
  await imported(sandbox, folder);
  expect(readFileSync(join(folder, "bucket-0.yaml"), "utf8")).toContain(`
    # oss-policy-ignore unsupported-field: found at import
    - Sid: s
      Effect: Allow
      Principal:
        # oss-policy-ignore unquoted-uid: found at import
        - 1
`);
});

describe("files that exist", () => {
  const file = `# why this bucket is here
bucket: bucket-0 # found by this name
# the policy
policy:
  Version: "1"
  Statement: []
region: cn-hangzhou # after it
`;

  test("stay as they are", async () => {
    const sandbox = await sandboxWith(live(plain));
    const folder = writeTree({ "account.yaml": 'account: "1746495857600001"\n', "team/x.yaml": file });
    const { stdout } = await imported(sandbox, folder);
    expect(readFileSync(join(folder, "team/x.yaml"), "utf8")).toBe(file);
    expect(stdout).toContain("0 written, 1 kept (--force replaces a policy that differs)");
  });

  test("with --force, only their policy is replaced", async () => {
    const sandbox = await sandboxWith(live(plain));
    const folder = writeTree({ "account.yaml": 'account: "1746495857600001"\n', "team/x.yaml": file });
    await imported(sandbox, folder, "--force");
    expect(readFileSync(join(folder, "team/x.yaml"), "utf8")).toBe(`# why this bucket is here
bucket: bucket-0 # found by this name
# the policy
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal:
        - "1"
      Action: oss:*
      Resource: "*"
region: cn-hangzhou # after it
`);
    expect(await planOf(sandbox, folder)).toMatchObject({ code: 0 });
  });

  test("with --force, the comments that are gone are named, and no other", async () => {
    const sandbox = await sandboxWith(live(plain));
    const commented = file
      .replace("policy:\n", "policy: # the readers\n")
      .replace('"1"\n', '"1" # the only one\n');
    const folder = writeTree({ "account.yaml": 'account: "1746495857600001"\n', "x.yaml": commented });
    const { stdout } = await imported(sandbox, folder, "--force");
    expect(stdout).toMatch(/\(2 comments are gone: # the readers, # the only one\)\n/);
  });

  test("with --force, on a disk that is full, the file stays", async () => {
    const sandbox = await sandboxWith(live(plain));
    const long = `# ${"x".repeat(2_000)}\n${file}`;
    const folder = writeTree({ "account.yaml": 'account: "1746495857600001"\n', "x.yaml": long });
    const words = ["import", "--force", "--policies", folder];
    const { code, stdout, stderr } = await onFullDisk(words, environmentOf(sandbox));
    expect([code, stdout]).toEqual([1, expect.stringContaining("1 not written")]);
    expect(stderr).toContain("x.yaml` cannot be written (EFBIG)");
    expect(readFileSync(join(folder, "x.yaml"), "utf8")).toBe(long);
  });

  test("with --force, a bucket without a policy gets the word none", async () => {
    const sandbox = await sandboxWith({ buckets: [{ name: "bucket-0", region: "cn-hangzhou" }] });
    const folder = writeTree({ "account.yaml": 'account: "1746495857600001"\n', "x.yaml": file });
    await imported(sandbox, folder, "--force");
    expect(readFileSync(join(folder, "x.yaml"), "utf8")).toContain("\npolicy: none\nregion:");
  });

  test("a file that has the name but speaks for another bucket is not overwritten", async () => {
    const sandbox = await sandboxWith(live(plain));
    const folder = writeTree({
      "account.yaml": accountText,
      "bucket-0.yaml": file.replace("bucket-0", "another"),
    });
    expect(await imported(sandbox, folder)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("rename it") as string,
    });
    expect(readFileSync(join(folder, "bucket-0.yaml"), "utf8")).toContain("bucket: another");
  });
});

const accountText = 'account: "1746495857600001"\nregion: cn-hangzhou\n';

test("a bucket that cannot be read is named, and the others are written", async () => {
  const sandbox = await sandboxWith(live(plain, plain));
  sandbox.addFault({ bucket: "bucket-0", effect: { kind: "status", status: 403, code: "AccessDenied" } });
  const folder = writeTree({});
  const { code, stderr, stdout } = await imported(sandbox, folder);
  expect([code, stderr]).toEqual([1, expect.stringContaining("bucket `bucket-0` cannot be read")]);
  expect(stdout).toContain("Import: 1 written, 1 not written");
});

test("files of another account are not mixed with these", async () => {
  const sandbox = await sandboxWith(live(plain));
  const folder = writeTree({
    "account.yaml": 'account: "2"\n',
    "x.yaml": "bucket: other\nregion: cn-x\npolicy: none\n",
  });
  expect(await imported(sandbox, folder)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("account 1746495857600001") as string,
  });
});

test("--bucket selects among the live buckets", async () => {
  const sandbox = await sandboxWith(live(plain, plain));
  const folder = writeTree({});
  expect((await imported(sandbox, folder, "--bucket", "*-1")).stdout).toContain("Import: 1 written");
  expect(await imported(sandbox, folder, "--bucket", "bukcet-1")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("did you mean `bucket-1`?") as string,
  });
});
