import { describe, expect, test } from "vitest";
import { allows, bob, bucketFile, edited, owner } from "../support/edited.ts";

const text = bucketFile("logs", allows(`"${bob}"`, '"oss:GetObject"', `"acs:oss:*:${owner}:logs/x"`));
const run = (...words: readonly string[]) => edited({ "logs.yaml": text }, ...words);

describe("a slash with nothing behind it", () => {
  test.each([["grant"], ["revoke"]])("is not every object: %s", async (verb) => {
    const { code, files, stderr } = await run(verb, "alice", "oss:GetObject", "logs/");
    expect([code, files["logs.yaml"]]).toEqual([1, text]);
    expect(stderr).toContain("`logs/` names no key behind the slash");
    expect(stderr).toContain("all of them as `logs/*`");
  });

  test("nor is it for a Deny", async () => {
    const { code, stderr } = await run("revoke", "alice", "logs/", "--deny");
    expect([code, stderr]).toEqual([1, expect.stringContaining("names no key behind the slash")]);
  });
});

describe("a key without a wildcard", () => {
  test.each(["logs/reports/2026", "logs/reports/2026/"])(
    "%s is one object, and a note says so",
    async (to) => {
      const { code, stderr } = await run("grant", "alice", "oss:GetObject", to);
      expect([code, stderr]).toEqual([0, expect.stringContaining("is the key of one object")]);
      expect(stderr).toContain("its objects are `logs/reports/2026/*`");
    },
  );

  test.each(["logs/reports/a.csv", "logs/reports/*", "logs"])("%s needs no note", async (to) => {
    expect((await run("grant", "alice", "oss:GetObject", to)).stderr).not.toContain("one object");
  });
});

describe("an action on the bucket beside a key", () => {
  test.each([
    [["oss:GetObject", "oss:ListObjects", "logs/2026/*"], 2],
    [["oss:ListObjects", "logs/2026/*"], 1],
    [["oss:GetObject", "oss:ListObjects", "logs/2026/*", "--with", "acs:SourceVpc=vpc-1"], 2],
  ])("%j: the calls of the help can be made, and the listing is confined", async (words, count) => {
    const { code, stderr } = await run("grant", "alice", ...words);
    expect(code).toBe(1);
    const calls = [...stderr.matchAll(/`(grant [^`]*)`/g)].map(([, call = ""]) => call);
    expect(calls).toHaveLength(count);
    for (const call of calls) {
      const parts = call.split(" ").map((part) => part.replaceAll("'", ""));
      const made = await run(...parts);
      expect(made.code).toBe(0);
      if (call.includes("ListObjects")) expect(made.files["logs.yaml"]).toContain('"oss:Prefix": ["2026/*"]');
      expect(made.files["logs.yaml"]?.includes("vpc-1")).toBe(words.includes("--with"));
    }
  });

  test("another one is named in a call of its own", async () => {
    const { stderr } = await run("grant", "alice", "oss:GetObject", "oss:GetBucketAcl", "logs/2026/*");
    expect(stderr).toContain("in a call of their own, without a key");
  });
});

describe("addresses without a VPC", () => {
  const words = ["oss:GetObject", "logs", "--with", "acs:SourceIp=203.0.113.0/24"];

  test("the help of a grant is words of the command line, which pass", async () => {
    const { stderr } = await run("grant", "alice", ...words);
    expect(stderr).toContain("add `--with acs:SourceVpc=`");
    expect(stderr).not.toContain("StringNotLike");
    expect((await run("grant", "alice", ...words, "--with", "acs:SourceVpc=")).code).toBe(0);
  });

  test("a Deny needs two calls, which pass", async () => {
    const { stderr } = await run("revoke", "alice", ...words, "--deny");
    expect(stderr).toContain("deny these addresses twice");
    for (const vpc of ["", "vpc-*"])
      expect(
        await run("revoke", "alice", ...words, "--deny", "--with", `acs:SourceVpc=${vpc}`),
      ).toMatchObject({
        code: 0,
      });
  });
});

describe("an edit that a plan blocks", () => {
  test("says so, with the hazard", async () => {
    const { code, stderr } = await run("grant", "alice", "oss:*", "logs");
    expect(code).toBe(0);
    expect(stderr).toContain("note: `plan` blocks this for `logs` by `grants-administration`: alice can");
  });

  test("any other does not", async () => {
    expect((await run("grant", "alice", "oss:GetObject", "logs")).stderr).not.toContain("blocks");
  });
});
