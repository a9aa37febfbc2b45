import { describe, expect, test } from "vitest";
import { runCli, writeTree } from "../support/run-cli.ts";

const account = `account: "1746495857600001"
region: cn-hangzhou
identities: { data-team: "202147604049351234" }
`;

const statement = (fields: string) => `    - { ${fields} }\n`;
const reads = statement(
  'Effect: Allow, Principal: ["${data-team}"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/logs/*"]',
);
const writes = statement(
  'Effect: Allow, Principal: ["*"], Action: ["oss:PutObject"], Resource: ["acs:oss:*:*:one/inbox/*"]',
);
const tlsOnly = statement(
  'Effect: Deny, Principal: ["*"], Action: ["oss:*"], Resource: ["*"], Condition: { Bool: { "acs:SecureTransport": ["false"] } }',
);

const sparing = statement(
  'Effect: Deny, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/*"]',
);
const ofOwner = statement(
  'Effect: Deny, Principal: ["${account}"], Action: ["oss:*"], Resource: ["acs:oss:*:*:one/*"]',
);

function bucket(statements: string, more: string): string {
  return `bucket: one\npolicy:\n  Version: "1"\n  Statement:\n${statements}${more}`;
}

/** The codes that validate finds, with the line; those of lint rules are not asked for here. */
async function findings(statements: string, more: string, accountMore = ""): Promise<readonly string[]> {
  const folder = writeTree({ "account.yaml": account + accountMore, "one.yaml": bucket(statements, more) });
  const { stdout } = await runCli(["validate", "--policies", folder]);
  const asked =
    /^(.*)\/(\w+\.yaml):(\d+):\d+: \w+: (.*) \[(expect|question|contradiction|guardrail-broken|expired-accept|ending-accept|wrong-value|unknown-key|missing-key)\]$/gm;
  return [...stdout.matchAll(asked)].map(
    ([, , file = "", line = "", message = "", code = ""]) => `${file}:${line} ${code} ${message}`,
  );
}

const expecting = (line: string) => `expect:\n  - ${line}\n`;

describe("expectations that contradict each other", () => {
  const both = (first: string, second: string) => `expect:\n  - ${first}\n  - ${second}\n`;

  test("are said to, with a request that both cover", async () => {
    const lines = both(
      '{ can: data-team, do: oss:GetObject, to: "logs/*" }',
      '{ cannot: data-team, do: "oss:Get*", to: "logs/private/*" }',
    );
    expect(await findings(reads, lines)).toEqual([
      expect.stringMatching(
        /contradiction no policy can meet .*: both cover .* on logs\/private\//,
      ) as string,
      expect.stringContaining("expect not refused") as string,
    ]);
  });

  test("two that fail and have no request in common do not", async () => {
    const lines = both(
      '{ can: data-team, do: oss:GetObject, to: "other/*" }',
      '{ cannot: data-team, do: oss:GetObject, to: "logs/*" }',
    );
    expect((await findings(reads, lines)).filter((one) => one.includes("contradiction"))).toEqual([]);
  });
});

