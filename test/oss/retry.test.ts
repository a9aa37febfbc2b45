import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withRetries, waitMs, type PacedStore } from "../../src/oss/retry.ts";
import type { PolicyStore } from "../../src/oss/store.ts";
import type { FaultEffect } from "../../src/sandbox/faults/faults.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { sandboxWith, storeOver } from "../support/store.ts";

const body = '{"Version":"1","Statement":[]}';
const one = { bucket: "one", region: "cn-hangzhou" };

interface World {
  readonly sandbox: Sandbox;
  readonly store: PacedStore;
  /** The waits between tries, in milliseconds. */
  readonly waits: number[];
  readonly slowed: number[];
}

/** Real calls over HTTP; only the waits take no time. */
async function world(concurrency = 8, names = ["one"]): Promise<World> {
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: body })),
  });
  const waits: number[] = [];
  const slowed: number[] = [];
  let now = 0;
  const store = withRetries(storeOver(sandbox.url), {
    concurrency,
    clock: {
      now: () => (now += 1),
      sleep: (ms) => {
        now += ms;
        waits.push(ms);
        return Promise.resolve();
      },
    },
    random: () => 0.5,
    onThrottled: () => slowed.push(1),
  });
  return { sandbox, store, waits, slowed };
}

test("a store that is hurried waits for nothing, and sends no throttled write again", async () => {
  const { sandbox, store, waits } = await world();
  sandbox.addFault({
    operation: "PutBucketPolicy",
    effect: status("QpsLimitExceeded", 503, { "Retry-After": "50" }),
  });
  const sent = () => sandbox.requests.filter(({ operation }) => operation === "PutBucketPolicy").length;
  const before = store.put({ bucket: "one", region: "cn-hangzhou" }, body);
  store.hurry();
  expect(await before).toMatchObject({ kind: "throttled" });
  expect([sent(), waits]).toEqual([1, []]);
});

const status = (code: string, number: number, headers: Record<string, string> = {}): FaultEffect => ({
  kind: "status",
  status: number,
  code,
  headers,
});
const throttled = status("MetaOperationQpsLimitExceeded", 503);

describe("a read is tried again where the next try may pass", () => {
  test.each<[string, FaultEffect]>([
    ["500", status("InternalError", 500)],
    ["503", status("ServiceUnavailable", 503)],
    ["a reset", { kind: "reset", when: "before" }],
    ["half a body", { kind: "truncate", bytes: 5 }],
  ])("%s", async (_, effect) => {
    const { sandbox, store, waits } = await world();
    sandbox.addFault({ operation: "GetBucketPolicy", calls: { from: 1, to: 3 }, effect });
    expect((await store.get(one)).live.state).toBe("policy");
    expect(waits).toEqual([50, 100, 200]);
  });

  test.each([
    ["429", status("QpsLimitExceeded", 429)],
    ["503", throttled],
  ])("throttled with %s, all calls pause, and the number of tries is large", async (_, effect) => {
    const { sandbox, store, waits } = await world();
    sandbox.addFault({ operation: "GetBucketPolicy", calls: { from: 1, to: 20 }, effect });
    expect((await store.get(one)).live.state).toBe("policy");
    expect(waits).toHaveLength(20);
    expect(Math.max(...waits)).toBeLessThanOrEqual(200);
  });

  test.each([
    ["403", status("AccessDenied", 403)],
    ["an expired token", status("SecurityTokenExpired", 403)],
    ["400", status("InvalidBucketName", 400)],
  ])("and %s is no such", async (_, effect) => {
    const { sandbox, store, waits } = await world();
    sandbox.addFault({ operation: "GetBucketPolicy", effect });
    expect((await store.get(one)).live.state).toBe("unreadable");
    expect(waits).toEqual([]);
  });

  test("in the end it is given up, and is unreadable", async () => {
    const { sandbox, store, waits } = await world();
    sandbox.addFault({ operation: "GetBucketPolicy", effect: status("InternalError", 500) });
    expect((await store.get(one)).live).toMatchObject({ state: "unreadable", problem: { status: 500 } });
    expect(waits).toHaveLength(7);
  });

  test("Retry-After is the least wait", async () => {
    const { sandbox, store, waits } = await world();
    const effect = status("ServiceUnavailable", 503, { "Retry-After": "3" });
    sandbox.addFault({ operation: "GetBucketPolicy", calls: { from: 1, to: 1 }, effect });
    await store.get(one);
    expect(waits).toEqual([3_000]);
  });

  test("a whole run has a budget of retries", async () => {
    const { sandbox, store, waits } = await world(64);
    sandbox.addFault({ operation: "GetBucketPolicy", effect: status("InternalError", 500) });
    await Promise.all(Array.from({ length: 60 }, () => store.get(one)));
    expect(waits.length).toBeLessThan(60 * 7);
    expect(waits.length).toBeGreaterThan(60);
  });
});

