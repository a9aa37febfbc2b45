import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deletes, file, planned, policy, reads, tree, writes } from "../support/base-plans.ts";
import { newRepository, repositoryIn } from "../support/repository.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";

const guardrails = `guardrails:
  - { name: nobody deletes, Principal: ["\${nobody}"], Action: ["oss:Delete*"], Resource: ["*"] }
`;
const guarded = `${accountFile}vars: { nobody: ["*"] }\n${guardrails}`;
const messages = ({ document }: Awaited<ReturnType<typeof planned>>) =>
  document.loosened?.map(({ message }) => message);

describe("the guards of the base judge", () => {
  test("also where its account.yaml is a link to another file of the tree", async () => {
    const repository = newRepository();
    repository.write(
      tree(file(reads), { "policies/account.yaml": accountFile, "policies/own.txt": guarded }),
    );
    repository.write({ "policies/account.yaml": null });
    symlinkSync("own.txt", join(repository.folder, "policies/account.yaml"));
    repository.commit({});
    repository.write({ "policies/account.yaml": null });
    repository.write({ "policies/account.yaml": accountFile, "policies/data.yaml": file(deletes) });
    const result = await planned({ repository, live: policy(reads) });
    expect([result.code, result.hazards]).toEqual([3, expect.arrayContaining(["guardrail-broken"])]);
    expect(messages(result)).toEqual(["guardrail `nobody deletes` is gone"]);
  });

  test("whatever the folder of its account.yaml is called", async () => {
    const place = "policies/a team\nof möre/-x";
    const repository = newRepository({
      [`${place}/account.yaml`]: guarded,
      [`${place}/data.yaml`]: file(reads),
    });
    repository.write({
      [`${place}/account.yaml`]: accountFile,
      [`${place}/data.yaml`]: file(deletes),
    });
    const { code, hazards } = await planned({ repository, live: policy(reads) });
    expect([code, hazards]).toEqual([3, expect.arrayContaining(["guardrail-broken"])]);
  });

  test("what a revision makes of the variables in them is told, and does not count", async () => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    repository.write({
      "policies/account.yaml": guarded.replace('["*"]', '["1"]'),
      "policies/data.yaml": file(deletes),
    });
    const result = await planned({ repository, live: policy(reads) });
    expect(result.hazards).toContain("guardrail-broken");
    expect(messages(result)).toEqual([
      "guardrail `nobody deletes` is changed by a variable or an identity in it",
    ]);
  });

  test("nor what a bucket file makes of them; from then on it is as it was told", async () => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    repository.write({ "policies/data.yaml": `${file(deletes)}vars: { nobody: ["1"] }\n` });
    const result = await planned({ repository, live: policy(reads) });
    expect(result.hazards).toContain("guardrail-broken");
    expect(messages(result)).toEqual(["bucket `data` changes guardrail `nobody deletes` by its own `vars`"]);
    repository.commit({});
    expect(messages(await planned({ repository, live: policy(reads) }))).toEqual([]);
  });
});

test("a guardrail may speak of what only bucket files say, of a new one too", async () => {
  const account = `${accountFile}guardrails:
  - { name: nobody deletes, Principal: ["*"], Action: ["oss:Delete*"], Resource: ["acs:oss:*:*:\${mine}/*"] }
`;
  const repository = newRepository({
    "policies/account.yaml": account,
    "policies/logs.yaml": "bucket: logs\nvars: { mine: logs }\npolicy: none\n",
  });
  repository.write({ "policies/data.yaml": `${file(deletes)}vars: { mine: data }\n` });
  const result = await planned({ repository, live: policy(reads) });
  expect([result.code, result.hazards]).toEqual([3, expect.arrayContaining(["guardrail-broken"])]);
  expect(messages(result)).toEqual([]);
});

