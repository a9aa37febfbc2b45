import type { SandboxKey, Seed } from "../../src/sandbox/seed/seed.ts";
import { seedOf } from "./sandbox.ts";

const account = "1746495857600001";
const uid = "202147604049350001";

/** The account itself. */
export const root: SandboxKey = { id: "root", secret: "root-secret" };
/** A user who may do what the policy of `app` says, and nothing else. */
export const alice: SandboxKey = { id: "alice", secret: "alice-secret" };

/** A bucket `app` with a policy for alice, and one where Block Public Access is on. */
export function guardedSeed(): Seed {
  const statement = (effect: string, action: string, resource: string) => ({
    Effect: effect,
    Principal: [uid],
    Action: [`oss:${action}`],
    Resource: [`acs:oss:*:*:${resource}`],
  });
  const policy = {
    Version: "1",
    Statement: [
      statement("Allow", "PutObject", "app/*"),
      statement("Allow", "GetObject", "app/open/*"),
      statement("Allow", "DeleteObject", "app/open/*"),
      statement("Deny", "DeleteObject", "app/open/kept"),
      statement("Allow", "GetObject", "app/link"),
      statement("Allow", "PutObjectTagging", "app/copy-of-tags"),
      statement("Allow", "GetObjectTagging", "app/open/tags-too"),
      {
        ...statement("Deny", "DeleteObject", "app/*"),
        Condition: { StringEquals: { "oss:ExistingObjectTag/keep": ["yes"] } },
      },
    ],
  };
  return {
    ...seedOf(),
    keys: [],
    accounts: [{ uid: account, keys: [root], users: [{ name: "alice", uid, keys: [alice] }] }],
    buckets: [
      { name: "app", region: "cn-hangzhou", policy: JSON.stringify(policy) },
      { name: "blocked", region: "cn-hangzhou", blockPublicAccess: true },
    ],
  };
}
