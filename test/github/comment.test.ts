import { describe, expect, test } from "vitest";
import { stepOutputs } from "../support/actions.ts";
import { actionsBot, githubServer, maintainer, mallory, otherBot, token } from "../support/github.ts";
import { oneBucket, planIn, unchangedTree, writes } from "../support/github-plan.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";

describe("the comment on a pull request", () => {
  test("is the Markdown, one for a folder", async () => {
    const github = await githubServer();
    const { code, stderr, step } = await planIn(github);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("github: the comment on pull request 7: created"),
    ]);
    expect(github.comments).toMatchObject([{ issue: 7, user: actionsBot }]);
    expect(`${github.comments[0]?.body}\n`).toBe(step.summary());
    await planIn(github, { folder: writeTree(oneBucket) });
    expect(github.comments).toHaveLength(2);
  });

  test("is not written where it says the same already, and is where it does not", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    await planIn(github, { folder });
    expect((await planIn(github, { folder })).stderr).toContain("the comment on pull request 7: unchanged");
    expect(writes(github)).toEqual(["POST"]);
    github.comments[0]!.body = github.comments[0]!.body.replace("1 to create", "0 to create");
    expect((await planIn(github, { folder })).stderr).toContain("the comment on pull request 7: updated");
    expect(writes(github)).toEqual(["POST", "PATCH"]);
    expect(github.comments[0]?.body).toContain("1 to create");
  });

  test("of a run over a part of the folder is another than that of the whole", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    await planIn(github, { folder });
    await planIn(github, { folder, words: ["--bucket", "o*"] });
    await planIn(github, { folder, words: ["--account", "1746495857600001"] });
    expect(new Set(github.comments.map(({ body }) => body.split("\n")[0])).size).toBe(3);
  });

  test("of a run without some of the buckets is another than that of the whole", async () => {
    const github = await githubServer();
    const folder = writeTree({ ...oneBucket, "two.yaml": "bucket: two\npolicy: none\n" });
    await planIn(github, { folder });
    await planIn(github, { folder, words: ["--exclude", "two"] });
    const markers = github.comments.map(({ body }) => body.split("\n")[0]);
    expect(markers).toEqual([
      `<!-- oss-policy: ${folder} -->`,
      `<!-- oss-policy: ${folder}%20-%2Dexclude%20two -->`,
    ]);
  });

  test("is not begun where nothing changes, and is brought up to date where it stands", async () => {
    const github = await githubServer();
    const folder = writeTree(unchangedTree);
    expect((await planIn(github, { folder })).stderr).toContain("the comment on pull request 7: none");
    expect(github.comments).toEqual([]);
    github.comment(7, actionsBot, `<!-- oss-policy: ${folder} -->\n\n## oss-policy: Review`);
    await planIn(github, { folder });
    expect(github.comments[0]?.body).toContain(
      "## oss-policy: No changes\n\nPlan: 0 to create, 0 to update, 0 to delete, 1 unchanged.",
    );
  });

  test("is begun where nothing could be planned: the mistake belongs on the pull request", async () => {
    const github = await githubServer();
    const { code, step } = await planIn(github, {
      tree: { "account.yaml": accountFile, "x.yaml": "bukcet: x\n" },
    });
    expect(code).toBe(1);
    expect(github.comments[0]?.body).toContain("nothing could be planned");
    expect(stepOutputs(step.output())).toEqual({
      verdict: "error",
      risk: "",
      changes: "",
      blocked: "",
      drift: "",
      unreadable: "",
      exitcode: "1",
    });
  });

  test("of a run that is one of many is found behind any number of others", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    for (let index = 0; index < 250; index += 1) github.comment(7, mallory, `talk ${index}`);
    const own = github.comment(7, actionsBot, `<!-- oss-policy: ${folder} -->\nold`);
    github.comment(8, actionsBot, `<!-- oss-policy: ${folder} -->\nof another pull request`);
    await planIn(github, { folder });
    expect(own.body).toContain("1 to create");
    expect(writes(github)).toEqual(["PATCH"]);
    expect(
      github.calls.filter(({ method }) => method === "GET").map(({ path }) => /page=(\d+)$/.exec(path)?.[1]),
    ).toEqual(["1", "2", "3"]);
  });

  test("is not written where there are more comments than anybody looks through", async () => {
    const github = await githubServer();
    for (let index = 0; index < 3_001; index += 1) github.comment(7, mallory, `talk ${index}`);
    const { code, stderr } = await planIn(github);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("there are more comments than this tool reads"),
    ]);
    expect(writes(github)).toEqual([]);
  });
});

describe("a comment of somebody else with the marker is never taken for ours", () => {
  const marked = (folder: string) => `<!-- oss-policy: ${folder} -->\n\n## oss-policy: all is well`;

  test.each([true, false])("even where the token may edit it: %s", async (editsOthers) => {
    const github = await githubServer({ editsOthers });
    const folder = writeTree(oneBucket);
    const theirs = github.comment(7, mallory, marked(folder));
    await planIn(github, { folder });
    expect(theirs.body).toContain("all is well");
    expect(github.comments.map(({ user }) => user.login)).toEqual(["mallory", "github-actions[bot]"]);
  });

  test("one of a bot that cannot be edited is left, and an own one is made", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    const theirs = github.comment(7, otherBot, marked(folder));
    await planIn(github, { folder });
    await planIn(github, { folder });
    expect(theirs.body).toContain("all is well");
    expect(github.comments.map(({ user }) => user.login)).toEqual(["dependabot[bot]", "github-actions[bot]"]);
  });

  test("but one of ours that a rate limit keeps from being edited stays ours", async () => {
    const github = await githubServer({
      fault: ({ method }) =>
        method === "PATCH" ? { status: 403, headers: { "retry-after": "600" } } : undefined,
    });
    const folder = writeTree(oneBucket);
    github.comment(7, actionsBot, marked(folder));
    const { code, stderr } = await planIn(github, { folder });
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/could not be written: GitHub answered 403: as the test wants \[github\]$/m),
    ]);
    expect(github.comments).toHaveLength(1);
  });

  test("one that only quotes the marker further down is no such", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    const quote = github.comment(7, actionsBot, `see\n${marked(folder)}`);
    await planIn(github, { folder });
    expect([quote.body.startsWith("see"), github.comments.length]).toEqual([true, 2]);
  });

  test("and the comment of a person is edited by the token of that person", async () => {
    const github = await githubServer({ tokens: { [token]: { user: maintainer, canWrite: true } } });
    const folder = writeTree(oneBucket);
    github.comment(7, mallory, marked(folder));
    await planIn(github, { folder });
    await planIn(github, { folder });
    expect(github.comments.map(({ user }) => user.login)).toEqual(["mallory", "maintainer"]);
  });
});
