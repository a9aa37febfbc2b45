import { describe, expect, test } from "vitest";
import { accessDifference } from "../../src/access/difference.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy, policyDigest } from "../../src/policy/policy.ts";

const bucket = { name: "one", owner: "1" };
const plain = {
  Effect: "Allow",
  Principal: ["2"],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:1:one/*"],
};
const policy = (statement: JsonObject, more: JsonObject = {}) =>
  canonicalPolicy({ Version: "1", Statement: [{ ...plain, ...statement }], ...more });

describe("the names that a policy and its statements have", () => {
  test.each([
    ["a Sid", policy({ Sid: "read" })],
    ["an empty Sid", policy({ Sid: "" })],
    ["an Id", policy({}, { Id: "web" })],
    ["both", policy({ Sid: "read" }, { Id: "web" })],
  ])("mean nothing for access, and are compared all the same: %s", (_, named) => {
    expect(accessDifference(policy({}), named, bucket)).toEqual({ verdict: "equal" });
    expect(accessDifference("none", named, bucket)).toMatchObject({ verdict: "different" });
    expect(policyDigest(named)).not.toBe(policyDigest(policy({})));
  });

  test.each([
    ["a Sid that is a list", policy({ Sid: ["read"] })],
    ["a Sid that is a number", policy({ Sid: 1 })],
    ["an Id that is a map", policy({}, { Id: {} })],
    ["an Id of a statement", policy({ Id: "read" })],
    ["a Sid of the policy", policy({}, { Sid: "web" })],
    ["a sid in other letters", policy({ sid: "read" })],
  ])("are names where they belong and are a text alone: %s", (_, odd) => {
    expect(accessDifference(policy({}), odd, bucket)).toMatchObject({ verdict: "undecided" });
  });
});
