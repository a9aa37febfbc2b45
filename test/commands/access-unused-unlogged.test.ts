import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { actions, isGrantable } from "../../src/policy/actions.ts";
import { searchGrants } from "../../src/plan/unused-grants.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { loggedActions } from "../../src/requests/operation.ts";
import { logLine, logOwner, readLines } from "../support/log-lines.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";
import { etl, file, get, list, old, propose, statement } from "./proposals.ts";

const grantable = actions.filter(isGrantable).map(({ name }) => name);
const unlogged = grantable.filter((name) => !loggedActions.has(name));

/** Searches the grants of one statement, of which the log has one request of another caller. */
function unseenIn(names: readonly string[]) {
  const resources = ["acs:oss:*:*:data", "acs:oss:*:*:data/*"];
  const statements = [{ Effect: "Allow", Principal: [old], Action: names, Resource: resources }];
  const policy = canonicalPolicy({ Version: "1", Statement: statements });
  const search = searchGrants(policy, { name: "data", owner: logOwner });
  for (const request of readLines(logLine({ requester: etl })).requests) search.add(request);
  return search.result();
}

describe("actions that no log shows", () => {
  test("are all that the mapping of requests has not", () => {
    // An action that comes to the catalogue is mapped in src/requests, or joins this list.
    expect(unlogged.map((name) => name.slice("oss:".length)).sort()).toMatchInlineSnapshot(`
      [
        "BypassGovernanceRetention",
        "CreateAccessPoint",
        "CreateAccessPointForObjectProcess",
        "CreateBucketDataRedundancyTransition",
        "DeleteAccessPoint",
        "DeleteAccessPointForObjectProcess",
        "DeleteAccessPointPolicyForObjectProcess",
        "DeleteAccessPointPublicAccessBlock",
        "DeleteBucketDataRedundancyTransition",
        "DeleteBucketRequesterQoSInfo",
        "GetAccessPoint",
        "GetAccessPointConfigForObjectProcess",
        "GetAccessPointForObjectProcess",
        "GetAccessPointPolicyForObjectProcess",
        "GetAccessPointPublicAccessBlock",
        "GetBucketDataRedundancyTransition",
        "GetBucketObjectWormConfiguration",
        "GetBucketRequesterQoSInfo",
        "GetUserAntiDDosInfo",
        "InitBucketAntiDDosInfo",
        "InitUserAntiDDosInfo",
        "ListAccessPoints",
        "ListAccessPointsForObjectProcess",
        "ListBucketAntiDDosInfo",
        "ListBucketDataRedundancyTransition",
        "ListBucketRequesterQoSInfo",
        "PostProcessTask",
        "ProcessImm",
        "PublishRtmpStream",
        "PutAccessPointConfigForObjectProcess",
        "PutAccessPointPolicyForObjectProcess",
        "PutAccessPointPublicAccessBlock",
        "PutBucketObjectWormConfiguration",
        "PutBucketRequesterQoSInfo",
        "ReplicateDelete",
        "ReplicateGet",
        "ReplicateList",
        "ReplicatePut",
        "UpdateBucketAntiDDosInfo",
        "UpdateUserAntiDDosInfo",
        "WriteGetObjectResponse",
      ]
    `);
  });

  test("are listed as not seen in no statement, and all others are", () => {
    for (const name of grantable) {
      const { grants, unlogged: open = [] } = unseenIn([name]);
      const isLogged = loggedActions.has(name);
      expect([name, ...grants.map(({ part }) => part)]).toEqual(isLogged ? [name, "statement"] : [name]);
      expect(open).toEqual(isLogged ? [] : [name]);
    }
  });

  test.each(["oss:*", "oss:*AccessPoint*", "oss:Replicate*", "oss:P*"])(
    "%s is listed without them",
    (word) => {
      for (const { actions: names, wildcard } of unseenIn([word]).grants) {
        expect(names.filter((name) => unlogged.includes(name))).toEqual([]);
        expect(wildcard?.unlogged).not.toEqual([]);
      }
    },
  );
});

