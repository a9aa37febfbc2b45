import pMap from "p-map";
import { describe, expect, test } from "vitest";
import { withRetries } from "../../src/oss/retry.ts";
import type { PolicyStore } from "../../src/oss/store.ts";
import { isThrottled } from "../../src/oss/wire.ts";
import type { Live, ReadProblem } from "../../src/policy/live.ts";
import { chanceOf, Schedule } from "../simulation/cloud.ts";

const one = { bucket: "one", region: "cn-hangzhou" };
const limited: ReadProblem = {
  message: "too many calls",
  status: 503,
  code: "MetaOperationQpsLimitExceeded",
};

interface Sent {
  readonly at: number;
  readonly kind: "get" | "put";
}

/** An OSS in virtual time, of which `problemOf` says what is wrong with a call that arrives now. */
class Cloud {
  readonly schedule = new Schedule();
  readonly sent: Sent[] = [];
  readonly store: PolicyStore;

  constructor(
    problemOf: (sent: Sent) => ReadProblem | undefined,
    latencyMs = 20,
    concurrency = 16,
    seed = 1,
  ) {
    const call = async (kind: Sent["kind"]): Promise<ReadProblem | undefined> => {
      await this.schedule.sleep(latencyMs / 2);
      const sent = { at: this.schedule.now(), kind };
      this.sent.push(sent);
      const problem = problemOf(sent);
      await this.schedule.sleep(latencyMs / 2);
      return problem;
    };
    const bare: PolicyStore = {
      list: () => Promise.resolve({ problem: limited }),
      exposure: () => Promise.resolve({ state: "unknown", problem: limited }),
      accountBlock: () => Promise.resolve({ state: "unknown", problem: limited }),
      get: async ({ region }) => {
        const problem = await call("get");
        const live: Live = problem === undefined ? { state: "none" } : { state: "unreadable", problem };
        return { live, region };
      },
      put: async () => {
        const problem = await call("put");
        if (problem === undefined) return { kind: "done" };
        return { kind: isThrottled(problem) ? "throttled" : "unknown", problem };
      },
      delete: () => Promise.resolve({ kind: "done" }),
      close: () => undefined,
    };
    const random = chanceOf(seed);
    this.store = withRetries(bare, {
      concurrency,
      clock: this.schedule,
      random,
      onThrottled: () => undefined,
    });
  }

  /** The result of some work, and how long it took. */
  async timed<T>(work: Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
    let result: { readonly value: T } | undefined;
    const start = this.schedule.now();
    void work.then((value) => {
      result = { value };
    });
    await this.schedule.run(() => result !== undefined);
    if (result === undefined) throw new Error("the work never ends");
    return { result: result.value, ms: this.schedule.now() - start };
  }
}

/** So many calls in any second. */
function limit(perSecond: number): (sent: Sent) => ReadProblem | undefined {
  let passed: number[] = [];
  return ({ at }) => {
    passed = passed.filter((time) => time > at - 1_000);
    if (passed.length >= perSecond) return limited;
    passed.push(at);
    return undefined;
  };
}

describe("where OSS takes only so many calls a second", () => {
  test.each([
    [200, 1_000, 1.25],
    [50, 300, 1.25],
    [10, 100, 1.25],
    // Such a limit leaves so few tries that they are far apart.
    [3, 60, 2],
    [1, 40, 2],
  ])(
    "%d: of %d reads none is lost, in at most %d times what the limit allows",
    async (perSecond, reads, most) => {
      for (const seed of [1, 2, 3]) {
        const cloud = new Cloud(limit(perSecond), 20, 16, seed);
        const all = pMap(Array.from({ length: reads }), () => cloud.store.get(one), { concurrency: 16 });
        const { result, ms } = await cloud.timed(all);
        expect(result.filter(({ live }) => live.state === "none")).toHaveLength(reads);
        expect(ms).toBeLessThan((most * reads * 1_000) / perSecond);
      }
    },
  );

  test("what OSS asks for with Retry-After is a pause of all", async () => {
    const cloud = new Cloud(
      ({ at }) => (at < 5_000 ? { ...limited, retryAfterMs: 4_900 } : undefined),
      20,
      4,
    );
    const { result } = await cloud.timed(Promise.all(Array.from({ length: 40 }, () => cloud.store.get(one))));
    expect(result.every(({ live }) => live.state === "none")).toBe(true);
    // The first four went out together, and one more before it was known for how long.
    expect(cloud.sent.filter(({ at }) => at < 5_000).length).toBeLessThanOrEqual(8);
  });

  test("where every call is refused for ever, the run ends all the same", async () => {
    const cloud = new Cloud(() => limited);
    const all = pMap(Array.from({ length: 300 }), () => cloud.store.get(one), { concurrency: 16 });
    const { result, ms } = await cloud.timed(all);
    expect(result.every(({ live }) => live.state === "unreadable")).toBe(true);
    expect(ms).toBeLessThan(15 * 60_000);
  });
});

describe("a throttled write", () => {
  test("is sent again only as long as what was read before it is fresh", async () => {
    const cloud = new Cloud(({ kind }) => (kind === "put" ? limited : undefined));
    const { result } = await cloud.timed(cloud.store.put(one, "{}"));
    expect(result.kind).toBe("throttled");
    expect(cloud.sent.length).toBeGreaterThan(5);
    expect(Math.max(...cloud.sent.map(({ at }) => at))).toBeLessThan(2_100);
  });

  test("whose turn comes too late is not sent at all", async () => {
    const cloud = new Cloud(({ kind }) =>
      kind === "get" ? { ...limited, retryAfterMs: 30_000 } : undefined,
    );
    const get = cloud.store.get(one);
    await cloud.schedule.run(() => cloud.schedule.now() >= 20);
    const { result } = await cloud.timed(cloud.store.put(one, "{}"));
    expect(result.kind).toBe("throttled");
    expect(cloud.sent.some(({ kind }) => kind === "put")).toBe(false);
    void get;
  });

  test("goes before the reads that wait for their turn", async () => {
    const cloud = new Cloud(() => undefined, 20, 1);
    const reads = Array.from({ length: 10 }, () => cloud.store.get(one));
    await cloud.timed(Promise.all([...reads, cloud.store.put(one, "{}")]));
    expect(cloud.sent.findIndex(({ kind }) => kind === "put")).toBe(1);
  });
});

test("where a try takes as long as its time-out, there are few of them", async () => {
  const cloud = new Cloud(() => ({ message: "OSS did not answer in time" }), 10_000);
  const { result, ms } = await cloud.timed(cloud.store.get(one));
  expect(result.live.state).toBe("unreadable");
  expect(cloud.sent.length).toBeGreaterThan(1);
  expect(ms).toBeLessThan(45_000);
});
