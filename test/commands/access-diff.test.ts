import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newRepository } from "../support/repository.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

const policy = JSON.stringify({
  Version: "1",
  Statement: [
    {
      Effect: "Allow",
      Principal: ["202147604049351234"],
      Action: ["oss:GetObject"],
      Resource: ["acs:oss:*:1746495857600001:one/*"],
    },
  ],
});
const nothing = JSON.stringify({ Version: "1", Statement: [] });

/** The files are named `a` and `b`, with these endings. */
async function diff(a: string | Uint8Array, b: string | Uint8Array, [endA, endB] = [".json", ".json"]) {
  const folder = writeTree({});
  const files = [join(folder, `a${endA}`), join(folder, `b${endB}`)];
  writeFileSync(files[0] ?? "", a);
  writeFileSync(files[1] ?? "", b);
  const { code, stdout, stderr } = await runCli(["access", "diff", ...files]);
  return { code, text: (stdout + stderr).replaceAll(`${folder}/`, "") };
}

const utf16 = (text: string) => Buffer.from(text, "utf16le");

describe("a file that holds no policy has its reason, whichever of the two it is", () => {
  test.each<[name: string, content: string | Uint8Array, reason: string, help: string, ending?: string]>([
    ["empty", "", "is empty", "write `policy: none` in the file"],
    ["blank", " \r\n\t\n", "has nothing but blanks", "write `policy: none` in the file"],
    ["comments alone", "# a\n\n  # b", "has nothing but comments", "write `policy: none`", ".yaml"],
    ["an empty document", "---\n", "is no policy: it is null", "`Version` and `Statement`", ".yaml"],
    ["UTF-16", Buffer.concat([Buffer.of(0xff, 0xfe), utf16(policy)]), "is UTF-16 text", "save it as UTF-8"],
    ["UTF-16 without its mark", utf16(policy), "is UTF-16 text", "save it as UTF-8"],
    ["UTF-16 of the other order", utf16(policy).swap16(), "is UTF-16 text", "save it as UTF-8"],
    ["another encoding", Buffer.from([0x7b, 0xc4, 0xe3]), "is not UTF-8 text", "save it as UTF-8"],
    ["U+0000 within", `${policy}\0`, "holds the character U+0000", "plain UTF-8"],
    [
      "a line of a tool behind the policy",
      `${policy}\n\n0.1(s) elapsed\n`,
      "has text behind the policy, in line 3, column 1: `0.1(s) elapsed`",
      "after the last `}`",
    ],
    ["the same, under another name", `${policy}\n0.1(s) elapsed\n`, "has text behind", "last `}`", ".txt"],
    ["two policies", `${policy}\n${nothing}`, "has text behind the policy, in line 2", "last `}`"],
    [
      "headers in front of the policy",
      `HTTP/1.1 200 OK\nServer: x\n\n${policy}`,
      "has text in front of the policy: `HTTP/1.1 200 OK`",
      "before the first `{`",
    ],
    [
      "a comma too many",
      policy.replace("}]", "},]"),
      "is not JSON: a comma without a value behind it, in line 1, column",
      "remove the comma",
    ],
    ["half of the policy", policy.slice(0, 40), "is not JSON", "save the policy again"],
    ["a name twice", policy.replace("{", '{"Version":"2",'), "is not JSON: duplicate key", "correct it"],
    [
      "an answer of OSS",
      '<?xml version="1.0"?>\n<Error><Code>NoSuchBucketPolicy</Code></Error>',
      "holds an answer in XML or HTML, with the error code `NoSuchBucketPolicy`",
      "write `policy: none` in the file",
    ],
    [
      "a page of a proxy",
      "<!DOCTYPE html><p>no</p>",
      "holds an answer in XML or HTML",
      "save the policy again",
    ],
    ["a list", `[${policy}]`, "is no policy: it is a list", "a map with `Version` and `Statement`"],
    ["null", "null", "is no policy: it is null", "`Version` and `Statement`"],
    ["a number", "17", "is no policy: it is a number", "`Version` and `Statement`"],
    ["a long number", "202147604049351234", "is no policy: it is a number", "`Version` and `Statement`"],
    ["true", "true", "is no policy: it is a boolean", "`Version` and `Statement`"],
    ["a word", "none", "is no policy: it is a string", "write `policy: none` in the file", ".yaml"],
    ["a policy in a string", JSON.stringify(policy), "holds a policy inside of one string", "jq -r ."],
    [
      "an answer around it",
      JSON.stringify({ Policy: policy }),
      "holds its policy below `Policy`, as one string",
      "save the value of `Policy`",
    ],
    [
      "an object around it",
      `{"data":${policy}}`,
      "holds its policy below `data` [question]",
      "save the value of `data`",
    ],
    [
      "a wrong letter",
      policy.replace("Statement", "statement"),
      "no `Statement`",
      "write `Statement` for `st",
    ],
    ["an empty map", "{}", "it has no `Statement`; it is an empty map", "name a policy as OSS has it"],
    [
      "an account file",
      'account: "1"\nregion: cn-hangzhou\n',
      "it is an account file",
      "name a bucket's file",
      ".yaml",
    ],
    ["variables", `policy: ${policy.replace("one", "${bucket}")}\n`, "has variables", "REV..REV", ".yaml"],
    ["statement sets", `use: [tls]\npolicy: ${policy}\n`, "has statement sets", "REV..REV", ".yaml"],
    ["sets alone", "bucket: one\nuse: [tls]\n", "has statement sets", "REV..REV", ".yaml"],
    ["broken YAML", "policy: [a\n", "is not closed", "write `]`", ".yaml"],
    ["too large", " ".repeat(1_100_000), "has more than 1048576 bytes", "16 KB at most"],
  ])("%s", async (_, content, reason, help, ending = ".json") => {
    const first = await diff(content, policy, [ending, ".json"]);
    const second = await diff(policy, content, [".json", ending]);
    for (const [name, { code, text }] of [["a", first] as const, ["b", second] as const]) {
      expect(code).toBe(1);
      expect(text).toContain(reason);
      expect(text).toContain(help);
      expect(text).toContain(`${name}${ending}`);
      expect(text.match(/error: (?!the question)/g)).toHaveLength(1);
    }
  });

  test("a folder, and a file that is not there, each at once", async () => {
    const folder = writeTree({});
    const { code, stderr } = await runCli(["access", "diff", folder, join(folder, "x.json")]);
    expect(code).toBe(1);
    expect(stderr).toContain(`\`${folder}\` is a folder`);
    expect(stderr).toContain("x.json` cannot be read (ENOENT)");
    expect(stderr).toContain("two revisions are written `REV..REV`");
  });

  test("a file without an end is read no further than the limit", async () => {
    const { code, stderr } = await runCli(["access", "diff", "/dev/zero", "/dev/zero"]);
    expect(code).toBe(1);
    expect(stderr).toContain("`/dev/zero` has more than 1048576 bytes");
  });
});

