import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sealedText } from "../../src/plan/saved-plan.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { inFolder } from "../support/base-plans.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const policy = (bucket: string, action = "oss:GetObject") =>
  `bucket: ${bucket}\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: ["2"], Action: "${action}", Resource: "acs:oss:*:*:${bucket}/*" }] }\n`;

interface World {
  readonly sandbox: Sandbox;
  readonly tree: string;
  readonly file: string;
  apply(...words: readonly string[]): ReturnType<typeof runCli>;
}

/** A plan of two buckets, saved. */
async function planned(): Promise<World> {
  const sandbox = await sandboxWith({
    buckets: ["one", "two", "three"].map((name) => ({ name, region: "cn-hangzhou" })),
  });
  const tree = writeTree({
    "account.yaml": accountFile,
    "one.yaml": policy("one"),
    "two.yaml": policy("two"),
  });
  const file = join(writeTree({}), "plan.json");
  const env = environmentOf(sandbox);
  expect((await runCli(["plan", "--policies", tree, "--json", file], { env })).code).toBe(0);
  const apply = (...words: readonly string[]) =>
    runCli(["apply", "--policies", tree, "--plan", file, ...words], { env });
  return { sandbox, tree, file, apply };
}

test("what was planned is written", async () => {
  const { sandbox, apply } = await planned();
  const { code, stdout } = await apply();
  expect(stdout).toContain("Apply: 2 applied.");
  expect(code).toBe(0);
  expect(sandbox.policyOf("one")).toBeDefined();
});

describe("what is no longer as planned is stale and left alone, and the others go on", () => {
  test("the file asks for something else", async () => {
    const { sandbox, tree, apply } = await planned();
    writeFileSync(join(tree, "one.yaml"), policy("one", "oss:PutObject"));
    const { code, stdout } = await apply();
    expect(stdout).toContain("one: the desired policy changed since the plan was saved");
    expect(stdout).toContain("Exit 4, stale");
    expect(code).toBe(4);
    expect(sandbox.policyOf("one")).toBeUndefined();
    expect(sandbox.policyOf("two")).toBeDefined();
  });

  test("the live policy moved", async () => {
    const { sandbox, apply } = await planned();
    const other = '{"Version":"1","Statement":[]}';
    sandbox.setPolicy("one", other);
    const { code, stdout } = await apply();
    expect(stdout).toContain("one: the live policy changed since the plan was saved");
    expect(code).toBe(4);
    expect(sandbox.policyOf("one")).toBe(other);
  });

  test("a bucket that the plan does not have", async () => {
    const { sandbox, tree, apply } = await planned();
    writeFileSync(join(tree, "three.yaml"), policy("three"));
    const { code, stdout } = await apply();
    expect(stdout).toContain("three: the saved plan does not write this bucket");
    expect(code).toBe(4);
    expect(sandbox.policyOf("three")).toBeUndefined();
  });

  test("a bucket of the plan that no file asks for any more", async () => {
    const { tree, apply } = await planned();
    rmSync(join(tree, "two.yaml"));
    const { code, stdout } = await apply();
    expect(stdout).toContain("the saved plan writes `two`, which no file asks for now");
    expect(code).toBe(4);
  });
});

test.each([
  ["--bucket", "one"],
  ["--exclude", "two"],
  ["--bucket", "one", "--account", "1746495857600001"],
])("buckets that the run does not select are not missed: %s %s", async (...words) => {
  const { sandbox, apply } = await planned();
  const { code, stdout } = await apply(...words);
  expect([code, stdout]).toEqual([0, expect.stringContaining("Apply: 1 applied.")]);
  expect(sandbox.policyOf("two")).toBeUndefined();
});

test("a plan only restricts: a bucket that is blocked now stays so", async () => {
  const { sandbox, tree, apply } = await planned();
  const account = `${accountFile}guardrails:\n  - { name: none reads, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["*"] }\n`;
  writeFileSync(join(tree, "account.yaml"), account);
  const { code } = await apply();
  expect(code).toBe(3);
  expect(sandbox.policyOf("one")).toBeUndefined();
});

