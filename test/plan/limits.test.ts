import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const wanted = (bucket: string) =>
  `{ Version: "1", Statement: [{ Effect: Allow, Principal: ["2"], Action: "oss:GetObject", Resource: "acs:oss:*:*:${bucket}/*" }] }`;
const same = (bucket: string) =>
  `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["2"],"Action":["oss:GetObject"],"Resource":["acs:oss:*:*:${bucket}/*"]}]}`;
const other =
  '{"Version":"1","Statement":[{"Effect":"Allow","Principal":["2"],"Action":["oss:PutObject"],"Resource":["*"]}]}';

interface Numbers {
  readonly all: number;
  readonly changed?: number;
  readonly deleted?: number;
  readonly created?: number;
  readonly limits?: string;
}

/** So many buckets, of which some differ from their files. */
async function run(
  verb: string,
  { all, changed = 0, deleted = 0, created = 0, limits = "" }: Numbers,
  ...words: readonly string[]
) {
  const names = Array.from({ length: all }, (_, index) => `bucket-${String(index).padStart(2, "0")}`);
  const isDeleted = (index: number) => index >= changed && index < changed + deleted;
  const isCreated = (index: number) => index >= all - created;
  const sandbox: Sandbox = await sandboxWith({
    buckets: names.map((name, index) => ({
      name,
      region: "cn-hangzhou",
      ...(isCreated(index) ? {} : { policy: index < changed + deleted ? other : same(name) }),
    })),
  });
  const files = names.map((name, index) => [
    `${name}.yaml`,
    `bucket: ${name}\npolicy: ${isDeleted(index) ? "none" : wanted(name)}\n`,
  ]);
  const tree = writeTree({ "account.yaml": `${accountFile}${limits}`, ...Object.fromEntries(files) });
  const result = await runCli([verb, "--policies", tree, ...words], { env: environmentOf(sandbox) });
  return { ...result, sandbox, tree };
}

test("--accept limits@ACCOUNT lifts the limits of an account for one run, and says so", async () => {
  const consent = ["--accept", "limits@1746495857600001"];
  const lifted = await run("apply", { all: 10, changed: 9 }, ...consent);
  expect([lifted.code, lifted.stderr]).toEqual([
    0,
    expect.stringContaining("accepted for this run by `--accept limits@1746495857600001`"),
  ]);
  expect(lifted.sandbox.policyOf("bucket-00")).toContain("oss:GetObject");
  const named = await run("plan", { all: 10, changed: 9, limits: "name: prod\n" }, "--accept", "limits@prod");
  expect(named.code).toBe(0);
  const wrong = await run("plan", { all: 10, changed: 9 }, "--accept", "limits@1746495857600002");
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/names no account of the tree[^]*did you mean `1746495857600001`/),
  ]);
});

describe.each(["plan", "apply"])("%s", (verb) => {
  test.each<[string, Numbers, number]>([
    ["30 % changed is within the default", { all: 10, changed: 3 }, 0],
    ["31 % and more is not", { all: 10, changed: 4 }, 3],
    ["deletes are changes too", { all: 20, changed: 5, deleted: 2 }, 3],
    ["10 % deleted is within the default", { all: 10, deleted: 1 }, 0],
    ["more is not", { all: 10, deleted: 2 }, 3],
    ["first policies do not count", { all: 12, created: 12 }, 0],
    ["below ten buckets there is no default", { all: 9, changed: 9 }, 0],
    [
      "a limit that is written holds for few buckets too",
      { all: 3, changed: 2, limits: "limits: { change: { count: 1 } }\n" },
      3,
    ],
    [
      "a count takes the place of the default",
      { all: 10, changed: 4, limits: "limits: { change: { count: 4 } }\n" },
      0,
    ],
    ["a percentage too", { all: 10, changed: 4, limits: "limits: { change: { percent: 40 } }\n" }, 0],
    [
      "of both, the narrower holds",
      { all: 10, changed: 4, limits: "limits: { change: { percent: 50, count: 3 } }\n" },
      3,
    ],
    ["none may be deleted", { all: 3, deleted: 1, limits: "limits: { delete: { count: 0 } }\n" }, 3],
  ])("%s", async (_, numbers, expected) => {
    const { code, sandbox } = await run(verb, numbers);
    expect(code).toBe(expected);
    const writes = sandbox.requests.filter(({ method }) => method !== "GET").length;
    const { changed = 0, deleted = 0, created = 0 } = numbers;
    expect(writes).toBe(verb === "apply" && expected === 0 ? changed + deleted + created : 0);
  });

  test("the whole plan is shown, and the key that would allow it", async () => {
    const { stdout, stderr, tree } = await run(verb, { all: 10, changed: 4, created: 1 });
    expect(stdout).toMatch(/^~ update 4 buckets .*blocked by a limit of its account\n {4}bucket-00, /m);
    expect(stderr).toContain("4 of the 10 buckets of account 1746495857600001 would be changed (40 %)");
    expect(stderr).toContain(
      `\`limits: { change: { percent: 40 } }\` in ${join(tree, "account.yaml")} allows it`,
    );
    expect(stdout).toMatch(/Exit 3, blocked by a guard: .*but `limits` allows 30 %, its default/);
  });
});

