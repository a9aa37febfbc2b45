import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { planFrom } from "../../src/plan/plan-from-json.ts";
import { parsePlanDocument } from "../../src/plan/saved-plan.ts";
import { toolVersion } from "../../src/run/version.ts";
import { logLine, logOwner, slsLine } from "../support/log-lines.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const etl = "202147604049350001";
const statement = (action: string, resource: string, more = "") =>
  `{"Effect":"Allow","Principal":["${etl}"],"Action":["${action}"],"Resource":["acs:oss:*:*:${resource}"]${more}}`;
const policy = (...statements: readonly string[]) => `{"Version":"1","Statement":[${statements.join(",")}]}`;

const reads = statement("oss:GetObject", "data/*");
const deletes = statement("oss:DeleteObject", "data/*");
const opened = `{"Effect":"Allow","Principal":["*"],"Action":["oss:ListObjects"],"Resource":["acs:oss:*:*:data"]}`;
const identities = `identities: { etl: "${etl}" }\n`;

interface PlanOfRequests {
  readonly live?: string;
  readonly wanted?: string;
  readonly lines: readonly string[];
  readonly words?: readonly string[];
  readonly account?: string;
}

async function plannedWith({
  live = policy(reads, deletes, opened),
  wanted = policy(reads),
  ...given
}: PlanOfRequests) {
  const { lines, words = [], account = "" } = given;
  const sandbox = await sandboxWith({ buckets: [{ name: "data", region: "cn-hangzhou", policy: live }] });
  const folder = writeTree({
    "account.yaml": `${accountFile}${identities}${account}`,
    "data.yaml": `bucket: data\nregion: cn-hangzhou\npolicy: ${wanted}\n`,
  });
  const logs = writeTree({});
  mkdirSync(join(logs, "2026"));
  writeFileSync(join(logs, "2026", "a"), gzipSync(lines.join("\n")));
  const json = join(writeTree({}), "plan.json");
  const all = ["plan", "--policies", folder, "--requests", logs, "--json", json, ...words];
  const result = await runCli(all, {
    env: environmentOf(sandbox),
    wallTime: () => new Date("2026-11-24T00:00:00Z"),
  });
  const document = JSON.parse(readFileSync(json, "utf8")) as {
    requests?: unknown;
    verdict: unknown;
    changes: readonly { requests?: unknown; blocked: boolean; hazards: readonly { code: string }[] }[];
  };
  return { ...result, json, folder, document, change: document.changes[0] };
}

const deleted = (time: string, object = "raw/a.csv") =>
  logLine({ time, method: "DELETE", operation: "DeleteObject", object, requester: etl });

const weekLines = [
  deleted("16/Nov/2026:10:00:00 +0800"),
  deleted("23/Nov/2026:22:02:00 +0800", "raw/b%20c.csv"),
  deleted("20/Nov/2026:10:00:00 +0800", "tmp/c.csv"),
  logLine({ requester: etl }),
  logLine({ requester: "-", operation: "GetBucket", object: "-", target: "/?max-keys=2", accessId: "-" }),
  logLine({ status: "403" }),
  logLine({ bucket: "elsewhere" }),
  "not a line",
];

test("a plan says whose requests lose the policy's allow, how many of how many, where and when last", async () => {
  const { stdout, document, change } = await plannedWith({ lines: weekLines });
  const loses = (count: number, prefix: string, last: string) =>
    `    loses: \`etl\` oss:DeleteObject under \`${prefix}\`: ${count} of its 3 requests between 2026-11-16 and 2026-11-23 would lose the policy's allow, and a RAM policy or the ACL of an object may still allow ${count === 1 ? "it" : "them"}; last one ${last} UTC`;
  expect(stdout).toContain(loses(2, "raw/", "2026-11-23 14:02"));
  expect(stdout).toContain(loses(1, "tmp/", "2026-11-20 02:00"));
  expect(stdout).toContain("warning refuses-recent-requests");
  expect(stdout).toContain("Requests: 5 of 8 requests in the logs between 2026-11-16 and 2026-11-23 (UTC).");
  expect(document.requests).toMatchObject({
    read: 8,
    used: 5,
    skipped: { failed: 1, "other bucket": 1, "broken line": 1 },
    sources: { files: 5, sls: 0 },
  });
  expect(change?.requests).toMatchObject({
    total: 5,
    from: "2026-11-16T02:00:00.000Z",
    to: "2026-11-23T14:02:00.000Z",
    effects: [
      // The bucket's ACL is private, and no ACL of an object can allow a listing.
      { effect: "refused", caller: "anonymous", action: "oss:ListObjects", prefix: "", count: 1, of: 1 },
      { effect: "loses-allow", caller: etl, name: "etl", prefix: "raw/", count: 2, of: 3 },
      { effect: "loses-allow", caller: etl, name: "etl", prefix: "tmp/", count: 1, of: 3 },
    ],
  });
});

