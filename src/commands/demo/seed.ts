import type { Seed } from "../../sandbox/seed/seed.ts";

/** The account of `policies/` as it might be after some weeks of console clicks. */
export const demoSeed: Seed = {
  account: "1746495857600001",
  keys: [{ id: "demo", secret: "demo" }],
  buckets: [
    // Equal to its file, but another tool wrote it: other order, one-item lists as strings.
    {
      name: "audit-logs",
      region: "cn-hangzhou",
      policy: JSON.stringify({ Statement: auditStatements(), Version: "1" }),
    },
    // It never had a policy.
    { name: "examplebucket", region: "cn-hangzhou" },
    { name: "finance-reports", region: "cn-shanghai" },
    {
      name: "old-exports",
      region: "cn-hangzhou",
      policy: policyText([allow("202147604049359999", "oss:GetObject", "old-exports/*")]),
    },
    { name: "web-assets", region: "cn-hangzhou", policy: policyText(webStatements()) },
  ],
  faults: [
    {
      bucket: "finance-reports",
      operation: "GetBucketPolicy",
      effect: {
        kind: "status",
        status: 403,
        code: "AccessDenied",
        message: "You have no right to access this object because of bucket acl.",
        ec: "0003-00000001",
      },
    },
  ],
};

function auditStatements(): readonly object[] {
  const both = ["acs:oss:*:1746495857600001:audit-logs/*", "acs:oss:*:1746495857600001:audit-logs"];
  return [
    {
      Principal: "*",
      Effect: "Deny",
      Action: "oss:*",
      Resource: both,
      Condition: { Bool: { "acs:SecureTransport": "false" } },
    },
    {
      Principal: "202147604049350077",
      Effect: "Allow",
      Action: ["oss:ListObjects", "oss:GetObject"],
      Resource: both,
      Condition: { StringEquals: { "acs:SourceVpc": "vpc-bp1example0001" } },
    },
  ];
}

/** A click in the console opened the assets to everyone, and another narrowed the build role. */
function webStatements(): readonly object[] {
  return [
    {
      ...allow("arn:sts::1746495857600001:assumed-role/web-build/*", "oss:PutObject", "web-assets/*"),
      Action: ["oss:PutObject", "oss:GetObject"],
    },
    allow("arn:sts::1746495857600001:assumed-role/cdn-origin/*", "oss:GetObject", "web-assets/*"),
    allow("*", "oss:GetObject", "web-assets/*"),
  ];
}

function allow(principal: string, action: string, resource: string): object {
  return {
    Effect: "Allow",
    Principal: [principal],
    Action: [action],
    Resource: [`acs:oss:*:1746495857600001:${resource}`],
  };
}

function policyText(statements: readonly object[]): string {
  return JSON.stringify({ Version: "1", Statement: statements });
}
