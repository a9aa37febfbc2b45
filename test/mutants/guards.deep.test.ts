import { deletes, file, policy, reads, statement } from "../support/base-plans.ts";
import { accountFile } from "../support/run-cli.ts";
import { killed, type Build } from "./killed.ts";
import { guardMutants } from "./guard-mutants.ts";
import { ownerMutants } from "./owner-mutants.ts";
import { hazardsIn, manyBuckets, ran, type Scene } from "./scene.ts";

const open = { who: "*" };
/** Whether an address in this form is one is not documented, so that nothing is known of who is allowed. */
const unknown = (effect: string, who: string, to: string) =>
  `{"Effect":"${effect}","Principal":["${who}"],"Action":["oss:*"],"Resource":["acs:oss:*:1746495857600001:${to}"],"Condition":{"StringEquals":{"acs:SourceVpc":["vpc-1"]},"IpAddress":{"acs:SourceIp":["::ffff:203.0.113.7"]}}}`;
const onBucket = (effect: string, who: string, action = "oss:*") =>
  `{"Effect":"${effect}","Principal":["${who}"],"Action":["${action}"],"Resource":["acs:oss:*:1746495857600001:data"]}`;
const policyOf = (...statements: readonly string[]) =>
  `{"Version":"1","Statement":[${statements.join(",")}]}`;
const of = (...statements: readonly string[]) => `bucket: data\npolicy: ${policyOf(...statements)}\n`;
const under = (condition: object) =>
  `{"Effect":"Allow","Principal":["2"],"Action":["oss:GetObject"],"Resource":["acs:oss:*:1746495857600001:data/*"],"Condition":${JSON.stringify(condition)}}`;
const from = (...ranges: readonly string[]) =>
  under({ IpAddress: { "acs:SourceIp": ranges }, StringNotLike: { "acs:SourceVpc": ["vpc-*"] } });
const odd = {
  data: policyOf(
    '{"Effect":"Allow","NotPrincipal":["3"],"Action":["oss:GetObject"],"Resource":["acs:oss:*:1746495857600001:data/*"]}',
  ),
};
const silenced = `bucket: data
policy:
  Version: "1"
  Statement:
    # oss-policy-ignore source-ip-alone: x
    - {"Effect":"Allow","Principal":["2"],"Action":["oss:GetObject"],"Resource":["acs:oss:*:1746495857600001:data/*"],"Condition":{"IpAddress":{"acs:SourceIp":["10.0.0.0/8"]}}}
`;
const accept = (of: string, more = "") => `accept: [{ ${of}, reason: x${more} }]\n`;
const guardrail = `${accountFile}guardrails:
  - { name: nothing deleted, Principal: ["*"], Action: ["oss:Delete*"], Resource: ["*"] }
  - { name: nothing listed, Principal: ["*"], Action: ["oss:List*"], Resource: ["*"] }
`;
const reading = `${accountFile}guardrails:
  - { name: nothing read, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["*"] }
`;
const operated = `${accountFile}operators: [{ principal: "7" }]\n`;

const plan = (right: readonly string[], scene: Scene) => ({
  right,
  observe: (build: Build) => hazardsIn(build, scene),
});
/** The exit code of apply, and how many policies it wrote. */
const applied = (right: readonly [code: number, writes: number], scene: Scene) => ({
  right,
  observe: async (build: Build) => {
    const { code, sandbox } = await ran(build, { ...scene, verb: "apply" });
    return [code, sandbox.requests.filter(({ method }) => method !== "GET").length];
  },
});

