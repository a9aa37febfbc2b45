import { describe, expect, test } from "vitest";
import { file, inFolder, planned, policy, reads, tree, writes } from "../support/base-plans.ts";
import { newRepository, type Repository } from "../support/repository.ts";
import { accountFile, runCli } from "../support/run-cli.ts";
import { sampled } from "../support/runs.ts";

const base = tree(file(reads), {
  "policies/account.yaml": `${accountFile}guardrails:
  - { name: nobody deletes, Principal: ["*"], Action: ["oss:Delete*"], Resource: ["*"] }
`,
});

async function accessDiff(folder: string, range: string) {
  return inFolder(folder, () => runCli(["access", "diff", range]));
}

describe("a word that may mean several commits is refused, and says which", () => {
  const twoCommits = () => {
    const repository = newRepository(base);
    const first = repository.git("rev-parse", "HEAD");
    repository.commit({ "policies/account.yaml": accountFile });
    return { repository, first, short: first.slice(0, 7) };
  };
  const refused = async (repository: Repository, word: string) => {
    const { code, stderr, sandbox } = await planned({ repository, base: word, live: policy(reads) });
    expect([code, stderr, sandbox.requests]).toEqual([
      1,
      expect.stringContaining(`\`${word}\` is ambiguous: `),
      [],
    ]);
    const diff = await accessDiff(repository.folder, `${word}..HEAD`);
    expect([diff.code, diff.stderr]).toEqual([1, expect.stringContaining("is ambiguous")]);
    return stderr;
  };

  test.each(sampled(["refs/tags/", "refs/heads/", "refs/remotes/", "refs/"], 2))(
    "a short id that is also in %s",
    async (place) => {
      const { repository, first, short } = twoCommits();
      repository.git("update-ref", `${place}${short}`, "HEAD");
      const stderr = await refused(repository, short);
      expect(stderr).toContain(`\`${place}${short}\` and \`${first}\``);
      await refused(repository, `${short}~0`);
    },
  );

  test("a branch and a tag, and a tag beside the branch of a remote", async () => {
    const { repository } = twoCommits();
    repository.git("branch", "release", "HEAD^");
    repository.git("tag", "release", "HEAD");
    await refused(repository, "release");
  });

  test("the name that `git describe` gives, beside a branch of that name", async () => {
    const { repository, first, short } = twoCommits();
    const name = `v1-1-g${short}`;
    expect((await planned({ repository, base: name, live: policy(reads) })).document.base).toBe(first);
    repository.git("branch", name, "HEAD");
    await refused(repository, name);
  });

  test("a full id, HEAD and a ref in full mean themselves, whatever tags are called", async () => {
    const { repository, first } = twoCommits();
    for (const name of [first, "HEAD", "refs/heads/main", "heads/main"])
      repository.git("update-ref", `refs/tags/${name}`, "HEAD^");
    const head = repository.git("rev-parse", "refs/heads/main");
    const baseOf = async (word: string) =>
      (await planned({ repository, base: word, live: policy(reads) })).document.base;
    expect(await baseOf(first)).toBe(first);
    expect(await baseOf("HEAD")).toBe(head);
    expect(await baseOf("refs/heads/main")).toBe(head);
    await refused(repository, "heads/main");
  });

  test.each([
    ":/a change",
    "HEAD^{/a change}",
    "HEAD:policies",
    "main@{0}",
    "main..HEAD",
    "--all",
    "HEAD HEAD",
    "ma*n",
  ])("%s names no commit for good", async (word) => {
    const { repository } = twoCommits();
    const { code, stderr } = await planned({ repository, base: word, live: policy(reads) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("does not name one commit")]);
  });
});

test("the plan shows both commits in full, and what is not committed", async () => {
  const repository = newRepository(base);
  const head = repository.git("rev-parse", "HEAD");
  const clean = await planned({ repository, base: "main", live: policy(reads) });
  expect(clean.stdout).toContain(
    `Compared with \`main\`, commit \`${head}\`; the files are those of commit \`${head}\`.`,
  );
  expect(clean.document.uncommitted).toEqual([]);
  repository.write({
    "policies/data.yaml": file(writes),
    "policies/logs.yaml": "bucket: logs\npolicy: none\n",
  });
  const dirty = await planned({ repository, base: "main", live: policy(reads) });
  const paths = ["policies/data.yaml", "policies/logs.yaml"];
  expect(dirty.stdout).toContain(`with uncommitted changes in \`${paths.join("`, `")}\`.`);
  expect(dirty.document.uncommitted).toEqual(paths);
  expect((await accessDiff(repository.folder, "HEAD..HEAD")).code).toBe(0);
});

test("a principal is unknown to the comparison of two revisions as it is to a plan", async () => {
  for (const [more, isAsked] of [
    ["", false],
    ['identities: { etl: "2029" }\n', true],
  ] as const) {
    const account = { "policies/account.yaml": `${accountFile}${more}` };
    const repository = newRepository(tree(file(reads), account));
    repository.commit(tree(file({ who: "2028" }), account));
    const { stdout } = await accessDiff(repository.folder, "HEAD^..HEAD");
    const plan = await planned({ repository, base: "HEAD^", live: policy(reads) });
    const hazards = plan.document.changes.flatMap((change) => change.hazards ?? []);
    expect(stdout.includes("warning grants-unknown-principal")).toBe(isAsked);
    expect(hazards.some(({ code }) => code === "grants-unknown-principal")).toBe(isAsked);
  }
});
