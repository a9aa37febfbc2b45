import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

/** Spelled as no tool of ours would: restore puts back bytes, not a document. */
const stood = (bucket: string) =>
  `{ "Statement" : [{"Effect":"Deny","Principal":"1","Action":["oss:PutObject"],"Resource":"acs:oss:*:*:${bucket}/\\u0061*"}],"Version":"1"}`;

interface World {
  readonly sandbox: Sandbox;
  readonly tree: string;
  readonly journal: string;
  run(...words: readonly string[]): ReturnType<typeof runCli>;
}

const policies: Readonly<Record<string, string>> = {
  changed:
    '{ Version: "1", Statement: [{ Effect: Allow, Principal: ["2"], Action: "oss:GetObject", Resource: "acs:oss:*:*:changed/*" }] }',
  created:
    '{ Version: "1", Statement: [{ Effect: Allow, Principal: ["2"], Action: "oss:GetObject", Resource: "acs:oss:*:*:created/*" }] }',
  deleted: "none",
};

/** After an apply that changed one bucket, gave one its first policy, and took that of a third. */
async function applied(): Promise<World> {
  const sandbox = await sandboxWith({
    buckets: Object.keys(policies).map((name) => ({
      name,
      region: "cn-hangzhou",
      ...(name === "created" ? {} : { policy: stood(name) }),
    })),
  });
  const files = Object.entries(policies).map(([name, policy]) => [
    `${name}.yaml`,
    `bucket: ${name}\npolicy: ${policy}\n`,
  ]);
  const tree = writeTree({ "account.yaml": accountFile, ...Object.fromEntries(files) });
  const journal = join(writeTree({}), "journal.jsonl");
  const run = (...words: readonly string[]) =>
    runCli([...words, "--policies", tree, "--journal", journal], { env: environmentOf(sandbox) });
  expect((await run("apply")).code).toBe(0);
  return { sandbox, tree, journal, run };
}

function policiesOf(sandbox: Sandbox): readonly (string | undefined)[] {
  return Object.keys(policies).map((name) => sandbox.policyOf(name));
}

const before = [stood("changed"), undefined, stood("deleted")];

test("every bucket has the bytes again that stood there, and the plan is shown first", async () => {
  const { sandbox, run } = await applied();
  const { code, stdout } = await run("restore");
  expect(stdout).toContain("~ update changed");
  expect(stdout).toContain("Apply: 3 applied.");
  expect(code).toBe(0);
  expect(policiesOf(sandbox)).toEqual(before);
});

test("restored once more, nothing is written", async () => {
  const { sandbox, run } = await applied();
  await run("restore");
  const writes = sandbox.requests.filter(({ method }) => method !== "GET").length;
  const { code, stdout } = await run("restore");
  expect(stdout).toContain("Apply: 0 applied, 3 unchanged.");
  expect(code).toBe(0);
  expect(sandbox.requests.filter(({ method }) => method !== "GET")).toHaveLength(writes);
});

test("the way back is journaled in .oss-policy, run by run, and can be undone in its turn", async () => {
  const { sandbox, tree, journal } = await applied();
  const folder = writeTree({});
  const wanted = policiesOf(sandbox);
  const restore = (file: string) =>
    runCli(["restore", "--policies", tree, "--journal", file], { env: environmentOf(sandbox), folder });
  const { stderr } = await restore(journal);
  const [, first = ""] = /kept in (\S+);/.exec(stderr) ?? [];
  expect(first).toBe(".oss-policy/journal-2026-06-01-1.jsonl");
  expect(await restore(first)).toMatchObject({ code: 0 });
  expect(policiesOf(sandbox)).toEqual(wanted);
  expect(await restore(journal)).toMatchObject({ code: 0 });
  expect(policiesOf(sandbox)).toEqual(before);
  const journals = readdirSync(join(folder, ".oss-policy")).filter((name) => name.endsWith(".jsonl"));
  expect(journals).toHaveLength(3);
  expect(readdirSync(folder)).toEqual([".oss-policy"]);
  expect(readdirSync(dirname(journal))).toEqual(["journal.jsonl"]);
});

test("a folder of journals that a link leads away is named", async () => {
  const { sandbox, tree, journal } = await applied();
  const [folder, elsewhere] = [writeTree({}), realpathSync(writeTree({}))];
  symlinkSync(elsewhere, join(folder, ".oss-policy"));
  const words = ["restore", "--policies", tree, "--journal", journal];
  const { stderr } = await runCli(words, { env: environmentOf(sandbox), folder });
  expect(stderr).toContain(`\`.oss-policy\` is a link to ${elsewhere}\n`);
});