test("no key and no address of a log is in any report", async () => {
  const folder = writeTree({});
  const reports = ["html", "markdown"].flatMap((name) => [`--${name}`, join(folder, name)]);
  const { stdout, json } = await plannedWith({ lines: weekLines, words: reports });
  const texts = [stdout, ...["html", "markdown"].map((name) => readFileSync(join(folder, name), "utf8"))];
  for (const text of [...texts, readFileSync(json, "utf8")]) {
    expect(text).toMatch(/DeleteObject under .{0,8}raw\/|"prefix": "raw\/"/);
    expect(text).not.toMatch(/b c\.csv|a\.csv|10\.0\.0\.7|curl/);
  }
});

describe("--verbose", () => {
  const hostile = "raw/\u001b[31m`x`<b>|@team.csv";
  const lines = [
    deleted("16/Nov/2026:10:00:00 +0800", encodeURI(hostile)),
    deleted("23/Nov/2026:22:02:00 +0800", "raw/b%20c.csv"),
    ...["role-a", "role-b"].map((session) =>
      slsLine({
        http_method: "DELETE",
        operation: "DeleteObject",
        requester_id: "300024016803281053",
        access_id: "STS.NTj3",
        extend_information: `${logOwner},ops,${session},${logOwner}`,
        object: "tmp%2Fx",
        request_uri: "/tmp/x",
      }),
    ),
  ];
  const live = policy(reads, deletes, deletes.replace(etl, `arn:sts::${logOwner}:assumed-role/ops/*`));

  test("shows requests as they are on the terminal and in --json, and in no report for others", async () => {
    const folder = writeTree({});
    const reports = ["html", "markdown", "sarif"].flatMap((name) => [`--${name}`, join(folder, name)]);
    const planned = await plannedWith({ live, lines, words: ["--verbose", ...reports] });
    const { stdout, change, json } = planned;
    expect(stdout).toContain(`      e.g. 2026-11-23 14:02:00 "raw/b c.csv" from 10.0.0.7\n`);
    expect(stdout).toContain(`"tmp/x" from 10.0.0.7 session role-a\n`);
    expect(stdout).not.toContain("\u001b");
    expect(change?.requests).toMatchObject({
      effects: [
        {
          caller: etl,
          examples: [
            { time: "2026-11-23T14:02:00.000Z", key: "raw/b c.csv", address: "10.0.0.7" },
            { key: hostile },
          ],
        },
        { caller: `arn:sts::${logOwner}:assumed-role/ops/*`, examples: [{ session: "role-a" }, {}] },
      ],
    });
    for (const name of ["html", "markdown", "sarif"])
      expect(readFileSync(join(folder, name), "utf8")).not.toMatch(/b c\.csv|team\.csv|10\.0\.0\.7|role-a/);
    const read = parsePlanDocument(readFileSync(json, "utf8"), toolVersion);
    expect("problem" in read ? read : planFrom(read).changes[0]).toMatchObject({
      requests: change?.requests,
    });
  });

  test.each(["plan", "apply"])("is refused by %s without logs", async (verb) => {
    const { code, stderr } = await runCli([verb, "--policies", writeTree({}), "--verbose"]);
    expect(stderr).toContain("--verbose: without --requests there is nothing more to show");
    expect(code).toBe(1);
  });
});

