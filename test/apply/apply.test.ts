import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { applyPlan } from "../../src/apply/apply.ts";
import type { Journal } from "../../src/apply/journal.ts";
import type { Outcome } from "../../src/apply/outcome.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { lintBucket } from "../../src/lint/lint.ts";
import type { PolicyStore } from "../../src/oss/store.ts";
import { type Change } from "../../src/plan/plan.ts";
import { planChange } from "../../src/plan/plan-change.ts";
import type { BucketAddress } from "../../src/policy/live.ts";
import type { FaultEffect, FaultRule } from "../../src/sandbox/faults/faults.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { openGate } from "../support/gate.ts";
import { accountFile } from "../support/run-cli.ts";
import { sandboxWith, storeOver } from "../support/store.ts";

const before = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"oss:*","Resource":"*"}]}';
const other = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Put*","Resource":"*"}]}';
const wanted =
  '{ Version: "1", Statement: [{ Effect: Allow, Principal: ["1"], Action: "oss:*", Resource: "*" }] }';

/** What `wanted` gives, and the Deny that it replaces, are meant. */
const gate = { ...openGate, accepted: ["grants-administration@*", "overrides-deny@*"] };

interface World {
  readonly sandbox: Sandbox;
  readonly store: PolicyStore;
  readonly changes: readonly Change[];
}

/** Plans `one` (and the others) over a sandbox, before any fault is there. */
async function planned(live: string | undefined, policy = wanted, names = ["one"]): Promise<World> {
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({
      name,
      region: "cn-hangzhou",
      ...(live === undefined ? {} : { policy: live }),
    })),
  });
  const store = storeOver(sandbox.url);
  const { buckets } = parseDesired([
    { path: "account.yaml", text: accountFile },
    ...names.map((name) => ({ path: `${name}.yaml`, text: `bucket: ${name}\npolicy: ${policy}\n` })),
  ]);
  const changes = await Promise.all(
    buckets.map(async (bucket) =>
      planChange({
        bucket,
        reading: await store.get({ ...bucket }),
        findings: lintBucket(bucket),
        gate,
      }),
    ),
  );
  return { sandbox, store, changes };
}

const forgetful: Journal = { write: () => undefined, close: () => undefined };

/** Time passes at once, so that ten seconds of reading back take none. */
async function outcomesOf(
  { store, changes }: World,
  journal: Journal = forgetful,
): Promise<readonly Outcome[]> {
  let now = 0;
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
  };
  return applyPlan(changes, store, {
    concurrency: 4,
    clock,
    journal,
    isStopped: () => false,
    onOutcome: () => undefined,
  });
}

async function resultsOf(world: World): Promise<readonly string[]> {
  return (await outcomesOf(world)).map(({ bucket, result }) => `${bucket} ${result}`);
}

function calls({ sandbox }: World, operation: string): number {
  return sandbox.requests.filter((request) => request.operation === operation).length;
}

const operation = { put: "PutBucketPolicy", get: "GetBucketPolicy", delete: "DeleteBucketPolicy" } as const;

function nth(name: keyof typeof operation, call: number, effect: FaultEffect): FaultRule {
  return { operation: operation[name], calls: { from: call, to: call }, effect };
}

const serverError: FaultEffect = { kind: "status", status: 500, code: "InternalError" };
const refused: FaultEffect = { kind: "status", status: 403, code: "AccessDenied" };

describe("what apply brings about", () => {
  test("a policy is created, updated, deleted, each read back", async () => {
    for (const [live, policy] of [
      [undefined, wanted],
      [before, wanted],
      [before, "none"],
    ] as const) {
      const world = await planned(live, policy);
      expect(await resultsOf(world)).toEqual(["one applied"]);
      expect(world.sandbox.policyOf("one") === undefined).toBe(policy === "none");
      // plan, re-read, read back
      expect(calls(world, "GetBucketPolicy")).toBe(3);
    }
  });

  test("a bucket that is as it should be is not touched, not even by a read", async () => {
    const world = await planned(undefined, "none");
    expect(await resultsOf(world)).toEqual(["one unchanged"]);
    expect(world.sandbox.requests.length).toBe(1);
  });
});

