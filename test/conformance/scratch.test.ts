import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SeedBucket } from "../../src/sandbox/seed/seed.ts";
import {
  contentOf,
  identities,
  identityEnv,
  observe,
  scratchSandbox,
  untouched,
} from "../support/conformance.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

/** Every operation that changes something. */
const writes = /^(?:Put|Delete|Copy|Append|Post|Complete|Initiate)/;

describe("a bucket that is not scratch is left alone, and nothing is written to it", () => {
  test.each<[string, Partial<SeedBucket>, string]>([
    ["has a policy", { policy: '{"Version":"1","Statement":[]}' }, "the bucket has a policy"],
    [
      "is not empty",
      { objects: [{ key: "data.csv", body: "1" }] },
      "the bucket is not empty: it has `data.csv`",
    ],
    ["is public", { acl: "public-read" }, "the ACL of the bucket is public-read"],
    [
      "is of another account",
      {
        owner: "1746495857600002",
        policy: `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["1746495857600001"],"Action":["oss:*"],"Resource":["*"]}]}`,
      },
      "the bucket is of account 1746495857600002, and `owner` of 1746495857600001",
    ],
    ["is in another region", { region: "cn-beijing" }, "the bucket is in the region cn-beijing"],
    ["has another name", { name: "scratch-2" }, "the bucket cannot be read"],
  ])("one that %s", async (_, bucket, problem) => {
    const sandbox = await scratchSandbox({ bucket });
    const { code, stderr, stdout, folder } = await observe(sandbox);
    expect([code, stdout]).toEqual([1, "Exit 1, error: nothing was observed.\n"]);
    expect(stderr).toContain(`error: ${problem}`);
    expect(sandbox.requests.filter(({ operation }) => writes.test(operation))).toEqual([]);
    expect(existsSync(join(folder, "interpretations.yaml"))).toBe(false);
    expect(existsSync(join(folder, "interpretations.yaml.journal"))).toBe(false);
  });

  test("one of which another run has the lock", async () => {
    const sandbox = await scratchSandbox({
      bucket: { objects: [{ key: "oss-policy-conformance/lock", body: "2026-06-01-abc" }] },
    });
    const { code, stderr } = await observe(sandbox);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("another run has the bucket (2026-06-01-abc)"),
    ]);
    expect(sandbox.requests.filter(({ operation }) => writes.test(operation))).toEqual([]);
  });
});

// It would be deleted as the policy of a case.
test("a policy that somebody else puts meanwhile stops the run, and stays", async () => {
  const sandbox = await scratchSandbox();
  const theirs = '{"Version":"1","Statement":[]}';
  const putBetween = setInterval(() => {
    // Just after a put of the run, so that no later put of it comes first.
    if (sandbox.requests.length < 60 || sandbox.requests.at(-1)?.operation !== "PutBucketPolicy") return;
    clearInterval(putBetween);
    sandbox.setPolicy("scratch", theirs);
  }, 1);
  const { code, stderr } = await observe(sandbox);
  expect([code, stderr]).toEqual([1, expect.stringContaining("the bucket has a policy that no run put")]);
  expect(sandbox.policyOf("scratch")).toBe(theirs);
});

describe("an invalid command line calls nothing", () => {
  const base = ["--bucket", "scratch", "--identities", "identities.yaml"];
  test.each<[string, readonly string[], string]>([
    ["a bucket that is named once", base, "the bucket is named only once"],
    ["another confirmation", [...base, "--confirm", "scratch2"], "--confirm names `scratch2`, not `scratch`"],
    ["a pattern", ["--bucket", "scra*", "--confirm", "scra*"], "`scra*` is not the name of a bucket"],
    ["two buckets", [...base, "--bucket", "b2b", "--confirm", "scratch"], "takes one scratch bucket"],
    ["no identities", ["--bucket", "scratch", "--confirm", "scratch"], "no identities are given"],
    [
      "no file",
      ["--bucket", "scratch", "--confirm", "scratch", "--identities", "no.yaml"],
      "cannot be read (ENOENT)",
    ],
  ])("%s", async (_, words, problem) => {
    const sandbox = await scratchSandbox();
    const folder = writeTree({ "identities.yaml": identities });
    const { code, stderr } = await runCli(["conformance", "--endpoint", sandbox.url, ...words], {
      folder,
      env: identityEnv,
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining(problem)]);
    expect(sandbox.requests).toEqual([]);
  });

  test.each<[string, string, string]>([
    [
      "a key in place of the name of its variable",
      identities.replace("OWNER_SECRET", "5ecret/+="),
      "never the key itself",
    ],
    [
      "a key in place of the name of a variable",
      identities.replace("USER_SECRET", "aB3dEfGh1jKlMn0pQrStUvWxYz12345"),
      "the environment variable that is named here is not set",
    ],
    ["nothing", "# none yet\n", "names no identity"],
    ["an unknown identity", `${identities}admin: {}\n`, "`admin` is not a key of this file"],
    ["no user", "owner: { id: OWNER_ID, secret: OWNER_SECRET }\n", "`user` is missing"],
    ["a variable that is not set", identities.replace("USER_ID", "NOT_SET"), "`NOT_SET` is not set"],
  ])("%s", async (_, text, problem) => {
    const sandbox = await scratchSandbox();
    const { code, stderr } = await observe(sandbox, writeTree({ "identities.yaml": text }));
    expect([code, stderr]).toEqual([1, expect.stringContaining(problem)]);
    expect(stderr).not.toMatch(/5ecret|aB3dEf/);
    expect(sandbox.requests).toEqual([]);
  });

  test("an output that is another file is not overwritten", async () => {
    const folder = writeTree({
      "identities.yaml": identities,
      "interpretations.yaml": "bucket: data\npolicy: none\n",
    });
    const sandbox = await scratchSandbox();
    const { code, stderr } = await observe(sandbox, folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining("exists and is no result of conformance")]);
    expect(readFileSync(join(folder, "interpretations.yaml"), "utf8")).toBe("bucket: data\npolicy: none\n");
  });

  test("plain http to another host is refused", async () => {
    const folder = writeTree({ "identities.yaml": identities });
    const words = ["--bucket", "scratch", "--confirm", "scratch", "--identities", "identities.yaml"];
    const { stderr } = await runCli(["conformance", ...words, "--endpoint", "http://oss.example"], {
      folder,
      env: identityEnv,
    });
    expect(stderr).toContain("plain http to a host other than the loopback");
  });
});