describe("a write is tried again where it surely had no effect", () => {
  test("throttled: once more", async () => {
    const { sandbox, store } = await world();
    sandbox.addFault({ operation: "PutBucketPolicy", calls: { from: 1, to: 2 }, effect: throttled });
    expect(await store.put(one, body)).toEqual({ kind: "done" });
  });

  test.each<[string, FaultEffect]>([
    ["a reset", { kind: "reset", when: "after" }],
    ["500", status("InternalError", 500)],
    ["503 of another kind", status("ServiceUnavailable", 503)],
  ])("%s: left to a read to find out", async (_, effect) => {
    const { sandbox, store, waits } = await world();
    sandbox.addFault({ operation: "PutBucketPolicy", calls: { from: 1, to: 1 }, effect });
    expect((await store.put(one, body)).kind).toBe("unknown");
    expect(waits).toEqual([]);
  });
});

describe("how many calls are under way", () => {
  /** The most calls at once, of so many reads. */
  async function maxAtOnce({ store }: World, reads: number): Promise<void> {
    await Promise.all(Array.from({ length: reads }, () => store.get(one)));
  }

  test("never more than the ceiling, and the user is told once of throttling", async () => {
    const made = await world(4);
    made.sandbox.addFault({ operation: "GetBucketPolicy", calls: { from: 5, to: 20 }, effect: throttled });
    await maxAtOnce(made, 60);
    expect(made.slowed).toEqual([1]);
  });

  test("no call is lost where everything is throttled at first", async () => {
    const made = await world(8);
    made.sandbox.addFault({ operation: "GetBucketPolicy", calls: { from: 1, to: 30 }, effect: throttled });
    const readings = await Promise.all(Array.from({ length: 40 }, () => made.store.get(one)));
    expect(readings.filter(({ live }) => live.state === "policy")).toHaveLength(40);
  });
});

test("the halving and the growth: from 8 to 1 under throttling, and back to 8 by passing calls", async () => {
  let running = 0;
  let most = 0;
  let isThrottling = true;
  const waiting: (() => void)[] = [];
  const live = { state: "none" } as const;
  const problem = { message: "", status: 429 };
  const bare: PolicyStore = {
    list: () => Promise.resolve({ problem }),
    get: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => waiting.push(resolve));
      running -= 1;
      return { live: isThrottling ? { state: "unreadable", problem } : live, region: "r" };
    },
    exposure: () => Promise.resolve({ state: "unknown", problem }),
    accountBlock: () => Promise.resolve({ state: "unknown", problem }),
    put: () => Promise.resolve({ kind: "done" }),
    delete: () => Promise.resolve({ kind: "done" }),
    close: () => undefined,
  };
  let now = 0;
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const store = withRetries(bare, { concurrency: 8, clock, random: () => 0, onThrottled: () => undefined });
  const turn = async () => {
    now += 10;
    most = 0;
    for (const go of waiting.splice(0)) go();
    for (let ticks = 0; ticks < 50; ticks += 1) await Promise.resolve();
    return running;
  };
  const all = Array.from({ length: 100 }, () => store.get(one));
  await Promise.resolve();
  expect(running).toBe(8);
  const falling = [await turn(), await turn(), await turn(), await turn()];
  expect(falling).toEqual([4, 2, 1, 1]);
  isThrottling = false;
  const rising: number[] = [];
  for (let turns = 0; turns < 12; turns += 1) rising.push(await turn());
  expect(Math.max(...rising)).toBe(8);
  expect(rising).toEqual([...rising].sort((a, b) => a - b));
  while (running > 0) await turn();
  expect(await Promise.all(all)).toHaveLength(100);
});

test("every wait lies between nothing and its bound, and heeds Retry-After", () => {
  const law = fc.property(
    fc.integer({ min: 1, max: 40 }),
    fc.option(fc.nat(120_000), { nil: undefined }),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    (tries, retryAfterMs, chance) => {
      const problem = { message: "", ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
      const wait = waitMs(tries, problem, () => chance);
      const asked = Math.min(retryAfterMs ?? 0, 60_000);
      expect(wait).toBeGreaterThanOrEqual(asked);
      expect(wait).toBeLessThanOrEqual(Math.max(asked, Math.min(5_000, 100 * 2 ** (tries - 1))));
    },
  );
  fc.assert(law, { seed: 1 });
});
