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

describe("a run grows to its limit", () => {
  /** Most calls under way at once, for each window of so many milliseconds. */
  function atOnce(sent: readonly Sent[], latencyMs: number): readonly number[] {
    const windows = Math.ceil(Math.max(...sent.map(({ at }) => at)) / latencyMs);
    return Array.from({ length: windows }, (_, index) => {
      const from = index * latencyMs;
      return sent.filter(({ at }) => at >= from && at < from + latencyMs).length;
    });
  }
  const read = (cloud: Cloud, count: number) =>
    cloud.timed(Promise.all(Array.from({ length: count }, () => cloud.store.get(one))));

  test.each([
    [1, [1, 1, 1]],
    [10, [10, 10, 10]],
    [40, [16, 32, 40]],
    [256, [16, 32, 64, 128, 256, 256]],
  ])("of %d", async (concurrency, windows) => {
    const cloud = new Cloud(() => undefined, 20, concurrency);
    const { result } = await read(cloud, 1_200);
    expect(result.every(({ live }) => live.state === "none")).toBe(true);
    expect(cloud.sent).toHaveLength(1_200);
    expect(atOnce(cloud.sent, 20).slice(0, windows.length)).toEqual(windows);
    expect(Math.max(...atOnce(cloud.sent, 20))).toBe(Math.max(...windows));
  });

  test("and doubles no more once a call was throttled", async () => {
    const cloud = new Cloud(({ at }) => (at > 60 && at < 75 ? limited : undefined), 20, 256);
    await read(cloud, 4_000);
    const later = atOnce(cloud.sent, 20).slice(10);
    expect(Math.max(...later)).toBeLessThan(128);
    expect(Math.max(...later)).toBeGreaterThan(40);
  });

  test("and doubles no more once calls become slower", async () => {
    const cloud = new Cloud(() => undefined, 20, 256);
    const { schedule } = cloud;
    let [underWay, most, freeAt] = [0, 0, 0];
    const get: PolicyStore["get"] = async ({ region }) => {
      most = Math.max(most, (underWay += 1));
      // One after the other, 2.4 in a millisecond, as at a server that queues, or on this machine's processor.
      freeAt = Math.max(schedule.now(), freeAt) + 1 / 2.4;
      await schedule.sleep(20 + freeAt - schedule.now());
      underWay -= 1;
      return { live: { state: "none" }, region };
    };
    const pace = { concurrency: 2_000, clock: schedule, random: () => 0.5, onThrottled: () => undefined };
    const slow = withRetries({ ...cloud.store, get }, pace);
    await cloud.timed(Promise.all(Array.from({ length: 4_000 }, () => slow.get(one))));
    expect(most).toBeGreaterThan(32);
    expect(most).toBeLessThan(300);
  });

  test("and every bucket is read once where half of the calls are throttled", async () => {
    for (const concurrency of [1, 64, 256]) {
      let count = 0;
      const cloud = new Cloud(() => ((count += 1) % 2 === 0 ? limited : undefined), 20, concurrency);
      const { result } = await read(cloud, 300);
      expect(result.filter(({ live }) => live.state === "none")).toHaveLength(300);
      expect(cloud.sent.length).toBeLessThan(700);
    }
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
