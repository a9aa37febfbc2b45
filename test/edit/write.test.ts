import fs, {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeFiles } from "../../src/run/write-files.ts";
import { alice, allows, bob, bucketFile, edited, namedAccount, owner } from "../support/edited.ts";
import { onFullDisk } from "../support/full-disk.ts";
import { newRepository } from "../support/repository.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

const reads = (principals: string, bucket = "logs") =>
  bucketFile(bucket, allows(principals, '"oss:GetObject"', `"acs:oss:*:${owner}:${bucket}/*"`));

describe("a file keeps", () => {
  test("its line ends", async () => {
    const { files } = await edited(
      { "logs.yaml": reads(`"${bob}"`).replaceAll("\n", "\r\n") },
      "grant",
      "alice",
      "oss:PutObject",
      "logs",
    );
    const text = files["logs.yaml"] ?? "";
    expect(text).toContain('      Action: ["oss:PutObject"]\r\n');
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  });

  test("its line ends where lines are removed", async () => {
    const text = `${reads(`"${bob}"`)}${allows('"${alice}"', '"oss:PutObject"', `"acs:oss:*:${owner}:logs/*"`)}`;
    const { files } = await edited({ "logs.yaml": text.replaceAll("\n", "\r\n") }, "revoke", "alice");
    expect(files["logs.yaml"]).toBe(reads(`"${bob}"`).replaceAll("\n", "\r\n"));
  });

  test("its byte order mark, its mode and its name in Chinese with blanks", async () => {
    const name = "华东 日志/审计 日志.yaml";
    const folder = writeTree({
      "account.yaml": namedAccount,
      [name]: `\uFEFF${reads(`"${alice}", "${bob}"`)}`,
    });
    chmodSync(join(folder, name), 0o640);
    const { code, stdout } = await runCli(["revoke", "alice", "--policies", folder]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`${name}:6: removed \`${alice}\` from Principal\n`),
    ]);
    expect(readFileSync(join(folder, name)).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(readFileSync(join(folder, name), "utf8")).toBe(`\uFEFF${reads(`"${bob}"`)}`);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(folder, "华东 日志"))).toEqual(["审计 日志.yaml"]);
  });

  test("its link", async () => {
    const folder = writeTree({ "account.yaml": namedAccount, "real/x.txt": "" });
    writeFileSync(join(folder, "real/logs.txt"), reads(`"${alice}", "${bob}"`));
    symlinkSync("real/logs.txt", join(folder, "logs.yaml"));
    const { code } = await runCli(["revoke", "alice", "--policies", folder]);
    expect([code, readFileSync(join(folder, "real/logs.txt"), "utf8")]).toEqual([0, reads(`"${bob}"`)]);
    expect(readFileSync(join(folder, "logs.yaml"), "utf8")).toBe(reads(`"${bob}"`));
  });
});

