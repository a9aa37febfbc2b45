import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const set =
  'Statement: [{ Effect: Deny, Principal: ["1"], Action: "oss:PutObject", Resource: "acs:oss:*:*:one/*" }]\n';
const user = "bucket: one\nuse: [s]\n";
const none = "bucket: one\npolicy: none\n";

/** Each finding as `file:line:column code`, or its code where it has no place; then its related places. */
async function findings(files: Readonly<Record<string, string>>, below = "") {
  const folder = join(writeTree(files), below);
  const { stdout } = await runCli(["validate", "--policies", folder, "--json", "-"]);
  interface Place {
    readonly file?: string;
    readonly line?: number;
    readonly column?: number;
  }
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: (Place & { readonly code: string; readonly related: readonly Place[] })[];
  };
  const placesOf = ({ file, line, column }: Place) =>
    file ? [`${file.slice(folder.length + 1)}:${line}:${column}`] : [];
  return diagnostics.map((found) =>
    [...placesOf(found), found.code, ...found.related.flatMap(placesOf)].join(" "),
  );
}

describe("validate finds in a tree", () => {
  test.each<[string, Readonly<Record<string, string>>, string[]]>([
    [
      "two sets of one name",
      { "_sets/s.yaml": set, "_sets/s.yml": set, "one.yaml": user },
      ["_sets/s.yml:1:1 duplicate-set _sets/s.yaml:1:1"],
    ],
    ["a used set that is empty", { "_sets/s.yaml": "", "one.yaml": user }, ["_sets/s.yaml:1:1 empty-file"]],
    [
      "a used set of another shape",
      { "_sets/s.yaml": "Statements: []\n", "one.yaml": user },
      ["_sets/s.yaml:1:1 unknown-key"],
    ],
    [
      "a broken set before a whole one above",
      { "_sets/s.yaml": set, "t/_sets/s.yaml": "", "t/one.yaml": user },
      ["t/_sets/s.yaml:1:1 empty-file"],
    ],
    ["a set that is too large", { "_sets/s.yaml": "#".repeat(4_000_001), "one.yaml": user }, ["file"]],
    [
      "a set that is not there",
      { "_sets/s.yaml": "", "one.yaml": "bucket: one\nuse: [other]\n" },
      ["_sets/s.yaml:1:1 empty-file", "one.yaml:2:7 no-such-set"],
    ],
    [
      "a file nested in _sets",
      { "_sets/x/s.yaml": set, "one.yaml": user },
      ["_sets/x/s.yaml:1:1 wrong-place"],
    ],
    [
      "an account.yaml in _sets",
      { "_sets/account.yaml": accountFile, "one.yaml": none },
      ["_sets/account.yaml:1:1 wrong-place"],
    ],
    ["a set that nothing uses", { "_sets/s.yaml": set, "one.yaml": none }, ["_sets/s.yaml:1:1 unused-set"]],
    [
      "a set that a broken file may use",
      { "_sets/s.yaml": set, "one.yaml": "bucket: [\n" },
      ["one.yaml:1:9 yaml"],
    ],
    [
      "an account twice",
      { "b/account.yaml": accountFile, "one.yaml": none },
      ["b/account.yaml:1:10 duplicate-account account.yaml:1:10"],
    ],
    ["a bucket file that is too large", { "one.yaml": "#".repeat(4_000_001) }, ["file"]],
    ["no bucket file", { "account.yaml": accountFile }, ["no-policies"]],
  ])("%s", async (_, files, expected) => {
    expect(await findings({ "account.yaml": accountFile, ...files })).toEqual(expected);
  });

  test("a name of two accounts", async () => {
    const files = {
      "a/account.yaml": 'account: "1"\nname: x\n',
      "b/account.yaml": 'account: "2"\nname: x\n',
    };
    expect(await findings({ ...files, "a/one.yaml": `${none}region: cn-hangzhou\n` })).toEqual([
      "b/account.yaml:2:7 duplicate-account a/account.yaml:2:7",
    ]);
  });

  test("nothing in a tree whose own folder is below one of the name _sets", async () => {
    const files = { "_sets/x/account.yaml": accountFile, "_sets/x/one.yaml": none };
    expect(await findings(files, "_sets/x")).toEqual([]);
  });
});

test("words of an ignore comment inside a quoted text are no comment; one right below a block of text is", async () => {
  const quoted = 'bucket: one\nvars:\n  a: "x\n    # oss-policy-ignore version: y\n    z"\npolicy: none\n';
  expect(await findings({ "account.yaml": accountFile, "one.yaml": quoted })).toEqual([]);
  const block =
    'bucket: one\nvars:\n  a: |\n    x\npolicy:\n  # oss-policy-ignore version: y\n  Version: "1"\n  Statement: []\n';
  const below = block.replace("policy:\n  #", "# oss-policy-ignore version: z\npolicy:\n  #");
  const unused = (found: readonly string[]) => found.filter((finding) => finding.includes("unused-ignore"));
  expect(unused(await findings({ "account.yaml": accountFile, "one.yaml": below }))).toEqual([
    "one.yaml:5:1 unused-ignore",
    "one.yaml:7:3 unused-ignore",
  ]);
});
