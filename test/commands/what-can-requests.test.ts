import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { unseenLines } from "../../src/report/text/caller-requests.ts";
import { logLine, logOwner, slsLine } from "../support/log-lines.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const etl = "202147604049350001";
const session = `arn:sts::${logOwner}:assumed-role/ops/alice`;
const allow = (bucket: string, principal: string, actions: string) =>
  `{"Effect":"Allow","Principal":["${principal}"],"Action":[${actions}],"Resource":["acs:oss:*:*:${bucket}/*"]}`;
const policy = (...statements: readonly string[]) => `{"Version":"1","Statement":[${statements.join(",")}]}`;
const file = (bucket: string, ...statements: readonly string[]) =>
  `bucket: ${bucket}\nregion: cn-hangzhou\npolicy: ${policy(...statements)}\n`;

const uses = `"oss:GetObject","oss:DeleteObject"`;
const tree = {
  "account.yaml": `${accountFile}identities: { etl: "${etl}", alice: "${session}" }\n`,
  "data.yaml": file("data", allow("data", etl, uses), allow("data", session, uses)),
  "quiet.yaml": file("quiet", allow("quiet", etl, uses)),
};

async function ask(who: string, lines: readonly string[], words: readonly string[] = [], env = {}) {
  const folder = writeTree(tree);
  const log = join(writeTree({}), "log");
  writeFileSync(log, lines.join("\n"));
  const json = join(writeTree({}), "answer.json");
  const all = ["access", "what-can", who, "--policies", folder, "--requests", log, "--json", json, ...words];
  const result = await runCli(all, { env, wallTime: () => new Date("2026-11-24T00:00:00Z") });
  return {
    ...result,
    /** The words of each line, whatever the width of the columns. */
    lines: result.stdout.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, " | ")),
    json: () =>
      JSON.parse(readFileSync(json, "utf8")) as {
        requests: object;
        buckets: readonly { bucket: string; requests?: object }[];
        owned: readonly { bucket: string; requests?: object }[];
      },
  };
}

const read = (more = {}) => logLine({ requester: etl, ...more });
const put = { method: "PUT", operation: "PutObject" };

