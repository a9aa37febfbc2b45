import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { parseJournal } from "../../../src/apply/journal.ts";
import { hazardCodes } from "../../../src/plan/hazard.ts";
import { newRepository } from "../../support/repository.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../../support/run-cli.ts";
import { sandboxWith } from "../../support/store.ts";
import { answerJson, startSts } from "../../support/sts.ts";
import { watching } from "../../support/watching.ts";

const account = "1746495857600001";
const policy = (bucket: string, principal = "202147604049351234") =>
  JSON.stringify({
    Version: "1",
    Statement: [
      {
        Effect: "Allow",
        Principal: [principal],
        Action: ["oss:GetObject"],
        Resource: [`acs:oss:*:${account}:${bucket}/*`],
      },
    ],
  });
const bucketFile = (bucket: string, more = "") => `bucket: ${bucket}\npolicy: ${policy(bucket)}\n${more}`;
const treeOf = (...names: readonly string[]) =>
  writeTree({
    "account.yaml": accountFile,
    ...Object.fromEntries(names.map((name) => [`${name}.yaml`, bucketFile(name)])),
  });
const seeded = (...names: readonly string[]) =>
  sandboxWith({ buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: policy(name) })) });
const state = (name: string) => `oss_policy_buckets{account="${account}",state="${name}"}`;

/** Longer than any test here: nothing is due but by a signal, a move of HEAD or a failure. */
const rarely = ["--interval", "24h"];

test("drift and its end are reported once each, in the log and in the metrics", async () => {
  const sandbox = await seeded("alpha-one", "beta-two");
  const tree = treeOf("alpha-one", "beta-two");
  const service = await watching(sandbox, ["--policies", tree, ...rarely]);
  await service.until("reconcile", 1);
  expect(service.events().filter(({ event }) => event === "state")).toEqual([]);
  expect(await service.metric(state("unchanged"))).toBe(2);

  sandbox.setPolicy("beta-two", policy("beta-two", "*"));
  for (const count of [2, 3]) {
    service.hangup();
    await service.until("reconcile", count);
  }
  const [drift, ...more] = await service.until("state");
  expect(drift).toMatchObject({ level: "warning", state: "drifted", account, buckets: ["beta-two"] });
  expect(more).toEqual([]);
  expect([await service.metric(state("unchanged")), await service.metric(state("drifted"))]).toEqual([1, 1]);
  expect(await service.metric(`oss_policy_public_buckets{account="${account}"}`)).toBe(1);
  expect(sandbox.policyOf("beta-two")).toBe(policy("beta-two", "*"));

  sandbox.setPolicy("beta-two", policy("beta-two"));
  service.hangup();
  const [, healed] = await service.until("state", 2);
  expect(healed).toMatchObject({ level: "info", state: "unchanged", buckets: ["beta-two"] });
  expect(await service.metric(`oss_policy_public_buckets{account="${account}"}`)).toBe(0);
  expect((await service.stop()).code).toBe(0);
  const writes = sandbox.requests.filter(({ method }) => method !== "GET");
  expect(writes).toEqual([]);
});

test("every state, hazard and outcome of an account has a series from the first plan on", async () => {
  const service = await watching(await seeded("alpha-one"), ["--policies", treeOf("alpha-one"), ...rarely]);
  await service.until("reconcile");
  for (const name of ["unchanged", "drifted", "edited", "held", "unreadable"])
    expect(await service.metric(state(name)), name).toBe(name === "unchanged" ? 1 : 0);
  for (const hazard of hazardCodes)
    expect(await service.metric(`oss_policy_hazards{account="${account}",hazard="${hazard}"}`)).toBe(0);
  for (const outcome of ["applied", "unchanged", "unverified", "failed", "stale", "not_attempted"])
    expect(await service.metric(`oss_policy_writes_total{account="${account}",outcome="${outcome}"}`)).toBe(
      0,
    );
  expect(await service.metric('oss_policy_api_requests_total{operation="GetBucketPolicy",code="200"}')).toBe(
    1,
  );
});

