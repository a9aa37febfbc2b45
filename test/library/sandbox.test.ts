import { describe, expect, onTestFinished, test } from "vitest";
import { startSandbox, type StartOptions, type TestSandbox } from "../../src/library/sandbox.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";

async function started(options: StartOptions): Promise<TestSandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

const tree = () =>
  writeTree({
    "policies/account.yaml": `${accountFile}identities: { alice: "202147604049351234" }\n`,
    "policies/web.yaml": `bucket: web
region: cn-shanghai
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049351234"]
      Action: ["oss:GetBucketPolicy"]
      Resource: ["acs:oss:*:*:web"]
    - Effect: Deny
      Principal: ["*"]
      Action: ["oss:*"]
      Resource: ["acs:oss:*:*:web", "acs:oss:*:*:web/*"]
      Condition:
        StringEquals: { "acs:SourceVpc": ["vpc-1"] }
`,
  });

describe("a sandbox of a folder of policies", () => {
  test("an identity of account.yaml may what its file says, and the answer names the line", async () => {
    const folder = tree();
    const sandbox = await started({ policies: `${folder}/policies` });
    const answer = await sandbox.as("alice").request("GET", "/web/?policy");
    expect([answer.status, answer.access]).toEqual([200, "allowed"]);
    expect(answer.decision).toMatch(/^allowed by statement 1 of the bucket policy, .*policies\/web\.yaml:6$/);
  });

  test("a request of a network is decided as if it came from there", async () => {
    const sandbox = await started({ policies: `${tree()}/policies` });
    const context = { "acs:SourceVpc": "vpc-1" };
    const answer = await sandbox.as("alice").request("GET", "/web/?policy", { context });
    expect([answer.access, answer.ec]).toEqual(["refused", "0003-00000101"]);
    expect(answer.decision).toMatch(/statement 2 of the bucket policy, .*web\.yaml:10$/);
  });

  test("a policy that was put since is not explained by the lines of the file", async () => {
    const sandbox = await started({ policies: `${tree()}/policies` });
    sandbox.setPolicy("web", { Version: "1", Statement: [] });
    const answer = await sandbox.as("alice").request("GET", "/web/?policy");
    expect([answer.access, answer.decision]).toEqual(["refused", "refused because nothing allows it"]);
  });

  test("files with an error are not served, and each is named", async () => {
    const folder = writeTree({ "policies/account.yaml": accountFile, "policies/web.yaml": "bucket: web\n" });
    await expect(startSandbox({ policies: `${folder}/policies` })).rejects.toThrow(/web\.yaml:1: .*polic/);
  });
});

test("a role of account.yaml is a session of it, and only of its own account", async () => {
  const allow = (principal: string) => `    - Effect: Allow
      Principal: ["${principal}"]
      Action: ["oss:GetBucketAcl"]
      Resource: ["acs:oss:*:*:web"]
`;
  const role = (uid: string) => `arn:sts::${uid}:assumed-role/etl/*`;
  const folder = writeTree({
    "policies/account.yaml": `${accountFile}identities:
  etl: "${role("1746495857600001")}"
  theirs: "${role("1746495857600002")}"
`,
    "policies/web.yaml": `bucket: web\npolicy:\n  Version: "1"\n  Statement:\n${allow(role("1746495857600001"))}`,
  });
  const sandbox = await started({ policies: `${folder}/policies` });
  expect((await sandbox.as("etl").request("GET", "/web/?acl")).access).toBe("allowed");
  expect(sandbox.key("etl")).toMatchObject({ id: "STS.etl", token: "sandbox" });
  expect(() => sandbox.key("theirs")).toThrow(/no key of `theirs`/);
});

