import { jsonText, type JsonObject } from "../../src/policy/json.ts";
import { authorize } from "../../src/sandbox/auth/authorize.ts";

const calls = ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy", "GetBucketInfo"];

/** Whether the sandbox refuses the owner a call that plan or apply makes, where a bucket has this policy. */
export function refusesOwner(document: JsonObject, name: string): boolean {
  const owner = "1746495857600001";
  const bucket = { name, owner, policy: jsonText(document), acl: "private" as const, isBlocked: false };
  const context = new Map([
    ["acs:SourceIp", "127.0.0.1"],
    ["acs:SecureTransport", "true"],
    ["acs:CurrentTime", new Date().toISOString()],
    ["acs:AccessId", "sandbox"],
    ["acs:UserAgent", "aliyun-sdk-nodejs"],
  ]);
  const identity = { kind: "account" as const, account: owner };
  return calls.some((call) => {
    const { refused } = authorize(identity, bucket, { action: `oss:${call}`, key: "", context });
    return refused !== undefined;
  });
}