test("with --apply it writes what no guard blocks, and keeps what was live in a journal for each reconcile", async () => {
  const sandbox = await seeded("alpha-one", "beta-two");
  const tree = treeOf("alpha-one", "beta-two");
  // The file opens a bucket without a consent.
  writeFileSync(join(tree, "beta-two.yaml"), `bucket: beta-two\npolicy: ${policy("beta-two", "*")}\n`);
  const service = await watching(sandbox, ["--apply", "--policies", tree, ...rarely]);
  await service.until("reconcile", 1);
  const drifted = policy("alpha-one", "202147604049359999");
  sandbox.setPolicy("alpha-one", drifted);
  service.hangup();
  await service.until("reconcile", 2);
  sandbox.setPolicy("alpha-one", undefined);
  service.hangup();
  await service.until("reconcile", 3);
  expect(sandbox.policyOf("alpha-one")).toBe(policy("alpha-one"));
  expect(sandbox.policyOf("beta-two")).toBe(policy("beta-two"));
  expect(await service.metric(`oss_policy_writes_total{account="${account}",outcome="applied"}`)).toBe(2);
  expect([await service.metric(state("unchanged")), await service.metric(state("held"))]).toEqual([1, 1]);
  const held = `oss_policy_hazards{account="${account}",hazard="grants-public-access"}`;
  expect(await service.metric(held)).toBe(1);
  const kept = readdirSync(".oss-policy")
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => parseJournal(readFileSync(join(".oss-policy", name), "utf8")))
    .map((journal) => ("lines" in journal ? journal.lines[0]?.entry : undefined));
  expect(kept).toMatchObject([{ body: drifted }, { body: null }]);
  expect((await service.stop()).code).toBe(0);
});

test("an account that cannot be read shows as unreadable, keeps its last hazards, and is tried again", async () => {
  const sandbox = await seeded("alpha-one");
  const service = await watching(sandbox, ["--policies", treeOf("alpha-one"), ...rarely]);
  const [first] = await service.until("reconcile", 1);
  const successAt = await service.metric("oss_policy_last_success_timestamp_seconds");
  sandbox.addFault({ effect: { kind: "status", status: 403, code: "AccessDenied" } });
  service.hangup();
  const tries = await service.until("reconcile", 5);
  expect(first).toMatchObject({ reason: "start", exit: 0 });
  expect(tries.slice(1, 5)).toMatchObject([
    { reason: "signal", exit: 1 },
    { reason: "retry", exit: 1 },
    { reason: "retry", exit: 1 },
    { reason: "retry", exit: 1 },
  ]);
  expect([await service.metric(state("unreadable")), await service.metric(state("unchanged"))]).toEqual([
    1, 0,
  ]);
  expect(await service.metric("oss_policy_last_success_timestamp_seconds")).toBe(successAt);
  // One cause is one line, however often it is tried.
  expect(service.events().filter(({ event }) => event === "state")).toHaveLength(1);
  sandbox.clearFaults();
  const [, healed] = await service.until("state", 2);
  expect(healed).toMatchObject({ state: "unchanged" });
});

test("a folder that goes away and comes back, and a file that is broken, end nothing", async () => {
  const sandbox = await seeded("alpha-one");
  const tree = treeOf("alpha-one");
  const service = await watching(sandbox, ["--policies", tree, ...rarely]);
  await service.until("reconcile", 1);
  renameSync(tree, `${tree}-away`);
  onTestFinished(() => rmSync(`${tree}-away`, { recursive: true, force: true }));
  const [, gone] = await service.until("reconcile", 2);
  expect(gone).toMatchObject({ reason: "head", level: "error", exit: 1 });
  expect(service.events().find(({ event }) => event === "finding")).toMatchObject({ code: "no-policies" });
  expect(await service.metric(state("unreadable"))).toBe(1);
  renameSync(`${tree}-away`, tree);
  await expect.poll(() => service.metric(state("unchanged")), { timeout: 10_000 }).toBe(1);
  // The drift of a bucket is the same before and after: it is no news.
  expect(service.events().filter(({ event }) => event === "state")).toEqual([]);
  writeFileSync(join(tree, "alpha-one.yaml"), "bucket: [");
  service.hangup();
  await expect.poll(() => service.metric(state("unreadable")), { timeout: 10_000 }).toBe(1);
  expect((await service.stop()).code).toBe(0);
});

