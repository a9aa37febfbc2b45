import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isInShard } from "../../src/desired/shard.ts";
import { accountFile, runCli } from "../support/run-cli.ts";
import { fileOf, liveOf, named, planShards, resealed, worldOf } from "../support/shards.ts";

describe("limits are those of the whole account", () => {
  test("one shard does not judge them, merge does, and apply then writes nothing", async () => {
    const world = await worldOf(12, 6);
    const { files, results, folder } = await planShards(world, 3);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    const plan = join(folder, "merged.json");
    const merged = await runCli(["merge", ...files, "--json", plan]);
    expect(merged.stdout).toContain(
      "6 of the 12 buckets of account 1746495857600001 would be changed (50 %)",
    );
    expect(merged.code).toBe(3);
    for (const index of [1, 2, 3]) {
      const words = ["apply", "--policies", world.policies, "--shard", `${index}/3`, "--plan", plan];
      const { code, stdout } = await runCli(words, { env: world.env });
      expect(stdout).toContain("blocked by a limit of its account");
      expect(code).toBe(3);
    }
    expect(named(6).map((bucket) => world.sandbox.policyOf(bucket))).toEqual(
      named(6).map((bucket) => liveOf(bucket)),
    );
  });

  test("a consent of the shards' plans lifts them in merge, and apply needs its own", async () => {
    const world = await worldOf(12, 6);
    const accept = ["--accept", "limits@1746495857600001"];
    const { files, folder } = await planShards(world, 3, accept);
    const plan = join(folder, "merged.json");
    expect((await runCli(["merge", ...files, "--json", plan])).code).toBe(0);
    const apply = ["apply", "--policies", world.policies, "--shard", "1/3", "--plan", plan];
    expect((await runCli(apply, { env: world.env })).code).toBe(3);
    expect((await runCli([...apply, ...accept], { env: world.env })).code).toBe(0);
  });

  test("a plan in which updates were made creations, which no limit counts, lets nothing be written", async () => {
    const world = await worldOf(12, 6);
    const { files, folder } = await planShards(world, 3);
    const plan = join(folder, "merged.json");
    await runCli(["merge", ...files, "--json", plan]);
    resealed(plan, ({ changes }) => {
      for (const change of changes)
        if (change["action"] === "update") {
          Object.assign(change, { action: "create", blocked: false });
          delete change["limit"];
        }
    });
    for (const index of [1, 2, 3]) {
      const words = ["apply", "--policies", world.policies, "--shard", `${index}/3`, "--plan", plan];
      const { code, stdout } = await runCli(words, { env: world.env });
      expect(stdout).toContain("the saved plan has action `create` for it, and this run `update`");
      expect(code).toBe(4);
    }
    expect(world.sandbox.requests.filter(({ method }) => method === "PUT")).toEqual([]);
  });

  test("a limit that is lowered after the merge counts for every shard", async () => {
    const world = await worldOf(12, 3);
    const { files, folder } = await planShards(world, 3);
    const plan = join(folder, "merged.json");
    expect((await runCli(["merge", ...files, "--json", plan])).code).toBe(0);
    writeFileSync(join(world.policies, "account.yaml"), `${accountFile}limits: { change: { count: 2 } }\n`);
    const results = [];
    for (const index of [1, 2, 3]) {
      const words = ["apply", "--policies", world.policies, "--shard", `${index}/3`, "--plan", plan];
      results.push((await runCli(words, { env: world.env })).stdout);
    }
    expect(results.join("")).not.toContain("1 applied");
    expect(results.join("")).toContain("3 of the 12 buckets");
  });
});

describe("apply in shards", () => {
  test("writes each change in its own shard, and then nothing is left to do", async () => {
    const world = await worldOf(20, 6);
    const { files, folder } = await planShards(world, 4);
    const plan = join(folder, "merged.json");
    await runCli(["merge", ...files, "--json", plan]);
    const puts = () => world.sandbox.requests.filter(({ method }) => method === "PUT").length;
    for (const index of [1, 2, 3, 4]) {
      const shard = { index, count: 4 };
      const words = ["apply", "--policies", world.policies, "--shard", `${index}/4`, "--plan", plan];
      const before = puts();
      const { code, stdout } = await runCli(words, { env: world.env });
      expect(code).toBe(0);
      expect(stdout).toContain(`This is shard ${index} of 4.`);
      expect(puts() - before).toBe(named(6).filter((bucket) => isInShard(bucket, shard)).length);
    }
    const { stdout } = await runCli(["plan", "--policies", world.policies], { env: world.env });
    expect(stdout).toContain("0 to update, 0 to delete, 20 unchanged");
  });

  test("another number of shards than that of the plan is as good: the plan has all buckets", async () => {
    const world = await worldOf(20, 6);
    const { files, folder } = await planShards(world, 4);
    const plan = join(folder, "merged.json");
    await runCli(["merge", ...files, "--json", plan]);
    const apply = ["apply", "--policies", world.policies, "--plan", plan];
    for (const index of [1, 2, 3])
      expect((await runCli([...apply, "--shard", `${index}/3`], { env: world.env })).code).toBe(0);
    expect((await runCli(apply, { env: world.env })).stdout).toContain("20 unchanged");
  });

  test("what the merged plan blocks is not written by a shard, whatever consent it is given", async () => {
    const world = await worldOf(12, 0);
    writeFileSync(join(world.policies, "b-00.yaml"), fileOf("b-00", "oss:GetObject", "*"));
    const { files, folder } = await planShards(world, 2);
    const plan = join(folder, "merged.json");
    expect((await runCli(["merge", ...files, "--json", plan])).code).toBe(3);
    const index = isInShard("b-00", { index: 1, count: 2 }) ? 1 : 2;
    const words = ["apply", "--policies", world.policies, "--shard", `${index}/2`, "--plan", plan];
    const consent = ["--accept", "grants-public-access@b-00"];
    const { code, stdout } = await runCli([...words, ...consent], { env: world.env });
    expect(stdout).toContain("b-00: the saved plan blocks this bucket");
    expect(code).toBe(4);
  });

  test("a bucket of another shard whose file is gone is not missed", async () => {
    const world = await worldOf(12, 3);
    const { files, folder } = await planShards(world, 2);
    const plan = join(folder, "merged.json");
    await runCli(["merge", ...files, "--json", plan]);
    rmSync(join(world.policies, "b-00.yaml"));
    const own = isInShard("b-00", { index: 1, count: 2 }) ? 1 : 2;
    for (const index of [1, 2]) {
      const words = ["apply", "--policies", world.policies, "--shard", `${index}/2`, "--plan", plan];
      const { stdout } = await runCli(words, { env: world.env });
      expect(stdout.includes("the saved plan writes `b-00`")).toBe(index === own);
    }
  });

  test("needs a plan, and one of all shards", async () => {
    const world = await worldOf(12, 3);
    const {
      files: [file = ""],
    } = await planShards(world, 2);
    const apply = ["apply", "--policies", world.policies];
    const env = world.env;
    const alone = await runCli([...apply, "--shard", "1/2"], { env });
    expect(alone.stderr).toContain("--shard needs --plan: one shard cannot judge the limits of an account");
    for (const words of [["--shard", "1/2"], []]) {
      const refused = await runCli([...apply, ...words, "--plan", file], { env });
      expect(refused.stderr).toContain("it is the plan of shard 1/2 alone");
      expect(refused.code).toBe(1);
    }
    expect(alone.code).toBe(1);
  });
});