describe("buckets that the journal does not name are none of its business", () => {
  async function elsewhere() {
    const world = await applied();
    writeFileSync(join(world.tree, "account.yaml"), `${accountFile}scope: all\n`);
    mkdirSync(join(world.tree, "other"));
    writeFileSync(
      join(world.tree, "other/account.yaml"),
      'account: "1746495857600002"\nregion: cn-hangzhou\n',
    );
    world.sandbox.addFault({
      operation: "ListBuckets",
      effect: { kind: "status", status: 403, code: "AccessDenied" },
    });
    return world;
  }

  test.each(["--json", "--markdown", "--html"])("with %s", async (option) => {
    const { sandbox, run } = await elsewhere();
    const { code, stdout, stderr } = await run("restore", option, "-");
    expect(code).toBe(0);
    expect(policiesOf(sandbox)).toEqual(before);
    expect(sandbox.requests.map(({ operation }) => operation)).not.toContain("ListBuckets");
    expect(stdout + stderr).not.toMatch(/--base|without a file/);
  });
});

describe("--dry-run", () => {
  test("shows the plan of the restore and writes nothing: no policy, no journal", async () => {
    const { sandbox, journal, run } = await applied();
    const [after, text] = [policiesOf(sandbox), readFileSync(journal, "utf8")];
    const { code, stdout, stderr } = await run("restore", "--dry-run");
    // The files that it is planned from exist nowhere.
    expect([code, stdout]).toEqual([0, expect.stringMatching(/~ update changed .*journal\.jsonl:\d/)]);
    expect(stdout + stderr).not.toMatch(/before\.yaml|--base/);
    expect(stdout).not.toContain("Apply:");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("Exit 0, success.");
    expect([policiesOf(sandbox), readFileSync(journal, "utf8")]).toEqual([after, text]);
    expect(readdirSync(dirname(journal))).toEqual(["journal.jsonl"]);
  });

  test("asks no one, and is not overruled by --yes", async () => {
    const { sandbox, tree, journal } = await applied();
    const after = policiesOf(sandbox);
    const env = { ...environmentOf(sandbox), CI: "" };
    const words = ["restore", "--dry-run", "--policies", tree, "--journal", journal];
    expect((await runCli(words, { env, answer: "yes" })).stderr).not.toContain("Only `yes` writes");
    await runCli([...words, "--yes"], { env });
    expect(policiesOf(sandbox)).toEqual(after);
  });

  test("ends as a plan does: with 1 where a bucket was changed since", async () => {
    const { sandbox, run } = await applied();
    sandbox.setPolicy("changed", stood("changed").replace("PutObject", "GetObject"));
    const { code, stderr } = await run("restore", "--dry-run");
    expect([code, stderr]).toEqual([1, expect.stringContaining("[moved]")]);
  });

  test("writes the reports", async () => {
    const { run } = await applied();
    const { stdout } = await run("restore", "--dry-run", "--json", "-");
    const { changes, outcomes } = JSON.parse(stdout) as { changes: unknown[]; outcomes?: unknown[] };
    expect([changes.length, outcomes]).toEqual([3, undefined]);
  });
});

test("--bucket restores the buckets that match, and a name that matches none is an error", async () => {
  const { sandbox, run } = await applied();
  expect((await run("restore", "--bucket", "chan*")).code).toBe(0);
  expect(sandbox.policyOf("changed")).toBe(before[0]);
  expect(sandbox.policyOf("deleted")).toBeUndefined();
  expect((await run("restore", "--bucket", "delted")).stderr).toContain("did you mean `deleted`?");
});

test("what somebody changed since the run is left as it is, and the others are restored", async () => {
  const { sandbox, run } = await applied();
  const third = stood("changed").replace("PutObject", "GetObject");
  sandbox.setPolicy("changed", third);
  const { code, stdout, stderr } = await run("restore");
  expect(stderr).toContain("it was changed since [moved]");
  expect(stdout).toContain("2 applied");
  expect(code).toBe(1);
  expect(policiesOf(sandbox)).toEqual([third, before[1], before[2]]);
});

test("a journal that was cut off in mid-line restores what it has", async () => {
  const { sandbox, journal, run } = await applied();
  const lines = readFileSync(journal, "utf8").split("\n");
  const cut = lines.findIndex((line) => line.includes('"bucket":"deleted"') && line.includes('"before"'));
  writeFileSync(
    journal,
    [...lines.filter((_, index) => index !== cut), (lines[cut] ?? "").slice(0, 90)].join("\n"),
  );
  const { code, stderr } = await run("restore");
  expect(stderr).toMatch(/line \d+ of .* cannot be read/);
  expect(code).toBe(0);
  expect(policiesOf(sandbox)).toEqual([before[0], before[1], undefined]);
});

