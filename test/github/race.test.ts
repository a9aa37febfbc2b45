import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openApi, type Api } from "../../src/github/api.ts";
import { upsert, type StickyTarget } from "../../src/github/sticky.ts";
import { commentTarget, issueTarget } from "../../src/github/sticky-targets.ts";
import {
  actionsBot,
  githubServer,
  mallory,
  token,
  type Github,
  type GithubFault,
} from "../support/github.ts";
import { oneBucket, planIn } from "../support/github-plan.ts";
import { writeTree } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";

const marker = "<!-- oss-policy: policies -->";

function apiOf(github: Github): Api {
  const clock = {
    now: () => performance.now(),
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms / 500)),
  };
  return openApi(
    { base: github.url, token, repository: "octo/policies" },
    { clock, random: Math.random, timeoutMs: 5_000 },
  );
}

/** How long each call takes, and which answers are lost after they took effect. */
const weather = fc.record({
  delays: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 40, maxLength: 40 }),
  losses: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 3 }),
  starts: fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 2, maxLength: 3 }),
  stands: fc.constantFrom("nothing", "an own", "two own", "somebody else's"),
});

const faultOf =
  (delays: readonly number[], losses: readonly number[]) =>
  (_: unknown, index: number): GithubFault => ({
    delayMs: delays[index % delays.length] ?? 0,
    ...(losses.includes(index) ? { lost: "after" as const } : {}),
  });

async function race(shelfOf: (api: Api) => StickyTarget, github: Github, starts: readonly number[]) {
  const bodies = starts.map((_, index) => `${marker}\nof run ${index}`);
  const settled = await Promise.all(
    starts.map(async (ms, index) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return upsert(shelfOf(apiOf(github)), bodies[index] ?? "", true);
    }),
  );
  expect(settled.map(({ kind }) => kind)).not.toContain("problem");
  return bodies;
}

describe("runs at the same time leave one text", () => {
  test("as a comment, with what one of them said, and nobody else's is touched", async () => {
    const law = fc.asyncProperty(weather, async ({ delays, losses, starts, stands }) => {
      const github = await githubServer({ fault: faultOf(delays, losses), editsOthers: true });
      if (stands === "somebody else's") github.comment(7, mallory, `${marker}\nof mallory`);
      if (/own/.test(stands)) github.comment(7, actionsBot, `${marker}\nold`);
      if (stands === "two own") github.comment(7, actionsBot, `${marker}\nolder run of a race`);
      const bodies = await race((api) => commentTarget(api, 7, marker), github, starts);
      const own = github.comments.filter(({ user }) => user === actionsBot);
      expect(own).toHaveLength(1);
      expect(bodies).toContain(own[0]?.body);
      const others = github.comments.filter(({ user }) => user !== actionsBot).map(({ body }) => body);
      expect(others).toEqual(stands === "somebody else's" ? [`${marker}\nof mallory`] : []);
    });
    await fc.assert(law, { numRuns: runs(10, 200) });
  });

  test("as an open issue; one too many is closed", async () => {
    const law = fc.asyncProperty(weather, async ({ delays, losses, starts }) => {
      const github = await githubServer({ fault: faultOf(delays, losses) });
      const texts = { marker, title: "t", titleStart: "t", label: "l" };
      const bodies = await race((api) => issueTarget(api, texts), github, starts);
      const open = github.issues.filter(({ state }) => state === "open");
      expect(open).toHaveLength(1);
      expect(bodies).toContain(open[0]?.body);
      expect(open[0]?.number).toBe(1);
      for (const { state, reason } of github.issues.slice(1))
        expect([state, reason]).toEqual(["closed", "not_planned"]);
    });
    await fc.assert(law, { numRuns: runs(8, 150) });
  });

  test("through the command line too", async () => {
    for (let round = 0; round < 5; round += 1) {
      const github = await githubServer({ fault: () => ({ delayMs: 5 }) });
      const folder = writeTree(oneBucket);
      const both = await Promise.all([planIn(github, { folder }), planIn(github, { folder })]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
      expect(github.comments).toHaveLength(1);
    }
  });

  test("and where a list was old and two were left, the next run leaves the older one", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    const old = github.comment(7, actionsBot, `<!-- oss-policy: ${folder} -->\nold`);
    github.comment(7, actionsBot, `<!-- oss-policy: ${folder} -->\nold`);
    await planIn(github, { folder });
    expect(github.comments).toEqual([old]);
    expect(old.body).toContain("1 to create");
  });
});