test("when HEAD moves, or the folder is a link that is switched, it reconciles at once", async () => {
  const sandbox = await seeded("alpha-one");
  const files = { "policies/account.yaml": accountFile, "policies/alpha-one.yaml": bucketFile("alpha-one") };
  const repository = newRepository(files);
  const other = newRepository(files);
  const link = join(writeTree({}), "current");
  symlinkSync(repository.folder, link);
  const service = await watching(sandbox, ["--policies", join(link, "policies"), ...rarely]);
  await service.until("reconcile", 1);
  repository.commit({ "policies/alpha-one.yaml": "bucket: alpha-one\npolicy: none\n" });
  await service.until("reconcile", 2);
  repository.git("pack-refs", "--all");
  repository.git("checkout", "-q", "--detach", "HEAD~1");
  await service.until("reconcile", 3);
  rmSync(link);
  symlinkSync(other.folder, link);
  await service.until("reconcile", 4);
  const reasons = (await service.until("reconcile", 4)).map(({ reason }) => reason);
  expect(reasons[0]).toBe("start");
  expect(new Set(reasons.slice(1))).toEqual(new Set(["head"]));
});

test("a checkout that moves while it is read is not written, but the commit that it moves to", async () => {
  const sandbox = await sandboxWith({
    buckets: [{ name: "alpha-one", region: "cn-hangzhou" }],
    faults: [{ operation: "GetBucketPolicy", effect: { kind: "delay", delayMs: 300 } }],
  });
  const repository = newRepository({
    "policies/account.yaml": accountFile,
    "policies/alpha-one.yaml": bucketFile("alpha-one"),
  });
  const folder = join(repository.folder, "policies");
  const service = await watching(sandbox, ["--policies", folder, "--apply", ...rarely]);
  await wait(100);
  repository.commit({ "policies/alpha-one.yaml": "bucket: alpha-one\npolicy: none\n" });
  const [first, second] = await service.until("reconcile", 2);
  expect([first?.level, second?.["reason"]]).toEqual(["error", "head"]);
  expect(service.events().some(({ message }) => message.includes("the checkout moved"))).toBe(true);
  expect(sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
});

test("signals during a reconcile make one more after it, and none overlaps", async () => {
  const sandbox = await sandboxWith({
    buckets: [{ name: "alpha-one", region: "cn-hangzhou", policy: policy("alpha-one") }],
    faults: [{ effect: { kind: "delay", delayMs: 200 } }],
  });
  const service = await watching(sandbox, ["--policies", treeOf("alpha-one"), ...rarely]);
  for (let count = 0; count < 5; count += 1) {
    await wait(20);
    service.hangup();
  }
  await service.until("reconcile", 2);
  await wait(400);
  expect(
    service
      .events()
      .filter(({ event }) => event === "reconcile")
      .map(({ reason }) => reason),
  ).toEqual(["start", "signal"]);
  expect(sandbox.requests).toHaveLength(2);
});

test("a wall clock that jumps changes no interval, and an accept expires on its day", async () => {
  const accept = "accept: [{ hazard: grants-public-access, reason: for now, until: 2026-06-01 }]\n";
  const sandbox = await seeded("alpha-one");
  const open = policy("alpha-one", "*");
  const tree = writeTree({
    "account.yaml": accountFile,
    "alpha-one.yaml": `bucket: alpha-one\npolicy: ${open}\n${accept}`,
  });
  let now = new Date("2026-06-01T12:00:00Z");
  const service = await watching(sandbox, ["--policies", tree, ...rarely], { wallTime: () => now });
  await service.until("reconcile", 1);
  expect([await service.metric(state("drifted")), await service.metric(state("held"))]).toEqual([1, 0]);
  for (const day of ["2026-06-03", "2016-06-03"]) {
    now = new Date(`${day}T12:00:00Z`);
    await wait(100);
    expect(service.events().filter(({ event }) => event === "reconcile")).toHaveLength(1);
  }
  now = new Date("2026-06-03T12:00:00Z");
  service.hangup();
  await service.until("reconcile", 2);
  expect([await service.metric(state("drifted")), await service.metric(state("held"))]).toEqual([0, 1]);
  expect(await service.metric("oss_policy_last_reconcile_timestamp_seconds")).toBe(now.getTime() / 1_000);
});

test("credentials that are refused end nothing; a new session is got for each reconcile", async () => {
  const sandbox = await seeded("alpha-one");
  const sts = await startSts((_, response, index) => {
    if (index === 0) answerJson(response, 403, { Code: "NoPermission", Message: "no" });
    else
      answerJson(response, 200, {
        Credentials: {
          AccessKeyId: "sandbox",
          AccessKeySecret: "sandbox",
          SecurityToken: "a-token-0123456789",
          Expiration: new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, ""),
        },
      });
  });
  const tree = writeTree({
    "account.yaml": `${accountFile}credentials: { role: "acs:ram::${account}:role/plan" }\n`,
    "alpha-one.yaml": bucketFile("alpha-one"),
  });
  const env = { ...environmentOf(sandbox), ALIBABA_CLOUD_STS_ENDPOINT: sts.url };
  const service = await watching(undefined, ["--policies", tree, ...rarely], { env });
  const [, again] = await service.until("reconcile", 2);
  expect(again).toMatchObject({ reason: "retry" });
  const calls = sts.calls.length;
  expect(service.events().find(({ event }) => event === "finding")).toMatchObject({ code: "credentials" });
  const assumed = 'oss_policy_api_requests_total{operation="AssumeRole",code=';
  expect(await service.metric(`${assumed}"403"}`)).toBe(1);
  // On the fast clock another reconcile, with another session, may come before the metrics are read.
  expect(await service.metric(`${assumed}"200"}`)).toBeGreaterThanOrEqual(1);
  service.hangup();
  await service.until("reconcile", 3);
  // STS itself is asked: on the fast clock a reconcile may follow before the metrics are read.
  expect(sts.calls.length).toBeGreaterThan(calls);
});

