import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, writeTree } from "../support/run-cli.ts";
import { fileOf, planShards, resealed, worldOf, type Words, type World } from "../support/shards.ts";

describe("plans that are not of one whole are refused", () => {
  interface Planned extends World {
    readonly files: readonly string[];
  }
  const again = async (world: World, shard: string, more: Words = []) => {
    const file = join(writeTree({}), "again.json");
    const words = [
      "plan",
      "--policies",
      world.policies,
      "--json",
      file,
      ...(shard === "" ? [] : ["--shard", shard]),
    ];
    await runCli([...words, ...more], { env: world.env });
    return file;
  };
  test.each<[string, (world: Planned) => Promise<Words> | Words, string]>([
    ["one is missing", ({ files }) => files.slice(1), "there is no plan of shard 1/3"],
    ["the same file twice", ({ files }) => [...files, files[0] ?? ""], "are both of shard 1/3"],
    [
      "another number of shards",
      async (world) => [...world.files, await again(world, "1/4")],
      "are of different shards",
    ],
    [
      "another selection",
      async (world) => [...world.files.slice(1), await again(world, "1/3", ["--exclude", "b-00"])],
      "different options: --exclude",
    ],
    [
      "another consent",
      async (world) => [
        ...world.files.slice(1),
        await again(world, "1/3", ["--accept", "widens-access@b-00"]),
      ],
      "different options: --accept",
    ],
    [
      "other files",
      async (world) => {
        writeFileSync(join(world.policies, "b-00.yaml"), fileOf("b-00", "oss:PutObject"));
        return [...world.files.slice(1), await again(world, "1/3")];
      },
      "were planned of different policy files",
    ],
    [
      "a plan of all buckets",
      async (world) => [...world.files.slice(1), await again(world, "")],
      "is the plan of all buckets",
    ],
    [
      "a merged plan",
      async ({ files }) => {
        const file = join(writeTree({}), "merged.json");
        await runCli(["merge", ...files, "--json", file]);
        return [file];
      },
      "is the plan of all buckets",
    ],
    [
      "an errored plan",
      async (world) => {
        writeFileSync(join(world.policies, "b-00.yaml"), "bucket: [\n");
        return [...world.files.slice(1), await again(world, "1/3")];
      },
      "the plan stopped at an error",
    ],
    [
      "a file that is cut off",
      ({ files: [first = "", ...others] }) => {
        writeFileSync(first, readFileSync(first, "utf8").slice(0, -30));
        return [first, ...others];
      },
      "it is not a complete JSON document",
    ],
    [
      "a plan that was changed",
      ({ files: [first = "", ...others] }) => {
        writeFileSync(first, readFileSync(first, "utf8").replace('"blocked": false', '"blocked": true'));
        return [first, ...others];
      },
      "it was changed or cut off",
    ],
    [
      "another version",
      ({ files: [first = "", ...others] }) => {
        writeFileSync(
          first,
          readFileSync(first, "utf8").replace(/"version": "(\d+)[^"]*"/, '"version": "$1.999.0"'),
        );
        return [first, ...others];
      },
      "it was changed or cut off",
    ],
    [
      "a file that is no plan",
      ({ files }) => [...files.slice(1), writeTree({ "x.json": "{}" }) + "/x.json"],
      "it is not a plan of oss-policy",
    ],
    ...[
      [1, 0],
      [1, 30_000_000],
      [5, 2],
    ].map(([index, count]): [string, (world: Planned) => Words, string] => [
      `a shard ${index}/${count}, which plan does not make`,
      ({ files }) => {
        for (const file of files) resealed(file, ({ shard }) => Object.assign(shard, { index, count }));
        return files;
      },
      "it is not a plan of oss-policy",
    ]),
    [
      "a plan that has a bucket twice, and another not at all",
      ({ files }) => {
        resealed(files[1] ?? "", ({ changes }) => changes.splice(0, 1, changes[1] ?? {}));
        return files;
      },
      "twice",
    ],
    ["no file", ({ files }) => [...files.slice(1), "nowhere.json"], "cannot be read (ENOENT)"],
  ])("%s", async (_, wordsOf, message) => {
    const world = await worldOf(6, 2);
    const { files } = await planShards(world, 3);
    const report = join(writeTree({}), "report.json");
    const words = await wordsOf({ ...world, files });
    const { code, stderr, stdout } = await runCli(["merge", ...words, "--json", report]);
    expect(stderr).toContain(message);
    expect(stdout).toContain("Exit 1, error: no plan was made");
    expect(code).toBe(1);
    expect(JSON.parse(readFileSync(report, "utf8"))).toHaveProperty("errored", true);
  });

  test("what an apply wrote of a shard", async () => {
    const world = await worldOf(6, 1);
    const { files, folder } = await planShards(world, 2);
    const [plan, report] = [join(folder, "merged.json"), join(folder, "report.json")];
    await runCli(["merge", ...files, "--json", plan]);
    const words = ["apply", "--policies", world.policies, "--shard", "1/2", "--plan", plan, "--json", report];
    await runCli(words, { env: world.env });
    const { stderr } = await runCli(["merge", report, ...files.slice(1)]);
    expect(stderr).toContain("is what apply wrote of shard 1/2");
    const again = await runCli(["apply", "--policies", world.policies, "--shard", "1/2", "--plan", report], {
      env: world.env,
    });
    expect(again.stderr).toContain("it is the plan of shard 1/2 alone");
  });

  test("a report is not written over a plan that is read, nor into the policy files", async () => {
    const world = await worldOf(6, 1);
    const { files } = await planShards(world, 2);
    const over = await runCli(["merge", ...files, "--json", files[0] ?? ""]);
    expect(over.stderr).toContain("which merge reads");
    const into = await runCli(["merge", ...files, "--markdown", join(world.policies, "report.yaml")]);
    expect(into.stderr).toContain("is in the policy files");
    expect([over.code, into.code]).toEqual([1, 1]);
  });
});
