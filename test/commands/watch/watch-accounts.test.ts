import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { answerJson, type StsAnswer, sessionsByRole } from "../../support/sts.ts";
import {
  accountYaml,
  twoAccounts,
  twoAccountTree,
  uids,
  type AccountName,
} from "../../support/two-accounts.ts";
import { watching } from "../../support/watching.ts";

const buckets = { alpha: ["alpha-one"], beta: ["beta-one"] } as const;
const seedOf = (account: AccountName) => ({
  buckets: buckets[account].map((name) => ({ name, region: "cn-hangzhou" })),
});
const state = (account: AccountName, name: string) =>
  `oss_policy_buckets{account="${uids[account]}",state="${name}"}`;

/** Two accounts, of which the roles of beta cannot be assumed until `allow` is called. */
async function betaRefused() {
  const refused = { isOn: true };
  const sts: StsAnswer = (request, response, index) => {
    const role = request.query.get("RoleArn") ?? request.form.get("RoleArn") ?? "";
    if (refused.isOn && role.includes("/beta-"))
      answerJson(response, 403, { Code: "NoPermission", Message: "not allowed to assume it" });
    else return sessionsByRole(request, response, index);
  };
  const seeds = { alpha: seedOf("alpha"), beta: seedOf("beta") };
  const accounts = await twoAccounts({ seeds, sts });
  return { ...accounts, allow: () => (refused.isOn = false) };
}

test("an account whose role is refused is tried again alone, and the other is written at its interval", async () => {
  const { env, sandboxes, roles, allow } = await betaRefused();
  const words = ["--apply", "--policies", twoAccountTree(buckets), "--interval", "100s"];
  const service = await watching(undefined, words, { env });
  const [first] = await service.until("reconcile");
  expect(first).toMatchObject({ reason: "start", exit: 1 });
  expect(sandboxes.alpha.policyOf("alpha-one")).toContain("alpha-one/*");
  expect(await service.metric(state("alpha", "unchanged"))).toBe(1);
  expect(await service.metric(state("beta", "unreadable"))).toBe(1);
  expect(await service.metric("oss_policy_last_success_timestamp_seconds")).toBe(0);
  expect((await service.get("/readyz")).status).toBe(503);

  // The healthy account drifts, and is written again at the interval while the other one still fails.
  sandboxes.alpha.setPolicy("alpha-one", undefined);
  await expect
    .poll(() => sandboxes.alpha.policyOf("alpha-one"), { timeout: 20_000 })
    .toContain("alpha-one/*");
  const events = await service.until("reconcile", 7);
  const reasons = events.map(({ reason, account }) =>
    account === undefined ? reason : `${String(reason)} ${String(account)}`,
  );
  const [start, ...later] = reasons;
  expect(start).toBe("start");
  expect(later.slice(0, later.indexOf("interval"))).toEqual(Array(5).fill(`retry ${uids.beta}`));
  expect(later.filter((reason) => reason === `retry ${uids.alpha}`)).toEqual([]);
  expect(
    service.events().filter(({ event, account }) => event === "state" && account === uids.beta),
  ).toHaveLength(1);
  expect(sandboxes.beta.requests).toEqual([]);

  allow();
  await expect.poll(() => sandboxes.beta.policyOf("beta-one"), { timeout: 20_000 }).toContain("beta-one/*");
  await expect.poll(() => service.metric(state("beta", "unchanged"))).toBe(1);
  await expect.poll(() => service.metric("oss_policy_last_success_timestamp_seconds")).toBeGreaterThan(0);
  expect((await service.get("/readyz")).status).toBe(200);
  expect(new Set(roles())).toEqual(new Set(["alpha-applies", "beta-applies"]));
  expect((await service.stop()).code).toBe(0);
});

test("an account that is removed while it waits for another try is forgotten at the next reconcile", async () => {
  const { env } = await betaRefused();
  const tree = twoAccountTree(buckets);
  const service = await watching(undefined, ["--policies", tree, "--interval", "100s"], { env });
  await service.until("reconcile");
  expect(await service.metric(state("beta", "unreadable"))).toBe(1);
  rmSync(join(tree, "beta"), { recursive: true });
  await expect.poll(() => service.metric(state("beta", "unreadable")), { timeout: 20_000 }).toBeUndefined();
  const seen = (await service.until("reconcile")).length;
  const after = (await service.until("reconcile", seen + 2)).slice(seen);
  expect(after.map(({ reason, exit }) => [reason, exit])).toEqual(after.map(() => ["interval", 0]));
  expect(await service.metric(state("alpha", "drifted"))).toBe(1);
  expect((await service.get("/readyz")).status).toBe(200);
});

test("a retry of one account is no success while the buckets of another cannot be listed", async () => {
  const { env, sandboxes, allow } = await betaRefused();
  sandboxes.alpha.addFault({
    operation: "ListBuckets",
    effect: { kind: "status", status: 403, code: "AccessDenied" },
  });
  const tree = twoAccountTree(buckets);
  writeFileSync(join(tree, "alpha/account.yaml"), accountYaml("alpha", "scope: all\n"));
  const service = await watching(undefined, ["--policies", tree, "--interval", "24h"], { env });
  await service.until("reconcile");
  allow();
  await expect.poll(() => service.metric(state("beta", "drifted")), { timeout: 20_000 }).toBe(1);
  expect(await service.metric("oss_policy_last_success_timestamp_seconds")).toBe(0);
  expect((await service.get("/readyz")).status).toBe(503);
});
