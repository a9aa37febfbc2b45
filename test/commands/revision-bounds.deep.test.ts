import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bounds } from "../../src/desired/bounds.ts";
import { historyBounds } from "../../src/git/history.ts";
import {
  deletes,
  file,
  guard,
  inFolder,
  planned,
  policy,
  reads,
  tree,
  writes,
} from "../support/base-plans.ts";
import { newRepository, type Repository } from "../support/repository.ts";
import { accountFile, runCli } from "../support/run-cli.ts";

/** Runs under other bounds, so that a test need not fill them. */
async function under<T extends object, R>(all: T, other: Partial<T>, work: () => Promise<R>): Promise<R> {
  const before = { ...all };
  Object.assign(all, other);
  try {
    return await work();
  } finally {
    Object.assign(all, before);
  }
}

const accessDiff = ({ folder }: Repository, range: string) =>
  inFolder(folder, () => runCli(["access", "diff", range]));
const many = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `policies/b${index}.yaml`,
      `bucket: b-${index}\npolicy: none\n`,
    ]),
  );

describe("the bounds of a working tree hold for a revision", () => {
  test("a file that is too large is not read, and its size is the reason", async () => {
    const repository = newRepository(tree(file(reads)));
    repository.commit({ "policies/large.yaml": "#".repeat(bounds.fileBytes + 1) });
    const { code, stderr } = await accessDiff(repository, "HEAD^..HEAD");
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`\`policies/large.yaml\` is larger than ${bounds.fileBytes} bytes`),
    ]);
    const validated = await inFolder(repository.folder, () => runCli(["validate"]));
    expect(validated.stdout + validated.stderr).toContain(
      `\`policies/large.yaml\` is larger than ${bounds.fileBytes} bytes`,
    );
  });

  test("an account.yaml that is too large at the base blocks its buckets", async () => {
    const repository = newRepository(
      tree(file(reads), { "policies/account.yaml": `${accountFile}#${"#".repeat(bounds.fileBytes)}` }),
    );
    repository.write({ "policies/account.yaml": accountFile, "policies/data.yaml": file(deletes) });
    const { code, hazards } = await planned({ repository, live: policy(reads) });
    expect([code, hazards]).toEqual([3, expect.arrayContaining(["new-account"])]);
  });

  test.each([
    ["too many files", { files: 3 }, /more than 3 (policy )?files/],
    ["too many bytes together", { totalBytes: 150 }, /more than 150 bytes|larger than 150 bytes/],
  ])("%s", async (_, other, message) => {
    const repository = newRepository(tree(file(reads), many(6)));
    await under(bounds, other, async () => {
      const { code, stderr } = await accessDiff(repository, "HEAD..HEAD");
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      const validated = await inFolder(repository.folder, () => runCli(["validate"]));
      expect([validated.code, validated.stdout + validated.stderr]).toEqual([
        1,
        expect.stringMatching(message),
      ]);
    });
  });

  test("folders that are too deep", async () => {
    const place = `policies/${"d/".repeat(bounds.depth)}deep.yaml`;
    const repository = newRepository(tree(file(reads), { [place]: "bucket: deep\npolicy: none\n" }));
    const message = `is more than ${bounds.depth} folders deep`;
    const { code, stderr } = await accessDiff(repository, "HEAD..HEAD");
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    const validated = await inFolder(repository.folder, () => runCli(["validate"]));
    expect(validated.stdout + validated.stderr).toContain(message);
  });

  test("files that are not UTF-8", async () => {
    const repository = newRepository(tree(file(reads)));
    writeFileSync(join(repository.folder, "policies/odd.yaml"), Buffer.from([0x61, 0xff, 0x0a]));
    repository.commit({});
    const { code, stderr } = await accessDiff(repository, "HEAD..HEAD");
    expect([code, stderr]).toEqual([1, expect.stringContaining("`policies/odd.yaml` is not UTF-8 text")]);
  });

  test("a link out of the tree, also by an absolute path or into a folder whose name begins alike", async () => {
    const targets = ["/data.yaml", "../policies-too/data.yaml", "../../etc/x.yaml"];
    for (const target of targets) {
      const repository = newRepository(tree(file(reads), { "policies-too/data.yaml": file(reads) }));
      symlinkSync(target, join(repository.folder, "policies/link.yaml"));
      repository.commit({});
      const { code, stderr } = await accessDiff(repository, "HEAD..HEAD");
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining("policies/link.yaml` is a submodule, or a link"),
      ]);
      const validated = await inFolder(repository.folder, () => runCli(["validate"]));
      expect(validated.stdout + validated.stderr).toMatch(/policies\/link.yaml` is a link /);
    }
  });
});

describe("a history beyond its bounds counts as not seen", () => {
  test.each([{ commits: 2 }, { lookups: 3 }, { states: 2 }])("%o", async (other) => {
    const repository = newRepository(tree(file(reads, guard)));
    for (const action of ["oss:PutObject", "oss:GetObjectAcl", "oss:GetObjectMeta"])
      repository.commit({ "policies/data.yaml": file({ action }) });
    repository.commit({ "policies/data.yaml": file(reads) });
    const live = policy(reads, guard);
    const seen = await planned({ repository, live });
    expect(seen.hazards).not.toContain("overwrites-foreign-statements");
    await under(historyBounds, other, async () => {
      const { hazards, stdout } = await planned({ repository, live });
      expect(hazards).toContain("overwrites-foreign-statements");
      expect(stdout).toContain("older versions were not checked");
    });
  });
});

test("what a merge alone brought in was asked for", async () => {
  const repository = newRepository(tree(file(reads)));
  repository.git("checkout", "-q", "-b", "topic");
  repository.commit({ "README.md": "topic\n" });
  repository.git("checkout", "-q", "main");
  repository.commit({ "NOTES.md": "main\n" });
  repository.git("merge", "-q", "--no-ff", "--no-commit", "topic");
  repository.commit({ "policies/data.yaml": file(reads, guard) });
  repository.commit({ "policies/data.yaml": file(reads, writes) });
  const { hazards } = await planned({ repository, live: policy(reads, guard) });
  expect(hazards).not.toContain("overwrites-foreign-statements");
});
