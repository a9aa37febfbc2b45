import { documentOf } from "../../src/desired/desired-policy.ts";
import { describe, expect, test } from "vitest";
import { parseDesired } from "../../src/desired/desired.ts";
import { lintBuckets } from "../../src/lint/lint.ts";
import type { JsonObject } from "../../src/policy/json.ts";

const account = `account: "1"
region: cn-hangzhou
identities: { data-team: "202147604049351234", ops: "arn:sts::1:assumed-role/ops/*" }
vars: { office: [203.0.113.0/24, 198.51.100.7], prefix: logs }
`;

function read(files: Readonly<Record<string, string>>) {
  return parseDesired(
    Object.entries({ "p/account.yaml": account, ...files }).map(([path, text]) => ({ path, text })),
  );
}

/** The first statement of a bucket, as it would be sent. */
function statement(files: Readonly<Record<string, string>>, bucket = "one"): JsonObject {
  const { buckets, diagnostics } = read(files);
  expect(diagnostics).toEqual([]);
  const policy = buckets.find((candidate) => candidate.bucket === bucket)?.policy;
  const statements = policy?.kind === "policy" ? documentOf(policy)["Statement"] : [];
  return (statements as readonly JsonObject[])[0] ?? {};
}

function findings(files: Readonly<Record<string, string>>): readonly string[] {
  return read(files).diagnostics.map(({ code, message, span }) => {
    const place = span === undefined ? "-" : `${span.file}:${span.start.line}:${span.start.column}`;
    return `${place} ${code} ${message}`;
  });
}

const one = (fields: string, head = "") =>
  `bucket: one\n${head}policy: { Version: "1", Statement: [{ ${fields} }] }\n`;

describe("variables", () => {
  test("are given, of the account, of the file, or identities", () => {
    const text = one('Resource: ["acs:oss:*:${account}:${bucket}/${prefix}/${region}/*", "${data-team}"]');
    expect(statement({ "p/one.yaml": text })["Resource"]).toEqual([
      "acs:oss:*:1:one/logs/cn-hangzhou/*",
      "202147604049351234",
    ]);
  });

  test("of the file win over those of the account", () => {
    expect(
      statement({ "p/one.yaml": one('Resource: "${prefix}"', "vars: { prefix: mine }\n") })["Resource"],
    ).toBe("mine");
  });

  test("that are lists are spliced in where they are a whole item", () => {
    const text = one('Action: ["a", "${office}", "b"]');
    expect(statement({ "p/one.yaml": text })["Action"]).toEqual(["a", "203.0.113.0/24", "198.51.100.7", "b"]);
  });

  test("do not stand in keys, where two keys could become one; an escape does", () => {
    const text = one('Condition: { StringEquals: { "oss:BucketTag/$${prefix}": "$${prefix} $$${prefix}" } }');
    expect(statement({ "p/one.yaml": text })["Condition"]).toEqual({
      StringEquals: { "oss:BucketTag/${prefix}": "${prefix} $${prefix}" },
    });
    const twice = one('Effect: Allow, "${e}": Deny', "vars: { e: Effect }\n");
    expect(findings({ "p/one.yaml": twice })).toEqual([
      "p/one.yaml:3:54 variable a variable cannot be in a key",
    ]);
  });

  test("do not stand in the values of others, which would be sent as they are", () => {
    const text = one('Resource: "${a}"', 'vars: { a: "${b}", b: c }\n');
    expect(findings({ "p/one.yaml": text })).toEqual([
      "p/one.yaml:2:12 variable the value of a variable cannot contain a variable",
    ]);
  });

  test.each([
    [
      "an unknown one, with the nearest name",
      'Resource: "${prefx}"',
      "",
      "p/one.yaml:2:49 variable there is no variable `prefx`",
    ],
    [
      "one that is not closed",
      'Resource: "${prefix"',
      "",
      "p/one.yaml:2:49 variable `${` starts a variable, and there is no closing `}`",
    ],
    [
      "a list inside a text",
      'Resource: "x${office}"',
      "",
      "p/one.yaml:2:49 variable `office` is a list, which can only be a whole list item",
    ],
    [
      "a list in place of a list",
      'Action: "${office}"',
      "",
      "p/one.yaml:2:47 variable `office` is a list, which can only be a whole list item",
    ],
    [
      "a name that is given",
      "Effect: Allow",
      "vars: { bucket: x }\n",
      "p/one.yaml:2:9 name-taken the name `bucket` is already taken",
    ],
    [
      "the name of an identity",
      "Effect: Allow",
      "vars: { ops: x }\n",
      "p/one.yaml:2:9 name-taken the name `ops` is already taken",
    ],
    [
      "a name of no shape",
      "Effect: Allow",
      "vars: { 1a: x }\n",
      "p/one.yaml:2:9 wrong-value `vars.1a`: a name begins with a letter and holds letters, digits, `-` and `_`",
    ],
    [
      "a value of no shape",
      "Effect: Allow",
      "vars: { a: { b: c } }\n",
      "p/one.yaml:2:12 wrong-value `vars.a`: a variable is a string, or a list of strings",
    ],
  ])("refused: %s", (_, fields, head, expected) => {
    expect(findings({ "p/one.yaml": one(fields, head) })).toEqual([expected]);
  });

  test("an identity that is no UID is refused, and one without quotes has its own finding", () => {
    const broken = 'account: "1"\nregion: cn-x\nidentities: { a: bob, b: 202147604049350001 }\n';
    expect(findings({ "p/account.yaml": broken, "p/one.yaml": "bucket: one\npolicy: none\n" })).toEqual([
      "p/account.yaml:3:18 wrong-value `identities.a`: an identity is a UID, all digits, or an ARN that begins with `arn:sts::`",
      "p/account.yaml:3:26 unquoted-uid `identities.b` must be a string",
    ]);
  });
});

