import { describe, expect, test } from "vitest";
import { alice, allows, bob, bucketFile, edited, owner } from "../support/edited.ts";

const objects = `"acs:oss:*:${owner}:logs/*"`;
const itself = `"acs:oss:*:${owner}:logs"`;
const reads = '"oss:GetObject"';

/** Grants over one bucket file, `logs.yaml`. */
const granted = (text: string, ...words: readonly string[]) =>
  edited({ "logs.yaml": text }, "grant", ...words);

describe("the smallest edit", () => {
  test("adds the principal to a statement that has everything else", async () => {
    const { code, files, stdout } = await granted(
      bucketFile("logs", allows(`"${bob}"`, reads, objects)),
      "alice",
      "oss:GetObject",
      "logs",
    );
    expect([code, files["logs.yaml"]]).toEqual([
      0,
      bucketFile("logs", allows(`"${bob}", "\${alice}"`, reads, objects)),
    ]);
    expect(stdout).toContain("logs.yaml:6: added `${alice}` to Principal\nlogs (proved)\n");
    expect(stdout).toContain("gains         alice can read all objects (oss:GetObject)\n");
    expect(stdout).toContain(`alice (${alice}) is allowed, by the policies of 1 of 1 bucket:\n`);
    expect(stdout).toContain(
      "Edited 1 file, for 1 bucket. OSS is unchanged until apply.\nExit 0, success.\n",
    );
  });

  test("adds the action to a statement of the principal alone", async () => {
    const { files } = await granted(
      bucketFile(
        "logs",
        allows(`"${alice}"`, reads, objects),
        allows(`"${bob}"`, '"oss:GetBucketAcl"', itself),
      ),
      alice,
      "oss:PutObject",
      "logs",
    );
    expect(files["logs.yaml"]).toContain('Action: ["oss:GetObject", "oss:PutObject"]');
    expect(files["logs.yaml"]?.match(/Effect/g)).toHaveLength(2);
  });

  test("adds the key to a statement of the principal alone", async () => {
    const { files } = await granted(
      bucketFile("logs", allows(`"${alice}"`, reads, `"acs:oss:*:${owner}:logs/2025/*"`)),
      "alice",
      "oss:GetObject",
      "logs/2026/*",
    );
    const list = `"acs:oss:*:${owner}:logs/2025/*", "acs:oss:*:${owner}:logs/2026/*"`;
    expect(files["logs.yaml"]).toBe(bucketFile("logs", allows(`"${alice}"`, reads, list)));
  });

  test("does not join a statement that would give more", async () => {
    const shared = allows(`"${alice}", "${bob}"`, reads, objects);
    const { files } = await granted(bucketFile("logs", shared), "alice", "oss:PutObject", "logs");
    const added = allows('"${alice}"', '"oss:PutObject"', objects);
    expect(files["logs.yaml"]).toBe(bucketFile("logs", shared, added));
  });

  test("never adds to a statement for everyone", async () => {
    const everyone = allows('"*"', reads, objects, "Deny");
    const { files } = await granted(bucketFile("logs", everyone), "alice", "oss:PutObject", "logs/in/*");
    expect(files["logs.yaml"]).toContain(everyone);
  });

  test("writes both resources for actions on the bucket and on objects, with the variables of the file", async () => {
    const written = allows(`"${bob}"`, '"oss:DeleteObject"', '"acs:oss:*:${account}:${bucket}/*"');
    const { files } = await granted(
      bucketFile("logs", written),
      "alice",
      "oss:ListObjects",
      "oss:GetObject",
      "logs",
    );
    const both = '"acs:oss:*:${account}:${bucket}", "acs:oss:*:${account}:${bucket}/*"';
    const added = allows('"${alice}"', '"oss:ListObjects", "oss:GetObject"', both);
    expect(files["logs.yaml"]).toBe(bucketFile("logs", written, added));
  });
});

