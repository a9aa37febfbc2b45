import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { leaksIn } from "../support/leaks.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const bucketFile = "bucket: data\npolicy: none\n";
const stopped = Promise.resolve();

test("git gets no secret, in its words or its environment", async () => {
  const keys = {
    OSS_ACCESS_KEY_ID: "LTAI5tQwErTyUiOpAsDf",
    OSS_ACCESS_KEY_SECRET: "s3QwErTyUiOpAsDfGhJkLzXc",
  };
  const sandbox = await sandboxWith({
    keys: [{ id: keys.OSS_ACCESS_KEY_ID, secret: keys.OSS_ACCESS_KEY_SECRET }],
    buckets: [{ name: "data", region: "cn-hangzhou" }],
  });
  const repository = newRepository({
    "policies/account.yaml": accountFile,
    "policies/data.yaml": bucketFile,
  });
  const bin = writeTree({ log: "" });
  const path = process.env["PATH"] ?? "";
  const script = `#!/bin/sh\n{ env; echo "$0 $@"; } >> ${bin}/log\nPATH="${path}" exec git "$@"\n`;
  writeFileSync(join(bin, "git"), script, { mode: 0o755 });
  const { code } = await runCli(["plan", "--base", "HEAD"], {
    env: {
      ...keys,
      OSS_ENDPOINT: sandbox.url,
      GITHUB_TOKEN: "ghs_QwErTyUiOpAsDfGhJkLz",
      PATH: `${bin}:${path}`,
    },
    folder: repository.folder,
  });
  const log = readFileSync(join(bin, "log"), "utf8");
  expect([code, log]).toEqual([0, expect.stringContaining("rev-parse")]);
  expect(leaksIn({ log }, [...Object.values(keys), "ghs_QwErTyUiOpAsDfGhJkLz"])).toEqual([]);
});

describe("a seed file that cannot be read", () => {
  const secret = "marked-secret-0123456789abcdef";
  test.each([
    ["an alias", `keys: [{ id: a, secret: *${secret} }]`],
    ["a tag", `keys: [{ id: a, secret: !${secret} }]`],
    ["a name", `keys: [{ id: a, ${secret}: b }]`],
    ["a name at the top", `${secret}: 1`],
    ["a list", `keys: [{ id: a, secret: [${secret}] }]`],
    ["an open quote", `keys: [{ id: a, secret: "${secret}`],
    ["an anchor", `keys: [{ id: a, secret: &${secret} &${secret} b }]`],
    ["a directive", `%${secret} x\n---\n`],
  ])("%s: its problem does not quote a secret", async (_, text) => {
    const folder = writeTree({
      "account.yaml": accountFile,
      "data.yaml": bucketFile,
      "seed.yaml": `buckets: []\n${text}\n`,
    });
    mkdirSync(join(folder, "policies"));
    writeFileSync(join(folder, "policies/account.yaml"), accountFile);
    writeFileSync(join(folder, "policies/data.yaml"), bucketFile);
    for (const words of [
      ["plan", "--sandbox", "--policies", join(folder, "policies")],
      ["sandbox", "--port", "0"],
    ]) {
      const { code, stdout, stderr } = await runCli([...words, "--seed", join(folder, "seed.yaml")], {
        stopped,
      });
      expect([code, stderr]).toEqual([1, expect.stringContaining("[seed]")]);
      expect(leaksIn({ stdout, stderr }, [secret])).toEqual([]);
    }
  });
});
