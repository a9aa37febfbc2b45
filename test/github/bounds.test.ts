import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openApi, type Api } from "../../src/github/api.ts";
import { upsert } from "../../src/github/sticky.ts";
import { issueTarget } from "../../src/github/sticky-targets.ts";
import { openSecrets } from "../../src/oss/secrets.ts";
import { actionsBot, githubServer, mallory, token, type Github } from "../support/github.ts";
import { answering, dripping, endless, hostileOss, type Behaviour } from "../support/hostile-oss.ts";

function apiOf(base: string, timeoutMs = 5_000): Api {
  const clock = { now: () => performance.now(), sleep: () => Promise.resolve() };
  const { clean } = openSecrets([token]);
  return openApi({ base, token, repository: "octo/policies" }, { clock, random: () => 0, timeoutMs, clean });
}

describe("an answer of GitHub is cut at a limit", () => {
  const mebi = "a".repeat(1 << 20);
  test.each<[string, Behaviour]>([
    ["without an end", endless(200, '"', mebi)],
    ["an error without an end", endless(404, '{"message":"', mebi)],
    ["packed", answering(200, gzipSync(Buffer.alloc(300e6, 97)), { "content-encoding": "gzip" })],
  ])("%s", async (_, behave) => {
    const github = await hostileOss(behave);
    const before = process.resourceUsage().maxRSS;
    const answer = await apiOf(github.url).call("POST", "/repos/octo/policies/issues", {});
    expect(answer).toEqual({
      problem: {
        message: "no usable answer from GitHub (its answer is larger than 1 MiB)",
        status: 0,
        isLimit: false,
      },
    });
    expect((process.resourceUsage().maxRSS - before) / 1_024).toBeLessThan(150);
  });

  test("a list keeps what is looked for, and no more", async () => {
    const github = await hostileOss(answering(200, JSON.stringify([1, "x", 2])));
    const answer = await apiOf(github.url).list("/x", (item) =>
      typeof item === "string" ? item : undefined,
    );
    expect(answer).toEqual({ value: { items: ["x"], isWhole: true } });
  });

  test("a body that drips ends in time", async () => {
    const github = await hostileOss(dripping(200, " ", 20));
    const answer = await apiOf(github.url, 200).call("POST", "/x", {});
    expect(answer).toHaveProperty("problem.message", "no usable answer from GitHub (no answer in time)");
  });
});

test("the token is removed from what GitHub says, also where it would be cut in half", async () => {
  for (const said of [
    `bad ${token}`,
    `${"x".repeat(190)} ${token}`,
    Buffer.from(`t ${token} t`).toString("base64"),
  ]) {
    const github = await hostileOss(answering(422, JSON.stringify({ message: said })));
    const answer = await apiOf(github.url).call("POST", "/x", {});
    expect(JSON.stringify(answer)).not.toMatch(/ghs_|Z2hzX|dGhldG9rZW4|thetoken/);
  }
});

describe("more open issues than the page limit", () => {
  const texts = { marker: "<!-- ours -->", title: "Drift - Review", titleStart: "Drift", label: "drift" };
  const many = (github: Github) => {
    for (let count = 0; count < 3_001; count += 1) github.issue(mallory, "something else");
  };
  const settled = (github: Github) =>
    upsert(issueTarget(apiOf(github.url), texts), "<!-- ours -->\nnew", true);
  const opened = (github: Github) =>
    github.calls.filter(({ method, path }) => method === "POST" && /issues$/.test(path));

  test.each([
    ["its label", { labels: ["drift"], title: "renamed" }],
    ["its title", { labels: [], title: "Drift" }],
  ])("the one of this tool is found by %s", async (_, more) => {
    const github = await githubServer();
    const ours = github.issue(actionsBot, "<!-- ours -->\nold", more);
    many(github);
    expect(await settled(github)).toMatchObject({ kind: "updated", entry: { id: ours.number } });
    expect(opened(github)).toEqual([]);
  });

  test("where no search finds it, no second one is opened", async () => {
    const github = await githubServer();
    github.issue(actionsBot, "<!-- ours -->\nold", { title: "renamed" });
    many(github);
    expect(await settled(github)).toMatchObject({
      kind: "problem",
      problem: { message: expect.stringContaining("more issues are open") as string },
    });
    expect(opened(github)).toEqual([]);
  });

  test("an issue of another user with the same title is none", async () => {
    const github = await githubServer();
    github.issue(mallory, "<!-- ours -->\nold", { title: "Drift", labels: ["drift"] });
    many(github);
    expect(await settled(github)).toMatchObject({ kind: "problem" });
  });
});