describe("several buckets in one file", () => {
  test("have the same policy, each with its own name", () => {
    const files = {
      "p/x.yaml": 'buckets: [one, two]\npolicy: { Version: "1", Statement: [{ Resource: "${bucket}/*" }] }\n',
    };
    expect([statement(files, "one")["Resource"], statement(files, "two")["Resource"]]).toEqual([
      "one/*",
      "two/*",
    ]);
  });

  test("are each named in one place only", () => {
    const files = { "p/x.yaml": "buckets: [one, one]\npolicy: none\n" };
    expect(findings(files)).toEqual(["p/x.yaml:1:16 duplicate-bucket bucket `one` is named a second time"]);
  });

  test("and one bucket beside them is too much", () => {
    const files = { "p/x.yaml": "bucket: one\nbuckets: [two]\npolicy: none\n" };
    expect(findings(files)).toEqual(["p/x.yaml:2:1 wrong-value `bucket` and `buckets` are both set"]);
  });

  test("what is wrong for all of them is said once", () => {
    const files = { "p/x.yaml": 'buckets: [one, two]\npolicy: { Version: "${v}" }\n' };
    expect(findings(files)).toEqual(["p/x.yaml:2:20 variable there is no variable `v`"]);
  });
});

describe("statement sets", () => {
  const tls =
    'Statement:\n  - { Effect: Deny, Principal: ["*"], Action: "oss:*", Resource: "*", Condition: { Bool: { "acs:SecureTransport": "false" } } }\n';
  const user = "bucket: one\nuse: [tls]\n";

  test("are appended, and a policy that is left out has their statements alone", () => {
    expect(statement({ "p/_sets/tls.yaml": tls, "p/one.yaml": user })["Effect"]).toBe("Deny");
    const both = { "p/_sets/tls.yaml": tls, "p/one.yaml": `${one("Effect: Allow")}use: [tls]\n` };
    const policy = read(both).buckets[0]?.policy;
    expect(policy?.kind === "policy" && documentOf(policy)["Statement"]).toMatchObject([
      { Effect: "Allow" },
      { Effect: "Deny" },
    ]);
  });

  test("are taken from the nearest folder upward", () => {
    const files = {
      "p/_sets/tls.yaml": tls,
      "p/team/_sets/tls.yaml": tls.replace("Deny", "Allow"),
      "p/team/a/one.yaml": user,
      "p/two.yaml": user.replace("one", "two"),
    };
    expect([statement(files, "one")["Effect"], statement(files, "two")["Effect"]]).toEqual(["Allow", "Deny"]);
  });

  test("have the variables of the bucket that uses them", () => {
    const set = 'Statement: [{ Resource: "${bucket}/${own}" }]\n';
    const files = { "p/_sets/tls.yaml": set, "p/one.yaml": `${user}vars: { own: x }\n` };
    expect(statement(files)["Resource"]).toBe("one/x");
  });

  test("that are not there are named, with the nearest", () => {
    const { diagnostics } = read({ "p/_sets/tls.yaml": tls, "p/one.yaml": user.replace("tls", "tlss") });
    expect(diagnostics).toMatchObject([
      {
        code: "no-such-set",
        span: { file: "p/one.yaml", start: { line: 2, column: 7 } },
        help: "write it as `_sets/tlss.yaml`; did you mean `tls`?",
      },
    ]);
  });

  test("of another shape are refused in their own file", () => {
    expect(
      findings({ "p/_sets/tls.yaml": "Statements: []\n", "p/one.yaml": "bucket: one\npolicy: none\n" }),
    ).toEqual(["p/_sets/tls.yaml:1:1 unknown-key `Statements` is not a key of this file"]);
  });

  test("do not go with `policy: none`", () => {
    const files = { "p/_sets/tls.yaml": tls, "p/one.yaml": `${user}policy: none\n` };
    expect(findings(files)).toEqual(["p/one.yaml:2:1 wrong-value `policy: none` cannot use statement sets"]);
  });

  test("a finding in one points into it, and names every file that uses it, once", () => {
    const set = 'Statement:\n  - { Effect: Deny, Principal: [1], Action: "oss:*", Resource: "*" }\n';
    const { buckets } = read({
      "p/_sets/tls.yaml": set,
      "p/one.yaml": user,
      "p/two.yaml": user.replace("one", "two"),
    });
    const all = [...lintBuckets(buckets).values()].flat().filter(({ code }) => code === "unquoted-uid");
    expect(all).toMatchObject([
      {
        span: { file: "p/_sets/tls.yaml", start: { line: 2, column: 33 } },
        related: [{ span: { file: "p/one.yaml" } }],
      },
      { span: { file: "p/_sets/tls.yaml" }, related: [{ span: { file: "p/two.yaml" } }] },
    ]);
  });

  test("an ignore comment in one is of use if any bucket has the finding", () => {
    const set =
      'Statement:\n  # oss-policy-ignore resource-owner: the one bucket is shared\n  - { Effect: Deny, Principal: ["1"], Action: "oss:*", Resource: ["acs:oss:*:${own}:${bucket}", "acs:oss:*:*:${bucket}/*"] }\n';
    const files = {
      "p/_sets/tls.yaml": set,
      "p/one.yaml": `${user}vars: { own: "2" }\n`,
      "p/two.yaml": `${user.replace("one", "two")}vars: { own: "1" }\n`,
    };
    const codes = [...lintBuckets(read(files).buckets).values()].flat().map(({ code }) => code);
    expect(codes).toEqual([]);
  });
});

test("an account folder holds until the next one below it", () => {
  const { buckets } = read({
    "p/b/account.yaml": 'account: "2"\nname: other\nregion: us-west-1\n',
    "p/b/deep/x.yaml": "bucket: xxx\npolicy: none\n",
    "p/y.yaml": "bucket: yyy\npolicy: none\n",
  });
  expect(buckets.map(({ bucket, account: { uid } }) => [bucket, uid])).toEqual([
    ["xxx", "2"],
    ["yyy", "1"],
  ]);
});