const probes = {
  "a public grant": plan(["block grants-public-access", "note widens-access"], {
    files: { "data.yaml": file(open) },
  }),
  "an accept that has ended": applied([3, 0], {
    files: { "data.yaml": file(open) + accept("hazard: grants-public-access", ", until: 2026-01-31") },
  }),
  "an accept of another hazard": applied([3, 0], {
    files: { "data.yaml": file(open) + accept("hazard: refused-by-oss") },
  }),
  "an --accept of another bucket": applied([3, 0], {
    files: { "data.yaml": file(open), "logs.yaml": "bucket: logs\npolicy: none\n" },
    live: { logs: null },
    words: ["--accept", "grants-public-access@logs"],
  }),
  "a word behind --accept that is no hazard": applied([1, 0], {
    files: { "data.yaml": file(reads) },
    words: ["--accept", "grants-public@data"],
  }),
  "a bucket of another account": applied([3, 0], {
    files: { "data.yaml": file(reads) },
    seed: { account: "1746495857600002" },
  }),
  "a bucket of another account, accepted": applied([1, 0], {
    files: { "data.yaml": file(reads) },
    seed: { account: "1746495857600002" },
    words: ["--accept", "wrong-owner@data"],
  }),
  "a bucket of an unknown account": applied([3, 0], {
    files: { "data.yaml": file(reads) },
    seed: {
      faults: [{ operation: "GetBucketInfo", effect: { kind: "status", status: 403, code: "AccessDenied" } }],
    },
  }),
  "a difference that is not known": plan(
    ["block grants-public-access", "block access-undecided", "block gains-forbidden"],
    { files: { "data.yaml": file(open) }, live: odd, words: ["--forbid", "gains"] },
  ),
  "a public grant that is not known": plan(["block grants-public-access", "block access-undecided"], {
    files: { "data.yaml": of(unknown("Allow", "*", "data/*")) },
  }),
  "a guardrail that is not known": plan(["block guardrail-broken", "block access-undecided"], {
    files: { "data.yaml": of(unknown("Allow", "2", "data/*")), "account.yaml": reading },
  }),
  "a lockout that is not known, where access-undecided is accepted": plan(
    ["block locks-out-operator", "block access-undecided accepted"],
    {
      files: {
        "data.yaml": of(unknown("Deny", "7", "data")) + accept("hazard: access-undecided"),
        "account.yaml": operated,
      },
    },
  ),
  "a lockout": plan(["block locks-out-operator", "note narrows-access"], {
    files: { "data.yaml": of(onBucket("Deny", "7", "oss:PutBucketPolicy")), "account.yaml": operated },
  }),
  // The UID of the account may cover the operator, who is a RAM user.
  "a lockout of the owner": plan(
    ["block locks-out-operator", "block locks-out-owner", "note narrows-access"],
    {
      files: { "data.yaml": of(onBucket("Deny", "1746495857600001")), "account.yaml": operated },
    },
  ),
  "a lockout of an operator who is locked out already": applied([3, 0], {
    files: { "data.yaml": of(onBucket("Deny", "7", "oss:Put*")), "account.yaml": operated },
    live: { data: policyOf(onBucket("Deny", "7")) },
  }),
  "a lockout of an operator with a value that no request has": applied([1, 0], {
    files: {
      "data.yaml": of(onBucket("Deny", "7")),
      "account.yaml": `${accountFile}operators: [{ principal: "7", with: { "acs:SourceVpc": vpce-1 } }]\n`,
    },
  }),
  "a Deny that leaves only the account": applied([3, 0], {
    files: { "data.yaml": of(onBucket("Deny", "*")) },
  }),
  "a Deny that goes before a public ACL": applied([3, 0], {
    files: { "data.yaml": "bucket: data\npolicy: none\n" },
    seed: {
      buckets: [
        {
          name: "data",
          region: "cn-hangzhou",
          acl: "public-read",
          policy: policyOf(onBucket("Deny", "*", "oss:GetObject").replace("data", "data/*")),
        },
      ],
    },
  }),
  "a Deny that goes": plan(["warn removes-deny"], {
    files: { "data.yaml": file(reads) },
    live: { data: policy(reads, { ...deletes, effect: "Deny" }) },
  }),
  "a Deny that an Allow is behind": plan(["block overrides-deny", "note widens-access"], {
    files: { "data.yaml": file(reads) },
    live: { data: policy(reads, { ...reads, effect: "Deny", to: "data/closed" }) },
  }),
  "a Deny that goes below a grant from one network": plan(["block overrides-deny", "note widens-access"], {
    files: { "data.yaml": of(from("203.0.113.0/24")) },
    live: {
      data: policyOf(from("203.0.113.0/24"), statement({ effect: "Deny", to: "data/closed" })),
    },
  }),
  "a VPC that goes": plan(["block drops-condition", "note widens-access"], {
    files: { "data.yaml": file(reads) },
    live: { data: policyOf(under({ StringEquals: { "acs:SourceVpc": ["vpc-1"] } })) },
  }),
  "two ranges that make one too wide": plan(["block drops-condition", "note widens-access"], {
    files: { "data.yaml": of(from("10.0.0.0/8", "11.0.0.0/8")) },
    live: { data: policyOf(from("10.0.0.0/8")) },
  }),
  administration: plan(["block grants-administration", "note widens-access"], {
    files: { "data.yaml": of(onBucket("Allow", "2", "oss:PutBucketAcl")) },
    live: { data: null },
  }),
  "a policy that goes": plan(["warn removes-policy", "note narrows-access"], {
    files: { "data.yaml": "bucket: data\npolicy: none\n" },
    live: { data: policy(reads) },
  }),
  "a gain under --forbid gains": plan(["block gains-forbidden", "note widens-access"], {
    files: { "data.yaml": file(reads) },
    words: ["--forbid", "gains"],
  }),
  "what OSS would refuse, silenced": plan(["block refused-by-oss", "note widens-access"], {
    files: { "data.yaml": silenced },
  }),
  "Block Public Access of the bucket": plan(
    ["block grants-public-access accepted", "block refused-by-oss", "note widens-access"],
    {
      files: { "data.yaml": file(open) + accept("hazard: grants-public-access") },
      seed: { buckets: [{ name: "data", region: "cn-hangzhou", blockPublicAccess: true }] },
    },
  ),
  "Block Public Access of the account": applied([3, 0], {
    files: { "data.yaml": file(open) + accept("hazard: grants-public-access") },
    seed: { blockPublicAccess: true },
  }),
  "a guardrail": applied([3, 0], { files: { "data.yaml": file(deletes), "account.yaml": guardrail } }),
  "a guardrail, an accept of which has ended": applied([3, 0], {
    files: {
      "data.yaml": file(deletes) + accept("guardrail: nothing deleted", ", until: 2026-05-31"),
      "account.yaml": guardrail,
    },
  }),
  "a guardrail, while another is accepted": applied([3, 0], {
    files: { "data.yaml": file(deletes) + accept("guardrail: nothing listed"), "account.yaml": guardrail },
  }),
  "a guardrail, accepted in another region": applied([3, 0], {
    files: {
      "data.yaml":
        file(deletes) +
        accept(
          'guardrail: nothing deleted, region: { Principal: ["3"], Action: ["oss:Delete*"], Resource: ["*"] }',
        ),
      "account.yaml": guardrail,
    },
  }),
  "a guardrail that is broken already": applied([3, 0], {
    files: { "data.yaml": file(deletes), "account.yaml": guardrail },
    live: { data: policy(deletes) },
  }),
  "one change more than the limit": applied([3, 0], manyBuckets(2, "limits: { change: { count: 1 } }\n")),
  "as many changes as the limit": applied([0, 1], manyBuckets(1, "limits: { change: { count: 1 } }\n")),
  "more than the default percentage": applied([3, 0], manyBuckets(4)),
  "deletes beyond their limit": applied([3, 0], {
    files: {
      "data.yaml": "bucket: data\npolicy: none\n",
      "account.yaml": `${accountFile}limits: { delete: { count: 0 } }\n`,
    },
    live: { data: policy(reads) },
  }),
  "an error finding of one bucket": applied([1, 0], {
    files: { "data.yaml": file({ action: "oss:GetObjekt" }) },
    live: { data: policy(reads) },
  }),
};

killed(probes, [...guardMutants, ...ownerMutants]);