describe("what a principal may do beside what it was seen to do", () => {
  const lines = [
    read(),
    read({ time: "20/Nov/2026:10:00:00 +0800" }),
    // RAM allowed it.
    read({ ...put, time: "21/Nov/2026:10:00:00 +0800" }),
    logLine({ requester: "202147604049350777", time: "23/Nov/2026:10:00:00 +0800" }),
  ];

  test("has a count and a day for each access level, and the window of what was not seen", async () => {
    const { lines: shown, stdout, code } = await ask("etl", lines);
    expect(code).toBe(0);
    expect(shown).toEqual(
      expect.arrayContaining([
        "data | all objects | none | none | all objects | none",
        "seen | 2 of 3 | - | 1 of 3 | 0 of 3 | -",
        "last | 2026-11-20 | - | 2026-11-21 | - | -",
        "data: delete not seen in 7 days of 4 requests between 2026-11-16 and 2026-11-23",
        "data: write: seen without an Allow of the policy",
        "quiet | all objects | none | none | all objects | none",
        "quiet: the access logs have no request in the window, so nothing is claimed",
      ]),
    );
    expect(stdout).toContain("Access logs are best effort");
    expect(stdout).not.toContain("unused");
    expect(Math.max(...shown.slice(0, 8).map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test("is the same as JSON, and levels are absent where nothing is claimed", async () => {
    const { buckets, requests } = (await ask("etl", lines)).json();
    expect(requests).toMatchObject({ read: 4, used: 4 });
    const none = { count: 0, last: null };
    expect(buckets.map(({ bucket, requests: own }) => [bucket, own])).toEqual([
      [
        "data",
        {
          total: 4,
          from: "2026-11-16T02:00:00.000Z",
          to: "2026-11-23T02:00:00.000Z",
          own: 3,
          levels: {
            read: { count: 2, last: "2026-11-20T02:00:00.000Z", maybe: none },
            list: { ...none, maybe: none },
            write: { count: 1, last: "2026-11-21T02:00:00.000Z", maybe: none },
            delete: { ...none, maybe: none },
            admin: { ...none, maybe: none },
          },
        },
      ],
      ["quiet", { total: 0 }],
    ]);
  });

  test("is limited to the window", async () => {
    const { lines: shown } = await ask("etl", lines, ["--since", "2026-11-21"]);
    expect(shown).toContain(
      "data: read, delete not seen in 2 days of 2 requests between 2026-11-21 and 2026-11-23",
    );
  });

  test("of a session counts requests of the role apart, whose session a log file does not have", async () => {
    const role = { requester: "300024016803281053", accessId: "STS.NTj3" };
    const sls = (name: string) =>
      slsLine({
        requester_id: "300024016803281053",
        access_id: "STS.NTj3",
        extend_information: `${logOwner},ops,${name},${logOwner}`,
      });
    const deletion = logLine({ ...role, method: "DELETE", operation: "DeleteObject" });
    const { lines: shown } = await ask("alice", [logLine(role), deletion, sls("alice"), sls("bob")]);
    expect(shown).toEqual(
      expect.arrayContaining([
        "seen | 1 of 1 | - | - | 0 of 1 | -",
        "may be its | 1 | - | - | 1 | -",
        "data: each allowed level was seen, or may have been, in 1 day of 4 requests on 2026-11-16",
      ]),
    );
  });

  test("claims of an allowed level that one of its actions was seen, and no more", async () => {
    const deletion = read({ method: "DELETE", operation: "DeleteObject" });
    const { lines: shown } = await ask("etl", [read(), deletion, read(put)]);
    expect(shown).toEqual(
      expect.arrayContaining([
        "data: each allowed level was seen in 1 day of 3 requests on 2026-11-16",
        "data: write: seen without an Allow of the policy",
      ]),
    );
  });

  test("has a line with the words of its table for what was seen and is refused", () => {
    const none = { count: 0, maybe: { count: 0 } };
    const seen = { ...none, count: 1 };
    const day = "2026-11-16T02:00:00.000Z";
    const levels = { read: seen, list: none, write: none, delete: seen, admin: none };
    const claimed = { isAllowed: () => false, refusedWords: "seen, and denied by the policy" };
    const lines = (isRefused: (column: string) => boolean) =>
      unseenLines("data", { total: 2, from: day, to: day, own: 2, levels }, { ...claimed, isRefused });
    const window = "in 1 day of 2 requests on 2026-11-16";
    expect(lines((level) => level !== "read")).toBe(
      `data: delete: seen, and denied by the policy ${window}\n`,
    );
    expect(lines(() => false)).toBe(`data: no level is allowed for certain ${window}\n`);
  });

  test("of the owner has its requests, too", async () => {
    const { lines: shown, json } = await ask(
      "owner",
      [read({ requester: logOwner, ...put })],
      ["--bucket", "data"],
    );
    expect(shown).toContain("seen | 0 of 1 | 0 of 1 | 1 of 1 | 0 of 1 | 0 of 1");
    expect(json().owned).toMatchObject([{ bucket: "data", requests: { own: 1 } }]);
  });

  test("of anonymous callers shows what RAM and ACLs allowed, where the policy allows nothing", async () => {
    const { lines: shown } = await ask("anonymous", [read({ requester: "-", accessId: "-" })]);
    expect(shown).toContain("data | none | none | none | none | none");
    expect(shown).toContain("seen | 1 of 1 | - | - | - | -");
    expect(shown).toContain(
      "data: read: seen without an Allow of the policy in 1 day of 1 request on 2026-11-16",
    );
  });

  test("is asked of the live policies with --live", async () => {
    const live = policy(allow("data", etl, `"oss:PutObject"`));
    const sandbox = await sandboxWith({ buckets: [{ name: "data", region: "cn-hangzhou", policy: live }] });
    const words = ["--live", "--bucket", "data"];
    const { lines: shown } = await ask("etl", lines, words, environmentOf(sandbox));
    expect(shown).toContain("data | none | none | all objects | none | none");
    expect(shown).toContain("seen | 2 of 3 | - | 1 of 3 | - | -");
  });
});

test.each([
  [["what-can", "etl", "--since", "7d"], "--since: without --requests there is no window"],
  [["public", "--since", "7d"], "`public` reads no access logs"],
  [["public", "--requests", "x"], "use --requests, --since and --until with `what-can` and `unused`"],
])("%j is refused", async (words, message) => {
  const { code, stderr } = await runCli(["access", ...words, "--policies", writeTree(tree)]);
  expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
});
