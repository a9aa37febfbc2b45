import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newRepository } from "../support/repository.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

const account = `account: "1746495857600001"
region: cn-hangzhou
identities: { data-team: "202147604049351234" }
`;
const bucket = (extra = "") => `bucket: one
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["\${data-team}"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:\${account}:one/logs/*"]
      Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } }
${extra}`;
const open = `    - { Effect: Allow, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/public/*"] }
`;
const denied = `    - { Effect: Deny, Principal: ["\${data-team}"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/logs/x"] }
`;

async function ask(words: readonly string[], extra = "", options: readonly string[] = []) {
  const folder = writeTree({ "account.yaml": account, "one.yaml": bucket(extra) });
  const { code, stdout, stderr } = await runCli(["access", ...words, ...options, "--policies", folder]);
  return { code, text: (stdout + stderr).replaceAll(folder, "p").replaceAll("p/", "") };
}

describe("access", () => {
  test.each([
    [
      "who-can names who, and under what",
      ["who-can", "oss:GetObject", "one/logs/a"],
      "data-team (202147604049351234): oss:GetObject on logs/a, from VPC vpc-1",
    ],
    ["who-can of what nobody can", ["who-can", "oss:PutObject", "one/logs/a"], "no principal"],
    [
      "can, always",
      ["can", "data-team", "oss:GetObject", "one/logs/*", "--with", "acs:SourceVpc=vpc-1"],
      "yes: data-team",
    ],
    ["can, under a condition", ["can", "data-team", "oss:GetObject", "one/logs/a"], "partly: data-team"],
    ["cannot", ["can", "anonymous", "oss:GetObject", "one/logs/a"], "no: anonymous"],
    [
      "what the owner can, whom no statement denies",
      ["can", "owner", "oss:PutBucketPolicy", "one"],
      "yes: owner oss:PutBucketPolicy on one\n  the owner does not need the policy, and no statement denies this\n",
    ],
    [
      "what the owner can, by UID",
      ["can", "1746495857600001", "oss:GetObject", "one/logs/a"],
      "the owner does not need the policy",
    ],
    [
      "an action on objects as a question about objects",
      ["who-can", "oss:GetObject", "one"],
      "oss:GetObject on one (read as: objects, whatever their key) is allowed to:\n  data-team",
    ],
    [
      "a pattern of both levels as a question about both",
      ["who-can", "oss:Get*", "one"],
      "oss:Get* on one (read as: the bucket and its objects, whatever their key) is allowed to:\n  data-team",
    ],
    [
      "the same of can",
      ["can", "data-team", "oss:Get*", "one/"],
      "partly: data-team oss:Get* on one/ (read as: the bucket and its objects, whatever their key), namely",
    ],
    [
      "an action on the bucket as it is",
      ["who-can", "oss:ListObjects", "one"],
      "oss:ListObjects on one is allowed to:",
    ],
    ["public, where nothing is", ["public"], "No policy allows anonymous callers anything (proved)."],
    [
      "matrix",
      ["matrix"],
      "one     data-team (202147604049351234)  logs/* (conditional)  none  none   none    none",
    ],
  ])("%s", async (_, words, expected) => {
    expect(await ask(words)).toEqual({ code: 0, text: expect.stringContaining(expected) as string });
  });

  const httpDenied = `    - { Effect: Deny, Principal: ["*"], Action: ["oss:*"], Resource: ["acs:oss:*:*:one/*"], Condition: { Bool: { "acs:SecureTransport": ["false"] } } }
`;

  test("where plain HTTP alone is refused, can says so, and the line for expect is about the rest", async () => {
    const { text } = await ask(["can", "anonymous", "oss:GetObject", "one/public/a"], `${open}${httpDenied}`);
    expect(text).toMatch(/^partly: anonymous/);
    expect(text).toContain("  plain HTTP is refused, and over HTTPS, which a test uses, all is allowed\n");
    expect(text).toContain('  - { can: "anonymous", do: "oss:GetObject", to: "public/a" }');
    const other = await ask(["can", "data-team", "oss:GetObject", "one/logs/a"], httpDenied);
    expect(other.text).not.toContain("plain HTTP is refused");
    expect(other.text).toContain("  - { cannot: ");
  });

  test("can names the line that decides, and a line for expect", async () => {
    const { text } = await ask(["can", "data-team", "oss:GetObject", "one/logs/x"], denied);
    expect(text).toContain("decided by one.yaml:10:7");
    const [line = ""] = /^ {2}- \{ cannot: .*$/m.exec(text) ?? [];
    const folder = writeTree({ "account.yaml": account, "one.yaml": bucket(`${denied}expect:\n${line}\n`) });
    expect((await runCli(["validate", "--policies", folder])).stdout).toContain("0 errors");
  });

  test.each([
    [
      "some of what it asks",
      ["can", "owner", "oss:PutBucketPolicy", "one"],
      "partly: owner oss:PutBucketPolicy on one\n  the owner does not need the policy, but statements deny a part of this\n  owner oss:PutBucketPolicy on the bucket over plain http is denied\n  decided by one.yaml:10:7\n",
    ],
    [
      "all of it",
      ["can", "owner", "oss:PutBucketPolicy", "one", "--with", "acs:SecureTransport=false"],
      "no: owner oss:PutBucketPolicy on one\n  the owner does not need the policy, but statements deny this\n",
    ],
  ])("a Deny may take from the owner %s", async (_, words, expected) => {
    const tls = `    - { Effect: Deny, Principal: ["*"], Action: ["oss:*"], Resource: ["*"], Condition: { Bool: { "acs:SecureTransport": ["false"] } } }\n`;
    const { text } = await ask(words, tls);
    expect(text).toContain(expected);
    expect(text).toContain('- { denied: "owner", do: "oss:PutBucketPolicy", with:');
  });

  test("`*` is everyone but the owner, with a condition as without", async () => {
    for (const options of [[], ["--with", "acs:SecureTransport=true"]]) {
      const { text } = await ask(["can", "*", "oss:GetObject", "one/public/a"], open, options);
      expect(text).toContain("yes: * oss:GetObject on one/public/a\n  `*` is everyone but the owner");
      expect(text).toContain('- { can: "*", do: "oss:GetObject", to: "public/a" }');
    }
  });

  test("public shows what anonymous callers may", async () => {
    expect((await ask(["public"], open)).text).toContain("anonymous: oss:GetObject on public/*");
  });

  test("--json is the same as data", async () => {
    const { text } = await ask(["who-can", "oss:GetObject", "one/public/a"], open, [
      "--json",
      "-",
      "--quiet",
    ]);
    const document = JSON.parse(text.slice(0, text.lastIndexOf("}") + 1)) as unknown;
    expect(document).toMatchObject({
      question: "who-can",
      allowed: { gains: [{ principals: ["everyone except owner"], resources: ["public/a"] }] },
    });
  });

  test("diff compares two git revisions", async () => {
    const { folder, commit } = newRepository({
      "policies/account.yaml": account,
      "policies/one.yaml": bucket(),
    });
    commit({ "policies/one.yaml": bucket(open) });
    const before = process.cwd();
    try {
      process.chdir(folder);
      expect((await runCli(["access", "diff", "HEAD~1..HEAD"])).stdout).toContain(
        "gains         everyone can read public/* (oss:GetObject)",
      );
      expect((await runCli(["access", "diff", "HEAD..HEAD"])).stdout).toMatch(/^No changes\n/);
      expect(await runCli(["access", "diff", "nowhere..HEAD"])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("git finds no revision `nowhere` here") as string,
      });
      expect(await runCli(["access", "diff", "--", "--help..HEAD"])).toMatchObject({ code: 1 });
    } finally {
      process.chdir(before);
    }
  });

  test.each([
    ["an unknown question", ["whocan"], "did you mean `who-can`?"],
    ["an unknown bucket", ["who-can", "oss:GetObject", "won/a"], "no file speaks of the bucket `won`"],
    ["an address of ossutil", ["can", "owner", "oss:GetObject", "oss://one/a"], "write `one/a`"],
    ["a Resource", ["who-can", "oss:GetObject", "acs:oss:*:*:one/*"], "write `one/*`"],
    ["too few words", ["can", "anonymous"], "can takes a principal, an action and a resource"],
    ["too many words", ["public", "one"], "public takes no words"],
    [
      "a --with that is no pair",
      ["can", "owner", "oss:GetObject", "one/a", "--with", "acs:SourceVpc"],
      "is no KEY=VALUE",
    ],
    ["half a range", ["diff", "HEAD"], "diff takes two git revisions"],
    ["an action that is none", ["who-can", "oss:GetObjct", "one/a"], "`oss:GetObjct` is not an action"],
    ["the same, with the nearest one", ["who-can", "oss:GetObjct", "one/a"], "did you mean `oss:GetObject`?"],
    [
      "an unknown identity, with the nearest",
      ["can", "data-taem", "oss:GetObject", "one/a"],
      "did you mean `data-team`?",
    ],
    [
      "an unknown key, with the nearest",
      ["can", "owner", "oss:GetObject", "one/a", "--with", "acs:SourceIpp=1"],
      "did you mean `acs:SourceIp`?",
    ],
    [
      "a principal that is nobody",
      ["can", "dta-team", "oss:GetObject", "one/a"],
      "`dta-team` is not a principal",
    ],
    [
      "a key that is none",
      ["can", "owner", "oss:GetObject", "one/a", "--with", "acs:Moon=full"],
      "`acs:Moon` is not a condition key",
    ],
    [
      "an action that is on no bucket",
      ["who-can", "oss:ListBuckets", "one"],
      "`oss:ListBuckets` is not on a bucket or its objects, so no bucket policy decides on it",
    ],
    [
      "an action on the bucket, of an object",
      ["who-can", "oss:ListObjects", "one/a"],
      "the actions are on the bucket",
    ],
  ])("refuses %s", async (_, words, expected) => {
    expect(await ask(words)).toEqual({ code: 1, text: expect.stringContaining(expected) as string });
  });
});