describe("live moved since the plan", () => {
  test("the bucket has another policy: stale, and the policy is still live", async () => {
    const world = await planned(before);
    world.sandbox.setPolicy("one", other);
    expect(await resultsOf(world)).toEqual(["one stale"]);
    expect(world.sandbox.policyOf("one")).toBe(other);
  });

  test("the policy went away: stale", async () => {
    const world = await planned(before);
    world.sandbox.setPolicy("one", undefined);
    expect(await resultsOf(world)).toEqual(["one stale"]);
  });

  test("somebody else already did it: unchanged, and no write", async () => {
    const world = await planned(before, "none");
    world.sandbox.setPolicy("one", undefined);
    expect(await resultsOf(world)).toEqual(["one unchanged"]);
    expect(calls(world, "DeleteBucketPolicy")).toBe(0);
  });

  test("another spelling of the same policy is no move", async () => {
    const world = await planned(before);
    world.sandbox.setPolicy("one", before.replace('"oss:*"', '["oss:*"]'));
    expect(await resultsOf(world)).toEqual(["one applied"]);
  });

  test("it cannot be read again: failed, and no write", async () => {
    const world = await planned(before);
    world.sandbox.addFault(nth("get", 1, serverError));
    expect(await resultsOf(world)).toEqual(["one failed"]);
    expect(calls(world, "PutBucketPolicy")).toBe(0);
  });
});

