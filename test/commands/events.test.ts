import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deletes, file, guard, planned, policy, reads, tree, writes } from "../support/base-plans.ts";
import { callers, event, jsonLines, owner } from "../support/events.ts";
import { account, lastChangeOf, plannedWith } from "../support/planned-with-events.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

describe("a bucket that has drifted names the last change in the events", () => {
  test.each([
    [
      "the root account",
      { userIdentity: callers.root },
      "PutBucketPolicy by the root account (UID 1746495857600001) at 2026-05-31T08:24:43Z, from 203.0.113.7, with aliyun-cli/3.0.1, event E",
    ],
    [
      "a RAM user",
      {},
      "PutBucketPolicy by RAM user alice (identity data-team, UID 202147604049350001) at 2026-05-31T08:24:43Z, from 203.0.113.7, with aliyun-cli/3.0.1, event E",
    ],
    [
      "a role",
      { userIdentity: callers.role },
      "PutBucketPolicy by role ops-admin, session deploy (identity pipelines) at 2026-05-31T08:24:43Z, from 203.0.113.7, with aliyun-cli/3.0.1, event E",
    ],
    [
      "a user of another account",
      { userIdentity: callers.stranger },
      "PutBucketPolicy by RAM user contractor (UID 302147604049350009, of account 1999999999999999) at 2026-05-31T08:24:43Z, from 203.0.113.7, with aliyun-cli/3.0.1, event E",
    ],
    [
      "the console",
      { eventType: "ConsoleOperation", userAgent: "aliyun-oss-console", sourceIpAddress: "Internal" },
      "PutBucketPolicy by RAM user alice (identity data-team, UID 202147604049350001) in the console at 2026-05-31T08:24:43Z, from Internal, with aliyun-oss-console, event E",
    ],
    [
      "a service",
      { eventType: "AliyunServiceEvent", userIdentity: { type: "system", userName: "sas" } },
      "PutBucketPolicy by Alibaba Cloud itself, system sas at 2026-05-31T08:24:43Z, from 203.0.113.7, with aliyun-cli/3.0.1, event E",
    ],
    [
      "a caller of an unknown type",
      { userIdentity: { type: "cloud-sso", principalId: "7", accountId: owner } },
      "PutBucketPolicy by cloud-sso 7 (UID 7) at 2026-05-31T08:24:43Z, from 203.0.113.7, with aliyun-cli/3.0.1, event E",
    ],
    [
      "no caller",
      {
        userIdentity: undefined,
        sourceIpAddress: undefined,
        userAgent: undefined,
        eventId: undefined,
        requestId: "R",
      },
      "PutBucketPolicy by a caller without a name at 2026-05-31T08:24:43Z, event R",
    ],
    [
      "a bucket that is named by resourceName",
      {
        referencedResources: undefined,
        resourceType: "ACS::RAM::User;ACS::OSS::Bucket",
        resourceName: "u,v;other,data",
      },
      "PutBucketPolicy by RAM user alice (identity data-team, UID 202147604049350001) at 2026-05-31T08:24:43Z, from 203.0.113.7, with aliyun-cli/3.0.1, event E",
    ],
  ])("%s", async (_, fields, text) => {
    const { line, code, stderr } = await plannedWith({
      events: jsonLines(event({ eventId: "E", ...fields })),
    });
    expect([line, code, stderr]).toEqual([text, 0, expect.not.stringContaining("unread-events")]);
  });

  test("in the JSON with every field, and the extent of the events", async () => {
    const events = jsonLines(
      event({ eventTime: "2026-05-31T10:00:00Z", eventName: "GetBucket" }),
      event({ userIdentity: callers.role, eventId: "E" }),
      event({ eventTime: "2026-05-01T00:00:00Z", serviceName: "Ecs", eventName: "RunInstances" }),
    );
    const { change, document } = await plannedWith({ events });
    expect(lastChangeOf(change)).toEqual({
      call: "PutBucketPolicy",
      at: "2026-05-31T08:24:43Z",
      by: { type: "assumed-role", name: "ops-admin:deploy", id: "300000000000000529:deploy", account: owner },
      from: "203.0.113.7",
      userAgent: "aliyun-cli/3.0.1",
      eventType: "ApiCall",
      eventId: "E",
      fitsLive: true,
      others: 0,
    });
    expect(document).toMatchObject({
      events: { count: 3, from: "2026-05-01T00:00:00Z", until: "2026-05-31T10:00:00Z", unread: 0 },
    });
    expect(JSON.stringify(document)).not.toContain("STS.NTexample");
  });

  test("the latest by time, whatever the order of the lines", async () => {
    const at = (hour: string, name: string) =>
      event({ eventTime: `2026-05-31T${hour}:00:00Z`, userIdentity: { ...callers.user, userName: name } });
    const { line } = await plannedWith({
      events: jsonLines(at("08", "b"), at("11", "last"), at("09", "c"), at("10", "d")),
    });
    expect(line).toMatch(/^PutBucketPolicy by RAM user last /);
  });
});