describe("what no guard of the base can judge is told", () => {
  test("an account that is new", async () => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    repository.write({
      "policies/data.yaml": null,
      "policies/account.yaml": null,
      "policies/sub/account.yaml": 'account: "1746495857600002"\nregion: cn-hangzhou\n',
      "policies/sub/logs.yaml": file(deletes).replaceAll("data", "logs"),
    });
    expect(messages(await planned({ repository }))).toEqual([
      "account 1746495857600001 no longer has an account.yaml",
      "account 1746495857600002 is new: no earlier guard judges its buckets",
    ]);
  });

  test("a revision without policy files", async () => {
    const repository = newRepository({ "README.md": "x\n" });
    repository.write(tree(file(reads)));
    expect((await planned({ repository })).stderr).toContain("at HEAD there are no policy files in `");
  });

  test("a link that leads nowhere, and a submodule", async () => {
    for (const entry of ["120000", "160000"]) {
      const repository = newRepository(tree(file(reads)));
      const id = repository.git("rev-parse", entry === "160000" ? "HEAD" : "HEAD:policies/data.yaml");
      repository.git("update-index", "--add", "--cacheinfo", `${entry},${id},policies/more.yaml`);
      repository.git("commit", "-q", "-m", "more");
      const { stderr, change } = await planned({ repository, live: policy(reads) });
      expect(stderr).toMatch(/at HEAD the policy files have errors .*more.yaml` is a submodule, or a link/);
      expect(change?.cause).toBe("none");
    }
  });
});

test("what a clone left out is an error, or was never asked for", async () => {
  const origin = newRepository(tree(file(reads, writes)));
  origin.commit({ "policies/data.yaml": file(reads) });
  origin.git("config", "uploadpack.allowFilter", "true");
  const folder = join(writeTree({}), "clone");
  origin.git("clone", "-q", "--filter=blob:none", `file://${origin.folder}`, folder);
  const repository = repositoryIn(folder);
  repository.git("remote", "set-url", "origin", join(folder, "gone"));
  const { code, stderr } = await planned({ repository, base: "HEAD^", live: policy(reads) });
  expect([code, stderr]).toEqual([1, expect.stringContaining("git cannot read what `")]);
  const { hazards, change } = await planned({ repository, live: policy(reads, writes) });
  expect(hazards).toContain("overwrites-foreign-statements");
  expect(change?.hazards?.[0]?.message).toContain("the history is incomplete here");
});

describe("the place that git is asked about is the one that is read", () => {
  test("a folder that became a link to another one is refused", async () => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    renameSync(join(repository.folder, "policies"), join(repository.folder, "old"));
    repository.write({ "new/account.yaml": accountFile, "new/data.yaml": file(deletes) });
    symlinkSync("new", join(repository.folder, "policies"));
    const { code, stderr, sandbox } = await planned({ repository, live: policy(reads) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("leads through a link of the checkout")]);
    expect(sandbox.requests).toEqual([]);
  });

  test("a link to the whole checkout is none of it, and does no harm", async () => {
    const repository = newRepository(tree(file(reads)));
    const link = join(writeTree({}), "checkout");
    symlinkSync(repository.folder, link);
    const { code } = await planned({ repository: { ...repository, folder: link }, live: policy(reads) });
    expect(code).toBe(0);
  });

  test("a folder that became a submodule is refused", async () => {
    const inner = newRepository({ "account.yaml": accountFile, "data.yaml": file(deletes) });
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    repository.git("rm", "-q", "-r", "policies");
    const allowed = ["-c", "protocol.file.allow=always"];
    repository.git(...allowed, "submodule", "--quiet", "add", inner.folder, "policies");
    const { code, stderr } = await planned({ repository, live: policy(reads) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("is in a submodule")]);
  });

  test("a folder outside of the repository that the run stands in is refused, however it is named", async () => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    const other = newRepository(tree(file(deletes)));
    symlinkSync(join(other.folder, "policies"), join(repository.folder, "link"));
    const link = join(writeTree({}), "in");
    symlinkSync(join(repository.folder, "policies"), link);
    for (const [policies, message] of [
      [join(other.folder, "policies"), "is outside of the repository of the working directory"],
      ["link", "is outside of the repository of the working directory"],
      [link, "leads through a link of the checkout"],
    ] as const) {
      const { code, stderr, sandbox } = await planned({ repository, policies, live: policy(reads) });
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
      expect(sandbox.requests).toEqual([]);
    }
  });

  test("no git is said", async () => {
    const repository = newRepository(tree(file(reads)));
    const result = await planned({ repository, env: { PATH: repository.folder } });
    expect(result.stderr).toContain("`git` cannot be found or run");
  });
});

describe("the revision that is named is the one that is meant", () => {
  test("a tag that has the name of a branch is refused", async () => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD");
    repository.commit({ "policies/account.yaml": accountFile });
    repository.git("tag", "origin/main");
    const { code, stderr } = await planned({ repository, base: "origin/main~0", live: policy(reads) });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(
        "is ambiguous: `origin/main` means `refs/remotes/origin/main` and `refs/tags/origin/main`",
      ),
    ]);
    const full = await planned({ repository, base: "refs/remotes/origin/main", live: policy(reads) });
    expect(messages(full)).toEqual(["guardrail `nobody deletes` is gone"]);
  });

  test("an annotated tag is the commit behind it; the negation of a commit is none", async () => {
    const repository = newRepository(tree(file(reads)));
    repository.git("tag", "-a", "-m", "first", "v1");
    expect((await planned({ repository, base: "v1", live: policy(reads) })).code).toBe(0);
    expect((await planned({ repository, base: "^HEAD", live: policy(reads) })).stderr).toContain(
      "`^HEAD` does not name one commit",
    );
  });
});

describe("the limits of the base count the buckets of the base", () => {
  const many = (from: number, count: number, text: (name: string) => string) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `policies/b${from + index}.yaml`,
        text(`b-${from + index}`),
      ]),
    );
  const other = (name: string) => file(reads).replaceAll("data", name);

  test("new files do not make a change a small one", async () => {
    const limit = `${accountFile}limits: { change: { percent: 10 } }\n`;
    const before = { ...many(0, 1, other), "policies/account.yaml": limit };
    const repository = newRepository(tree(file(reads), before));
    repository.write({ ...many(1, 20, other), "policies/data.yaml": file(writes) });
    const { change, stderr } = await planned({ repository, live: policy(reads) });
    expect(change?.blocked).toBe(true);
    expect(stderr).toContain("1 of the 2 buckets of account 1746495857600001 would be changed (50 %)");
  });

  test("files that are gone do not make them end", async () => {
    const limits = `${accountFile}limits: { abandon: { percent: 100 }, delete: { percent: 5 } }\n`;
    const repository = newRepository(
      tree(file(reads), { ...many(0, 9, other), "policies/account.yaml": limits }),
    );
    repository.write({
      ...Object.fromEntries(Object.keys(many(0, 9, other)).map((name) => [name, null])),
      "policies/account.yaml": `${accountFile}limits: { abandon: { percent: 100 } }\n`,
      "policies/data.yaml": "bucket: data\npolicy: none\n",
    });
    const { change, stderr } = await planned({ repository, live: policy(reads) });
    expect(change?.blocked).toBe(true);
    expect(stderr).toContain(
      "1 of the 10 buckets of account 1746495857600001 would be left without a policy",
    );
  });
});