test("/readyz follows the last success, /healthz the process", async () => {
  const sandbox = await seeded("alpha-one");
  const service = await watching(sandbox, ["--policies", treeOf("alpha-one"), "--interval", "10s"]);
  await service.until("reconcile", 2);
  expect((await service.get("/readyz")).status).toBe(200);
  sandbox.addFault({ effect: { kind: "status", status: 403, code: "AccessDenied" } });
  await expect.poll(async () => (await service.get("/readyz")).status, { timeout: 20_000 }).toBe(503);
  expect((await service.get("/readyz")).text).toMatch(
    /^not ready: the last success was \d+ s ago, more than 3 intervals\n$/,
  );
  expect((await service.get("/healthz")).status).toBe(200);
});

test("lines of text and of JSON have no control character from outside", async () => {
  const message = "a\u001b[31m\u202e\u0085b";
  const sandbox = await sandboxWith({
    buckets: [{ name: "alpha-one", region: "cn-hangzhou" }],
    faults: [{ effect: { kind: "status", status: 403, code: "AccessDenied", message } }],
  });
  const tree = treeOf("alpha-one");
  const service = await watching(sandbox, ["--policies", tree, ...rarely]);
  const [line] = await service.until("state");
  expect(line?.message).toContain("\u202e");
  const { stdout } = await service.stop();
  expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);

  const request = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    request.signal.addEventListener("abort", () => resolve());
  });
  const text = await runCli(["watch", "--policies", tree], {
    env: environmentOf(sandbox),
    stopped,
    onOutput: (shown) => {
      if (shown.includes("could not be read")) request.abort();
    },
  });
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^[\x20-\x7e\n\ufffd]*$/);
  expect(text.stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z warning alpha-one: unreadable; OSS answered 403/m);
});