describe("all files are written, or none", () => {
  test("where one cannot be", async () => {
    const both = `"${alice}", "${bob}"`;
    const folder = writeTree({
      "account.yaml": namedAccount,
      "a.yaml": reads(both, "aaa"),
      "b.yaml": reads(both, "bbb"),
    });
    // A name that is taken stands for a folder that cannot be written, which does not stop every user.
    mkdirSync(join(folder, ".b.yaml.oss-policy"));
    const { code, stdout, stderr } = await runCli(["revoke", "alice", "--policies", folder]);
    expect([code, stdout]).toEqual([1, "Exit 1, error: no file was changed.\n"]);
    expect(stderr).toContain(`\`${join(folder, "b.yaml")}\` cannot be written (EEXIST)`);
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(reads(both, "aaa"));
    expect(readdirSync(folder).sort()).toEqual([".b.yaml.oss-policy", "a.yaml", "account.yaml", "b.yaml"]);
  });

  test("where a file cannot be replaced, those before it get their old text back", () => {
    const both = `"${alice}", "${bob}"`;
    const folder = writeTree({ "a.yaml": reads(both, "aaa"), "b.yaml": reads(both, "bbb") });
    const files = ["a", "b"].map((name) => ({
      path: join(folder, `${name}.yaml`),
      before: reads(both, name.repeat(3)),
      after: reads(`"${bob}"`, name.repeat(3)),
      changes: [],
    }));
    const failed = withFailingRename("b.yaml", () => writeFiles(files));
    expect(failed?.problem.message).toContain("b.yaml` cannot be written (EBUSY)");
    expect(failed?.ending).toBe("no file was changed");
    expect(files.map(({ path }) => readFileSync(path, "utf8"))).toEqual(files.map(({ before }) => before));
    expect(readdirSync(folder).sort()).toEqual(["a.yaml", "b.yaml"]);
  });

  test.skipIf(process.getuid?.() === 0)("in a folder that cannot be written", async () => {
    const folder = writeTree({ "account.yaml": namedAccount, "logs.yaml": reads(`"${alice}", "${bob}"`) });
    chmodSync(folder, 0o555);
    const { code, stderr } = await runCli(["revoke", "alice", "--policies", folder]);
    chmodSync(folder, 0o755);
    expect([code, stderr]).toEqual([1, expect.stringContaining("cannot be written (EACCES)")]);
  });

  test("on a disk that is full, nothing is left of the edit", async () => {
    const text = `# ${"x".repeat(2_000)}\n${reads(`"${alice}", "${bob}"`)}`;
    const folder = writeTree({ "account.yaml": namedAccount, "logs.yaml": text });
    const full = await onFullDisk(["revoke", "alice", "--policies", folder]);
    expect(full).toMatchObject({ code: 1, stdout: "Exit 1, error: no file was changed.\n" });
    expect(full.stderr).toContain("cannot be written (EFBIG)");
    expect(readdirSync(folder).sort()).toEqual(["account.yaml", "logs.yaml"]);
    expect((await runCli(["revoke", "alice", "--policies", folder])).code).toBe(0);
  });

  test("and no correction is said to be made", async () => {
    const text = `# ${"x".repeat(2_000)}\n${reads(`"${alice}"`).replace("GetObject", "getObject")}`;
    const folder = writeTree({ "account.yaml": namedAccount, "logs.yaml": text });
    const full = await onFullDisk(["validate", "--fix", folder]);
    expect(full.code).toBe(1);
    expect(full.stdout).not.toContain("fixed");
    expect(full.stdout).toContain("no file was changed");
    expect(readFileSync(join(folder, "logs.yaml"), "utf8")).toBe(text);
  });
});

describe("--dry-run", () => {
  test("shows a diff that git applies, and writes nothing", async () => {
    const text = reads(`"${alice}", "${bob}"`);
    const { code, files, stdout } = await edited({ "logs.yaml": text }, "revoke", "alice", "--dry-run");
    expect([code, files["logs.yaml"]]).toEqual([0, text]);
    expect(stdout).toContain(
      `--- a/logs.yaml\n+++ b/logs.yaml\n@@ -3,6 +3,6 @@\n   Version: "1"\n   Statement:\n     - Effect: Allow\n-      Principal: ["${alice}", "${bob}"]\n+      Principal: ["${bob}"]\n`,
    );
    expect(stdout).toContain("Would edit 1 file, for 1 bucket. OSS is unchanged until apply.\n");
    const repository = newRepository({ "logs.yaml": text });
    repository.write({ "edit.diff": stdout.slice(0, stdout.indexOf("logs.yaml:6: ")) });
    repository.git("apply", "edit.diff");
    expect(readFileSync(join(repository.folder, "logs.yaml"), "utf8")).toBe(reads(`"${bob}"`));
  });

  test("shows no control character of a file", async () => {
    const text = `# \u200B hidden\n${reads(`"${alice}", "${bob}"`)}`;
    const { stdout } = await edited(
      {
        "logs.yaml": text.replace('bucket: logs\npolicy:\n  Version: "1"\n', (head) => `${head}  # \u200B\n`),
      },
      "revoke",
      "alice",
      "--dry-run",
    );
    expect(stdout).not.toContain("\u200B");
    expect(stdout).toContain("\\u{200b}");
  });
});

/** Acts while the system refuses to replace one file, as some do with a file that is open. */
function withFailingRename<T>(name: string, act: () => T): T {
  const { renameSync: rename } = fs;
  fs.renameSync = (from, to) => {
    if (String(to).endsWith(name)) throw Object.assign(new Error("busy"), { code: "EBUSY" });
    rename(from, to);
  };
  syncBuiltinESMExports();
  try {
    return act();
  } finally {
    fs.renameSync = rename;
    syncBuiltinESMExports();
  }
}

test("a file that is gone or changed is not replaced", () => {
  const folder = writeTree({ "account.yaml": namedAccount, "logs.yaml": reads(`"${alice}", "${bob}"`) });
  const path = join(folder, "logs.yaml");
  const file = { path, before: "another text", after: "x", changes: [] };
  expect(writeFiles([file])?.problem.message).toContain("changed while the edit was computed");
  renameSync(path, join(folder, "elsewhere.yaml"));
  expect(writeFiles([file])?.problem.message).toContain("cannot be written (ENOENT)");
});