describe("a file without a policy", () => {
  test.each([
    ["bucket: logs\npolicy: none # not yet\nregion: cn-beijing\n", "policy: # not yet\n  Version"],
    ["bucket: logs\nregion: cn-beijing\npolicy: none", "policy:\n  Version"],
  ])("gets one: %j", async (text, head) => {
    const { code, files } = await granted(text, "alice", "oss:GetObject", "logs");
    expect([code, files["logs.yaml"]]).toEqual([0, expect.stringContaining(head)]);
    expect(files["logs.yaml"]).toContain(`  Statement:\n${allows('"${alice}"', reads, objects)}`.trimEnd());
    expect(files["logs.yaml"]).toContain("region: cn-beijing\n");
  });

  test("that only uses sets gets one beside them", async () => {
    const set = `Statement:\n${allows(`"${bob}"`, '"oss:DeleteObject"', '"acs:oss:*:${account}:${bucket}/*"', "Deny")}`;
    const { code, files } = await edited(
      { "_sets/guard.yaml": set, "logs.yaml": "bucket: logs\nuse: [guard]\nregion: cn-beijing\n" },
      "grant",
      "alice",
      "oss:GetObject",
      "logs",
    );
    expect([code, files["_sets/guard.yaml"]]).toEqual([0, set]);
    expect(files["logs.yaml"]).toMatch(
      /^bucket: logs\nuse: \[guard\]\npolicy:\n {2}Version: "1"\n[^]*region: cn-beijing\n$/,
    );
  });
});

describe("conditions", () => {
  test.each([
    [["acs:SecureTransport=true"], 'Bool: { "acs:SecureTransport": ["true"] }'],
    [["acs:SourceVpc=vpc-1"], 'StringEquals: { "acs:SourceVpc": ["vpc-1"] }'],
    [["acs:SourceVpc=vpc-*"], 'StringLike: { "acs:SourceVpc": ["vpc-*"] }'],
    [["acs:SourceVpc=vpc-1", "acs:SourceVpc=vpc-2"], 'StringEquals: { "acs:SourceVpc": ["vpc-1", "vpc-2"] }'],
    [
      ["acs:SourceIp=203.0.113.0/24", "acs:SourceVpc="],
      'IpAddress: { "acs:SourceIp": ["203.0.113.0/24"] }, StringEquals: { "acs:SourceVpc": [""] }',
    ],
  ])("%j", async (conditions, written) => {
    const { code, files, stdout } = await granted(
      bucketFile("logs", allows(`"${bob}"`, reads, objects)),
      "alice",
      "oss:GetObject",
      "logs",
      ...conditions.flatMap((condition) => ["--with", condition]),
    );
    expect([code, files["logs.yaml"]]).toEqual([0, expect.stringContaining(`Condition: { ${written} }\n`)]);
    expect(stdout).toContain(`added an Allow statement with the Condition \`{ ${written} }\``);
  });

  test.each([
    [
      ["acs:SourceIp=203.0.113.0/24"],
      "OSS refuses `acs:SourceIp` without `acs:SourceVpc` in the same statement",
    ],
    [
      ["acs:CurrentTime=2026-12-31T00:00:00Z"],
      "--with cannot say if `acs:CurrentTime` is to be before or after",
    ],
    [["acs:SourceVcp=vpc-1"], "did you mean `acs:SourceVpc`?"],
    [["acs:SecureTransport=maybe"], "no meaning is known for the value `maybe`"],
    [["acs:SourceVpc=vpc-1", "acs:SourceVpc=vpc-2*"], "the values of `acs:SourceVpc` need two operators"],
    [["acs:SourceVpc"], "--with `acs:SourceVpc` is no KEY=VALUE"],
  ])("%j is refused", async (conditions, message) => {
    const text = bucketFile("logs", allows(`"${bob}"`, reads, objects));
    const { code, files, stderr } = await granted(
      text,
      "alice",
      "oss:GetObject",
      "logs",
      ...conditions.flatMap((condition) => ["--with", condition]),
    );
    expect([code, files["logs.yaml"], stderr]).toEqual([1, text, expect.stringContaining(message)]);
  });
});

describe("what is so already", () => {
  test("is no edit", async () => {
    const text = bucketFile("logs", allows(`"${alice}"`, '"oss:Get*"', objects));
    const { code, files, stdout } = await granted(text, "alice", "oss:GetObject", "logs/a");
    expect([code, files["logs.yaml"]]).toEqual([0, text]);
    expect(stdout).toContain(`Nothing to do: alice (${alice}) is already allowed this.\n`);
  });

  test("a Deny over all of it is the reason why a grant is refused", async () => {
    const text = bucketFile("logs", allows(`"${alice}"`, '"oss:*"', objects, "Deny"));
    const { code, files, stderr } = await granted(text, "alice", "oss:GetObject", "logs");
    expect([code, files["logs.yaml"]]).toEqual([1, text]);
    expect(stderr).toContain("logs.yaml:5:7: error: a grant would change nothing: alice");
  });

  test("a Deny over a part is named, and the rest is granted", async () => {
    const denies = allows(`"${alice}"`, reads, `"acs:oss:*:${owner}:logs/secret/*"`, "Deny");
    const { code, stderr, stdout } = await granted(
      bucketFile("logs", denies),
      "alice",
      "oss:GetObject",
      "logs",
    );
    expect(code).toBe(0);
    expect(stdout).toContain("alice can read all objects except secret/*");
    expect(stderr).toContain("logs.yaml:5:7: note: a Deny still stops a part: alice");
  });
});

