import type { DesiredBucket } from "../../src/desired/bucket-file.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import type { BasePolicy } from "../../src/plan/base-policy.ts";
import { type Change, type Plan } from "../../src/plan/plan.ts";
import { planChange } from "../../src/plan/plan-change.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Live } from "../../src/policy/live.ts";
import { canonicalPolicy, statementKey } from "../../src/policy/policy.ts";
import { openGate } from "./gate.ts";

const owner = "1746495857600001";

/** Two people a team, so that buckets do not share their answers. */
const member = (team: number, who: number) => `2021476040${String(10_000_000 + team * 10 + who)}`;
const role = (team: number) => `arn:sts::${owner}:assumed-role/team-${team}-ci/*`;

function allow(principals: readonly string[], actions: readonly string[], resource: string): JsonObject {
  const Resource = [`acs:oss:*:${owner}:${resource}`];
  return { Effect: "Allow", Principal: principals, Action: actions, Resource };
}

function tlsOnly(bucket: string): JsonObject {
  const Resource = [`acs:oss:*:${owner}:${bucket}`, `acs:oss:*:${owner}:${bucket}/*`];
  const Condition = { Bool: { "acs:SecureTransport": ["false"] } };
  return { Effect: "Deny", Principal: ["*"], Action: ["oss:*"], Resource, Condition };
}

interface Turn {
  readonly before: readonly JsonObject[] | "none" | "unreadable";
  readonly after: readonly JsonObject[] | "none";
}

/** What becomes of a bucket of a team, in turn: widened, narrowed, rewritten, opened, new, gone, unreadable. */
function turnOf(bucket: string, team: number): Turn {
  const all = `${bucket}/*`;
  const reads = allow([member(team, 1), member(team, 2)], ["oss:GetObject", "oss:ListObjects"], all);
  const writes = allow([role(team)], ["oss:PutObject", "oss:AbortMultipartUpload"], `${bucket}/in/*`);
  const base = [reads, writes, tlsOnly(bucket)];
  switch (team % 8) {
    case 0:
      return {
        before: base,
        after: [reads, allow([role(team)], ["oss:PutObject", "oss:DeleteObject"], all), tlsOnly(bucket)],
      };
    case 1:
      return { before: [...base, allow(["*"], ["oss:GetObject"], `${bucket}/public/*`)], after: base };
    case 2:
      return {
        before: base,
        after: [...base, allow([member(team, 1)], ["oss:GetObject"], `${bucket}/logs/*`)],
      };
    case 3:
      return { before: "none", after: base };
    case 4:
      return { before: [reads], after: "none" };
    case 5:
      return { before: base, after: [reads, writes] };
    case 6:
      return { before: base, after: [...base, allow(["*"], ["oss:GetObject"], `${bucket}/web/*`)] };
  }
  return { before: team % 16 === 7 ? "unreadable" : base, after: [reads, tlsOnly(bucket)] };
}

const document = (statements: readonly JsonObject[]): JsonObject => ({ Version: "1", Statement: statements });

/** A plan of so many buckets, each with a policy of its own, as a run of `plan` would make it. */
export function largePlan(count: number): Plan {
  const turns = new Map(
    Array.from({ length: count }, (_, team) => {
      const bucket = `team-${String(team).padStart(4, "0")}-data`;
      return [bucket, turnOf(bucket, team)] as const;
    }),
  );
  const files = [...turns].map(([bucket, { after }]) => ({
    path: `policies/${bucket}.yaml`,
    text: JSON.stringify({ bucket, policy: after === "none" ? "none" : document(after) }, null, 2),
  }));
  const account = { path: "policies/account.yaml", text: `account: "${owner}"\nregion: cn-hangzhou\n` };
  const { buckets, diagnostics } = parseDesired([account, ...files]);
  const changes = buckets.map((bucket, index) =>
    changeOf(bucket, turns.get(bucket.bucket)?.before ?? "none", index),
  );
  return { changes, unmanaged: [], diagnostics, base };
}

const base = {
  revision: "5b2f6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d",
  base: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
  word: "main",
  uncommitted: [],
  loosened: [
    {
      message: "the guardrail `nobody anonymous writes` no longer matches `oss:DeleteObject`",
      file: "policies/account.yaml",
      line: 12,
    },
  ],
  abandoned: [
    {
      account: owner,
      bucket: "team-9999-data",
      region: "cn-hangzhou",
      file: "policies/team-9999-data.yaml",
      line: 1,
    },
  ],
};

function changeOf(bucket: DesiredBucket, before: Turn["before"], index: number): Change {
  const base: BasePolicy = {
    policy:
      before === "none" || before === "unreadable" || index % 3 > 0
        ? "none"
        : canonicalPolicy(document(before)),
    everDesired: new Set(
      before === "none" || before === "unreadable"
        ? []
        : canonicalPolicy(document(before)).statements.map(statementKey),
    ),
    isComplete: true,
  };
  return planChange({
    bucket,
    reading: { region: bucket.region, live: liveOf(before) },
    findings: [],
    gate: openGate,
    base,
  });
}

function liveOf(before: Turn["before"]): Live {
  if (before === "none") return { state: "none" };
  if (before === "unreadable")
    return {
      state: "unreadable",
      problem: { message: "OSS answered 403 AccessDenied", help: "allow this call" },
    };
  return { state: "policy", body: JSON.stringify(document(before)) };
}
