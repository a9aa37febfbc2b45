import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson, type JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { renderBucketFile } from "../../src/desired/render.ts";
import { acceptableHazards, passingHazards } from "../../src/desired/guard-schema.ts";
import { policyDocument } from "../support/arbitraries.ts";
import { refusesOwner } from "../support/refuses-owner.ts";
import { runs } from "../support/runs.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const read = {
  Effect: "Allow",
  Principal: ["202147604049350001"],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:*:one", "acs:oss:*:*:one/*"],
};
const tls = {
  Effect: "Deny",
  Principal: "*",
  Action: "oss:*",
  Resource: "*",
  Condition: { Bool: { "acs:SecureTransport": "false" } },
};

function policy(...statements: JsonObject[]): JsonObject {
  return { Version: "1", Statement: statements };
}

/** Each walk is a list of desired states of one bucket; the live bucket is led from each to the next. */
const walks: Readonly<Record<string, readonly (JsonObject | "none")[]>> = {
  "a policy comes and goes": [policy(read), "none", policy(read), "none"],
  "a statement is added and taken away": [policy(read), policy(read, tls), policy(tls), policy(read)],
  "members come and go": [
    policy(read),
    policy({ ...read, Principal: ["1", "202147604049350001"] }),
    policy({ ...read, Action: ["oss:Get*", "oss:ListObjects"] }),
    policy(read),
  ],
  "an Allow becomes a Deny and back": [policy(read), policy({ ...read, Effect: "Deny" }), policy(read)],
  "a condition appears, changes and goes": [
    policy(read),
    policy({ ...read, Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } } }),
    policy({
      ...read,
      Condition: { StringLike: { "acs:SourceVpc": ["vpc-*"] }, Bool: { "acs:SecureTransport": ["true"] } },
    }),
    policy(read),
  ],
  "everyone, in every spelling": [
    policy({ ...read, Principal: "*" }),
    policy({ ...read, Principal: ["*", "*"] }),
    policy(read),
    policy({ Effect: "Allow", Principal: "*", Action: "oss:*", Resource: "*" }),
  ],
  "names in other scripts": [
    policy({ ...read, Resource: ["acs:oss:*:*:one/日志/*", "acs:oss:*:*:one/ключ"] }),
    policy(read),
  ],
};

/** Some of the policies are public, lock somebody out or have no known meaning: that is not what is asked here. */
const consents = [...acceptableHazards, ...passingHazards].flatMap((code) => ["--accept", `${code}@one`]);

async function walk(states: readonly (JsonObject | "none")[]): Promise<void> {
  const sandbox = await sandboxWith({ buckets: [{ name: "one", region: "cn-hangzhou" }] });
  const folder = writeTree({ "account.yaml": accountFile });
  const options = { env: environmentOf(sandbox) };
  const at = ["--policies", folder];
  for (const state of states) {
    writeFileSync(join(folder, "one.yaml"), renderBucketFile("one", undefined, state));
    const applied = await runCli(["apply", ...consents, ...at], options);
    expect([applied.code, applied.stderr]).toEqual([0, expect.not.stringContaining("error:")]);
    const live = parseJson(sandbox.policyOf("one") ?? '"none"');
    const found =
      "value" in live && live.value !== "none" ? canonicalPolicy(live.value as JsonObject) : "none";
    expect(found).toEqual(state === "none" ? "none" : canonicalPolicy(state));
    const plan = await runCli(["plan", "--detailed-exitcode", ...at], options);
    expect([plan.code, plan.stderr]).toEqual([0, expect.not.stringContaining("error:")]);
    const before = sandbox.requests.length;
    await runCli(["apply", ...consents, ...at], options);
    expect(sandbox.requests.slice(before).map(({ operation }) => operation)).toEqual(["GetBucketPolicy"]);
  }
}

test.each(Object.entries(walks))("%s", (_, states) => walk(states));

test("any walk over generated policies: live is as desired, the next plan is empty, the next apply writes nothing", async () => {
  // One that refuses its owner ends each walk: nothing can be read or written after it.
  const open = policyDocument.filter((document) => !refusesOwner(document, "one"));
  const states = fc.array(fc.oneof(open, fc.constant("none" as const)), {
    minLength: 2,
    maxLength: 5,
  });
  await fc.assert(fc.asyncProperty(states, walk), { numRuns: runs(3, 150) });
});
