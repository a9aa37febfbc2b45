import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loggedHeadersField, logLine, logOwner, slsLine } from "../support/log-lines.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const etl = "202147604049350001";
const statement = (effect: string, action: string, resource: string, more = "") =>
  `{"Effect":"${effect}","Principal":["${etl}"],"Action":["${action}"],"Resource":["acs:oss:*:*:${resource}"]${more}}`;
const policy = (...statements: readonly string[]) => `{"Version":"1","Statement":[${statements.join(",")}]}`;
const allow = (action: string, bucket: string, more = "") =>
  statement("Allow", `oss:${action}`, `${bucket}/*`, more);

/** Policies of a bucket: what is live, and what its file wants. */
interface BucketWorld {
  readonly live: string;
  readonly wanted: string;
}

async function worldOf(buckets: Readonly<Record<string, BucketWorld>>) {
  const names = Object.entries(buckets);
  const sandbox = await sandboxWith({
    buckets: names.map(([name, { live }]) => ({ name, region: "cn-hangzhou", policy: live })),
  });
  const files = names.map(([name, { wanted }]) => [`${name}.yaml`, `bucket: ${name}\npolicy: ${wanted}\n`]);
  return {
    folder: writeTree({ "account.yaml": accountFile, ...(Object.fromEntries(files) as object) }),
    env: environmentOf(sandbox),
  };
}

const wallTime = () => new Date("2026-11-24T00:00:00Z");

/** Plans a world with a log, and returns what the plan says of the requests. */
async function weigh(
  buckets: Readonly<Record<string, BucketWorld>>,
  log: readonly string[] | Buffer,
  words: readonly string[] = [],
) {
  const { folder, env } = await worldOf(buckets);
  const file = join(writeTree({}), "log");
  writeFileSync(file, Buffer.isBuffer(log) ? log : log.join("\n"));
  const json = join(writeTree({}), "plan.json");
  const all = ["plan", "--policies", folder, "--requests", file, "--json", json, ...words];
  const result = await runCli(all, { env, wallTime });
  const document = JSON.parse(readFileSync(json, "utf8")) as {
    readonly requests?: unknown;
    readonly changes: readonly {
      readonly bucket: string;
      readonly requests?: { readonly total: number; readonly effects: readonly unknown[] };
    }[];
  };
  const of = (bucket: string) => document.changes.find((change) => change.bucket === bucket)?.requests;
  return { ...result, file, requests: document.requests, of };
}

const reads = { live: policy(allow("GetObject", "data")), wanted: policy(allow("GetObject", "data/raw")) };

describe("a log that is not read", () => {
  const zstd = Buffer.from("28b52ffd00000000", "hex");

  test("is refused before OSS is, with one error for each file, and a limit", async () => {
    const folder = writeTree({ "account.yaml": accountFile });
    const logs = writeTree({ "0.log": logLine() });
    const files = Array.from({ length: 8 }, (_, at) => join(logs, `${at + 1}.zst`));
    for (const file of files) writeFileSync(file, zstd);
    const plan = ["plan", "--policies", folder, "--requests", logs];
    // Without a key for OSS, and without a bucket.
    const { stderr, code } = await runCli(plan);
    expect(code).toBe(1);
    for (const file of files.slice(0, 5))
      expect(stderr).toContain(
        `the log \`${file}\` cannot be read (compressed as zstd; only gzip is read) [requests]`,
      );
    expect(stderr).toContain("help: decompress it, and name the result, or - for stdin");
    expect(stderr).toContain(`3 more of the logs in \`${logs}\` cannot be read`);
    expect(stderr).not.toContain(files[5]);
    const unused = await runCli(["access", "unused", "--policies", folder, "--requests", logs]);
    expect(unused.stderr).toContain("only gzip is read");
  });

  test("is refused on stdin where it comes", async () => {
    const { folder, env } = await worldOf({ data: reads });
    const options = { env, wallTime, input: zstd };
    const { stderr, code } = await runCli(["plan", "--policies", folder, "--requests", "-"], options);
    expect(stderr).toContain("the log `-` cannot be read (compressed as zstd; only gzip is read)");
    expect(code).toBe(1);
  });

  test("is named if none of its lines is one of a log, and then nothing is claimed", async () => {
    const { stderr, stdout, file, of } = await weigh({ data: reads }, ["bucket,object", "data,raw/a.csv"]);
    expect(stdout + stderr).toContain(`warning: no line of the log \`${file}\` is a line of OSS's log files`);
    expect(stdout + stderr).toContain("no CSV, and no JSON array");
    expect(of("data")).toEqual({ total: 0, effects: [] });
  });

  test("is read as far as it goes if its end is missing, with a warning", async () => {
    const lines = Array.from({ length: 4_000 }, (_, at) =>
      logLine({ requester: etl, object: `x${(at * 7919) % 4_000}` }),
    );
    const whole = gzipSync(lines.join("\n"));
    const { stderr, stdout, of } = await weigh({ data: reads }, whole.subarray(0, whole.length / 2));
    expect(stdout + stderr).toContain("is not a complete gzip file (Z_BUF_ERROR)");
    expect(of("data")?.total).toBeGreaterThan(100);
    expect(of("data")?.effects).toHaveLength(1);
  });
});