test("the share is one of all managed buckets, whichever were asked about", async () => {
  const { code } = await run(
    "apply",
    { all: 10, changed: 4 },
    "--bucket",
    "bucket-0[0-2]*",
    "--bucket",
    "bucket-00",
  );
  expect(code).toBe(1);
  expect((await run("apply", { all: 10, changed: 4 }, "--bucket", "bucket-00")).code).toBe(0);
});

test("a bucket that is blocked for itself does not count", async () => {
  const limits =
    'limits: { change: { count: 0 } }\nguardrails: [{ name: g, Principal: ["2"], Action: ["oss:GetObject"], Resource: ["*"] }]\n';
  const { stdout } = await run("plan", { all: 1, changed: 1, limits });
  expect(stdout).toContain("by hazards that are not accepted");
  expect(stdout).not.toContain("`limits`");
});

test("the JSON says which limit blocks a bucket", async () => {
  const file = join(writeTree({}), "plan.json");
  await run("plan", { all: 10, deleted: 2 }, "--json", file);
  const { changes } = JSON.parse(readFileSync(file, "utf8")) as {
    changes: { blocked: boolean; limit?: string }[];
  };
  expect(changes.filter(({ blocked }) => blocked)).toHaveLength(2);
  expect(changes[0]?.limit).toContain("would be left without a policy");
});

test.each([
  ["a key that is none", "limits: { changes: { count: 1 } }", "unknown-key"],
  ["a share beyond all", "limits: { change: { percent: 101 } }", "a percentage is a number from 0 to 100"],
  ["a part of a bucket", "limits: { change: { count: 1.5 } }", "a count is a whole number"],
])("%s is refused", async (_, limits, message) => {
  const tree = writeTree({
    "account.yaml": `${accountFile}${limits}\n`,
    "b.yaml": "bucket: examplebucket\npolicy: none\n",
  });
  const { code, stderr, stdout } = await runCli(["validate", "--policies", tree]);
  expect(stdout + stderr).toContain(message);
  expect(code).toBe(1);
});

test.each<[number, number, number, string, number]>([
  [10, 30, 30, "33.3 %", 34],
  [4, 12, 30, "33.3 %", 34],
  [1, 2, 10, "50 %", 50],
  [1, 3, 33.3, "33.33 %", 34],
  [3, 3, 99, "100 %", 100],
])("%i of %i is beyond a limit of %d, and shown with its share", async (changed, all, most, share, key) => {
  const limits = `limits: { change: { percent: ${most} } }\n`;
  const { code, stderr } = await run("plan", { all, changed, limits });
  expect([code, stderr]).toEqual([3, expect.stringContaining(`(${share}), but \`limits\` allows ${most} %`)]);
  expect(stderr).toContain(`\`limits: { change: { percent: ${key} } }\``);
});