describe("several buckets", () => {
  const shared = `buckets: [team-a, team-b]\npolicy:\n  Version: "1"\n  Statement:\n${allows(`"${bob}"`, reads, '"acs:oss:*:${account}:${bucket}/*"')}`;

  test("of one file are edited together or not at all", async () => {
    const one = await edited({ "team.yaml": shared }, "grant", "alice", "oss:GetObject", "team-a");
    expect([one.code, one.files["team.yaml"]]).toEqual([1, shared]);
    expect(one.stderr).toContain(
      "`team.yaml` is also about `team-b`, so an edit would change that bucket, too",
    );
    expect(one.stderr).toContain(
      "help: name all of its buckets by `team-*`, or give the bucket a file of its own",
    );
    const others = { "team.yaml": shared, "c.yaml": "bucket: team-c\npolicy: none\n" };
    const beside = await edited(others, "grant", "alice", "oss:GetObject", "team-a");
    // A pattern that also matches `team-c` would grant more.
    expect(beside.stderr).toContain("help: give the bucket a file of its own\n");
    const both = await edited({ "team.yaml": shared }, "grant", "alice", "oss:GetObject", "team-*");
    expect([both.code, both.stdout]).toEqual([0, expect.stringContaining("team-a, team-b (proved)\n")]);
    expect(both.files["team.yaml"]).toBe(shared.replace(`"${bob}"`, `"${bob}", "\${alice}"`));
  });
});

describe("words that are wrong", () => {
  test.each([
    [["alice", "oss:GetObjct", "logs"], "did you mean `oss:GetObject`?"],
    [["alice", "GetObject", "logs"], "did you mean `oss:GetObject`?"],
    [["alise", "oss:GetObject", "logs"], "did you mean `alice`?"],
    [
      ["someone-else", "oss:GetObject", "logs"],
      "help: name a UID, a role session's ARN, or a name from `identities`",
    ],
    [["alice", "oss:GetObject", "logz"], "did you mean `logs`?"],
    [["alice", "oss:GetObject", "x*"], "no file speaks of a bucket that matches `x*`"],
    [["owner", "oss:GetObject", "logs"], "the owner does not need the policy"],
    [[owner, "oss:GetObject", "logs"], "the owner does not need the policy"],
    [["anonymous", "oss:GetObject", "logs"], "no statement can name anonymous callers alone"],
    [["*", "oss:GetObject", "logs"], "grant writes no statement for everyone"],
    [["alice", "oss:GetObject"], "grant takes a bucket as its last word"],
    [["alice", "logs"], "grant takes at least one action"],
    [["alice", "oss:GetObject", "logs", "team"], "grant takes one bucket"],
    [["alice", "oss:ListObjects", "logs/a/*"], "`oss:ListObjects` is on the bucket, and `a/*` names objects"],
    [["alice", "oss:GetObject", "logs/${year}/*"], "no meaning is known for"],
    [["alice", "oss:ListBuckets", "logs"], "not on a bucket or its objects"],
  ])("%j", async (words, message) => {
    const text = bucketFile("logs", allows(`"${bob}"`, reads, objects));
    const { code, files, stderr, stdout } = await granted(text, ...words);
    expect([code, files["logs.yaml"], stderr]).toEqual([1, text, expect.stringContaining(message)]);
    expect(stdout).toBe("Exit 1, error: no file was changed.\n");
  });

  test("a grant that breaks a guardrail is refused with it", async () => {
    const account = `account: "${owner}"\nregion: cn-hangzhou\nguardrails:\n  - name: no deletes\n    Principal: ["*"]\n    Action: ["oss:Delete*"]\n    Resource: ["*"]\n`;
    const text = bucketFile("logs", allows(`"${bob}"`, reads, objects));
    const { code, files, stderr } = await edited(
      { "account.yaml": account, "logs.yaml": text },
      "grant",
      alice,
      "oss:DeleteObject",
      "logs",
    );
    expect([code, files["logs.yaml"]]).toEqual([1, text]);
    expect(stderr).toContain("the edit would bring these errors:\nlogs.yaml:9:7: error: ");
    expect(stderr).toContain("[guardrail-broken]");
  });
});
