import { describe, expect, test } from "vitest";
import { environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import type { JsonObject } from "../../src/policy/json.ts";

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
const vpcOnly = { ...tlsOnly, Condition: { StringNotEquals: { "acs:SourceVpc": ["vpc-1"] } } };
const lockedOut = statement({ Effect: "Deny", Principal: ["*"], Action: ["oss:*"], Resource: ["*"] });
const odd = statement({ NotPrincipal: ["1"] });

interface Case {
  readonly live?: JsonObject;
  readonly wanted: JsonObject | "none";
  readonly more?: string;
  readonly words?: readonly string[];
  readonly accountMore?: string;
}

interface Told {
  readonly exit: number;
  readonly hazards: readonly string[];
  readonly text: string;
  readonly live: string | undefined;
}

/** What a plan tells of a change from `live` to `wanted`, and what apply leaves. */
async function told({ live, wanted, more = "", words = [], accountMore = "" }: Case): Promise<Told> {
  const sandbox = await sandboxWith({
    buckets: [
      { name: "one", region: "cn-hangzhou", ...(live === undefined ? {} : { policy: JSON.stringify(live) }) },
    ],
  });
  const text = `bucket: one\npolicy: ${JSON.stringify(wanted)}\n${more}`;
  const folder = writeTree({ "account.yaml": account + accountMore, "one.yaml": text });
  const at = ["--policies", folder, ...words];
  const planned = await runCli(["plan", "--json", "-", ...at], { env: environmentOf(sandbox) });
  const document = JSON.parse(planned.stdout) as {
    changes: { hazards: { code: string; severity: string; accepted?: string }[] }[];
  };
  const hazards = (document.changes[0]?.hazards ?? [])
    .filter(({ severity }) => severity !== "note")
    .map(
      ({ code, severity, accepted }) => `${severity} ${code}${accepted === undefined ? "" : `: ${accepted}`}`,
    );
  if (!words.includes("--forbid")) await runCli(["apply", ...at], { env: environmentOf(sandbox) });
  return { exit: planned.code, hazards, text: planned.stderr, live: sandbox.policyOf("one") };
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
      { wanted: policy(read), words: ["--forbid", "gains"] },
      ["block gains-forbidden"],
    ],
    [
      "a Deny that goes, behind which RAM policies may allow, under --forbid gains",
      { live: policy(read, tlsOnly), wanted: policy(read), words: ["--forbid", "gains"] },
      ["block gains-forbidden", "warn removes-deny", "warn lifts-block"],
    ],
  ])("%s", async (_, change, hazards) => {
    const result = await told(change);
    expect([result.exit, result.hazards]).toEqual([3, hazards]);
    expect(result.text).toContain("blocked by a guard");
    expect(result.live).toBe(change.live === undefined ? undefined : JSON.stringify(change.live));
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
      { wanted: policy(open), words: ["--accept", "grants-public-access@one"] },
      ["block grants-public-access: for this run, by --accept"],
    ],
    ["a public grant that stood before", { live: policy(open), wanted: policy(open, read) }, []],
    [
      "a Deny that goes",
      { live: policy(read, tlsOnly), wanted: policy(read) },
      ["warn removes-deny", "warn lifts-block"],
    ],
    ["a policy that goes", { live: policy(read), wanted: "none" }, ["warn removes-policy"]],
    [
      "a rewriting under --forbid gains",
      {
        live: policy(read),
        wanted: policy(read, { ...read, Resource: ["acs:oss:*:*:one/a*"] }),
        words: ["--forbid", "gains"],
      },
      [],
    ],
  ])("but not: %s", async (_, change, hazards) => {
    const result = await told(change);
    expect([result.exit, result.hazards]).toEqual([0, hazards]);
  });

  test("an accept that has ended no longer accepts", async () => {
    const more = accept("hazard: grants-public-access, reason: web, until: 2026-05-31");
    expect(await told({ wanted: policy(open), more })).toMatchObject({
      exit: 3,
      hazards: ["block grants-public-access"],
    });
  });

  test("an accept that accepts nothing is a warning", async () => {
    const more = accept("hazard: grants-public-access, reason: web");
    const { exit, text } = await told({ wanted: policy(read), more });
    expect([exit, text]).toEqual([0, expect.stringContaining("[unused-accept]")]);
  });

  test("a caller who is locked out already is reported, and that this run cannot change that", async () => {
    const { text, hazards } = await told({ live: policy(lockedOut), wanted: policy(read) });
    expect(hazards).toContain("warn locks-out-operator");
    expect(text).toContain(
      "may already lock out 202147604049350001: as that caller, this run cannot write it",
    );
  });

  test("an ignore comment does not let pass what OSS refuses", async () => {
    const address = { ...read, Condition: { IpAddress: { "acs:SourceIp": ["10.0.0.0/8"] } } };
    const sandbox = await sandboxWith({ buckets: [{ name: "one", region: "cn-hangzhou" }] });
    const lines = ["bucket: one", "policy:", '  Version: "1"', "  Statement:"];
    const text = [
      ...lines,
      "    # oss-policy-ignore source-ip-alone: we know better",
      `    - ${JSON.stringify(address)}`,
      "",
    ].join("\n");
    const folder = writeTree({ "account.yaml": account, "one.yaml": text });
    const { code, stdout } = await runCli(["plan", "--policies", folder], { env: environmentOf(sandbox) });
    expect([code, stdout]).toEqual([3, expect.stringContaining("! refused-by-oss: ")]);
  });
});

describe("what beside the policy opens a bucket", () => {
  async function planned(
    wanted: JsonObject,
    beside: { acl?: "public-read"; blockPublicAccess?: boolean },
    isRefused = false,
  ) {
    const sandbox = await sandboxWith({ buckets: [{ name: "one", region: "cn-hangzhou", ...beside }] });
    if (isRefused)
      sandbox.addFault({
        bucket: "one",
        operation: "GetBucketInfo",
        effect: { kind: "status", status: 403, code: "AccessDenied" },
      });
    const folder = writeTree({
      "account.yaml": account,
      "one.yaml": `bucket: one\npolicy: ${JSON.stringify(wanted)}\n`,
    });
    const words = ["--policies", folder, "--accept", "grants-public-access@one"];
    const { stdout } = await runCli(["plan", ...words], { env: environmentOf(sandbox) });
    const applied = await runCli(["apply", ...words], { env: environmentOf(sandbox) });
    return { text: stdout, applied: applied.stdout };
  }
  const inVpc = { ...open, Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } } };

  test("Block Public Access, before it refuses the policy", async () => {
    const { text, applied } = await planned(policy(open), { blockPublicAccess: true });
    expect(text).toContain("! refused-by-oss: ");
    expect(text).toContain("public: yes; ACL private, Block Public Access of the bucket on");
    expect(applied).toContain("blocked");
    expect(applied).not.toContain("Put public");
  });

  test("a grant from one VPC is no public one to OSS, and is one all the same", async () => {
    const { text, applied } = await planned(policy(inVpc), { blockPublicAccess: true });
    expect(text).toContain(
      "public: no by OSS's definition; exactly: the policy allows some anonymous request; ACL private",
    );
    expect(text).not.toContain("public-access-blocked");
    expect(applied).toContain("1 applied");
  });

  test("the ACL", async () => {
    expect((await planned(policy(read), { acl: "public-read" })).text).toContain(
      "public: no; ACL public-read, ",
    );
  });

  test("what cannot be read is said to be unknown", async () => {
    const { text } = await planned(policy(read), {}, true);
    expect(text).toContain(
      "public: no; the ACL and Block Public Access could not be read (OSS answered 403 AccessDenied",
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