// The one key of both let a test act as the other account's user.
test("a name that two accounts have is none of either", async () => {
  const account = (uid: string, alice: string) =>
    `account: "${uid}"\nregion: cn-hangzhou\nidentities: { alice: "${alice}", sandbox: "2021470496${uid.slice(-1)}9351234" }\n`;
  const [one, two] = ["1746495857600001", "1746495857600002"];
  const folder = writeTree({
    "policies/one/account.yaml": account(one, "202147604049351234"),
    "policies/one/web.yaml": "bucket: web\npolicy: none\n",
    "policies/two/account.yaml": account(two, "202147604049351235"),
    "policies/two/app.yaml": "bucket: app\npolicy: none\n",
  });
  const sandbox = await started({ policies: `${folder}/policies` });
  expect(() => sandbox.as("alice")).toThrow(/no key of `alice`; it has .*alice@1746495857600001/);
  const readInfo = async (name: string, path: string) => (await sandbox.as(name).request("GET", path)).access;
  expect(await readInfo("sandbox", "/web/?bucketInfo")).toBe("allowed");
  expect(await readInfo(`sandbox-${two}`, "/app/?bucketInfo")).toBe("allowed");
  expect(await readInfo(`alice@${two}`, "/app/?bucketInfo")).toBe("refused");
});

describe("a sandbox of a seed", () => {
  const [account, other] = ["1746495857600001", "1746495857600002"];
  const accounts = [
    {
      uid: account,
      keys: [{ id: "root", secret: "r" }],
      users: [{ name: "bob", uid: "202147604049350002", keys: [{ id: "bob-key", secret: "b" }] }],
    },
    { uid: other, keys: [{ id: "stranger", secret: "s" }] },
  ];
  const seed = { accounts, buckets: [{ name: "app", region: "cn-hangzhou" }] };

  test("a user is known by name and by key, and a name that is none is refused with those that are", async () => {
    const sandbox = await started({ seed });
    expect(sandbox.key("bob")).toEqual(sandbox.key("bob-key"));
    expect(() => sandbox.as("bbo")).toThrow(/no key of `bbo`; it has bob, root, stranger, bob-key/);
  });

  test("who is who: the owner, a user without a policy, another account, nobody", async () => {
    const sandbox = await started({ seed });
    const asked = async (actor: ReturnType<TestSandbox["as"]>) =>
      (await actor.request("GET", "/app/?bucketInfo")).access;
    expect(await asked(sandbox.as("root"))).toBe("allowed");
    expect(await asked(sandbox.as("bob"))).toBe("refused");
    expect(await asked(sandbox.as("stranger"))).toBe("refused");
    expect(await asked(sandbox.anonymous())).toBe("refused");
  });

  // A test that expects a refusal must not pass because the sandbox cannot tell.
  test("what OSS does not document is neither allowed nor refused", async () => {
    const sandbox = await started({ seed });
    const statement = {
      Effect: "Deny",
      Principal: [account],
      Action: ["oss:GetBucketInfo"],
      Resource: ["*"],
    };
    const allow = { ...statement, Effect: "Allow", Principal: ["202147604049350002"] };
    sandbox.setPolicy("app", { Version: "1", Statement: [statement, allow] });
    const answer = await sandbox.as("bob").request("GET", "/app/?bucketInfo");
    expect([answer.status, answer.access]).toEqual([501, "undecided"]);
    expect(answer.decision).toBe(
      "not decided because OSS does not document whether the UID of an account covers its RAM users",
    );
  });

  test("nor is a call that the sandbox does not have", async () => {
    const sandbox = await started({ seed });
    const answer = await sandbox.as("root").request("GET", "/app/?replication");
    expect([answer.status, answer.access, answer.code]).toEqual([501, "undecided", "NotImplemented"]);
  });

  test("a mistake in a seed is named by its field", async () => {
    const buckets = [{ name: "app", region: "hangzhou" }];
    await expect(startSandbox({ seed: { buckets } })).rejects.toThrow(
      /`buckets\[0\]\.region` must be a region/,
    );
  });

  test("a seed may be a file", async () => {
    const folder = writeTree({ "seed.yaml": "buckets: [{ name: app, region: cn-hangzhou }]\n" });
    const sandbox = await started({ seed: `${folder}/seed.yaml` });
    expect((await sandbox.as("sandbox").request("GET", "/app/?acl")).access).toBe("allowed");
    await expect(startSandbox({ seed: `${folder}/none.yaml` })).rejects.toThrow(/cannot be read \(ENOENT\)/);
  });
});