describe("a file that cannot be taken is refused before anything is connected to", () => {
  const edit = (from: RegExp | string, to: string) => (text: string) => text.replace(from, to);
  test.each<[string, (text: string) => string, string]>([
    ["cut off", (text) => text.slice(0, -40), "it is not a complete JSON document"],
    [
      "changed by hand",
      edit('"action": "create"', '"action": "update"'),
      "it was changed or cut off after it was written",
    ],
    [
      "with another digest of live",
      edit(/"live": "none"/, `"live": "sha256:${"0".repeat(64)}"`),
      "it was changed",
    ],
    ["of a newer format", edit('"formatVersion": "2.2"', '"formatVersion": "3.0"'), "its format is 3.0"],
    [
      "of a format that is newer by little",
      edit('"formatVersion": "2.2"', '"formatVersion": "2.3"'),
      "its format is 2.3",
    ],
    ["of an older format", edit('"formatVersion": "2.2"', '"formatVersion": "1.1"'), "its format is 1.1"],
    ["of another tool", edit('"name": "oss-policy"', '"name": "other"'), "it is not a plan of oss-policy"],
    ["empty", () => "", "it is not a complete JSON document"],
    ["a list", () => "[]", "it is not a plan of oss-policy"],
  ])("%s", async (_, change, message) => {
    const { sandbox, file, apply } = await planned();
    writeFileSync(file, change(readFileSync(file, "utf8")));
    const calls = sandbox.requests.length;
    const { code, stderr } = await apply();
    expect(stderr).toContain(message);
    expect(code).toBe(1);
    expect(sandbox.requests).toHaveLength(calls);
  });

  test("of another major version of the tool", async () => {
    const { file, apply } = await planned();
    const saved = Object.entries(JSON.parse(readFileSync(file, "utf8")) as JsonObject);
    const plan = Object.fromEntries(saved.filter(([name]) => name !== "digest"));
    writeFileSync(
      file,
      [...sealedText({ ...plan, tool: { name: "oss-policy", version: "99.0.0" } })].join(""),
    );
    const { code, stderr } = await apply();
    expect(stderr).toContain("written by oss-policy 99.0.0, and this is ");
    expect(code).toBe(1);
  });

  test("is refused in the reports that were asked for, too", async () => {
    const { tree, file, apply } = await planned();
    writeFileSync(file, "");
    const report = join(tree, "report.json");
    await apply("--json", report);
    expect(JSON.parse(readFileSync(report, "utf8"))).toMatchObject({ errored: true });
  });

  test("of a run that stopped", async () => {
    const { tree, file, apply } = await planned();
    await runCli(["plan", "--policies", tree, "--bucket", "nothing", "--json", file], {
      env: { CI: "true" },
    });
    const { code, stderr } = await apply();
    expect(stderr).toContain("the plan stopped at an error");
    expect(code).toBe(1);
  });

  test("that is not there", async () => {
    const { code, stderr } = await runCli(["apply", "--plan", "/nowhere/plan.json"]);
    expect(stderr).toContain("cannot be read (ENOENT)");
    expect(code).toBe(1);
  });
});

test("of another account: nothing is written", async () => {
  const { sandbox, tree, apply } = await planned();
  writeFileSync(join(tree, "account.yaml"), accountFile.replace("1746495857600001", "7"));
  const { code, stdout } = await apply();
  expect(stdout).toContain("the saved plan is for account 1746495857600001");
  expect(code).toBe(4);
  expect(sandbox.policyOf("one")).toBeUndefined();
});

describe("a base beside a saved plan is the one that it was compared with", () => {
  const account = `${accountFile}guardrails:\n  - { name: none reads, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["*"] }\n`;
  const folder = (text: string) => ({ "policies/account.yaml": text, "policies/one.yaml": policy("one") });

  /** A plan under a guard that breaks, saved; the branch `weak` has no guard. */
  async function planned() {
    const repository = newRepository(folder(account));
    repository.git("branch", "guarded");
    repository.commit(folder(accountFile));
    repository.git("branch", "weak");
    const sandbox = await sandboxWith({ buckets: [{ name: "one", region: "cn-hangzhou" }] });
    const file = join(writeTree({}), "plan.json");
    const run = (verb: string, ...words: readonly string[]) =>
      inFolder(repository.folder, () =>
        runCli([verb, "--policies", "policies", ...words], { env: environmentOf(sandbox) }),
      );
    expect((await run("plan", "--base", "guarded", "--json", file)).code).toBe(3);
    const commitOf = (name: string) => repository.git("rev-parse", name).trim();
    return { sandbox, file, run, commitOf };
  }

  test("another one is an error that names both commits", async () => {
    const { sandbox, file, run, commitOf } = await planned();
    const calls = sandbox.requests.length;
    for (const verb of ["weak", "HEAD", commitOf("weak")]) {
      const { code, stderr } = await run("apply", "--plan", file, "--base", verb);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(
          `was compared with commit ${commitOf("guarded")}, and --base \`${verb}\` is commit ${commitOf("weak")}`,
        ),
      ]);
      expect(stderr.match(/error/g)).toHaveLength(1);
    }
    expect([sandbox.requests.length, sandbox.policyOf("one")]).toEqual([calls, undefined]);
  });

  test("the same one by another name is taken, and so is none", async () => {
    const { sandbox, file, run, commitOf } = await planned();
    for (const words of [["--base", "HEAD~1"], ["--base", commitOf("guarded")], []]) {
      const { code, stdout } = await run("apply", "--plan", file, ...words);
      expect([code, stdout]).toEqual([3, expect.stringContaining("blocked by guardrail-broken")]);
    }
    expect(sandbox.policyOf("one")).toBeUndefined();
  });

  test("one that does not exist is one error", async () => {
    const { file, run } = await planned();
    const { code, stderr } = await run("apply", "--plan", file, "--base", "gone");
    expect([code, stderr.match(/error/g)?.length]).toEqual([1, 1]);
  });
});