describe("access diff of two files", () => {
  const policy = (key: string) =>
    JSON.stringify({
      Version: "1",
      Statement: [
        {
          Effect: "Allow",
          Principal: ["202147604049351234"],
          Action: ["oss:GetObject"],
          Resource: [`acs:oss:*:*:one/${key}`],
        },
      ],
    });

  async function diff(old: string, wanted: string) {
    const folder = writeTree({ "old.json": old, "new.json": wanted });
    const files = [join(folder, "old.json"), join(folder, "new.json")];
    const { code, stdout, stderr } = await runCli(["access", "diff", ...files]);
    return { code, text: (stdout + stderr).replaceAll(`${folder}/`, "") };
  }

  test.each([
    ["what is gained is told", policy("a"), policy("*"), 0, "gains         202147604049351234 can read"],
    ["the same is proved", policy("a"), policy("a"), 0, "the same for every request (proved)"],
    [
      "of a bucket's file, its policy counts",
      `bucket: one\npolicy: ${policy("a")}\n`,
      policy("a"),
      0,
      "(proved)",
    ],
    ["variables mean nothing here", `policy: ${policy("${x}")}\n`, policy("a"), 1, "has variables"],
    ["another document is no policy", "{}", policy("a"), 1, "`old.json` is no policy"],
    ["several buckets are refused", policy("a"), policy("a").replace(":one/", ":two/"), 1, "several buckets"],
  ])("%s", async (_, old, wanted, code, text) => {
    expect(await diff(old, wanted)).toEqual({ code, text: expect.stringContaining(text) as string });
  });
});