test("of two writes to one bucket, the first tells what stood before", async () => {
  const { sandbox, tree, journal, run } = await applied();
  const first = readFileSync(journal, "utf8");
  writeFileSync(join(tree, "changed.yaml"), "bucket: changed\npolicy: none\n");
  const next = join(writeTree({}), "next.jsonl");
  await runCli(["apply", "--policies", tree, "--journal", next], { env: environmentOf(sandbox) });
  writeFileSync(journal, first + readFileSync(next, "utf8").split("\n").slice(1).join("\n"));
  expect((await run("restore")).code).toBe(0);
  expect(sandbox.policyOf("changed")).toBe(before[0]);
});

test("what OSS's newer rules refuse is blocked, with the reason, until it is accepted", async () => {
  const old = stood("changed")
    .replace('"Version"', '"Version"')
    .replace('*"', '*","Condition":{"IpAddress":{"acs:SourceIp":["10.0.0.0/8"]}}')
    .replace('}}""}', "}}}");
  const { sandbox, journal, run } = await applied();
  const text = readFileSync(journal, "utf8").replace(JSON.stringify(before[0]), JSON.stringify(old));
  writeFileSync(journal, text);
  const { code, stdout } = await run("restore", "--bucket", "changed");
  expect(stdout).toContain("refused-by-oss");
  expect(code).toBe(3);
  expect(sandbox.policyOf("changed")).not.toBe(old);
});

describe("the limits of the account hold for the way back, too", () => {
  test("in numbers: nothing is written beyond them", async () => {
    const { sandbox, tree, run } = await applied();
    writeFileSync(join(tree, "account.yaml"), `${accountFile}limits: { change: { count: 1 } }\n`);
    const left = policiesOf(sandbox);
    const { code, stdout, stderr } = await run("restore");
    expect(stderr).toContain("2 of the 3 buckets of account 1746495857600001 would be changed");
    expect(stdout).toContain("blocked by a limit of its account");
    expect(code).toBe(3);
    // The deleted bucket gets its policy as a first one, which no limit counts; its account is blocked all the same.
    expect(policiesOf(sandbox)).toEqual(left);
  });

  test("in percent: of all buckets that have a file, not of those in the journal", async () => {
    const { tree, run } = await applied();
    writeFileSync(join(tree, "account.yaml"), `${accountFile}limits: { change: { percent: 20 } }\n`);
    for (let index = 0; index < 7; index += 1)
      writeFileSync(join(tree, `other-${index}.yaml`), `bucket: other-${index}\npolicy: none\n`);
    const { code, stdout } = await run("restore");
    expect(stdout).toContain("Apply: 3 applied.");
    expect(code).toBe(0);
  });
});

test("guards that cannot be read stop it, with what is wrong with their file", async () => {
  const { sandbox, tree, run } = await applied();
  const wanted = policiesOf(sandbox);
  writeFileSync(join(tree, "account.yaml"), `${accountFile}operators: [{ principal: "\${admins}" }]\n`);
  const { code, stderr } = await run("restore");
  expect(stderr).toContain("there is no variable `admins`");
  expect(code).toBe(1);
  expect(policiesOf(sandbox)).toEqual(wanted);
});

describe("a journal that is of no use is refused before anything is connected to", () => {
  test.each([
    ["none is named", [], "restore needs a journal"],
    ["it is not there", ["--journal", "/nowhere/journal"], "cannot be read (ENOENT)"],
  ])("%s", async (_, words, message) => {
    const { code, stderr } = await runCli(["restore", ...words]);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  test.each([
    [
      "another tool's",
      '{"format_version":"1.2","terraform_version":"1.9"}\n',
      "it is not a journal of oss-policy",
    ],
    ["a newer format", '{"tool":"oss-policy","journal":"2.0"}\n', "its format 2.0 is unknown"],
    ["no write in it", '{"tool":"oss-policy","journal":"1.0"}\n', "has no write"],
    [
      "another account's",
      `{"tool":"oss-policy","journal":"1.0"}\n${JSON.stringify({ entry: "before", account: "7", bucket: "b", region: "cn-hangzhou", action: "update", body: stood("b"), digests: { live: "none", desired: "none" } })}\n`,
      "is of account 7, and the policy tree has no account.yaml of it",
    ],
  ])("%s", async (_, text, message) => {
    const { tree, journal, sandbox } = await applied();
    const calls = sandbox.requests.length;
    writeFileSync(journal, "");
    appendFileSync(journal, text);
    const { code, stderr } = await runCli(["restore", "--policies", tree, "--journal", journal], {
      env: environmentOf(sandbox),
    });
    expect(stderr).toContain(message);
    expect(code).toBe(1);
    expect(sandbox.requests).toHaveLength(calls);
  });
});