describe("an event that is no change of this policy is not taken for one", () => {
  test.each<[string, Parameters<typeof event>[0]]>([
    ["another bucket", { referencedResources: { "ACS::OSS::Bucket": ["data2"] } }],
    ["a bucket of that name in another region", { acsRegion: "cn-beijing" }],
    ["a call that failed", { errorCode: "AccessDenied", errorMessage: "denied" }],
    ["a call with a message of an error alone", { errorMessage: "denied" }],
    ["another call", { eventName: "PutBucketAcl" }],
    ["a call that only sounds alike", { eventName: "PutBucketPolicyStatus" }],
    ["the same name of another service", { serviceName: "Ecs" }],
    ["a read", { eventName: "GetBucketPolicy" }],
  ])("%s", async (_, fields) => {
    const { line, change, stderr } = await plannedWith({ events: jsonLines(event(fields)) });
    expect([line, lastChangeOf(change), stderr]).toEqual([
      "none",
      null,
      expect.not.stringContaining("unread-events"),
    ]);
  });

  test("and an earlier one is, behind it", async () => {
    const later = { eventTime: "2026-05-31T09:00:00Z" };
    const { line } = await plannedWith({
      events: jsonLines(
        event({ eventId: "E" }),
        event({ ...later, errorCode: "AccessDenied" }),
        event({ ...later, acsRegion: "cn-beijing" }),
      ),
    });
    expect(line).toMatch(/ event E$/);
  });
});

describe("what the events cannot know is said", () => {
  test.each([
    [
      "it set a policy, and OSS has none",
      "PutBucketPolicy",
      undefined,
      "; OSS has no policy now, so a later call is missing from the events",
    ],
    [
      "it removed the policy, and OSS has one",
      "DeleteBucketPolicy",
      policy(writes),
      "; OSS has a policy now, so a later call is missing from the events",
    ],
    [
      "it deleted the bucket, and OSS has a policy",
      "DeleteBucket",
      policy(writes),
      "; OSS has a policy now, so a later call is missing from the events",
    ],
    ["it removed the policy, and OSS has none", "DeleteBucketPolicy", undefined, ""],
    ["it deleted the bucket, and OSS has no policy", "DeleteBucket", undefined, ""],
  ])("%s", async (_, eventName, live, doubt) => {
    const { line, change } = await plannedWith({
      events: jsonLines(event({ eventName, eventId: "E" })),
      live,
    });
    expect(line).toMatch(new RegExp(`^${eventName} by .*, event E${doubt}$`));
    expect(lastChangeOf(change)?.["fitsLive"]).toBe(doubt === "");
  });

  test("other calls of the same second are counted, and the one that fits comes first", async () => {
    const events = jsonLines(
      event({ eventId: "A", eventName: "DeleteBucketPolicy" }),
      event({ eventId: "C" }),
      event({ eventId: "B", acsRegion: undefined }),
    );
    const { line } = await plannedWith({ events });
    expect(line).toMatch(/^PutBucketPolicy by .*, event B; 2 other calls in the same second$/);
  });

  test("an event that was delivered twice counts once", async () => {
    const one = event();
    const { line } = await plannedWith({ events: jsonLines(one, one) });
    expect(line).not.toContain("same second");
  });
});