describe("identities", () => {
  test("a case whose identity is missing is skipped, and says so", async () => {
    const without = identities.replace(/^(?:role|other-account|address):.*\n/gm, "");
    const sandbox = await scratchSandbox();
    const { code, json } = await observe(sandbox, writeTree({ "identities.yaml": without }));
    expect(code).toBe(0);
    const skipped = json().cases.filter(({ result }) => result.kind === "skipped");
    expect(skipped.map(({ id }) => id)).toEqual([
      "role-allowed",
      "role-case",
      "host-bits-of-own-address",
      "host-bits-match-nothing",
      "account-covers-role",
      "other-account",
      "foreign-policy-read",
    ]);
  });

  // A user with RAM policies is allowed whatever the policy says: each case would show what it does not test.
  test("a user whom RAM policies let in ends the run, and the bucket is as it was", async () => {
    const sandbox = await scratchSandbox({
      ramOfUser: [{ Effect: "Allow", Action: ["oss:Get*"], Resource: ["*"] }],
    });
    const { code, stderr } = await observe(sandbox);
    expect([code, stderr]).toEqual([1, expect.stringContaining("give a RAM user without any RAM policy")]);
    expect(await contentOf(sandbox)).toEqual(untouched);
  });

  test("no secret is in anything that a run writes", async () => {
    const sandbox = await scratchSandbox();
    const { folder, stdout, stderr } = await observe(sandbox);
    const files = ["interpretations.yaml", "out.json"].map((name) =>
      readFileSync(join(folder, name), "utf8"),
    );
    for (const text of [stdout, stderr, ...files])
      expect(text).not.toMatch(/secret-of-the-test|(?:owner|user|other|role)-key/);
  });
});

describe("the statements of a run", () => {
  test("never let everybody do anything that exists, and reach the owner for minutes at most", async () => {
    const { conformanceCases } = await import("../../src/conformance/cases/index.ts");
    const scratch = {
      bucket: "scratch",
      region: "cn-hangzhou",
      owner: "1746495857600001",
      user: "2",
      other: "3",
      role: "arn:sts::1746495857600001:assumed-role/ops/kit",
      address: "127.0.0.1",
      run: "r",
      until: "2026-06-01T00:05:00Z",
    };
    const repair = /^(?:\*|oss:\*|oss:(?:Put|Delete|Get)BucketPolicy.*)$/i;
    let seen = 0;
    for (const { id, setup } of conformanceCases) {
      if (setup.policy === undefined || !("statements" in setup.policy)) continue;
      for (const statement of setup.policy.statements(scratch) as readonly Statement[]) {
        seen += 1;
        const { Effect, Principal = ["*"], Action = ["*"], Resource = ["*"], NotPrincipal } = statement;
        if (Effect === "Allow" && Principal.includes("*"))
          expect([id, Resource]).toEqual([id, ["acs:oss:*:*:scratch/oss-policy-conformance/r/nothing"]]);
        if (Effect === "Deny" && NotPrincipal === undefined)
          expect([id, Action.filter((action) => repair.test(action))]).toEqual([id, []]);
        if (Effect === "Deny" && Principal.includes(scratch.owner))
          expect([id, JSON.stringify(statement)]).toEqual([id, expect.stringContaining(scratch.until)]);
      }
    }
    expect(seen).toBeGreaterThan(40);
  });
});

interface Statement {
  readonly Effect: string;
  readonly Principal?: readonly string[];
  readonly NotPrincipal?: readonly string[];
  readonly Action?: readonly string[];
  readonly Resource?: readonly string[];
}

test("a journal that is none, or of another bucket, is not taken for a run's", async () => {
  const sandbox = await scratchSandbox();
  for (const [text, problem] of [
    ["hello: 1\n{}\n", "is no journal of a conformance run"],
    [`{"run":"a","bucket":"other","region":"cn-hangzhou","pid":1000000}\n`, "of a run on the bucket `other`"],
  ] as const) {
    const folder = writeTree({ "identities.yaml": identities });
    writeFileSync(join(folder, "interpretations.yaml.journal"), text);
    const { code, stderr } = await observe(sandbox, folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining(problem)]);
    expect(sandbox.requests.filter(({ operation }) => writes.test(operation))).toEqual([]);
  }
});
