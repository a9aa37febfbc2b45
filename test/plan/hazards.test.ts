import { describe, expect, test } from "vitest";
import { parseDesired } from "../../src/desired/desired.ts";
import type { ParsedBucket } from "../../src/desired/bucket-file.ts";
import { lintBuckets, lintFindings, refusalsBehind } from "../../src/lint/lint.ts";
import type { Gate } from "../../src/plan/hazard-input.ts";
import { planChange } from "../../src/plan/plan-change.ts";
import { publicAccessHazards, publicAccessOf } from "../../src/plan/public-access.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Exposure, Live } from "../../src/policy/live.ts";
import { publicAccessText } from "../../src/report/vocabulary.ts";
import { environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const account =
  'account: "1746495857600001"\nregion: cn-hangzhou\noperators:\n  - principal: "202147604049350001"\n';
const team = "202147604049351234";

function policy(...statements: readonly JsonObject[]): JsonObject {
  return { Version: "1", Statement: statements };
}

function statement(fields: JsonObject): JsonObject {
  return {
    Effect: "Allow",
    Principal: [team],
    Action: ["oss:GetObject"],
    Resource: ["acs:oss:*:*:one/*"],
    ...fields,
  };
}

const read = statement({});
const open = statement({ Principal: ["*"] });
const tlsOnly = statement({
  Effect: "Deny",
  Principal: ["*"],
  Action: ["oss:*"],
  Resource: ["*"],
  Condition: { Bool: { "acs:SecureTransport": ["false"] } },
});
const deleting = statement({ Effect: "Deny", Action: ["oss:DeleteObject"] });
const vpcOnly = { ...tlsOnly, Condition: { StringNotEquals: { "acs:SourceVpc": ["vpc-1"] } } };
const lockedOut = statement({ Effect: "Deny", Principal: ["*"], Action: ["oss:*"], Resource: ["*"] });
const odd = statement({ NotPrincipal: ["1"] });

interface Case {
  readonly live?: JsonObject;
  readonly wanted: JsonObject | "none";
  /** Lines more of the bucket's file. */
  readonly more?: string;
  readonly accountMore?: string;
  readonly accepted?: readonly string[];
  readonly forbidsGains?: boolean;
}

interface Judged {
  readonly isBlocked: boolean;
  /** Severity and code of each but the notes, and the consent to it. */
  readonly hazards: readonly string[];
  readonly messages: readonly string[];
}

/** The one bucket of a tree of two files, which has no error. */
function bucketOf(file: string, accountMore = ""): ParsedBucket {
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: account + accountMore },
    { path: "one.yaml", text: file },
  ]);
  expect(diagnostics).toEqual([]);
  const [bucket] = buckets;
  if (bucket === undefined) throw new Error("the tree has no bucket");
  return bucket;
}

const fileOf = (wanted: JsonObject | "none", more = "") =>
  `bucket: one\npolicy: ${JSON.stringify(wanted)}\n${more}`;

/** Plans the change of one bucket, as the pipeline does. */
function judge(bucket: ParsedBucket, live: JsonObject | undefined, gate: Partial<Gate> = {}): Judged {
  const findings = lintBuckets([bucket], today).get(bucket.bucket) ?? [];
  const read: Live = live === undefined ? { state: "none" } : { state: "policy", body: JSON.stringify(live) };
  const change = planChange({
    bucket,
    reading: { live: read, region: bucket.region },
    findings,
    gate: {
      today,
      accepted: [],
      forbidsGains: false,
      refusals: () => refusalsBehind(lintFindings(bucket).refusals, findings),
      ...gate,
    },
  });
  if (change.action === "unreadable") throw new Error("the live policy can be read");
  const told = change.hazards.filter(({ severity }) => severity !== "note");
  return {
    isBlocked: change.blocked,
    hazards: told.map(
      ({ code, severity, accepted }) => `${severity} ${code}${accepted === undefined ? "" : `: ${accepted}`}`,
    ),
    messages: told.map(({ message }) => message),
  };
}

const today = "2026-06-01";

function judged({ live, wanted, more, accountMore, ...gate }: Case): Judged {
  return judge(bucketOf(fileOf(wanted, more), accountMore), live, gate);
}

const accept = (fields: string) => `accept:\n  - { ${fields} }\n`;

