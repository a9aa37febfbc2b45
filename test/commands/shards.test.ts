import { logLine } from "../support/log-lines.ts";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isInShard } from "../../src/desired/shard.ts";
import { inFolder } from "../support/base-plans.ts";
import { everyWorld } from "../support/every-change.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";
import { fileOf, liveOf, named, planShards, worldOf, type Words, type World } from "../support/shards.ts";

const forms = ["json", "sarif", "markdown", "html"] as const;

/** A command with every report in a folder, and what it printed as its result. */
async function withReports(words: Words, env: World["env"] = {}) {
  const folder = writeTree({});
  const outputs = forms.flatMap((form) => [`--${form}`, join(folder, form)]);
  const { stdout, code, stderr } = await runCli([...words, ...outputs], { env });
  return {
    stderr,
    reports: {
      code,
      stdout,
      ...Object.fromEntries(forms.map((form) => [form, readFileSync(join(folder, form), "utf8")])),
    },
  };
}

describe("the merged plan is the plan of one run, in every report", () => {
  test.each([1, 3, 40])("of %i shards", async (count) => {
    const { folder: policies, env } = await everyWorld();
    const one = await withReports(["plan", "--policies", policies], env);
    const { files, results } = await planShards({ env, policies }, count);
    const merged = await withReports(["merge", ...[...files].reverse()]);
    expect(merged.reports).toEqual(one.reports);
    expect(results.map(({ stdout }) => stdout).join("")).toContain("The limits of accounts are not judged");
  });

  test("weighed by the requests of access logs", async () => {
    const { env, policies } = await worldOf(6, 4);
    const log = join(writeTree({}), "log");
    const lines = named(7).flatMap((bucket) => [
      logLine({ bucket, operation: "GetBucket", object: "-", target: "/" }),
      logLine({ bucket }),
    ]);
    writeFileSync(log, lines.join("\n"));
    const words = ["--requests", log];
    const one = await withReports(["plan", "--policies", policies, ...words], env);
    const { files } = await planShards({ env, policies }, 3, words);
    expect((await withReports(["merge", ...files])).reports).toEqual(one.reports);
    expect(one.reports.stdout).toContain("Requests: 12 of 14 requests in the logs");
    expect(one.reports.stdout).toContain("would lose the policy's allow");
  });

  test("under a base, with files that are not committed", async () => {
    const { env, policies } = await worldOf(12, 3);
    const files = Object.fromEntries(
      [...named(12).map((bucket) => `${bucket}.yaml`), "account.yaml"].map((name) => [
        `policies/${name}`,
        readFileSync(join(policies, name), "utf8"),
      ]),
    );
    const repository = newRepository();
    repository.commit(files);
    writeFileSync(join(repository.folder, "policies/b-11.yaml"), fileOf("b-11", "oss:PutObject"));
    await inFolder(repository.folder, async () => {
      const words = ["--base", "HEAD"];
      const one = await withReports(["plan", "--policies", "policies", ...words], env);
      const shards = await planShards({ env, policies: "policies" }, 4, words);
      expect((await withReports(["merge", ...shards.files])).reports).toEqual(one.reports);
      expect(one.reports).toHaveProperty(
        "markdown",
        expect.stringContaining("uncommitted changes in `policies/b-11.yaml`"),
      );
    });
  });

  test("where a principal is known from a live policy of another shard alone", async () => {
    const account = `${accountFile}identities: { team: "202147604049350001" }\n`;
    const world = await worldOf(8, 0, account);
    const [bucket = "", ...others] = named(8);
    const [index] = [1, 2].filter((one) => isInShard(bucket, { index: one, count: 2 }));
    const other = others.find((one) => !isInShard(one, { index: index ?? 1, count: 2 })) ?? "";
    const base = newRepository();
    base.commit({ "policies/account.yaml": account, [`policies/${other}.yaml`]: fileOf(other) });
    writeFileSync(
      join(base.folder, `policies/${bucket}.yaml`),
      fileOf(bucket, "oss:PutObject", "202147604049359999"),
    );
    world.sandbox.setPolicy(other, liveOf(other, "202147604049359999"));
    await inFolder(base.folder, async () => {
      const words = ["--base", "HEAD", "--exclude", "none-*"];
      const all = words.slice(0, 2);
      const one = await withReports(["plan", "--policies", "policies", ...all], world.env);
      const shards = await planShards({ env: world.env, policies: "policies" }, 2, all);
      expect(shards.results.map(({ stdout }) => stdout).join("")).toContain("grants-unknown-principal");
      expect(one.reports.stdout).not.toContain("grants-unknown-principal");
      expect((await withReports(["merge", ...shards.files])).reports).toEqual(one.reports);
    });
  });
});

describe("--shard", () => {
  test.each(["0/0", "0/3", "3/2", "1", "1/0", "-1/3", "1/99999", "a/b", "1/3/5", ""])(
    "%j is refused",
    async (shard) => {
      const { code, stderr } = await runCli(["validate", "--shard", shard]);
      expect(stderr).toContain("write I/N, such as 2/5");
      expect(code).toBe(1);
    },
  );

  test("a shard without a bucket is success with nothing to do", async () => {
    const world = await worldOf(1, 1);
    const { results, files } = await planShards(world, 9);
    expect(results.map(({ code }) => code)).toEqual(files.map(() => 0));
    expect(
      results.filter(({ stdout }) => stdout.includes("0 to update, 0 to delete, 0 unchanged")),
    ).toHaveLength(8);
    const merged = await runCli(["merge", ...files, "--detailed-exitcode"]);
    expect(merged.stdout).toContain("1 to update");
    expect(merged.code).toBe(2);
  });

  test("each bucket is checked by one validate, and a consent may name a bucket of another shard", async () => {
    const world = await worldOf(12, 3);
    const counts = [];
    for (const index of [1, 2, 3]) {
      const { stdout } = await runCli(["validate", "--policies", world.policies, "--shard", `${index}/3`]);
      counts.push(Number(/Validate: (\d+) bucket/.exec(stdout)?.[1]));
    }
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12);
    const { results } = await planShards(world, 3, ["--accept", "widens-access@b-00", "--bucket", "b-0*"]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
  });

  test("the shard of a bucket is the same in every version", () => {
    const shardOf = (bucket: string, count: number) =>
      Array.from({ length: count }, (_, at) => at + 1).filter((index) => isInShard(bucket, { index, count }));
    expect(["web-assets", "logs", "b-00"].map((bucket) => shardOf(bucket, 20))).toMatchInlineSnapshot(`
      [
        [
          2,
        ],
        [
          1,
        ],
        [
          1,
        ],
      ]
    `);
  });
});
