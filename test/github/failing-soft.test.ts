import { describe, expect, test } from "vitest";
import {
  actionsStep,
  pullRequestPayload,
  runnerCommands,
  stepOutputs,
  type ActionsOptions,
} from "../support/actions.ts";
import { actionsBot, githubServer, token, type GithubFault, type GithubOptions } from "../support/github.ts";
import { oneBucket, planIn, writes } from "../support/github-plan.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

describe("what keeps the comment from being written is told in one line, and changes nothing else", () => {
  const readOnly: GithubOptions = { tokens: { [token]: { user: actionsBot, canWrite: false } } };
  const always = (fault: GithubFault): GithubOptions => ({ fault: () => fault });
  const cases: readonly [string, string, GithubOptions, ActionsOptions & { unset?: string }][] = [
    [
      "a token that only reads",
      "GitHub answered 403: Resource not accessible by integration; it needs the permission pull-requests: write",
      readOnly,
      {},
    ],
    [
      "a pull request from a fork",
      "the token of a run for a fork only reads",
      readOnly,
      { payload: pullRequestPayload(7, "mallory/policies") },
    ],
    [
      "a fork that is gone",
      "the token of a run for a fork only reads",
      readOnly,
      { payload: pullRequestPayload(7).replace('{"repo":{"full_name":"octo/policies"}}', '{"repo":null}') },
    ],
    ["no token", "the step has no GITHUB_TOKEN", {}, { token: "" }],
    [
      "a token with a line break",
      "GITHUB_TOKEN has white space or other invalid characters",
      {},
      { token: `${token}\nx` },
    ],
    ["a token that is not known", "GitHub answered 401: Bad credentials", {}, { token: "ghs_other" }],
    ["another event", "github: the event `push` has no pull request", {}, { event: "push" }],
    [
      "an event file that is no JSON",
      "the file of GITHUB_EVENT_PATH names no pull request",
      {},
      { payload: "{" },
    ],
    [
      "an event file about something else",
      "the file of GITHUB_EVENT_PATH names no pull request",
      {},
      { payload: '{"pull_request":{"number":"7"}}' },
    ],
    [
      "no event file",
      "the file of GITHUB_EVENT_PATH cannot be read (ENOENT)",
      {},
      { unset: "GITHUB_EVENT_PATH" },
    ],
    ["no address", "GITHUB_API_URL is not an https address", {}, { unset: "GITHUB_API_URL" }],
    ["no repository", "GITHUB_REPOSITORY is not `OWNER/NAME`", {}, { unset: "GITHUB_REPOSITORY" }],
    [
      "a server that fails without end",
      "GitHub answered 502: as the test wants",
      always({ status: 502 }),
      {},
    ],
    [
      "a redirect",
      "GitHub answered 302: as the test wants",
      always({ status: 302, headers: { location: "http://127.0.0.1:1/" } }),
      {},
    ],
    ["connections that are reset", "no usable answer from GitHub", always({ lost: "before" }), {}],
    ["an answer that is no JSON", "GitHub's answer is not JSON", always({ status: 200, body: "<html>" }), {}],
    [
      "a limit that is far away",
      "GitHub answered 403: API rate limit exceeded",
      always({
        status: 403,
        headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999" },
        message: "API rate limit exceeded",
      }),
      {},
    ],
  ];

  test.each(cases)("%s", async (_, told, options, { unset, ...step }) => {
    const github = await githubServer(options);
    const folder = writeTree(oneBucket);
    const { env, summary, output } = actionsStep(github.url, { workspace: folder, ...step });
    const kept = Object.fromEntries(Object.entries(env).filter(([name]) => name !== unset));
    const { code, stdout, stderr } = await runCli(["plan", "--sandbox", "--policies", folder, "--github"], {
      env: kept,
    });
    expect(code).toBe(0);
    expect(stderr.split("\n").filter((line) => line.includes(told))).toHaveLength(1);
    expect(stderr.split("\n").filter((line) => /github/i.test(line))).toHaveLength(1);
    expect(stdout).toContain("Plan: 1 to create");
    expect(runnerCommands(stdout).map(({ name }) => name)).toEqual(["notice"]);
    expect(summary()).toContain("## oss-policy: Review: 1 change gives access");
    expect(stepOutputs(output())["changes"]).toBe("1");
    expect(stdout + stderr + summary() + output()).not.toContain(token);
    expect(github.comments).toEqual([]);
  });

  test.each(["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"])("and no %s", async (name) => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    const { env } = actionsStep(github.url, { workspace: folder });
    const words = ["plan", "--sandbox", "--policies", folder, "--github"];
    for (const [value, told] of [
      ["", `${name} is not set`],
      [folder, `the file of ${name} cannot be written (EISDIR)`],
    ] as const) {
      const { code, stderr } = await runCli(words, { env: { ...env, [name]: value } });
      expect([code, stderr]).toEqual([0, expect.stringContaining(told)]);
    }
    expect(github.comments).toHaveLength(1);
  });

  test("and GitHub's refusal of a text that is too long", async () => {
    const github = await githubServer({
      fault: ({ method }) => (method === "POST" ? { status: 422, message: "Validation Failed" } : undefined),
    });
    const { code, stderr } = await planIn(github);
    expect([code, stderr]).toEqual([0, expect.stringContaining("GitHub answered 422: Validation Failed")]);
    expect(writes(github)).toEqual(["POST"]);
  });
});

describe("what passes is waited for", () => {
  const once = (fault: GithubFault, of: (method: string) => boolean = () => true): GithubOptions => {
    let isDone = false;
    return {
      fault: ({ method }) => {
        if (isDone || !of(method)) return undefined;
        isDone = true;
        return fault;
      },
    };
  };
  const isPost = (method: string) => method === "POST";

  test.each<[string, GithubOptions]>([
    ["a server that fails once", once({ status: 500 })],
    ["a reset", once({ lost: "before" })],
    ["429", once({ status: 429, headers: { "retry-after": "2" } })],
    ["a limit of a list", once({ status: 403, headers: { "retry-after": "2" } })],
    [
      "a secondary limit of a write",
      once(
        { status: 403, message: "You have exceeded a secondary rate limit", headers: { "retry-after": "1" } },
        isPost,
      ),
    ],
    ["a write without an answer, and without effect", once({ lost: "before" }, isPost)],
    ["a write without an answer that took effect", once({ lost: "after" }, isPost)],
    ["a write that failed", once({ status: 502 }, isPost)],
  ])("%s: there is one comment in the end", async (_, options) => {
    const github = await githubServer(options);
    const { code } = await planIn(github);
    expect(code).toBe(0);
    expect(github.comments.map(({ body }) => body.includes("1 to create"))).toEqual([true]);
  });
});