describe("expect", () => {
  test.each([
    ["a request that is allowed", reads, "{ can: data-team, do: oss:GetObject, to: logs/a.gz }"],
    ["a whole prefix", reads, '{ can: data-team, do: oss:GetObject, to: "logs/*" }'],
    ["nothing for others", reads, '{ cannot: anonymous, do: oss:GetObject, to: "*" }'],
    ["nothing beside the prefix", reads, '{ cannot: data-team, do: oss:GetObject, to: "other/*" }'],
    [
      "a Deny over plain http",
      reads + tlsOnly,
      '{ denied: anonymous, do: "oss:*", to: "*", with: { "acs:SecureTransport": "false" } }',
    ],
    ["everyone but the owner", writes, '{ can: "*", do: oss:PutObject, to: inbox/a }'],
    [
      "a Deny of everyone that spares the owner",
      `${writes}${sparing}`,
      '{ denied: "*", do: oss:GetObject, to: a }',
    ],
    [
      "everyone but an owner who is denied",
      `${writes}${ofOwner}`,
      '{ can: "*", do: oss:PutObject, to: inbox/a }',
    ],
    ["the owner over TLS", reads + tlsOnly, "{ cannot: owner, do: oss:PutBucketPolicy }"],
  ])("holds: %s", async (_, statements, line) => {
    expect(await findings(statements, expecting(line))).toEqual([]);
  });

  test.each([
    [
      "a key outside",
      reads,
      '{ can: data-team, do: oss:GetObject, to: "*" }',
      "not allowed: 202147604049351234 oss:GetObject on x is not matched",
    ],
    [
      "a pattern with a hole",
      reads,
      "{ cannot: data-team, do: oss:GetObject, to: '*/a' }",
      "not refused: 202147604049351234 oss:GetObject on logs/a is allowed",
    ],
    [
      "an Allow to everyone",
      writes,
      "{ cannot: anonymous, do: oss:PutObject, to: inbox/x }",
      "not refused: anonymous oss:PutObject on inbox/x is allowed",
    ],
    [
      "no Deny",
      reads,
      "{ denied: anonymous, do: oss:GetObject, to: logs/a }",
      "not denied: anonymous oss:GetObject on logs/a over TLS is not matched",
    ],
    [
      "TLS unless it says otherwise",
      reads + tlsOnly,
      "{ denied: data-team, do: oss:GetObject, to: logs/a }",
      "not denied: 202147604049351234 oss:GetObject on logs/a over TLS is allowed",
    ],
  ])("breaks on %s, and names the request", async (_, statements, line, message) => {
    const [found, ...more] = await findings(statements, expecting(line));
    expect([found?.replace(" over TLS", ""), more]).toEqual([
      expect.stringContaining(`expect ${message.replace(" over TLS", "")}`),
      [],
    ]);
  });

  test("of what the owner can holds where no statement denies it, and says so", async () => {
    const line = expecting("{ can: owner, do: oss:PutBucketPolicy }");
    expect(await findings(reads + tlsOnly, line)).toEqual([
      expect.stringContaining("expect the owner does not need the policy") as string,
    ]);
    const denied = statement('Effect: Deny, Principal: ["${account}"], Action: ["oss:*"], Resource: ["*"]');
    expect(await findings(denied, line)).toEqual([
      expect.stringContaining(
        "expect not allowed: owner oss:PutBucketPolicy on the bucket over TLS is denied",
      ) as string,
    ]);
  });

  test("names the statement that decides", async () => {
    const text = bucket(reads + writes, expecting("{ cannot: anonymous, do: oss:PutObject, to: inbox/x }"));
    const folder = writeTree({ "account.yaml": account, "one.yaml": text });
    const { code, stdout } = await runCli(["validate", "--policies", folder]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/this statement decides: .*one\.yaml:6:7/)]);
  });

  test.each([
    [
      "an unknown name",
      "{ can: dta-team, do: oss:GetObject, to: x }",
      "question `dta-team` is not a principal",
    ],
    [
      "an unknown action",
      "{ can: owner, do: oss:GetObjct, to: x }",
      "question `oss:GetObjct` is not an action",
    ],
    [
      "an unknown key",
      '{ can: owner, do: oss:GetObject, to: x, with: { "acs:Moon": full } }',
      "question `acs:Moon` is not a condition key",
    ],
    [
      "a value that cannot be",
      '{ can: owner, do: oss:GetObject, to: x, with: { "acs:SourceIp": "10.0.0.1/99" } }',
      "question no meaning is known for the value `10.0.0.1/99`",
    ],
    [
      "an object action without an object",
      "{ can: owner, do: oss:GetObject }",
      "question the actions are on objects, but no object is named",
    ],
    [
      "a bucket action with an object",
      "{ can: owner, do: oss:ListObjects, to: logs/ }",
      "question the actions are on the bucket, but objects are named",
    ],
    ["no demand", "{ do: oss:GetObject, to: x }", "wrong-value"],
  ])("that cannot be asked is an error: %s", async (_, line, message) => {
    expect(await findings(reads, expecting(line))).toEqual([
      expect.stringContaining(`one.yaml:7 ${message}`),
    ]);
  });
});

const guardrail = (more: string) =>
  `guardrails:\n  - name: no writes by anonymous\n    Principal: [anonymous]\n    Action: ["oss:Put*"]\n    Resource: ["*"]\n${more}`;
const mustDeny = `guardrails:
  - name: plain http is refused
    require: denied
    Principal: ["*"]
    Action: ["oss:*"]
    Resource: ["*"]
    Condition: { Bool: { "acs:SecureTransport": ["false"] } }
`;
const accepting = (fields: string) =>
  `accept:\n  - { guardrail: no writes by anonymous, reason: upload form${fields} }\n`;
