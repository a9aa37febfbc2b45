import { describe, expect, test } from "vitest";
import { diffPolicies } from "../../src/plan/diff.ts";
import type { Cause, Change, Plan, WritingChange } from "../../src/plan/plan.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { driftBody } from "../../src/report/github/drift-issue.ts";
import { updateGithub, type PageReport } from "../../src/pipeline/github-comment.ts";
import type { Io } from "../../src/run/io.ts";
import type { Options } from "../../src/run/options.ts";
import { openOutput } from "../../src/run/output.ts";
import { actionsStep, stepOutputs, type ActionsOptions } from "../support/actions.ts";
import { deletes, file, inFolder, policy as bucketPolicy, reads, tree } from "../support/base-plans.ts";
import { actionsBot, githubServer, mallory, token, type Github } from "../support/github.ts";
import { writes } from "../support/github-plan.ts";
import { newRepository } from "../support/repository.ts";
import { environmentOf, runCli } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const statement = {
  Effect: "Allow",
  Principal: ["1"],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:*:b/*"],
};
const policy = canonicalPolicy({ Version: "1", Statement: [statement] });

const place = {
  account: "1746495857600001",
  region: "cn-hangzhou",
  line: 2,
  names: new Map(),
  blocked: false,
};

function change(bucket: string, cause: Cause): Change {
  const digests = { desired: "none", live: "none" };
  return {
    ...place,
    ...{ bucket, cause, file: `policies/${bucket}.yaml`, before: {}, after: null, digests, hazards: [] },
    access: { verdict: "equal" },
    action: "delete",
    difference: diffPolicies(policy, "none"),
  };
}

function unreadable(bucket: string): Change {
  const problem = { message: "OSS answered 403 AccessDenied" };
  return {
    ...place,
    bucket,
    cause: "unknown",
    file: `policies/${bucket}.yaml`,
    action: "unreadable",
    problem,
  };
}

const base = {
  revision: "a".repeat(40),
  base: "b".repeat(40),
  word: "HEAD",
  uncommitted: [],
  loosened: [],
  abandoned: [],
};
const planOf = (...changes: readonly Change[]): Plan => ({ changes, unmanaged: [], diagnostics: [], base });

interface RunOptions extends ActionsOptions {
  readonly report?: Partial<PageReport>;
}

/** One scheduled run that found this; what it says. */
async function told(
  github: Github,
  plan: Plan,
  { report = {}, event = "schedule", ...step }: RunOptions = {},
): Promise<string> {
  let said = "";
  const say = (text: string) => {
    said += text;
  };
  const { env } = actionsStep(github.url, { event, payload: "{}", ...step });
  const clock = { now: () => performance.now(), sleep: () => Promise.resolve() };
  const io: Io = {
    ...{
      env,
      clock,
      stdout: say,
      stderr: say,
      random: () => 0.5,
      today: "2026-06-01",
      wallTime: () => new Date(0),
    },
    isTerminal: { stdin: false, stdout: false, stderr: false },
    readInput: () => Promise.resolve(new Uint8Array()),
    openStreams: () => {
      throw new Error("there are no streams");
    },
    ask: () => Promise.resolve(""),
    untilStopped: () => new Promise(() => undefined),
    onHangup: () => undefined,
  };
  const options = { color: false, quiet: false } as Options;
  const whole: PageReport = {
    plan,
    markdown: "",
    scope: "policies",
    link: undefined,
    isErrored: false,
    exitCode: 0,
    ...report,
  };
  await updateGithub(whole, { out: openOutput(options, io), io });
  return said;
}

test("the issue names the last change in the events, and not how many events there were", () => {
  const drifted: Change = {
    ...(change("one", "drift") as WritingChange),
    lastChange: {
      call: "PutBucketPolicy",
      at: "2026-05-31T08:24:43Z",
      by: { type: "ram-user", name: "alice", id: "202147604049350001", account: place.account },
      from: "203.0.113.7",
      userAgent: "",
      eventType: "ApiCall",
      eventId: "E",
      fitsLive: true,
      others: 0,
    },
  };
  const bodyWith = (count: number) =>
    driftBody({ ...planOf(drifted), events: { count, unread: 0 } }, { scope: "policies" });
  expect(bodyWith(1)).toContain(
    "- last change in the events: `PutBucketPolicy by RAM user alice (UID 202147604049350001) at 2026-05-31T08:24:43Z, from 203.0.113.7, event E`",
  );
  expect(bodyWith(2)).toBe(bodyWith(1));
});

describe("drift is one issue", () => {
  test("that is opened with a label, edited in place, and closed with a comment", async () => {
    const github = await githubServer();
    expect(await told(github, planOf(change("one", "drift"), change("two", "edit")))).toContain(
      "github: the issue about drift: created",
    );
    const [issue] = github.issues;
    expect(issue).toMatchObject({
      title: "OSS bucket policies have drifted - Safe: 1 policy is rewritten, access unchanged (proved)",
      labels: ["oss-policy-drift"],
      state: "open",
    });
    expect(issue?.body).toMatch(
      /^<!-- oss-policy drift: policies -->\n\n## oss-policy: Safe: 1 policy .*\n\nThe live policies differ from the files/,
    );
    expect(issue?.body).toContain("Plan: 0 to create, 0 to update, 1 to delete");
    expect(issue?.body).toContain("### delete the policy of `one`");
    expect(issue?.body).not.toContain("two");

    expect(await told(github, planOf(change("one", "drift"), change("two", "edit")))).toContain("unchanged");
    expect(writes(github)).toEqual(["POST"]);

    expect(
      await told(github, planOf(change("one", "both"), change("three", "drift")), {
        event: "workflow_dispatch",
      }),
    ).toContain("updated");
    expect(issue?.body).toContain("### delete the policy of `three`");
    expect(github.comments.map(({ issue: of, body }) => [of, body.split("\n")[2]])).toEqual([
      [1, "The drift has changed; the description of this issue has the current state."],
    ]);

    expect(await told(github, planOf(change("two", "edit")))).toContain("closed");
    expect(issue).toMatchObject({ state: "closed", reason: "completed" });
    expect(github.comments.at(-1)?.body).toContain("Every bucket was read, and none has drifted");
    expect(github.comments).toHaveLength(2);

    expect(await told(github, planOf(change("two", "edit")))).toContain("none");
    expect(github.comments).toHaveLength(2);
    expect(await told(github, planOf(change("one", "drift")))).toContain("created");
    expect(github.issues.map(({ state }) => state)).toEqual(["closed", "open"]);
  });

  test("that an unread bucket neither opens nor closes", async () => {
    const github = await githubServer();
    expect(await told(github, planOf(unreadable("one")))).toContain("none");
    await told(github, planOf(change("one", "drift")));
    await told(github, planOf(unreadable("one")));
    expect(github.issues).toMatchObject([{ number: 1, state: "open" }]);
    expect(github.issues[0]?.body).toContain("No drift was found, but not every bucket could be read.");
    expect(github.issues[0]?.body).toContain("### cannot read `one`");
  });

  test("that a change of unknown cause does not close", async () => {
    const github = await githubServer();
    await told(github, planOf(change("one", "drift")));
    await told(github, planOf(change("one", "unknown")));
    expect(github.issues).toMatchObject([{ state: "open" }]);
  });

  test("for each folder", async () => {
    const github = await githubServer();
    await told(github, planOf(change("one", "drift")));
    await told(github, planOf(change("one", "drift")), { report: { scope: "others" } });
    await told(github, planOf(), { report: { scope: "others" } });
    expect(github.issues.map(({ state }) => state)).toEqual(["open", "closed"]);
  });

  test("of ours: neither a pull request nor an issue of somebody else is taken for it", async () => {
    const github = await githubServer({ editsOthers: true });
    const marked = "<!-- oss-policy drift: policies -->\n\nall is well";
    github.issue(mallory, marked);
    github.issue(actionsBot, marked, { isPullRequest: true });
    await told(github, planOf(change("one", "drift")));
    await told(github, planOf());
    expect(github.issues.map(({ body, state }) => [body === marked, state])).toEqual([
      [true, "open"],
      [true, "open"],
      [false, "closed"],
    ]);
  });

  test("whatever is found, another link to the run alone is no news", async () => {
    const github = await githubServer();
    const many = planOf(
      ...Array.from({ length: 2_000 }, (_, index) => ({
        ...change(`b${index}`, "drift"),
        limit: `limit ${index}`,
      })),
    );
    const at = (run: number) => ({
      report: { link: `https://github.example/octo/policies/actions/runs/${run}` },
    });
    await told(github, many, at(1));
    await told(github, many, at(2));
    expect(github.issues[0]?.body).toContain(
      "[this run](https://github.example/octo/policies/actions/runs/2)",
    );
    expect(github.issues[0]?.body.length).toBeLessThan(65_536);
    expect(github.comments).toEqual([]);
  });

  test("that two runs at once open, turn and close once", async () => {
    const github = await githubServer({ fault: () => ({ delayMs: 3 }) });
    const twice = async (plan: Plan) => {
      await Promise.all([told(github, plan), told(github, plan)]);
      return [github.issues.filter(({ state }) => state === "open").length, github.comments.length];
    };
    expect(await twice(planOf(change("one", "drift")))).toEqual([1, 0]);
    expect((await twice(planOf(change("two", "drift"))))[0]).toBe(1);
    expect(github.comments.length).toBeLessThanOrEqual(1);
    expect((await twice(planOf()))[0]).toBe(0);
    expect(github.comments.filter(({ body }) => body.includes("drift end"))).toHaveLength(1);
  });
});

test("plan --base on a schedule, through the command line: from drift to an issue, and back", async () => {
  const github = await githubServer();
  const repository = newRepository(tree(file(reads)));
  const sandbox = await sandboxWith({
    buckets: [{ name: "data", region: "cn-hangzhou", policy: bucketPolicy(reads) }],
  });
  const scheduled = async () => {
    const step = actionsStep(github.url, { event: "schedule", payload: "{}", workspace: repository.folder });
    const words = ["plan", "--base", "HEAD", "--github"];
    const { stderr } = await inFolder(repository.folder, () =>
      runCli(words, { env: { ...step.env, ...environmentOf(sandbox) } }),
    );
    return { said: stderr, drift: stepOutputs(step.output())["drift"] };
  };
  expect(await scheduled()).toEqual({ said: expect.stringContaining("drift: none") as string, drift: "0" });
  sandbox.setPolicy("data", bucketPolicy(reads, deletes));
  expect(await scheduled()).toEqual({
    said: expect.stringContaining("drift: created") as string,
    drift: "1",
  });
  expect(github.issues[0]?.body).toContain("### update `data`");
  sandbox.setPolicy("data", bucketPolicy(reads));
  expect(await scheduled()).toEqual({ said: expect.stringContaining("drift: closed") as string, drift: "0" });
  expect(github.issues.map(({ state }) => state)).toEqual(["closed"]);
});

describe("the issue stays as it is, and that is told,", () => {
  const drifted = planOf(change("one", "drift"));
  test.each<[string, Plan, RunOptions, string]>([
    [
      "where nothing could be planned",
      drifted,
      { report: { isErrored: true } },
      "github: nothing could be planned",
    ],
    ["after apply", drifted, { report: { outcomes: [] } }, "github: plan reports drift and apply fixes it"],
    [
      "without --base",
      { changes: [change("one", "drift")], unmanaged: [], diagnostics: [] },
      {},
      "github: drift is not known without --base",
    ],
    ["without a token", drifted, { token: "" }, "the step has no GITHUB_TOKEN"],
    ["on a push", drifted, { event: "push" }, "github: the event `push` has no pull request"],
  ])("%s", async (_, plan, options, said) => {
    const github = await githubServer();
    expect((await told(github, plan, options)).trimEnd().split("\n")).toEqual([
      expect.stringContaining(said),
    ]);
    expect(github.calls).toEqual([]);
  });

  test("where the token only reads", async () => {
    const github = await githubServer({ tokens: { [token]: { user: actionsBot, canWrite: false } } });
    expect(await told(github, drifted)).toContain("it needs the permission issues: write");
    github.issue(actionsBot, "<!-- oss-policy drift: policies -->\n\nold");
    expect(await told(github, planOf())).toContain("it needs the permission issues: write");
    expect(github.issues).toMatchObject([{ state: "open" }]);
  });
});
