/** Policy of a bucket in benchmarks. */
export const policyOf = (name: string) => ({
  Version: "1",
  Statement: [
    {
      Effect: "Allow",
      Principal: ["202147604049350001"],
      Action: ["oss:GetObject", "oss:ListObjects"],
      Resource: [`acs:oss:*:1746495857600001:${name}`, `acs:oss:*:1746495857600001:${name}/*`],
    },
    {
      Effect: "Deny",
      Principal: ["*"],
      Action: ["oss:*"],
      Resource: [`acs:oss:*:1746495857600001:${name}/*`],
      Condition: { Bool: { "acs:SecureTransport": ["false"] } },
    },
  ],
});