describe("a hazard that blocks blocks its bucket, in plan as in apply", () => {
  test.each<[string, Case, readonly string[]]>([
    ["a public grant", { wanted: policy(open) }, ["block grants-public-access"]],
    ["an operator whom a Deny reaches", { wanted: policy(lockedOut) }, ["block locks-out-operator"]],
    [
      "the owner and an operator, where a Condition may hit them",
      { wanted: policy(vpcOnly) },
      ["block locks-out-operator", "block locks-out-owner"],
    ],
    [
      "what has no known meaning in live",
      { live: policy(odd), wanted: policy(read) },
      ["block access-undecided"],
    ],
    [
      "a guardrail",
      {
        wanted: policy(read),
        accountMore:
          "guardrails:\n  - { name: nobody reads, Principal: ['*'], Action: ['oss:Get*'], Resource: ['*'] }\n",
      },
      ["block guardrail-broken"],
    ],
    [
      "a gain that --forbid gains forbids",
      { wanted: policy(read), forbidsGains: true },
      ["block gains-forbidden"],
    ],
    [
      "a Deny that goes, behind which RAM policies may allow, under --forbid gains",
      { live: policy(read, tlsOnly), wanted: policy(read), forbidsGains: true },
      ["block overrides-deny", "block drops-condition", "block gains-forbidden"],
    ],
  ])("%s", (_, change, hazards) => {
    expect(judged(change)).toMatchObject({ isBlocked: true, hazards });
  });

  test.each<[string, Case, readonly string[]]>([
    ["a Deny that hits nobody who must mend the policy", { wanted: policy(tlsOnly) }, []],
    [
      "an operator who comes as its `with` says",
      {
        wanted: policy({ ...vpcOnly, Principal: ["202147604049350002"] }),
        accountMore: '  - { principal: "202147604049350002", with: { "acs:SourceVpc": vpc-1 } }\n',
      },
      [],
    ],
    [
      "a public grant that is accepted",
      { wanted: policy(open), more: accept("hazard: grants-public-access, reason: web, until: 2026-06-01") },
      ["block grants-public-access: web"],
    ],
    [
      "a public grant that is accepted for this run",
      { wanted: policy(open), accepted: ["grants-public-access@one"] },
      ["block grants-public-access: for this run, by --accept"],
    ],
    ["a public grant that stood before", { live: policy(open), wanted: policy(open, read) }, []],
    [
      "a Deny that goes of what no Allow covers",
      { live: policy(read, deleting), wanted: policy(read) },
      ["warn removes-deny"],
    ],
    ["a policy that goes", { live: policy(read), wanted: "none" }, ["warn removes-policy"]],
    [
      "a rewriting under --forbid gains",
      {
        live: policy(read),
        wanted: policy(read, { ...read, Resource: ["acs:oss:*:*:one/a*"] }),
        forbidsGains: true,
      },
      [],
    ],
  ])("but not: %s", (_, change, hazards) => {
    expect(judged(change)).toMatchObject({ isBlocked: false, hazards });
  });

  test("an accept that has ended no longer accepts", () => {
    const more = accept("hazard: grants-public-access, reason: web, until: 2026-05-31");
    expect(judged({ wanted: policy(open), more })).toMatchObject({
      isBlocked: true,
      hazards: ["block grants-public-access"],
    });
  });

  test("a caller who is locked out already is reported, and that this run cannot change that", () => {
    const { hazards, messages } = judged({ live: policy(lockedOut), wanted: policy(read) });
    expect(hazards).toContain("warn locks-out-operator");
    expect(messages.join()).toContain(
      "may already lock out the operator 202147604049350001: as that caller, this run cannot write it",
    );
  });

  test("who is locked out by the live policy is reported beside another one who will be", () => {
    const closedTo = (uid: string) =>
      policy(statement({ Effect: "Deny", Principal: [uid], Action: ["oss:*"], Resource: ["*"] }));
    const accountMore = `  - principal: "202147604049350002"\nidentities: { ops-b: "202147604049350002" }\n`;
    const { messages } = judged({
      live: closedTo("202147604049350002"),
      wanted: closedTo("202147604049350001"),
      accountMore,
    });
    expect(messages.join("\n")).toMatch(/the operator 202147604049350001 could not change the policy/);
    expect(messages.join("\n")).toMatch(
      /the live policy may already lock out the operator ops-b \(202147604049350002\)/,
    );
  });

  test("an ignore comment does not let pass what OSS refuses", () => {
    const address = { ...read, Condition: { IpAddress: { "acs:SourceIp": ["10.0.0.0/8"] } } };
    const file = [
      "bucket: one",
      "policy:",
      '  Version: "1"',
      "  Statement:",
      "    # oss-policy-ignore source-ip-alone: we know better",
      `    - ${JSON.stringify(address)}`,
      "",
    ].join("\n");
    expect(judge(bucketOf(file), undefined)).toMatchObject({
      isBlocked: true,
      hazards: ["block refused-by-oss"],
    });
  });
});