test("requests on a bucket of that name that another account had are not weighed", async () => {
  const theirs = "1999999999999999";
  const lines = [
    logLine({ requester: etl, owner: theirs }),
    slsLine({ requester_id: etl, owner_id: theirs, extend_information: `${theirs},,,,` }),
    logLine({ requester: etl, object: "other.csv" }),
  ];
  const { requests, of, stdout } = await weigh({ data: reads }, lines);
  expect(requests).toMatchObject({ read: 3, used: 1, skipped: { "other account": 2 } });
  expect(of("data")).toMatchObject({ total: 1, effects: [{ effect: "loses-allow", count: 1 }] });
  expect(stdout).toContain("2 other account");
});

test("a log of other buckets only, and a window without lines, claim nothing", async () => {
  for (const [line, words] of [
    [logLine({ bucket: "elsewhere" }), []],
    [logLine({ requester: etl }), ["--since", "24h"]],
  ] as const) {
    const { stdout, of } = await weigh({ data: reads }, [line], words);
    expect(of("data")).toEqual({ total: 0, effects: [] });
    expect(stdout).toContain("have none of data in the window, so nothing is claimed");
    expect(stdout).not.toContain("refuses-recent-requests");
  }
});

describe("a request by CDN", () => {
  const fence = `,"Condition":{"NotIpAddress":{"acs:SourceIp":["203.0.113.0/24"]}}`;
  const allowed = allow("GetObject", "data");
  const fenced = policy(allowed, statement("Deny", "oss:GetObject", "data/*", fence));

  test.each([
    ["203.0.113.9", 0],
    ["198.51.100.7", 2],
  ])("from the node %s is weighed with that address", async (ip, refused) => {
    const lines = [
      logLine({ requester: etl, ip, syncRequest: "cdn" }),
      slsLine({ requester_id: etl, client_ip: ip, sync_request: "cdn" }),
    ];
    const { of } = await weigh({ data: { live: policy(allowed), wanted: fenced } }, lines);
    expect(of("data")).toMatchObject({
      total: 2,
      effects: refused === 0 ? [] : [{ effect: "refused", count: refused }],
    });
  });
});

test("requests of OSS and of services of the cloud are counted, and not weighed", async () => {
  const lines = [
    slsLine({ requester_id: etl, object: "a", sign_type: "AdminSign" }),
    slsLine({ object: "a", sync_request: "lifecycle", http_method: "DELETE", operation: "ExpireObject" }),
    logLine({ object: "a", syncRequest: "lifecycle", method: "DELETE", operation: "ExpireObject" }),
  ];
  const { requests, of } = await weigh({ data: reads }, lines);
  expect(requests).toMatchObject({ read: 3, used: 0, skipped: { service: 1, lifecycle: 2 } });
  expect(of("data")).toEqual({ total: 0, effects: [] });
});