const region = (prefix: string) =>
  `, region: { Principal: [anonymous], Action: ["oss:PutObject"], Resource: ["acs:oss:*:*:one/${prefix}/*"] }`;
const broken =
  "one.yaml:6 guardrail-broken guardrail `no writes by anonymous` is broken: anonymous oss:PutObject on inbox/ is allowed";

describe("a guardrail", () => {
  test.each([
    ["holds", reads, guardrail(""), "", []],
    ["is broken at the line that breaks it", reads + writes, guardrail(""), "", [broken]],
    [
      "does not hold for a bucket that it excepts",
      writes,
      guardrail("    except: [on?]\n"),
      "",
      [
        "account.yaml:5 question guardrail `no writes by anonymous` guards nothing: its `except` leaves out every bucket of the account",
      ],
    ],
    ["is accepted", reads + writes, guardrail(""), accepting(""), []],
    ["is accepted as a region", reads + writes, guardrail(""), accepting(region("inbox")), []],
    [
      "still holds outside of an accepted region",
      reads + writes,
      guardrail(""),
      accepting(region("inbox/a")),
      [broken],
    ],
    ["that requires a Deny holds", tlsOnly, mustDeny, "", []],
    [
      "that requires a Deny is broken where it is missing",
      reads,
      mustDeny,
      "",
      [
        expect.stringContaining(
          "one.yaml:2 guardrail-broken guardrail `plain http is refused` is broken: anonymous",
        ),
      ],
    ],
  ])("%s", async (_, statements, guardrails, accept, expected) => {
    expect(await findings(statements, accept, guardrails)).toEqual(expected);
  });

  test("an accept that has ended accepts nothing, and says so", async () => {
    expect(await findings(reads + writes, accepting(", until: 2026-05-31"), guardrail(""))).toEqual([
      broken,
      "one.yaml:8 expired-accept this accept ended on 2026-05-31",
    ]);
  });

  test("an accept of a guardrail that is none is an error with the nearest name", async () => {
    const accept = "accept:\n  - { guardrail: no writes by anonymos, reason: x }\n";
    expect(await findings(reads, accept, guardrail(""))).toEqual([
      "one.yaml:7 question no guardrail of this bucket has the name `no writes by anonymos`",
    ]);
  });

  test("that cannot be asked is an error", async () => {
    const odd = guardrail('    Condition: { StringIs: { "acs:SourceVpc": [x] } }\n');
    expect(await findings(reads, "", odd)).toEqual([
      "account.yaml:5 question guardrail `no writes by anonymous` cannot be decided: no meaning is known for the operator `StringIs`",
    ]);
  });
});

/** The day of the runs of these tests. */
const today = "2026-06-01";

describe("an accept that ends soon", () => {
  const accept = (until: string) =>
    `accept: [{ hazard: grants-public-access, reason: x, until: "${until}" }]\n`;

  test.each([
    [30, "ending-accept", "in 30 days"],
    [1, "ending-accept", "in 1 day"],
    [0, "ending-accept", "which is today"],
    [-1, "expired-accept", "this accept ended on"],
  ])("in %s days: %s", async (days, code, text) => {
    const until = new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);
    expect((await findings(reads, accept(until))).join("\n")).toMatch(new RegExp(`${code}.*${text}`));
  });

  test("in 31 days, or never, is not reported", async () => {
    const until = new Date(Date.parse(today) + 31 * 86_400_000).toISOString().slice(0, 10);
    expect((await findings(reads, accept(until))).join("\n")).not.toMatch(/-accept/);
  });
});

test("expectations that take too long leave steps to those after them", async () => {
  const statements = statement(
    `Effect: Allow, Principal: ["9"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/*a${"?".repeat(60)}"]`,
  );
  const slow = Array.from(
    { length: 6 },
    (_, index) => `  - { cannot: "9", do: oss:GetObject, to: "*a${"?".repeat(60)}${index}*b" }\n`,
  );
  const found = await findings(
    statements + reads,
    `expect:\n${slow.join("")}  - { cannot: data-team, do: oss:GetObject, to: "logs/*" }\n`,
  );
  expect(found).toHaveLength(7);
  for (const one of found.slice(0, 6)) expect(one).toContain("neither proved nor refuted");
  expect(found[6]).toContain("expect not refused");
});
