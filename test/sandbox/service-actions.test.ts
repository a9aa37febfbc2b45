import { expect, onTestFinished, test } from "vitest";
import type { JsonObject } from "../../src/policy/json.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { elements, signedCall } from "../support/sandbox.ts";
import { account, keys, policyOf } from "../support/sts-seed.ts";

// The evaluator is about bucket policies, which can grant nothing on the service; RAM policies can.
test.each<[string, readonly JsonObject[], number]>([
  ["the action by its name", [{ Effect: "Allow", Action: "oss:ListBuckets", Resource: "*" }], 200],
  ["all actions", [{ Effect: "Allow", Action: "*", Resource: ["acs:oss:*:*:*"] }], 200],
  ["nothing", [], 403],
  ["another action", [{ Effect: "Allow", Action: "oss:GetBucketInfo", Resource: "*" }], 403],
  ["one bucket only", [{ Effect: "Allow", Action: "oss:*", Resource: "acs:oss:*:*:app" }], 403],
  [
    "a Deny beside the Allow",
    [
      { Effect: "Allow", Action: "oss:*", Resource: "*" },
      { Effect: "Deny", Action: "oss:List*", Resource: "*" },
    ],
    403,
  ],
  [
    "a Deny with a condition that cannot be told",
    [
      { Effect: "Allow", Action: "oss:*", Resource: "*" },
      { Effect: "Deny", Action: "oss:List*", Resource: "*", Condition: { Odd: { a: ["b"] } } },
    ],
    501,
  ],
])("a user whose RAM policy grants %s lists the buckets: %#", async (_name, statements, status) => {
  const alice = {
    name: "alice",
    uid: "202147604049350001",
    keys: [keys.alice],
    policies: [policyOf(...statements)],
  };
  const sandbox = await startSandbox({
    seed: {
      account,
      keys: [],
      faults: [],
      accounts: [{ uid: account, users: [alice] }],
      buckets: [{ name: "app", region: "cn-hangzhou" }],
    },
  });
  onTestFinished(() => sandbox.close());
  const answer = await signedCall(sandbox.port, { signer: keys.alice });
  expect([answer.status, elements(answer, "Name")]).toEqual([status, status === 200 ? ["app"] : []]);
});
