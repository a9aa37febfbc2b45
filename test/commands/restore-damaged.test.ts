import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const alice = "202147604049351234";
const policyOf = (bucket: string, principal = alice) =>
  `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["${principal}"],"Action":["oss:GetObject"],"Resource":["acs:oss:*:1746495857600001:${bucket}/*"]}]}`;

interface World {
  readonly sandbox: Sandbox;
  readonly tree: string;
  readonly run: (...words: readonly string[]) => ReturnType<typeof runCli>;
  readonly edit: (change: (text: string) => string) => void;
}

/** After an apply that took the policies of two buckets. */
async function applied(account = "", files: Readonly<Record<string, string>> = {}): Promise<World> {
  const names = ["web", "logs"];
  const buckets = names.map((name) => ({ name, region: "cn-hangzhou", policy: policyOf(name) }));
  const sandbox = await sandboxWith({ buckets });
  const own = names.map((name) => [`${name}.yaml`, `bucket: ${name}\npolicy: none\n`] as const);
  const tree = writeTree({
    "account.yaml": accountFile + account,
    ...Object.fromEntries(own),
    ...files,
  });
  const journal = join(writeTree({}), "journal.jsonl");
  const run = (...words: readonly string[]) =>
    runCli([...words, "--policies", tree, "--journal", journal], { env: environmentOf(sandbox) });
  expect((await run("apply")).code).toBe(0);
  const edit = (change: (text: string) => string) =>
    writeFileSync(journal, change(readFileSync(journal, "utf8")));
  return { sandbox, tree, run, edit };
}

/** Changes the `before` line of a bucket. */
function ofWeb(change: (line: string) => string): (text: string) => string {
  return (text) =>
    text
      .split("\n")
      .map((line) => (/"before".*"bucket":"web"/.test(line) ? change(line) : line))
      .join("\n");
}

describe("an entry that no run of apply writes", () => {
  test.each([
    ["a region in the form of an endpoint", '"region":"oss-cn-hangzhou"', "web", "not the shape of a region"],
    ["no region", '"region":""', "web", "not the shape of a region"],
    ["a region in capitals", '"region":"CN-hangzhou"', "web", "not the shape of a region"],
    ["a bucket that is a path", '"bucket":"../../x"', "../../x", "not a bucket name"],
  ])(
    "%s is refused with its line, and no other bucket is restored without a word",
    async (_, to, name, why) => {
      const { sandbox, run, edit } = await applied();
      const key = /"\w+"/.exec(to)?.[0] ?? "";
      edit(ofWeb((line) => line.replace(new RegExp(`${key}:"[^"]*"`), to)));
      const { code, stderr } = await run("restore");
      expect(stderr).toMatch(/error: line \d of `.*`, about bucket `/);
      expect(stderr).toContain(`about bucket \`${name}\`, is not an entry that apply writes`);
      expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
      expect(["web", "logs"].map((bucket) => sandbox.policyOf(bucket))).toEqual([undefined, undefined]);
      expect(await run("restore", "--exclude", name)).toMatchObject({
        code: 0,
        stderr: expect.stringContaining(`--exclude leaves out 1 bucket: ${name}`) as string,
      });
      expect(sandbox.policyOf("logs")).toBe(policyOf("logs"));
    },
  );

  test("a body that is the word of a file without a policy is no policy, and deletes nothing", async () => {
    const { sandbox, run, edit } = await applied();
    sandbox.setPolicy("web", policyOf("web"));
    edit(ofWeb((line) => line.replace(/"body":"(?:[^"\\]|\\.)*"/, '"body":"\\"none\\""')));
    const { code, stderr } = await run("restore", "--bucket", "web");
    expect([code, stderr]).toEqual([1, expect.stringContaining("does not parse as a policy")]);
    expect(sandbox.policyOf("web")).toBe(policyOf("web"));
  });

  test("that is left out by --exclude keeps no other from being restored", async () => {
    const { sandbox, run, edit } = await applied();
    edit(ofWeb((line) => line.replace(/"body":"(?:[^"\\]|\\.)*"/, '"body":"<html>"')));
    const { code, stderr } = await run("restore", "--exclude", "web");
    expect([code, stderr]).toEqual([0, expect.stringContaining("--exclude leaves out 1 bucket: web")]);
    expect(sandbox.policyOf("logs")).toBe(policyOf("logs"));
  });
});

describe("a line that is cut off before another of its bucket", () => {
  const twice = (cut: number) =>
    ofWeb((line) => `${line.slice(0, cut)}\n${line.replaceAll(alice, "202147604049359999")}`);

  test.each([
    ["behind the name of the bucket", 90, "for 1 bucket of later lines: `web`"],
    ["before it", 30, "`web`"],
  ])("%s: the later policy is not restored as the one before the run", async (_, cut, message) => {
    const { sandbox, run, edit } = await applied();
    edit(twice(cut));
    const { code, stderr } = await run("restore");
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(stderr).not.toContain("all else is restored");
    expect(sandbox.policyOf("web")).toBeUndefined();
  });

  test("the other buckets are restored with --exclude", async () => {
    const { sandbox, run, edit } = await applied();
    edit(twice(90));
    expect((await run("restore", "--exclude", "web")).code).toBe(0);
    expect([sandbox.policyOf("web"), sandbox.policyOf("logs")]).toEqual([undefined, policyOf("logs")]);
  });
});

describe("an entry that was changed", () => {
  const identities = `identities: { alice: "${alice}" }\n`;

  test("gives access to a principal that no file and no live policy knows: that is a hazard", async () => {
    const { run, edit } = await applied(identities);
    edit(ofWeb((line) => line.replaceAll(alice, "302147604049351234")));
    const { stdout } = await run("restore", "--dry-run");
    expect(stdout).toContain("grants-unknown-principal");
    const known = await run("restore", "--dry-run", "--bucket", "logs");
    expect(known.stdout).not.toContain("grants-unknown-principal");
  });

  test("its findings are at its line of the journal, with no help about a file that does not exist", async () => {
    const { run, edit } = await applied();
    edit(ofWeb((line) => line.replace('"region":"cn-hangzhou"', '"region":"cn-beijing"')));
    const { stderr } = await run("restore", "--dry-run", "--bucket", "web");
    expect(stderr).toMatch(/journal\.jsonl:\d:1: warning: OSS says that bucket `web` is in cn-hangzhou/);
    expect(stderr).not.toMatch(/\.yaml|in this file/);
  });
});

test("an account with interpretations is restored like any other", async () => {
  const observed =
    'version: "1"\ndate: "2026-11-28"\nregion: cn-hangzhou\naccount: "1746495857600001"\nbucket: scratch\ntool: 0.1.0\nobserved: {}\n';
  const { sandbox, run } = await applied("interpretations: interpretations.yaml\n", {
    "interpretations.yaml": observed,
  });
  expect((await run("restore")).code).toBe(0);
  expect(sandbox.policyOf("web")).toBe(policyOf("web"));
});
