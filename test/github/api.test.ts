import { describe, expect, test } from "vitest";
import { openApi, type ApiAnswer, type Method } from "../../src/github/api.ts";
import { checkConnection, runLink } from "../../src/github/connection.ts";
import { githubServer, token, type GithubFault } from "../support/github.ts";

interface Tried {
  readonly answer: ApiAnswer<unknown>;
  readonly calls: number;
  readonly waits: readonly number[];
}

/** One call against a server where the first calls go wrong in these ways; waits take no time. */
async function tried(
  method: Method,
  faults: readonly (GithubFault | undefined)[],
  timeoutMs = 5_000,
): Promise<Tried> {
  const github = await githubServer({ fault: (_, index) => faults[Math.min(index, faults.length - 1)] });
  const waits: number[] = [];
  let now = 0;
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  const api = openApi(
    { base: github.url, token, repository: "octo/policies" },
    { clock, random: () => 0.5, timeoutMs },
  );
  github.comment(7, { id: 41898282, login: "github-actions[bot]", type: "Bot" }, "x");
  const path = method === "PATCH" || method === "DELETE" ? "comments/101" : "7/comments";
  const body = method === "GET" || method === "DELETE" ? undefined : { body: "y" };
  const answer = await api.call(method, `${api.repository}/issues/${path}`, body);
  return { answer, calls: github.calls.length, waits };
}

const ok = undefined;
const failed = { status: 500 };
const reset = (seconds: number): GithubFault => ({
  status: 403,
  headers: {
    date: "Tue, 24 Nov 2026 10:00:00 GMT",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": String(Date.parse("2026-11-24T10:00:00Z") / 1_000 + seconds),
  },
});

describe("a call is made again", () => {
  test.each<[string, Method, readonly (GithubFault | undefined)[], readonly number[]]>([
    ["after 5xx, with full jitter that grows", "GET", [failed, failed, failed, ok], [250, 500, 1_000]],
    ["after a reset", "PATCH", [{ lost: "before" }, ok], [250]],
    ["after a lost answer that changes nothing the second time", "PATCH", [{ lost: "after" }, ok], [250]],
    ["when Retry-After is over", "POST", [{ status: 429, headers: { "retry-after": "7" } }, ok], [7_250]],
    ["when the limit is reset, by GitHub's clock", "POST", [reset(30), ok], [31_250]],
    [
      "a minute after a secondary limit that names no time",
      "POST",
      [{ status: 403, message: "You have exceeded a secondary rate limit." }, ok],
      [60_250],
    ],
  ])("%s", async (_, method, faults, waits) => {
    const { answer, waits: waited } = await tried(method, faults);
    expect(answer).toHaveProperty("value");
    expect(waited).toEqual(waits);
  });

  test("not after time without an answer that may have taken effect", async () => {
    for (const fault of [failed, { lost: "before" }, { lost: "after" }] as const) {
      const { answer, calls } = await tried("POST", [fault]);
      expect([answer, calls]).toEqual([{ problem: expect.anything() as unknown }, 1]);
    }
  });

  test("not where it was refused", async () => {
    for (const status of [400, 401, 403, 404, 422]) {
      const { answer, calls } = await tried("GET", [{ status, message: "no" }]);
      expect([answer, calls]).toEqual([
        { problem: { status, message: `GitHub answered ${status}: no`, isLimit: false } },
        1,
      ]);
    }
  });

  test("not without end, and not beyond the time that a comment is worth", async () => {
    expect(await tried("GET", [failed])).toMatchObject({ calls: 5, waits: [250, 500, 1_000, 2_000] });
    expect(await tried("GET", [{ status: 429, headers: { "retry-after": "80" } }])).toMatchObject({
      calls: 3,
    });
    expect(await tried("GET", [{ status: 429, headers: { "retry-after": "3600" } }])).toMatchObject({
      calls: 1,
    });
    expect(await tried("GET", [reset(3_600)])).toMatchObject({ calls: 1 });
  });
});

test("an answer that does not come is not waited for", async () => {
  const { answer } = await tried("GET", [{ delayMs: 1_000 }], 30);
  expect(answer).toEqual({
    problem: { status: 0, message: "no usable answer from GitHub (no answer in time)", isLimit: false },
  });
});

test("no redirect is followed, so the token goes to no other host", async () => {
  const other = await githubServer();
  const { answer, calls } = await tried("GET", [
    { status: 307, headers: { location: `${other.url}/repos/octo/policies` } },
  ]);
  expect([answer, calls]).toEqual([
    { problem: { status: 307, message: "GitHub answered 307: as the test wants", isLimit: false } },
    1,
  ]);
  expect(other.calls).toEqual([]);
});

test("nor is a next page at another host", async () => {
  const other = await githubServer();
  const github = await githubServer({
    fault: (_, index) =>
      index === 0
        ? { status: 200, body: "[1]", headers: { link: `<${other.url}/x>; rel="next"` } }
        : { status: 200, body: "[2]" },
  });
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const api = openApi(
    { base: github.url, token, repository: "octo/policies" },
    { clock, random: () => 0, timeoutMs: 5_000 },
  );
  expect(await api.list("/repos/octo/policies/issues?state=open", (item) => item)).toEqual({
    value: { items: [1, 2], isWhole: true },
  });
  expect([github.calls.map(({ path }) => path.split("?")[1]), other.calls]).toEqual([
    ["state=open&per_page=100&page=1", "state=open&per_page=100&page=2"],
    [],
  ]);
});

describe("the address of the API", () => {
  const env = { GITHUB_TOKEN: "t", GITHUB_REPOSITORY: "octo/policies" };
  test.each([
    ["https://api.github.com", true],
    ["https://github.example/api/v3/", true],
    ["http://127.0.0.1:8080", true],
    ["http://localhost:8080", true],
    ["http://api.github.com", false],
    ["http://127.0.0.1.example.com", false],
    ["http://127.0.0.1@example.com", false],
    ["https://user:pass@api.github.com", false],
    ["https://api.github.com?x", false],
    ["ftp://api.github.com", false],
    ["", false],
  ])("%s: %s", (base, isTaken) => {
    expect("base" in checkConnection({ ...env, GITHUB_API_URL: base })).toBe(isTaken);
  });

  test.each(["octo/..", "../x", "octo", "octo/policies/issues", "octo/a b", "octo/x?y"])(
    "no repository: %s",
    (repository) => {
      expect(
        checkConnection({ ...env, GITHUB_API_URL: "https://api.github.com", GITHUB_REPOSITORY: repository }),
      ).toHaveProperty("problem");
    },
  );
});

test("the page of a run is an address without anything else in it, or none", () => {
  const env = {
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_REPOSITORY: "octo/policies",
    GITHUB_RUN_ID: "1",
  };
  expect(runLink(env)).toBe("https://github.com/octo/policies/actions/runs/1");
  expect(runLink({ ...env, GITHUB_RUN_ID: "1) @everyone" })).toBeUndefined();
  expect(runLink({ ...env, GITHUB_SERVER_URL: "https://github.com) [x](y" })).toBeUndefined();
  expect(runLink({ ...env, GITHUB_REPOSITORY: "a" })).toBeUndefined();
});