test("what the log does not have is named, and rows of SLS that have it are decided", async () => {
  const more = `,"Condition":{"StringEquals":{"acs:SourceVpc":["vpc-1"]},"Bool":{"acs:SecureTransport":["true"]}}`;
  const wanted = policy(reads, statement("oss:DeleteObject", "data/*", more));
  const sls = (vpc: string) =>
    slsLine({ http_method: "DELETE", operation: "DeleteObject", vpc_id: vpc, requester_id: etl });
  const lines = [deleted("16/Nov/2026:10:00:00 +0800"), sls("vpc-1"), sls("vpc-2")];
  const { change, stdout } = await plannedWith({ live: policy(reads, deletes), wanted, lines });
  expect(change?.requests).toMatchObject({
    total: 3,
    effects: [
      { effect: "loses-allow", count: 1, of: 3 },
      {
        effect: "depends",
        on: ["acs:SecureTransport", "acs:SourceVpc"],
        may: ["loses-allow", "unchanged"],
        count: 1,
      },
    ],
  });
  expect(stdout).toContain(
    "1 of its 3 requests on 2026-11-16 depends on acs:SecureTransport and acs:SourceVpc, which the log does not have: it may lose the policy's allow or stay as it is; last one",
  );
});

test("a new Deny refuses for certain", async () => {
  const deny = `{"Effect":"Deny","Principal":["*"],"Action":["oss:DeleteObject"],"Resource":["acs:oss:*:*:data/raw/*"]}`;
  const { change } = await plannedWith({ wanted: policy(reads, deletes, opened, deny), lines: weekLines });
  expect(change?.requests).toMatchObject({
    effects: [{ effect: "refused", caller: etl, prefix: "raw/", count: 2, of: 3 }],
  });
});

test("without lines of the bucket in the window nothing is claimed", async () => {
  const { stdout, change } = await plannedWith({
    lines: weekLines,
    words: ["--since", "24h", "--until", "2026-11-23T14:00:00Z"],
  });
  expect(stdout).toContain(
    "requests: the access logs have none of data in the window, so nothing is claimed",
  );
  expect(change?.requests).toEqual({ total: 0, effects: [] });
  expect(change?.hazards.map(({ code }) => code)).not.toContain("refuses-recent-requests");
});

test("an account can make it block the bucket, where it is found", async () => {
  const account = "hazards: { refuses-recent-requests: block }\n";
  const { change } = await plannedWith({ lines: weekLines, account });
  expect(change?.blocked).toBe(true);
  const { change: quiet } = await plannedWith({ lines: [logLine({ requester: etl })], account });
  expect(quiet?.blocked).toBe(false);
});

test.each([
  [["--requests", "/nowhere/at-all"], "the log `/nowhere/at-all` cannot be read (ENOENT)"],
  [["--since", "yesterday"], "`--since yesterday` is not a time"],
  [["--since", "1d", "--until", "2d"], "--since is not before --until"],
  [["--requests", "-", "--requests", "-"], "stdin can be read once only"],
])("%j is refused before anything is read", async (words, message) => {
  const log = join(writeTree({}), "a");
  writeFileSync(log, "");
  const folder = writeTree({ "account.yaml": accountFile });
  const { code, stderr } = await runCli(["plan", "--policies", folder, "--requests", log, ...words]);
  expect(stderr).toContain(message);
  expect(code).toBe(1);
});

test("--since without --requests is a mistake", async () => {
  const { stderr, code } = await runCli(["plan", "--policies", writeTree({}), "--since", "7d"]);
  expect(stderr).toContain("--since: without --requests there is no window");
  expect(code).toBe(1);
});

test("a log of another compression ends in an error, and not in a part of the requests", async () => {
  const { code, stderr, document } = await plannedWith({
    lines: weekLines,
    words: ["--requests", zstandard()],
  });
  expect(stderr).toContain("only gzip is read");
  expect(code).toBe(1);
  expect(document.requests).toBeUndefined();
});

function zstandard(): string {
  const file = join(writeTree({}), "b.zst");
  writeFileSync(file, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]));
  return file;
}