describe("where it is shown", () => {
  test("not for an edit, whose author is in git", async () => {
    const repository = newRepository(tree(file(reads), account));
    repository.write({ "policies/data.yaml": file(reads, deletes) });
    const { line, change } = await plannedWith({
      events: jsonLines(event()),
      repository,
      live: policy(reads),
    });
    expect([line, change?.cause, lastChangeOf(change)]).toEqual([undefined, "edit", undefined]);
  });

  test("for a new file over statements that someone set by hand", async () => {
    const repository = newRepository({ ...account, "policies/logs.yaml": "bucket: logs\npolicy: none\n" });
    repository.write({ "policies/data.yaml": file(reads) });
    const { line, change, hazards } = await plannedWith({
      events: jsonLines(event()),
      repository,
      live: policy(guard),
    });
    expect(hazards).toContain("overwrites-foreign-statements");
    expect([change?.cause, line]).toEqual([
      "edit",
      expect.stringMatching(/^PutBucketPolicy by RAM user alice /),
    ]);
  });

  test("without events nothing is claimed", async () => {
    const { stdout, document, change } = await planned({
      repository: newRepository(tree(file(reads), account)),
      live: policy(reads, writes),
    });
    expect([stdout.includes("events"), lastChangeOf(change), "events" in document]).toEqual([
      false,
      undefined,
      false,
    ]);
  });

  test("without a base too, since the policy differs", async () => {
    const sandbox = await sandboxWith({
      buckets: [{ name: "data", region: "cn-hangzhou", policy: policy(writes) }],
    });
    const folder = writeTree({ "account.yaml": accountFile, "data.yaml": file(reads) });
    const words = ["plan", "--policies", folder, "--events", "-"];
    const { stdout } = await runCli(words, { env: environmentOf(sandbox), input: jsonLines(event()) });
    expect(stdout).toContain("last change in the events: PutBucketPolicy by RAM user alice");
    expect(stdout).toContain("Events of ActionTrail: 1, from 2026-05-31T08:24:43Z to 2026-05-31T08:24:43Z.");
  });

  test("by apply, in the plan that it prints", async () => {
    const sandbox = await sandboxWith({
      buckets: [{ name: "data", region: "cn-hangzhou", policy: policy(writes) }],
    });
    const folder = writeTree({ "account.yaml": accountFile, "data.yaml": file(reads) });
    const words = ["apply", "--policies", folder, "--events", "-"];
    const { code, stdout } = await runCli(words, { env: environmentOf(sandbox), input: jsonLines(event()) });
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("last change in the events: PutBucketPolicy"),
    ]);
  });

  test("in every report, with the hazard in SARIF", async () => {
    const folder = writeTree({});
    const at = (name: string) => join(folder, name);
    const words = ["--markdown", at("plan.md"), "--html", at("plan.html"), "--sarif", at("plan.sarif")];
    const events = jsonLines(event({ eventId: "E" }));
    const repository = newRepository(tree(file(reads), account));
    const { stdout } = await plannedWith({ events, live: policy(reads, guard), words, repository });
    const text =
      "PutBucketPolicy by RAM user alice (identity data-team, UID 202147604049350001) at 2026-05-31T08:24:43Z, from 203.0.113.7, with aliyun-cli/3.0.1, event E";
    const markdown = readFileSync(at("plan.md"), "utf8");
    expect(stdout).toContain(`    last change in the events: ${text}\n`);
    expect(markdown).toContain(`- last change in the events: \`${text}\`\n`);
    expect(readFileSync(at("plan.html"), "utf8")).toContain(`last change in the events: <bdi>${text}</bdi>`);
    expect(readFileSync(at("plan.sarif"), "utf8")).toMatch(
      /"text": "`data`: no version .*; last change in the events: PutBucketPolicy by RAM user alice/,
    );
    await expect(
      `${stdout}\n${markdown}`.replaceAll(/\b[0-9a-f]{40}\b|sha256:[0-9a-f]{64}/g, "DIGEST"),
    ).toMatchFileSnapshot("../golden/events.txt");
  });

  test("buckets that one caller changed in the same way are one entry, with the times from first to last", async () => {
    const names = ["team-a1", "team-a2", "team-a3"];
    const text = (bucket: string, action: string) => policy({ action, to: bucket });
    const sandbox = await sandboxWith({
      buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: text(name, "oss:PutObject") })),
    });
    const folder = writeTree({
      "account.yaml": `${accountFile}limits: { change: { percent: 100 } }\n`,
      ...Object.fromEntries(
        names.map((name) => [`${name}.yaml`, `bucket: ${name}\npolicy: ${text(name, "oss:GetObject")}\n`]),
      ),
    });
    const by = (user: string) =>
      jsonLines(
        ...names.map((name, index) =>
          event({
            eventTime: `2026-05-31T08:2${index}:00Z`,
            referencedResources: { "ACS::OSS::Bucket": [name] },
            userIdentity: { ...callers.user, userName: name === "team-a3" ? user : "alice" },
          }),
        ),
      );
    const plan = async (input: string) =>
      (await runCli(["plan", "--policies", folder, "--events", "-"], { env: environmentOf(sandbox), input }))
        .stdout;
    expect(await plan(by("alice"))).toContain(
      "RAM user alice (UID 202147604049350001) from 2026-05-31T08:20:00Z to 2026-05-31T08:22:00Z, from 203.0.113.7, with aliyun-cli/3.0.1\n",
    );
    expect((await plan(by("bob"))).match(/last change in the events/g)).toHaveLength(2);
  });
});
