import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentOf } from "../../src/desired/desired-policy.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { lintBucket } from "../../src/lint/lint.ts";
import { runs } from "../support/runs.ts";
import { accountFile } from "../support/run-cli.ts";

const policy = `policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049350001"]
      Action: oss:GetObject
      Resource: acs:oss:*:*:one/*
`;

function read(files: Readonly<Record<string, string>>) {
  return parseDesired(
    Object.entries({ "p/account.yaml": accountFile, ...files }).map(([path, text]) => ({ path, text })),
  );
}

/** Each finding as `file:line:column code`. */
function places(files: Readonly<Record<string, string>>): readonly string[] {
  return read(files).diagnostics.map(
    ({ code, span }) => `${span?.file ?? "-"}:${span?.start.line ?? 0}:${span?.start.column ?? 0} ${code}`,
  );
}

test("a bucket file says what the bucket asks for, and where it says so", () => {
  const { buckets, diagnostics } = read({ "p/one.yaml": `bucket: one\n${policy}` });
  expect(diagnostics).toEqual([]);
  expect(buckets).toMatchObject([
    { bucket: "one", region: "cn-hangzhou", file: "p/one.yaml", span: { start: { line: 1 } } },
  ]);
  const [bucket] = buckets;
  expect(bucket?.policy.kind === "policy" && bucket.policy.spans.map(({ start }) => start.line)).toEqual([5]);
});

test("a bucket's own region wins over the account's, and the nearest account.yaml upward counts", () => {
  const { buckets } = read({
    "p/a/account.yaml": 'account: "2"\nregion: us-west-1\n',
    "p/a/x.yaml": "bucket: xxx\npolicy: none\n",
    "p/b/y.yml": "bucket: yyy\nregion: cn-beijing\npolicy: none\n",
  });
  expect(buckets.map(({ bucket, region, account }) => [bucket, region, account.uid])).toEqual([
    ["xxx", "us-west-1", "2"],
    ["yyy", "cn-beijing", "1746495857600001"],
  ]);
});

