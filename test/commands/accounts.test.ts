import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isInShard } from "../../src/desired/shard.ts";
import type { Seed } from "../../src/sandbox/seed/seed.ts";
import { environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import { answerJson, sessionsByRole, type StsAnswer } from "../support/sts.ts";
import {
  accountYaml,
  bucketYaml,
  twoAccounts,
  twoAccountTree,
  uids,
  type AccountName,
} from "../support/two-accounts.ts";

const consents = ["--accept", "grants-unknown-principal@*"];
const seeded = (...names: readonly string[]): Partial<Seed> => ({
  buckets: names.map((name) => ({ name, region: "cn-hangzhou" })),
});
/** A bucket with a policy that is not its file's. */
const live = (name: string) => ({
  name,
  region: "cn-hangzhou",
  policy: '{"Version":"1","Statement":[]}',
});
const buckets = { alpha: ["alpha-1", "alpha-2"], beta: ["beta-1"] };
const seeds = { alpha: seeded(...buckets.alpha), beta: seeded(...buckets.beta) };

/** STS that lets nobody take the roles of beta. */
const withoutBeta: StsAnswer = (call, response, index) => {
  const role = call.query.get("RoleArn") ?? call.form.get("RoleArn") ?? "";
  if (role.includes("beta")) answerJson(response, 403, { Code: "NoPermission", Message: "no" });
  else sessionsByRole(call, response, index);
};

describe("several accounts in one run", () => {
  test("each is planned and applied with its own roles, and has a verdict of its own", async () => {
    const world = await twoAccounts({ seeds });
    const folder = twoAccountTree(buckets);
    const planned = await runCli(["plan", "--policies", folder, ...consents], { env: world.env });
    expect(planned.code, planned.stdout).toBe(0);
    expect(world.roles().toSorted()).toEqual(["alpha-plans", "beta-plans"]);
    expect(planned.stderr).toContain(`account \`alpha\` (${uids.alpha})`);
    expect(planned.stdout).toMatch(new RegExp(`account alpha \\(${uids.alpha}\\): Review: 2 changes .*\n`));
    expect(planned.stdout).toMatch(new RegExp(`account beta \\(${uids.beta}\\): Review: 1 change .*\n`));

    const applied = await runCli(["apply", "--policies", folder, ...consents], { env: world.env });
    expect(applied.code, applied.stdout).toBe(0);
    expect(world.roles().toSorted()).toEqual(["alpha-applies", "alpha-plans", "beta-applies", "beta-plans"]);
    for (const [account, names] of Object.entries(buckets))
      for (const name of names)
        expect(world.sandboxes[account as AccountName].policyOf(name)).toContain(`:${name}/*`);
  });

  test("one whose role cannot be assumed is named, and the others go on", async () => {
    const world = await twoAccounts({ seeds, sts: withoutBeta });
    const folder = twoAccountTree(buckets);
    const { code, stdout } = await runCli(["apply", "--policies", folder, ...consents], { env: world.env });
    expect(code).toBe(1);
    expect(stdout).toContain(`account \`beta\` (${uids.beta}) cannot be used: STS answered 403 NoPermission`);
    expect(stdout).toContain(`account beta (${uids.beta}): Incomplete: 1 bucket could not be read`);
    expect(stdout).toMatch(/Exit 1, error: 1 bucket of account \d*2 could not be read\./);
    expect(stdout).not.toContain("also");
    expect(world.sandboxes.alpha.policyOf("alpha-1")).toBeDefined();
    expect(world.sandboxes.beta.requests).toEqual([]);
  });

  test("one whose role cannot be assumed does not hide what is blocked in another", async () => {
    const { env } = await twoAccounts({ seeds, sts: withoutBeta });
    const open = bucketYaml("alpha-1", "alpha").replace("${reader}", "*");
    const folder = twoAccountTree(buckets, { "alpha/alpha-1.yaml": open });
    const { code, stdout } = await runCli(["plan", "--policies", folder, ...consents], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /Exit 1, error: 1 bucket of account \d*2 could not be read; also blocked by a guard: 1 bucket by hazards/,
    );
  });

  test("where none can be used, nothing is planned, and each is named", async () => {
    const planned = async (codeOf: (role: string) => string) => {
      const sts: StsAnswer = ({ query, form }, response) =>
        answerJson(response, 403, { Code: codeOf(query.get("RoleArn") ?? form.get("RoleArn") ?? "") });
      const { env } = await twoAccounts({ seeds, sts });
      return runCli(["plan", "--policies", twoAccountTree(buckets)], { env });
    };
    const unlike = await planned((role) => (role.includes("beta") ? "NoPermission" : "EntityNotExist.Role"));
    expect([unlike.code, unlike.stderr.match(/^error: /gm)?.length]).toEqual([1, 2]);
    for (const account of ["alpha", "beta"]) expect(unlike.stderr).toContain(`error: account \`${account}\``);
    const alike = await planned(() => "NoPermission");
    expect(alike.stderr).toContain("error: no account can be used: STS answered 403 NoPermission");
    expect(alike.stderr.match(/^error: /gm)?.length).toBe(1);
  });

  test("the only one that is selected is named, too", async () => {
    const { env } = await twoAccounts({ seeds, sts: withoutBeta });
    const words = ["plan", "--policies", twoAccountTree(buckets), "--account", "beta"];
    const { code, stderr } = await runCli(words, { env });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`error: account \`beta\` (${uids.beta}) cannot be used: STS answered 403`),
    ]);
  });

  test("--account and --bucket take no role of the others", async () => {
    for (const words of [
      ["--account", "alpha"],
      ["--bucket", "alpha-*"],
    ]) {
      const world = await twoAccounts({ seeds, sts: withoutBeta });
      const folder = twoAccountTree(buckets);
      const all = ["plan", "--policies", folder, ...consents, ...words];
      const { code, stdout } = await runCli(all, { env: world.env });
      expect([code, world.roles()], stdout).toEqual([0, ["alpha-plans"]]);
    }
  });

  test("one that does not answer keeps the calls of another from nothing", async () => {
    const many = (account: AccountName) => Array.from({ length: 40 }, (_, index) => `${account}-${index}`);
    const all = { alpha: many("alpha"), beta: many("beta") };
    let betaIsRead: () => void = () => undefined;
    const untilBeta = new Promise<void>((resolve) => (betaIsRead = resolve));
    let reads = 0;
    // No call of alpha is answered until beta is read whole: calls that shared a limit would wait for each other.
    const world = await twoAccounts({
      seeds: { alpha: seeded(...all.alpha), beta: seeded(...all.beta) },
      hold: (account) => {
        if (account === "alpha") return untilBeta;
        reads += 1;
        if (reads === all.beta.length) betaIsRead();
        return Promise.resolve();
      },
    });
    const words = ["plan", "--policies", twoAccountTree(all), "--concurrency", "2", ...consents];
    const { code, stdout } = await runCli(words, { env: world.env });
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("80 to create");
  });

  test("one that is throttled is named, and not the other", async () => {
    const busy = { kind: "status" as const, status: 503, code: "SlowDown" };
    const world = await twoAccounts({
      seeds: {
        ...seeds,
        alpha: {
          ...seeds.alpha,
          faults: [{ operation: "GetBucketPolicy", effect: busy, calls: { from: 1, to: 5 } }],
        },
      },
    });
    const words = ["plan", "--policies", twoAccountTree(buckets), ...consents];
    const { code, stderr } = await runCli(words, { env: world.env });
    expect(code).toBe(0);
    expect(stderr).toContain(`OSS, account \`alpha\` (${uids.alpha}), throttles`);
    expect(stderr).not.toContain("account `beta` (1746495857600002), throttles");
  });

  test("limits count the buckets of each account alone", async () => {
    const world = await twoAccounts({
      seeds: { alpha: { buckets: buckets.alpha.map(live) }, beta: { buckets: buckets.beta.map(live) } },
    });
    const folder = twoAccountTree(buckets, {
      "alpha/account.yaml": accountYaml("alpha", "limits: { change: { count: 1 } }\n"),
    });
    const { code, stdout } = await runCli(["apply", "--policies", folder, ...consents], { env: world.env });
    expect(code, stdout).toBe(3);
    expect(world.sandboxes.alpha.requests.filter(({ method }) => method === "PUT")).toEqual([]);
    expect(world.sandboxes.beta.policyOf("beta-1")).toContain("beta-1/*");
  });

  test("`scope: all` lists each account by itself", async () => {
    const stray = { name: "stray", region: "cn-hangzhou", policy: '{"Version":"1","Statement":[]}' };
    const world = await twoAccounts({
      seeds: { ...seeds, beta: { buckets: [...(seeds.beta.buckets ?? []), stray] } },
    });
    const folder = twoAccountTree(buckets, {
      "alpha/account.yaml": accountYaml("alpha", "scope: all\n"),
      "beta/account.yaml": accountYaml("beta", "scope: all\n"),
    });
    const { stdout } = await runCli(["plan", "--policies", folder, ...consents], { env: world.env });
    expect(stdout).toMatch(/stray \(cn-hangzhou\)/);

    const failing = await twoAccounts({ seeds, sts: withoutBeta });
    const words = ["plan", "--policies", folder, ...consents];
    const { stderr } = await runCli(words, { env: failing.env });
    expect(stderr).toMatch(
      /beta\/account.yaml: the buckets cannot be listed.*\n {2}help: allow the caller sts:/,
    );
  });

  test("import writes the buckets of each into its folder, and goes on where one cannot be listed", async () => {
    const world = await twoAccounts({
      seeds: { alpha: { buckets: buckets.alpha.map(live) }, beta: { buckets: buckets.beta.map(live) } },
    });
    const folder = twoAccountTree({ alpha: [], beta: [] });
    const { code, stdout } = await runCli(["import", "--policies", folder], { env: world.env });
    expect([code, stdout]).toEqual([0, expect.stringContaining("3 written")]);
    expect(existsSync(join(folder, "alpha/alpha-2.yaml"))).toBe(true);
    expect(existsSync(join(folder, "beta/beta-1.yaml"))).toBe(true);

    const failing = await twoAccounts({
      seeds: { alpha: { buckets: buckets.alpha.map(live) } },
      sts: withoutBeta,
    });
    const again = twoAccountTree({ alpha: [], beta: [] });
    const half = await runCli(["import", "--policies", again], { env: failing.env });
    expect([half.code, half.stdout]).toEqual([
      1,
      expect.stringContaining("Exit 1, error: 1 account not imported."),
    ]);
    expect(half.stderr).toContain("account `beta`");
    expect(existsSync(join(again, "alpha/alpha-2.yaml"))).toBe(true);
  });

  test("access --live asks each account", async () => {
    const world = await twoAccounts({ seeds });
    const words = [
      "access",
      "what-can",
      "202147604049350001",
      "--live",
      "--policies",
      twoAccountTree(buckets),
    ];
    const { code, stderr } = await runCli(words, { env: world.env });
    expect([code, world.roles().toSorted()], stderr).toEqual([0, ["alpha-plans", "beta-plans"]]);
  });

  test("restore puts back the buckets of each with its own role", async () => {
    const world = await twoAccounts({
      seeds: { alpha: { buckets: buckets.alpha.map(live) }, beta: { buckets: buckets.beta.map(live) } },
    });
    const folder = twoAccountTree(buckets);
    const journal = join(writeTree({}), "journal.jsonl");
    const words = ["--policies", folder, "--journal", journal];
    expect((await runCli(["apply", ...words, ...consents], { env: world.env })).code).toBe(0);
    const restored = await runCli(["restore", ...words], { env: world.env });
    expect(restored.code, restored.stdout + restored.stderr).toBe(0);
    expect(world.sandboxes.beta.policyOf("beta-1")).toBe('{"Version":"1","Statement":[]}');
    expect(readFileSync(journal, "utf8")).toContain(uids.beta);
  });

  test("a sandbox of its own for each, and no seed for both", async () => {
    const words = ["--policies", twoAccountTree(buckets), "--sandbox", ...consents];
    const applied = await runCli(["apply", "--yes", ...words]);
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    const seed = join(writeTree({ "seed.yaml": "buckets: []\n" }), "seed.yaml");
    const { code, stderr } = await runCli(["plan", ...words, "--seed", seed]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("--seed says what one account holds")]);
  });
});