describe("a policy is read", () => {
  test.each([
    ["with a byte order mark and CRLF", `\uFEFF${policy}\r\n`, "(proved)"],
    ["as `policy: none`, which has no statement", "bucket: one\npolicy: none\n", "loses         2021"],
    ["as `policy: none` alone", "policy: none", "loses         2021"],
    ["of a file of another bucket without a policy", "bucket: two\npolicy: none\n", "loses         2021"],
    ["without a statement", nothing, "loses         2021"],
    [
      "as an escaped `${`, which is a literal",
      `policy: ${policy.replace("/*", () => "/$${x}")}\n`,
      "undecided",
    ],
  ])("%s", async (_, content, expected) => {
    expect(await diff(policy, content, [".json", ".yaml"])).toEqual({
      code: 0,
      text: expect.stringContaining(expected) as string,
    });
  });

  test("and two without a statement are the same, whether a bucket is named or not", async () => {
    expect((await diff("policy: none", nothing)).text).toContain("the same for every request (proved)");
    const named = await diff("bucket: one\npolicy: none", nothing, [".yaml", ".json"]);
    expect(named.text).toMatch(/^one\n/);
  });
});

test("what has no known meaning is said once, however many statements have it", async () => {
  const odd = JSON.parse(policy.replace("Principal", "NotPrincipal")) as { Statement: object[] };
  const [statement] = odd.Statement;
  const twice = JSON.stringify({ ...odd, Statement: [statement, { ...statement, Effect: "Deny" }] });
  const { text } = await diff(nothing, twice);
  expect(text.split("(after)")).toHaveLength(text.split("NotPrincipal").length);
  expect(text.match(/the field `NotPrincipal`/g)).toHaveLength(1);
});

test("diff finds the folder of the policies before it was moved", async () => {
  const account = `account: "1746495857600001"\nregion: cn-hangzhou\n`;
  const file = (document: string) => `bucket: one\npolicy: ${document}\n`;
  const { folder, commit } = newRepository({
    "policies/account.yaml": account,
    "policies/one.yaml": file(nothing),
  });
  commit({
    "policies/account.yaml": null,
    "policies/one.yaml": null,
    "oss/account.yaml": account,
    "oss/one.yaml": file(policy),
  });
  const words = (range: string) => ["access", "diff", range, "--policies", "oss"];
  const { code, stdout } = await runCli(words("HEAD~1..HEAD"), { folder });
  expect(stdout).toContain("gains         202147604049351234 can read all objects");
  expect(code).toBe(0);
  const { stderr } = await runCli(words("HEAD~1..HEAD~1"), { folder });
  expect(stderr).toContain("`HEAD~1` has no policy files in oss");
  commit({ "oss/account.yaml": `${account}nonsense: 1\n` });
  expect((await runCli(words("HEAD~1..HEAD"), { folder })).stderr).toContain("nonsense");
});
