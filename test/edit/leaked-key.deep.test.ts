import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { alice as leaked, allows, bob, owner } from "../support/edited.ts";
import { newRepository } from "../support/repository.ts";
import { environmentOf, runCli } from "../support/run-cli.ts";
import { sandboxWith, storeOver } from "../support/store.ts";

const program = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const account = `account: "${owner}"\nregion: cn-hangzhou\nidentities:\n  build: "${leaked}"\n`;
const names = Array.from({ length: 12 }, (_, index) => `bucket-${String(index).padStart(2, "0")}`);

/** Statements of a bucket: some share the leaked key with another, one has it alone, one gets it by a set. */
function file(name: string, index: number): string {
  const head = `bucket: ${name}\n${index === 3 ? "use: [builds]\n" : ""}policy:\n  Version: "1"\n  Statement:\n`;
  const resource = '"acs:oss:*:${account}:${bucket}/*"';
  if (index === 5) return head + allows('"${build}"', '"oss:PutObject"', resource);
  const who = index === 3 ? `"${bob}"` : `"${bob}", "${leaked}"`;
  return head + allows(who, '"oss:GetObject", "oss:PutObject"', resource);
}

const set = `Statement:\n${allows('"${build}"', '"oss:GetObject"', '"acs:oss:*:${account}:${bucket}/builds/*"')}`;

/** A repository whose policies are those of OSS, with a branch that stands for what was reviewed. */
async function world() {
  const repository = newRepository({
    "policies/account.yaml": account,
    "policies/_sets/builds.yaml": set,
    ...Object.fromEntries(names.map((name, index) => [`policies/${name}.yaml`, file(name, index)])),
  });
  repository.git("branch", "reviewed");
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({ name, region: "cn-hangzhou" })),
  });
  const cli = (...words: readonly string[]) =>
    runCli(words, { folder: repository.folder, env: environmentOf(sandbox) });
  expect((await cli("apply")).code).toBe(0);
  const store = storeOver(sandbox.url);
  const live = () => Promise.all(names.map((bucket) => store.get({ bucket, region: "cn-hangzhou" })));
  return { repository, cli, live };
}

describe("a leaked key: one command, one commit, one apply", () => {
  test("takes it out of every live policy, and nothing from any other principal", async () => {
    const { repository, cli, live } = await world();
    const { status, stdout } = spawnSync("node", [program, "revoke", "build"], {
      cwd: repository.folder,
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining("Edited 12 files, for 12 buckets.")]);
    expect(stdout).toContain(`The policies of 12 buckets allow build (${leaked}) nothing (proved).`);
    const changed = repository.git("diff", "--name-only").split("\n");
    expect(changed).toHaveLength(12);
    expect(changed).toContain("policies/_sets/builds.yaml");
    repository.git("commit", "-qam", "Revoke the leaked key of the builds");

    const refused = await cli("apply", "--base", "reviewed");
    expect([refused.code, refused.stdout]).toEqual([3, expect.stringContaining("limit")]);
    const consent = ["--base", "reviewed", "--accept", `limits@${owner}`];
    const plan = await cli("plan", ...consent);
    expect([plan.code, plan.stdout]).toEqual([0, expect.not.stringContaining("gains")]);
    const applied = await cli("apply", ...consent);
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining("Apply: 12 applied")]);

    const texts = JSON.stringify(await live());
    expect(texts).not.toContain(leaked);
    expect(texts.split(bob)).toHaveLength(12);
    const again = await cli("revoke", "build");
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("Nothing to do: ")]);
  });

  test("or denies it everywhere, whatever RAM allows", async () => {
    const { repository, cli, live } = await world();
    expect((await cli("revoke", "build", "--deny")).code).toBe(0);
    repository.git("commit", "-qam", "Deny the leaked key of the builds");
    const applied = await cli("apply", "--base", "reviewed", "--accept", `limits@${owner}`);
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining("Apply: 12 applied")]);
    for (const { live: state } of await live()) expect(JSON.stringify(state)).toContain("Deny");
    const can = await cli(
      "access",
      "can",
      "build",
      "oss:GetObject",
      join(names[3] ?? "", "builds/x"),
      "--live",
    );
    expect(can.stdout).toMatch(/^no: build/);
  });
});