describe("headers that the log of a bucket names", () => {
  const upload = (headers: object, object: string) =>
    slsLine({
      http_method: "PUT",
      operation: "PutObject",
      requester_id: etl,
      object,
      request_uri: `/${object}`,
      user_defined_log_fields: loggedHeadersField(headers),
    });

  test("decide conditions on the ACL, which stay open without them", async () => {
    const onlyPrivate = `,"Condition":{"StringEquals":{"oss:x-oss-object-acl":["private"]}}`;
    const world = {
      live: policy(allow("PutObject", "data")),
      wanted: policy(allow("PutObject", "data", onlyPrivate)),
    };
    const lines = [
      upload({ "x-oss-object-acl": "private" }, "kept/a"),
      upload({ "x-oss-object-acl": "public-read" }, "lost/a"),
      upload({}, "open/a"),
    ];
    const { of } = await weigh({ data: world }, lines);
    expect(of("data")).toMatchObject({
      total: 3,
      effects: [
        { effect: "loses-allow", prefix: "lost/", count: 1, of: 3 },
        { effect: "depends", on: ["oss:x-oss-object-acl"], prefix: "open/", count: 1 },
      ],
    });
  });

  test("name uploads with tags, which need the right to set tags", async () => {
    const put = allow("PutObject", "data");
    const world = { live: policy(put, allow("PutObjectTagging", "data")), wanted: policy(put) };
    const { of } = await weigh({ data: world }, [upload({ "x-oss-tagging": "k=v" }, "a"), upload({}, "b")]);
    expect(of("data")).toMatchObject({
      total: 2,
      effects: [{ effect: "loses-allow", action: "oss:PutObject and oss:PutObjectTagging", count: 1, of: 1 }],
    });
  });

  test("decide conditions on tags", async () => {
    const ofTeam = `,"Condition":{"StringEquals":{"oss:RequestObjectTag/team":["a"]}}`;
    const rights = (more: string) =>
      policy(allow("PutObject", "data", more), allow("PutObjectTagging", "data"));
    const lines = [
      upload({ "x-oss-tagging": "team=a&x=y" }, "kept/1"),
      upload({ "x-oss-tagging": "team=b" }, "lost/1"),
      upload({ "x-oss-tagging": "x=y" }, "lost/2"),
      upload({ "x-oss-tagging": "team=a+b" }, "open/1"),
      upload({}, "open/2"),
    ];
    const { of } = await weigh({ data: { live: rights(""), wanted: rights(ofTeam) } }, lines);
    const on = ["oss:RequestObjectTag/team"];
    const tagged = "oss:PutObject and oss:PutObjectTagging";
    expect(of("data")).toMatchObject({
      total: 5,
      effects: [
        { effect: "loses-allow", action: tagged, prefix: "lost/", count: 2, of: 4 },
        { effect: "depends", on, action: tagged, prefix: "open/", count: 1 },
        { effect: "depends", on, action: "oss:PutObject", prefix: "open/", count: 1 },
      ],
    });
  });

  test("name what was copied, which is a read of its bucket", async () => {
    const world = {
      data: { live: policy(), wanted: policy(allow("PutObject", "data")) },
      store: { live: policy(allow("GetObject", "store")), wanted: policy() },
    };
    const copy = upload({ "x-oss-copy-source": "/store/parts/1" }, "a");
    const { of, requests, stdout } = await weigh(world, [copy]);
    expect(requests).toMatchObject({ read: 1, used: 1, skipped: {}, copySources: 1 });
    expect(of("data")).toMatchObject({ total: 1, effects: [{ effect: "gains-allow" }] });
    expect(of("store")).toMatchObject({
      total: 1,
      effects: [{ effect: "loses-allow", caller: etl, action: "oss:GetObject", prefix: "parts/", count: 1 }],
    });
    expect(stdout).toContain("Requests: 1 of 1 request in the logs on 2026-11-16 (UTC).");
    expect(stdout).toContain("Also the sources of 1 copy.");
  });
});