describe("a grant with actions that no log shows", () => {
  const replication = '["oss:ReplicateList", "oss:ReplicateGet", "oss:ReplicatePut"]';
  const both = '["acs:oss:*:*:data", "acs:oss:*:*:data/*"]';
  const of = (action: string, more = {}) => statement({ Action: action, Resource: both, ...more });

  test("keeps them, and loses the others", async () => {
    const text = (action: string, rest = "") =>
      file(statement() + of(replication, { Principal: `["${old}"]` }) + of(action) + rest);
    const before = text('["oss:BypassGovernanceRetention", "oss:DeleteObject"]', of('["oss:PutObjectAcl"]'));
    const { file: written, stdout, stays } = await propose({ "data.yaml": before }, [get()]);
    expect(written("data.yaml")).toBe(text('["oss:BypassGovernanceRetention"]'));
    expect(stdout).toContain(
      "no log shows oss:BypassGovernanceRetention, oss:ReplicateGet, oss:ReplicateList, oss:ReplicatePut, so nothing is claimed of them",
    );
    expect(stays).toEqual([
      {
        bucket: "data",
        why: expect.stringMatching(/^actions that no log shows \(oss:Bypass.* left$/) as string,
      },
    ]);
  });

  test("keeps the principals and resources that may have used them", async () => {
    const principals = { Principal: `["${etl}", "${old}"]` };
    const text = file(of('["oss:GetObject", "oss:ProcessImm"]', principals));
    const { file: written, stdout } = await propose({ "data.yaml": text }, [get()]);
    // The bucket itself has no such action.
    expect(written("data.yaml")).toBe(text.replace('"acs:oss:*:*:data", ', ""));
    expect(stdout).toMatch(/combination Allow 202147604049350009 .*oss:GetObject/);
  });

  test("has them by name in the place of its wildcard", async () => {
    const text = file(of('["oss:*RtmpStream*", "oss:P*", "oss:GetObject"]'));
    const { file: written } = await propose({ "data.yaml": text }, [get(), list()]);
    const names = unlogged.filter((name) => name.startsWith("oss:P"));
    const left = ["oss:*RtmpStream*", "oss:GetObject", ...names.sort()].map((name) => JSON.stringify(name));
    expect(written("data.yaml")).toContain(`Action: [${left.join(", ")}]`);
  });

  test("names them in the JSON", async () => {
    const folder = writeTree({
      "policies/account.yaml": accountFile,
      "policies/data.yaml": file(of('["oss:Replicate*", "oss:P*"]')),
      log: get(),
    });
    const words = ["access", "unused", "--requests", "log", "--json", "json"];
    const { stdout } = await runCli(words, { folder });
    const json = JSON.parse(readFileSync(join(folder, "json"), "utf8")) as object;
    const replicating = ["oss:ReplicateDelete", "oss:ReplicateGet", "oss:ReplicateList", "oss:ReplicatePut"];
    expect(json).toMatchObject({
      buckets: [{ unloggedActions: expect.arrayContaining(replicating) as string[] }],
      unused: [{ wildcard: "oss:P*", seenActions: [], unloggedActions: expect.anything() as string[] }],
    });
    expect(stdout).toContain("action oss:P* but for ");
    expect(stdout).toContain(", which no log shows, of Allow");
  });
});

test("an action that a request may have needed for the ACL or the log of a bucket stays", async () => {
  const setup = (names: string) =>
    file(statement({ Action: names, Resource: '["acs:oss:*:*:data", "acs:oss:*:*:data/*"]' }));
  const text = setup('["oss:PutBucket", "oss:PutBucketAcl", "oss:PutBucketLogging", "oss:PutObject"]');
  const make = list({ method: "PUT", operation: "PutBucket" });
  const acl = list({ method: "PUT", target: "/?acl", operation: "PutBucketAcl" });
  const log = list({ method: "PUT", target: "/?logging", operation: "PutBucketLog" });
  for (const one of [make, acl]) {
    const { file: written } = await propose({ "data.yaml": text }, [one]);
    expect(written("data.yaml")).toContain('Action: ["oss:PutBucket", "oss:PutBucketAcl"]');
  }
  const { file: written } = await propose({ "data.yaml": text }, [log]);
  expect(written("data.yaml")).toContain('Action: ["oss:PutBucketLogging", "oss:PutObject"]');
});