describe("through the command line", () => {
  async function run(verb: string, { live, wanted, more }: Case, beside = {}, ...words: readonly string[]) {
    const stands = live === undefined ? {} : { policy: JSON.stringify(live) };
    const sandbox = await sandboxWith({
      buckets: [{ name: "one", region: "cn-hangzhou", ...stands, ...beside }],
    });
    const folder = writeTree({ "account.yaml": account, "one.yaml": fileOf(wanted, more) });
    const result = await runCli([verb, "--policies", folder, ...words], { env: environmentOf(sandbox) });
    return { ...result, policy: sandbox.policyOf("one") };
  }

  test.each(["plan", "apply"])(
    "%s of a hazard that blocks writes nothing and has exit code 3",
    async (verb) => {
      const result = await run(verb, { live: policy(read), wanted: policy(open) });
      expect([result.code, result.policy]).toEqual([3, JSON.stringify(policy(read))]);
      expect(result.stdout).toContain("! blocked by grants-public-access: opens data to everyone\n");
    },
  );

  test("an accept that accepts nothing is a warning", async () => {
    const more = accept("hazard: grants-public-access, reason: web");
    const { code, stderr } = await run("plan", { wanted: policy(read), more });
    expect([code, stderr]).toEqual([0, expect.stringContaining("[unused-accept]")]);
  });

  test("Block Public Access blocks a public policy before OSS refuses it", async () => {
    const words = ["--accept", "grants-public-access@one"];
    const { stdout } = await run("plan", { wanted: policy(open) }, { blockPublicAccess: true }, ...words);
    expect(stdout).toContain("! blocked by refused-by-oss: ");
    expect(stdout).toContain("public: yes; ACL private, Block Public Access of the bucket on");
  });
});

describe("what beside the policy opens a bucket", () => {
  const known: Exposure = { state: "known", acl: "private", blockPublicAccess: false };
  const inVpc = { ...open, Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } } };

  function exposed(wanted: JsonObject, exposure: Exposure) {
    const openness = publicAccessOf(bucketOf(fileOf(wanted)), exposure);
    return { text: publicAccessText(openness), hazards: publicAccessHazards(openness, undefined) };
  }

  test("a grant from one VPC is no public one to OSS, and is one all the same", () => {
    const { text, hazards } = exposed(policy(inVpc), { ...known, blockPublicAccess: true });
    expect(text).toContain(
      "no by OSS's definition; exactly: the policy allows some anonymous request; ACL private",
    );
    expect(hazards).toEqual([]);
  });

  test("the ACL", () => {
    expect(exposed(policy(read), { ...known, acl: "public-read" }).text).toContain(
      "by the ACL public-read, everyone can read objects that no Deny refuses; by the policy: no;",
    );
  });

  test("what cannot be read is said to be unknown", () => {
    const problem = { message: "OSS answered 403 AccessDenied" };
    expect(exposed(policy(read), { state: "unknown", problem }).text).toContain(
      "no; the ACL and Block Public Access could not be read (OSS answered 403 AccessDenied",
    );
  });
});

describe("an option that means nothing is refused", () => {
  test.each([
    [
      "--accept of no hazard",
      ["--accept", "grants-public-acess@one"],
      "did you mean `grants-public-access`?",
    ],
    ["--accept of no bucket", ["--accept", "grants-public-access@two"], "names no bucket of the tree"],
    ["--accept without a bucket", ["--accept", "grants-public-access"], "write `--accept HAZARD@BUCKET`"],
    ["--forbid of something else", ["--forbid", "losses"], "write `--forbid gains`"],
  ])("%s", async (_, words, message) => {
    const folder = writeTree({ "account.yaml": account, "one.yaml": "bucket: one\npolicy: none\n" });
    const { code, stderr } = await runCli(["plan", "--sandbox", "--policies", folder, ...words]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});