describe("a write whose answer is lost is settled by reading", () => {
  test("it took effect: done, with one write", async () => {
    const world = await planned(before);
    world.sandbox.addFault(nth("put", 1, { kind: "reset", when: "after" }));
    expect(await resultsOf(world)).toEqual(["one applied"]);
    expect(calls(world, "PutBucketPolicy")).toBe(1);
  });

  test("it took no effect: written again", async () => {
    const world = await planned(before);
    world.sandbox.addFault(nth("put", 1, { kind: "reset", when: "before" }));
    expect(await resultsOf(world)).toEqual(["one applied"]);
    expect(calls(world, "PutBucketPolicy")).toBe(2);
  });

  test("something else stands there: stale, and it is not overwritten", async () => {
    const world = await planned(before);
    world.sandbox.addFault(nth("put", 1, serverError));
    world.sandbox.addFault(nth("get", 2, { kind: "delay", delayMs: 100 }));
    const outcomes = outcomesOf(world);
    while (calls(world, "PutBucketPolicy") === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    world.sandbox.setPolicy("one", other);
    expect((await outcomes).map(({ result }) => result)).toEqual(["stale"]);
    expect(world.sandbox.policyOf("one")).toBe(other);
  });

  test("it never takes effect: failed after three writes, with the policy before it in place", async () => {
    const world = await planned(before);
    world.sandbox.addFault({ operation: "PutBucketPolicy", effect: serverError });
    expect(await resultsOf(world)).toEqual(["one failed"]);
    expect(calls(world, "PutBucketPolicy")).toBe(3);
    expect(world.sandbox.policyOf("one")).toBe(before);
  });

  test("nobody can say: unverified, never applied", async () => {
    const world = await planned(before);
    world.sandbox.addFault(nth("put", 1, { kind: "reset", when: "after" }));
    world.sandbox.addFault({ operation: "GetBucketPolicy", calls: { from: 2, to: 99 }, effect: serverError });
    expect(await resultsOf(world)).toEqual(["one unverified"]);
  });
});

describe("a throttled write is sent again only over what a read has just shown", () => {
  const throttled: FaultEffect = { kind: "status", status: 503, code: "MetaOperationQpsLimitExceeded" };

  test("the predecessor still stands: written", async () => {
    const world = await planned(before);
    world.sandbox.addFault({ operation: "PutBucketPolicy", calls: { from: 1, to: 5 }, effect: throttled });
    expect(await resultsOf(world)).toEqual(["one applied"]);
    expect(calls(world, "PutBucketPolicy")).toBe(6);
    // plan, re-read, one more for each throttled write, read back
    expect(calls(world, "GetBucketPolicy")).toBe(8);
  });

  test.each([
    ["another policy", other, "stale"],
    ["what was desired", JSON.stringify(parseYaml(wanted)), "unchanged"],
  ])("%s was put there meanwhile: %#", async (_, body, result) => {
    const world = await planned(before);
    world.sandbox.addFault(nth("put", 1, throttled));
    world.sandbox.addFault(nth("get", 2, { kind: "delay", delayMs: 100 }));
    const outcomes = outcomesOf(world);
    while (calls(world, "PutBucketPolicy") === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    world.sandbox.setPolicy("one", body);
    expect((await outcomes).map((outcome) => outcome.result)).toEqual([result]);
    expect(world.sandbox.policyOf("one")).toBe(body);
    expect(calls(world, "PutBucketPolicy")).toBe(1);
  });

  test("it never passes: failed, with the policy before it in place", async () => {
    const world = await planned(before);
    world.sandbox.addFault({ operation: "PutBucketPolicy", effect: throttled });
    const [outcome] = await outcomesOf(world);
    expect(outcome).toMatchObject({
      result: "failed",
      message: expect.stringMatching(
        /503 MetaOperationQpsLimitExceeded.*the previous policy is still live/,
      ) as string,
    });
    expect(world.sandbox.policyOf("one")).toBe(before);
  });

  test("it cannot be read again: failed, since nothing was written", async () => {
    const world = await planned(before);
    world.sandbox.addFault(nth("put", 1, throttled));
    world.sandbox.addFault(nth("get", 2, serverError));
    expect(await resultsOf(world)).toEqual(["one failed"]);
  });
});

test("a refused write is failed with OSS's words, and is not repeated", async () => {
  const world = await planned(before);
  world.sandbox.addFault({ operation: "PutBucketPolicy", effect: refused });
  const [outcome] = await outcomesOf(world);
  expect(outcome).toMatchObject({
    result: "failed",
    message: expect.stringContaining("403 AccessDenied") as string,
  });
  expect(calls(world, "PutBucketPolicy")).toBe(1);
});

describe("reading back", () => {
  test("OSS takes a while: read until it is there", async () => {
    const world = await planned(before);
    world.sandbox.addFault({ operation: "GetBucketPolicy", calls: { from: 2, to: 5 }, effect: serverError });
    expect(await resultsOf(world)).toEqual(["one applied"]);
  });

  test("OSS never shows it: unverified after about ten seconds", async () => {
    const world = await planned(before);
    const body = { kind: "status", status: 200, code: "", body: before } as const;
    world.sandbox.addFault({ operation: "GetBucketPolicy", effect: body });
    expect(await resultsOf(world)).toEqual(["one unverified"]);
    expect(calls(world, "GetBucketPolicy")).toBeLessThan(20);
  });
});

test("every bucket has an outcome, and one that fails neither stops nor colours the others", async () => {
  const world = await planned(before, wanted, ["five", "four", "one", "three", "two"]);
  world.sandbox.addFault({ bucket: "four", operation: "PutBucketPolicy", effect: refused });
  world.sandbox.setPolicy("two", other);
  expect(await resultsOf(world)).toEqual([
    "five applied",
    "four failed",
    "one applied",
    "three applied",
    "two stale",
  ]);
});

test("also where a bug throws", async () => {
  const world = await planned(before, wanted, ["one", "three", "two"]);
  const put = (address: BucketAddress, body: string) => {
    if (address.bucket === "three") throw new Error("boom");
    return world.store.put(address, body);
  };
  const outcomes = await outcomesOf({ ...world, store: { ...world.store, put } });
  expect(outcomes.map(({ bucket, result }) => `${bucket} ${result}`)).toEqual([
    "one applied",
    "three unverified",
    "two applied",
  ]);
});

test("an error finding blocks its bucket", async () => {
  const world = await planned(before, "{ Version: 1, Statement: [] }");
  expect(await resultsOf(world)).toEqual(["one blocked"]);
  expect(world.sandbox.policyOf("one")).toBe(before);
});

test("the journal has what stands there before a write is sent, and its outcome after the read-back", async () => {
  const world = await planned(before);
  const events: string[] = [];
  const told = <T>(event: string, call: () => T): T => {
    events.push(event);
    return call();
  };
  const { store } = world;
  const watched: PolicyStore = {
    ...store,
    get: (address) => told("get", () => store.get(address)),
    put: (address, body) => told("put", () => store.put(address, body)),
  };
  const journal: Journal = {
    write: (entry) =>
      events.push(entry.entry === "before" ? `journal ${entry.body ?? ""}` : `journal ${entry.result}`),
    close: () => undefined,
  };
  await outcomesOf({ ...world, store: watched }, journal);
  expect(events).toEqual(["get", `journal ${before}`, "put", "get", "journal applied"]);
});