describe("clocks out of order", () => {
  const at = (time: string, object = "x") => logLine({ time, requester: etl, object });
  const lines = [
    at("20/Nov/2026:10:00:00 +0000"),
    at("19/Jan/2038:03:14:07 +0000"),
    at("01/Jan/1970:00:00:00 +0000"),
    at("18/Nov/2026:10:00:00 +0000"),
  ];

  test("a line of before OSS is broken, and one of later than now is warned of, with a way to leave it out", async () => {
    const { stdout, stderr, requests } = await weigh({ data: reads }, lines);
    expect(requests).toMatchObject({
      used: 3,
      skipped: { "broken line": 1 },
      from: "2026-11-18T10:00:00.000Z",
      to: "2038-01-19T03:14:07.000Z",
    });
    const [, help = ""] =
      /later than now, the last one of 2038-01-19T03:14:07\.000Z.*\n *help: .*(--until \S+)/.exec(
        stdout + stderr,
      ) ?? [];
    expect(help).toBe("--until 2026-11-25");
    const again = await weigh({ data: reads }, lines, help.split(" "));
    expect(again.requests).toMatchObject({ used: 2, to: "2026-11-20T10:00:00.000Z" });
    expect(again.stdout + again.stderr).not.toContain("later than now");
  });
});

test("plans of shards whose windows count back from different times are not merged, and the help says why", async () => {
  const { folder, env } = await worldOf({ data: reads });
  const log = join(writeTree({}), "log");
  writeFileSync(log, logLine({ time: "17/Nov/2026:00:00:30 +0000", owner: logOwner }));
  const plans = writeTree({});
  const plan = async (index: number, since: string) => {
    const file = join(plans, `${index}.json`);
    const words = ["--requests", log, "--since", since, "--shard", `${index}/2`, "--json", file];
    // The second shard starts a minute later.
    const started = new Date(wallTime().getTime() + (index - 1) * 60_000);
    await runCli(["plan", "--policies", folder, ...words], { env, wallTime: () => started });
    return file;
  };
  const merge = async (since: string) =>
    runCli(["merge", await plan(1, since), await plan(2, since), "--json", join(plans, "whole.json")]);
  const { code, stderr } = await merge("7d");
  expect(code).toBe(1);
  expect(stderr).toContain("were weighed by different requests");
  expect(stderr).toContain("with times for --since and --until: `7d` counts back from the start of each run");
  expect((await merge("2026-11-17T00:00:00Z")).stderr).not.toContain("different requests");
});

test("a delete of many objects whose keys the log does not have is weighed, and its caller is warned of", async () => {
  const removal = logLine({
    method: "POST",
    target: "/?delete",
    operation: "DeleteObjects",
    object: "-",
    requester: etl,
  });
  const live = policy(allow("DeleteObject", "data"), allow("GetObject", "data"));
  const lost = await weigh(
    { data: { live, wanted: policy(allow("GetObject", "data")) } },
    [removal],
    ["--verbose"],
  );
  expect(lost.of("data")).toMatchObject({
    total: 1,
    effects: [{ effect: "loses-allow", prefix: "?", count: 1 }],
  });
  expect(lost.stdout).toContain("oss:DeleteObject on keys that the log does not have");
  expect(lost.stdout).toContain("refuses-recent-requests");
  expect(lost.stdout).toContain("e.g. 2026-11-16 02:00:00 unknown keys from 10.0.0.7");
  const narrowed = policy(allow("DeleteObject", "data/tmp"), allow("GetObject", "data"));
  const open = await weigh({ data: { live, wanted: narrowed } }, [removal]);
  expect(open.of("data")).toMatchObject({ effects: [{ effect: "depends", on: ["object key"] }] });
});