test("a shard without a bucket needs no credentials of anyone", async () => {
  const folder = twoAccountTree({ alpha: ["alpha-1"], beta: [] });
  const shard = isInShard("alpha-1", { index: 1, count: 2 }) ? "2/2" : "1/2";
  const { code, stderr } = await runCli(["plan", "--policies", folder, "--shard", shard]);
  expect([code, stderr]).toEqual([0, ""]);
});

describe("a bucket of another account than its folder's", () => {
  const tree = () =>
    writeTree({
      "account.yaml": accountYaml("alpha").replace(/^credentials.*\n/m, ""),
      "one.yaml": bucketYaml("one", "alpha"),
    });

  test.each(["plan", "apply"])("is not written, nor can it be accepted: %s", async (verb) => {
    const sandbox = await sandboxWith({ account: uids.beta, ...seeded("one") });
    const words = [verb, "--policies", tree(), ...consents];
    const { code, stdout } = await runCli(words, { env: environmentOf(sandbox) });
    expect([code, stdout]).toEqual([
      3,
      expect.stringContaining("! blocked by wrong-owner: OSS says that account"),
    ]);
    expect(stdout).toContain("Blocked: 1 of 1 change is to a bucket of another account");
    expect(sandbox.requests.filter(({ method }) => method === "PUT")).toEqual([]);
    const accepted = await runCli([...words, "--accept", "wrong-owner@one"], { env: environmentOf(sandbox) });
    expect([accepted.code, accepted.stderr]).toEqual([1, expect.stringContaining("cannot be")]);
  });

  test("no entry to accept its other hazards is offered", async () => {
    const everyone = bucketYaml("one", "alpha").replace("${reader}", "*");
    const folder = writeTree({
      "account.yaml": accountYaml("alpha").replace(/^credentials.*\n/m, ""),
      "one.yaml": everyone,
    });
    const planned = async (account: string) => {
      const sandbox = await sandboxWith({ account, ...seeded("one") });
      return (await runCli(["plan", "--policies", folder], { env: environmentOf(sandbox) })).stdout;
    };
    expect(await planned(uids.alpha)).toContain("to accept this");
    const other = await planned(uids.beta);
    expect(other).toContain("blocked by wrong-owner");
    expect(other).not.toContain("to accept this");
  });

  test("nor is one whose owner OSS does not tell, but by a consent for one run", async () => {
    const denied = { kind: "status" as const, status: 403, code: "AccessDenied" };
    const sandbox = await sandboxWith({
      ...seeded("one"),
      faults: [{ operation: "GetBucketInfo", effect: denied }],
    });
    const words = ["apply", "--policies", tree(), ...consents];
    const { code, stdout } = await runCli(words, { env: environmentOf(sandbox) });
    expect([code, stdout]).toEqual([3, expect.stringContaining("! blocked by unknown-owner: ")]);
    expect(stdout).toContain("allow oss:GetBucketInfo");
    expect(sandbox.requests.filter(({ method }) => method === "PUT")).toEqual([]);
    const accepted = [...words, "--accept", "unknown-owner@one"];
    expect((await runCli(accepted, { env: environmentOf(sandbox) })).code).toBe(0);
    expect(sandbox.policyOf("one")).toBeDefined();
  });

  test("credentials of another account list nothing for `scope: all`", async () => {
    const sandbox = await sandboxWith({ account: uids.beta, ...seeded("one", "stray") });
    const folder = writeTree({
      "account.yaml": `account: "${uids.alpha}"\nregion: cn-hangzhou\nscope: all\n`,
      "one.yaml": "bucket: one\npolicy: none\n",
    });
    const { code, stderr } = await runCli(["plan", "--policies", folder], { env: environmentOf(sandbox) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("[other-account]")]);
  });
});
