import { expect, test } from "vitest";
import { withRetries } from "../../src/oss/retry.ts";
import type { CallPace } from "../../src/oss/throttle.ts";
import { answering, errorDocument, hostileOss, type Behaviour } from "../support/hostile-oss.ts";
import { storeOver } from "../support/store.ts";

const policy = '{"Version":"1","Statement":[]}';
const buckets = Array.from({ length: 300 }, (_, index) => ({
  bucket: `bucket-${index}`,
  region: "cn-hangzhou",
}));

const throttled = answering(503, errorDocument("SlowDown"));
const reset: Behaviour = ({ socket }) => void socket.resetAndDestroy();

const pace: Omit<CallPace, "concurrency"> = {
  clock: {
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  },
  random: () => 0.01,
  onThrottled: () => undefined,
};

test.each<[string, number, Behaviour]>([
  ["throttles", 1, throttled],
  ["throttles", 256, throttled],
  ["resets", 1, reset],
  ["resets", 256, reset],
])(
  "where OSS %s the first call of every second bucket, %d at once read every bucket once",
  async (_, concurrency, refuse) => {
    const calls = new Map<string, number>();
    const refused = new Set<string>();
    const oss = await hostileOss((request, response) => {
      const { host = "" } = request.headers;
      const count = (calls.get(host) ?? 0) + 1;
      calls.set(host, count);
      const isRefused = count === 1 && calls.size % 2 === 0;
      if (isRefused) refused.add(host);
      (isRefused ? refuse : answering(200, policy))(request, response);
    });
    const store = withRetries(storeOver(oss.url), { ...pace, concurrency });
    const read = await Promise.all(buckets.map((address) => store.get(address)));
    expect(read.map(({ live }) => live.state)).toEqual(buckets.map(() => "policy"));
    expect(refused.size).toBe(buckets.length / 2);
    for (const [host, count] of calls) expect([host, count]).toEqual([host, refused.has(host) ? 2 : 1]);
  },
);