describe("access --live", () => {
  const live = JSON.stringify({
    Version: "1",
    Statement: [
      { Effect: "Allow", Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/*"] },
    ],
  });
  const seed = (faults: readonly object[] = []) =>
    JSON.stringify({
      account: "1746495857600001",
      keys: [{ id: "a", secret: "b" }],
      buckets: [{ name: "one", region: "cn-hangzhou", policy: live }],
      faults,
    });

  async function askLive(words: readonly string[], faults: readonly object[] = []) {
    const folder = writeTree({
      "p/account.yaml": account,
      "p/one.yaml": bucket(),
      "seed.json": seed(faults),
    });
    const where = ["--policies", join(folder, "p"), "--sandbox", "--seed", join(folder, "seed.json")];
    const { code, stdout, stderr } = await runCli(["access", ...words, ...where]);
    return { code, text: stdout + stderr };
  }

  test("the policy that OSS has is asked, not the file", async () => {
    const { code, text } = await askLive(["public", "--live"]);
    expect(text).toContain("one: anonymous callers may");
    expect(code).toBe(0);
  });

  test("yes comes with a line for expect; no names the statement that decides", async () => {
    const yes = await askLive(["can", "anonymous", "oss:GetObject", "one/x", "--live"]);
    expect(yes.text).toContain('- { can: "anonymous", do: "oss:GetObject", to: "x" }');
    const no = await askLive(["can", "anonymous", "oss:PutObject", "one/x", "--live"]);
    expect(no.text).toContain("no: anonymous");
  });

  test("what cannot be read is no answer", async () => {
    const fault = {
      operation: "GetBucketPolicy",
      effect: { kind: "status", status: 403, code: "AccessDenied" },
    };
    const { code, text } = await askLive(["public", "--live"], [fault]);
    expect(text).toContain("the live policy of `one` cannot be read");
    expect(code).toBe(1);
  });

  test("a sandbox without --live is a mistake", async () => {
    expect((await askLive(["public"])).text).toContain("add --live");
  });
});