describe("bad input has one finding at its place", () => {
  test.each<[string, string, string[]]>([
    ["a typo in a key", "bukcet: one\nbucket: one\npolicy: none\n", ["1:1 unknown-key"]],
    ["a key that is none", "bucket: one\npolicy: none\nexpects: []\n", ["3:1 unknown-key"]],
    ["no bucket", "policy: none\n", ["1:1 missing-key"]],
    ["no policy", "bucket: one\n", ["1:1 missing-key"]],
    ["a bad bucket name", "bucket: One_\npolicy: none\n", ["1:9 wrong-value"]],
    ["a bucket that is a number", "bucket: 123\npolicy: none\n", ["1:9 wrong-value"]],
    [
      "a region in the long form",
      "bucket: one\nregion: oss-cn-hangzhou\npolicy: none\n",
      ["2:9 wrong-value"],
    ],
    ["a region of no shape", "bucket: one\nregion: Hangzhou\npolicy: none\n", ["2:9 wrong-value"]],
    ["a policy that is a list", "bucket: one\npolicy: []\n", ["2:9 wrong-value"]],
    ["a policy that is another word", "bucket: one\npolicy: nothing\n", ["2:9 wrong-value"]],
    ["a policy left empty", "bucket: one\npolicy:\n", ["2:8 wrong-value"]],
    ["no YAML", "bucket: [one\npolicy: none\n", ["1:9 yaml"]],
    ["a key twice", "bucket: one\npolicy: none\nbucket: two\n", ["3:1 yaml"]],
    ["two documents", "bucket: one\npolicy: none\n---\nbucket: two\n", ["3:1 yaml"]],
    ["an empty file", "# nothing\n", ["1:1 empty-file"]],
    ["a list", "- bucket: one\n", ["1:1 wrong-value"]],
    ["a word", "bucket\n", ["1:1 wrong-value"]],
    ["a number that JSON has no word for", "bucket: one\npolicy: { Version: 0x1 }\n", ["2:20 yaml"]],
    ["a variable", 'bucket: one\npolicy: { Version: "${v}" }\n', ["2:20 variable"]],
  ])("%s", (_, text, expected) => {
    expect(places({ "p/one.yaml": text })).toEqual(expected.map((place) => `p/one.yaml:${place}`));
  });

  test.each<[string, string, string]>([
    ["an unquoted UID", "account: 1746495857600001\n", "p/account.yaml:1:10 unquoted-uid"],
    ["a UID of letters", "account: mine\n", "p/account.yaml:1:10 wrong-value"],
    ["a scope that is none", 'account: "1"\nscope: some\n', "p/account.yaml:2:8 wrong-value"],
    ["a key of later work", 'account: "1"\nshards: 4\n', "p/account.yaml:2:1 unknown-key"],
    ["credentials of no source", 'account: "1"\ncredentials: {}\n', "p/account.yaml:2:14 wrong-value"],
    [
      "credentials of two sources",
      'account: "1"\ncredentials: { profile: a, ecsRole: b }\n',
      "p/account.yaml:2:14 wrong-value",
    ],
    [
      "a misspelled source of credentials",
      'account: "1"\ncredentials: { profil: a }\n',
      "p/account.yaml:2:16 unknown-key",
    ],
    [
      "a role that is no ARN",
      'account: "1"\ncredentials: { role: oss-policy }\n',
      "p/account.yaml:2:22 wrong-value",
    ],
    [
      "a role to plan alone",
      'account: "1"\ncredentials: { role: { plan: "acs:ram::1:role/a" } }\n',
      "p/account.yaml:2:22 wrong-value",
    ],
    [
      "an external ID without a role",
      'account: "1"\ncredentials: { profile: a, externalId: team-a }\n',
      "p/account.yaml:2:14 wrong-value",
    ],
  ])("in account.yaml: %s", (_, text, expected) => {
    expect(
      places({ "p/account.yaml": text, "p/one.yaml": "bucket: one\nregion: cn-x\npolicy: none\n" }),
    ).toEqual([expected]);
  });

  test("a UID written without quotes is quoted digit by digit in the mend", () => {
    const { diagnostics } = read({ "p/account.yaml": "account: 202147604049350001\n" });
    expect(diagnostics.find(({ code }) => code === "unquoted-uid")?.help).toContain('"202147604049350001"');
  });

  test("a bucket named twice shows both places", () => {
    const { diagnostics } = read({
      "p/a.yaml": "bucket: one\npolicy: none\n",
      "p/b.yaml": "bucket: one\npolicy: none\n",
    });
    expect(diagnostics).toMatchObject([
      { code: "duplicate-bucket", span: { file: "p/b.yaml" }, related: [{ span: { file: "p/a.yaml" } }] },
    ]);
  });

  test("no region anywhere", () => {
    expect(
      places({ "p/account.yaml": 'account: "1"\n', "p/one.yaml": "bucket: one\npolicy: none\n" }),
    ).toEqual(["p/one.yaml:1:9 missing-key"]);
  });

  test("no account.yaml at all is said once, not once a file", () => {
    const { diagnostics } = parseDesired([
      { path: "p/a.yaml", text: "bucket: one\npolicy: none\n" },
      { path: "p/b.yaml", text: "bucket: two\npolicy: none\n" },
    ]);
    expect(diagnostics.map(({ code }) => code)).toEqual(["no-account"]);
  });

  test("all findings of all files come in one run, in order", () => {
    expect(places({ "p/b.yaml": "bucket: B\npolicy: 1\n", "p/a.yaml": "bukcet: one\n" })).toEqual([
      "p/a.yaml:1:1 missing-key",
      "p/a.yaml:1:1 unknown-key",
      "p/b.yaml:1:9 wrong-value",
      "p/b.yaml:2:9 wrong-value",
    ]);
  });

  test("an alias bomb ends in a finding", () => {
    const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}]`);
    expect(places({ "p/one.yaml": ["l0: &l0 [x]", ...levels].join("\n") })).toEqual(["p/one.yaml:1:1 yaml"]);
  });

  test("deep nesting ends in a finding", () => {
    expect(places({ "p/one.yaml": "[".repeat(20_000) })[0]).toMatch(/^p\/one.yaml:\d+:\d+ yaml$/);
  });

  test("arbitrary text never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        expect(read({ "p/one.yaml": text }).diagnostics.length).toBeGreaterThan(0);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("`hazards` of an account", () => {
  const none = { "p/one.yaml": "bucket: one\npolicy: none\n" };
  const found = (hazards: string) =>
    read({ "p/account.yaml": `${accountFile}hazards: ${hazards}\n`, ...none }).diagnostics.map(
      ({ code, message, help = "" }) => `${code}: ${message}; ${help}`,
    );

  test.each([
    ["{ locks-out-owner: note }", "`locks-out-owner` blocks whatever account.yaml says; remove it"],
    ["{ removes-denny: block }", "not a hazard whose severity can be set; did you mean `removes-deny`?"],
    ["{ overrides-deny: error }", "a severity is `block`, `warn` or `note`"],
    ["{ overrides-deny: 1 }", "a severity is `block`, `warn` or `note`"],
    ["block", "hazards is a map of hazards to `block`, `warn` or `note`"],
  ])("%s is one mistake", (hazards, text) => {
    expect(found(hazards)).toEqual([expect.stringContaining(text)]);
  });

  test("sets severities", () => {
    const hazards = "{ removes-deny: block, widens-access: warn }";
    const { accounts, diagnostics } = read({
      "p/account.yaml": `${accountFile}hazards: ${hazards}\n`,
      ...none,
    });
    expect([diagnostics, [...(accounts[0]?.severities ?? [])]]).toEqual([
      [],
      [
        ["removes-deny", "block"],
        ["widens-access", "warn"],
      ],
    ]);
  });
});

test("numbers in a policy keep their digits on the way to OSS", () => {
  const text = 'bucket: one\npolicy: { Version: "1", Statement: [{ Principal: [202147604049350001] }] }\n';
  const [bucket] = read({ "p/one.yaml": text }).buckets;
  expect(bucket?.policy.kind === "policy" && bucket.policy.text).toContain("[202147604049350001]");
});

test("`$${` is a literal `${`", () => {
  const [bucket] = read({ "p/one.yaml": 'bucket: one\npolicy: { Version: "$${a} $$${b}" }\n' }).buckets;
  expect(bucket?.policy.kind === "policy" && documentOf(bucket.policy)["Version"]).toBe("${a} $${b}");
});

describe("ignore comments", () => {
  const file = (comment: string) => `bucket: one
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: "202147604049350001"
      Action: oss:GetObject
      Resource: "*"
${comment}
      NotAction: legacy
`;
  const findings = (text: string) => {
    const [bucket] = read({ "p/one.yaml": text }).buckets;
    return (bucket ? lintBucket(bucket) : []).map(
      ({ code, severity, span }) => `${span?.start.line ?? 0} ${severity} ${code}`,
    );
  };

  test("one silences its finding on the line below, and no other", () => {
    expect(findings(file("      # oss-policy-ignore unsupported-field: kept from the old tool"))).toEqual([]);
    expect(findings(file("      # oss-policy-ignore version: wrong code"))).toEqual([
      "9 warning unused-ignore",
      "10 error unsupported-field",
    ]);
  });

  test("several stand above one line", () => {
    const both = "      # oss-policy-ignore version: a\n      # oss-policy-ignore unsupported-field: b";
    expect(findings(file(both))).toEqual(["9 warning unused-ignore"]);
  });

  test("one without a reason silences nothing", () => {
    expect(findings(file("      # oss-policy-ignore unsupported-field"))).toEqual([
      "9 error ignore-without-reason",
      "10 error unsupported-field",
    ]);
  });

  const helps = (comment: string) => {
    const text = file("      # nothing").replace("    - Effect", `    ${comment}\n    - Effect`);
    const [bucket] = read({ "p/one.yaml": text }).buckets;
    return (bucket ? lintBucket(bucket) : [])
      .filter(({ code }) => code === "unused-ignore")
      .map(({ message, help = "" }) => `${message}: ${help}`);
  };

  test("one above the statement says at which line the finding is", () => {
    expect(helps("# oss-policy-ignore unsupported-field: kept from the old tool")).toEqual([
      "there is no `unsupported-field` finding on the line below: the finding is at line 11: move the comment above it",
    ]);
    expect(helps("# oss-policy-ignore version: kept from the old tool")).toEqual([
      "there is no `version` finding on the line below: remove the comment",
    ]);
  });

  test("one names one code", () => {
    expect(helps("# oss-policy-ignore unsupported-field, version: because")).toEqual([
      "an ignore comment names one code: write a comment for each, on a line of its own: `# oss-policy-ignore unsupported-field: why this is right`",
    ]);
  });

  test("the same words in a block of text are no comment", () => {
    const text = file(`      Condition:
        StringEquals:
          acs:UserAgent: |
            a
            # oss-policy-ignore unsupported-field: b`);
    expect(findings(text)).toEqual(["11 error line-break", "14 error unsupported-field"]);
  });
});
