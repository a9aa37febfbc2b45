import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseDesired } from "../../../src/desired/desired.ts";
import { lintBuckets } from "../../../src/lint/lint.ts";
import { accountFile } from "../../support/run-cli.ts";

const own = "acs:oss:*:1746495857600001:web";
const grant = {
  Effect: "Allow",
  Principal: ["202147604049351234"],
  Action: ["oss:GetObject"],
  Resource: [`${own}/*`],
};

/** Returns the findings about one statement, each as its code and its help. */
function helpsFor(statement: object): readonly string[] {
  const text = stringify(
    { bucket: "web", policy: { Version: "1", Statement: [{ ...grant, ...statement }] } },
    { lineWidth: 0 },
  );
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "one.yaml", text },
  ]);
  const found = [...diagnostics, ...[...lintBuckets(buckets).values()].flat()];
  return found.map(({ code, help = "" }) => `${code}: ${help}`);
}

describe("the help for a resource in another form keeps its key:", () => {
  test.each([
    [`[${own}/x]`, "web/x"],
    ["web.oss-cn-hangzhou.aliyuncs.com/medi/*", "web/medi/*"],
    ["https://web.oss-cn-hangzhou.aliyuncs.com/medi/a%20b", "web/medi/a b"],
    ["projects/_/buckets/web/objects/medi/*", "web/medi/*"],
    ["oss://web/medi/*", "web/medi/*"],
  ])("%s", (written, name) => {
    expect(helpsFor({ Resource: [written] })).toEqual([
      `resource-form: write \`acs:oss:*:1746495857600001:${name}\``,
    ]);
  });

  test.each(["oss://web/", "https://web.oss-cn-hangzhou.aliyuncs.com/", "web/"])("%s has none", (written) => {
    expect(helpsFor({ Resource: [written] })).toEqual([
      `resource-form: write \`${own}\` for the bucket itself, or \`${own}/*\` for all objects in it`,
    ]);
  });

  test("a folder with the name of this bucket in another bucket is of that bucket", () => {
    const help = helpsFor({ Resource: ["acs:oss:*:1746495857600001:other/web/x"] });
    expect(help).toEqual([
      `foreign-resource: move the statement to the file of that bucket, or, if this one is meant, write \`${own}/web/x\``,
    ]);
  });

  test("two of them in brackets", () => {
    expect(helpsFor({ Resource: [`[${own}/a, ${own}/b]`] })).toEqual([
      `joined-values: write a list of its 2 values: \`["${own}/a", "${own}/b"]\``,
    ]);
  });
});

test("numbers with a comma are a list, unless the comma groups digits", () => {
  const days = (text: string) =>
    helpsFor({ Action: ["oss:PutObjectRetention"], Condition: { NumericLessThan: { "oss:object-remaining-retention-days": [text] } } });
  expect(days("3,4")).toEqual(['joined-values: write a list of its 2 values: `["3", "4"]`']);
  expect(days("1,000")).toEqual(["condition-value: write a number in digits, such as 30"]);
});

test.each([
  ["2027-03-01", "add the time and its offset, such as `2027-03-01T00:00:00+08:00` in China or `2027-03-01T00:00:00Z` in UTC"],
  ["2027-03-01T08:00", "add the offset, such as `2027-03-01T08:00+08:00` in China or `2027-03-01T08:00Z` in UTC"],
  ["2027-03-01T08:00:00.123456Z", "write at most three digits after the point, such as `2027-03-01T08:00:00.123Z`"],
])("the help for the date %s keeps it", (date, help) => {
  expect(helpsFor({ Condition: { DateLessThan: { "acs:CurrentTime": [date] } } })).toEqual([`undecided-value: ${help}`]);
});

test.each([
  [{ Action: ["oss:GetBuc\u212aetAcl"], Resource: [own] }, ["look-alike: write `oss:GetBucketAcl`"]],
  [
    { Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"], "acs\uff1aSourceVpc": ["vpc-2"] } } },
    ["look-alike: write `acs:SourceVpc`"],
  ],
  [
    { Principal: ["\uff0a", "202147604049351234"] },
    ["look-alike: type the plain wildcard if one is meant, or silence this with its reason if the character is"],
  ],
])("a look-alike is one finding: %j", (statement, helps) => {
  expect(helpsFor(statement)).toEqual(helps);
});

test("no more is said of an empty list than that its effect is not documented", () => {
  const text = stringify({
    bucket: "web",
    policy: { Version: "1", Statement: [{ ...grant, Action: [], Condition: { StringEquals: { "acs:SourceVpc": [] } } }] },
  });
  const { buckets } = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "one.yaml", text },
  ]);
  expect(lintBuckets(buckets).get("web")?.map(({ message }) => message)).toEqual([
    "`Action` is empty, and what OSS does with an empty list is not documented",
    "`acs:SourceVpc` under `StringEquals` has no value, and what OSS does with an empty list is not documented",
  ]);
});

test("a backslash in a key is a character, not a pattern", () => {
  const [help] = helpsFor({ Resource: [`${own}/a\\b/*`] });
  expect(help).toBe(
    "unlikely-key: write a slash if folders are meant, or the key without it if it is to escape a character",
  );
});
