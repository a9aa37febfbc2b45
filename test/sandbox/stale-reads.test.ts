import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFaults } from "../../src/sandbox/faults/faults.ts";
import type { PastPolicy } from "../../src/sandbox/state/world.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { element, seedOf, signedCall, type RawAnswer, type SignedCall } from "../support/sandbox.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seedOf("app", "web") });
});
afterEach(() => sandbox.close());

const call = (change: SignedCall): Promise<RawAnswer> => signedCall(sandbox.port, change);
const policy = (bucket: string): SignedCall => ({ bucket, query: [["policy", ""]] });
const textOf = (mark: string): string => `{"Version":"1","Statement":[],"mark":"${mark}"}`;
const put = (mark: string, bucket = "app"): Promise<RawAnswer> =>
  call({ ...policy(bucket), method: "PUT", body: textOf(mark) });

/** The mark of what is read, or the code of the refusal. */
async function read(bucket = "app"): Promise<string | undefined> {
  const answer = await call(policy(bucket));
  return answer.status === 200 ? /"mark":"(\w+)"/.exec(answer.text)?.[1] : element(answer, "Code");
}

async function readTimes(times: number, bucket?: string): Promise<readonly (string | undefined)[]> {
  const seen: (string | undefined)[] = [];
  for (let count = 0; count < times; count += 1) seen.push(await read(bucket));
  return seen;
}

describe("so many reads after a write", () => {
  // A client that reads back once would report a write that took effect as lost, or write it again.
  test("answer what stood before, and the next ones what stands there", async () => {
    await put("a");
    sandbox.addFault({ effect: { kind: "stale", reads: 2 } });
    expect((await put("b")).status).toBe(200);
    expect(sandbox.policyOf("app")).toBe(textOf("b"));
    expect(await readTimes(4)).toEqual(["a", "a", "b", "b"]);
  });

  test("count anew with each write, and for each bucket by itself", async () => {
    await put("w", "web");
    await put("a");
    sandbox.addFault({ effect: { kind: "stale", reads: 1 } });
    await put("b");
    await put("x", "web");
    expect([await read(), await read("web"), await read(), await read("web")]).toEqual(["a", "w", "b", "x"]);
    await put("c");
    await put("d");
    expect(await readTimes(3)).toEqual(["c", "d", "d"]);
  });

  test("tell a bucket without policy, and one whose policy was deleted", async () => {
    sandbox.addFault({ effect: { kind: "stale", reads: 1 } });
    await put("a");
    expect(await readTimes(2)).toEqual(["NoSuchBucketPolicy", "a"]);
    await call({ ...policy("app"), method: "DELETE" });
    expect(await readTimes(2)).toEqual(["a", "NoSuchBucketPolicy"]);
  });

  test("are about writes from now on, not about one that was long before the rule", async () => {
    await put("a");
    await put("b");
    sandbox.addFault({ effect: { kind: "stale", reads: 5 } });
    expect(await read()).toBe("b");
  });

  test("stay behind what is changed from outside, too", async () => {
    sandbox.setPolicy("app", textOf("a"));
    sandbox.addFault({ effect: { kind: "stale", reads: 1 } });
    sandbox.setPolicy("app", textOf("b"));
    expect(await readTimes(2)).toEqual(["a", "b"]);
  });

  test("go by the last write that changed the policy, not by one that changes nothing or the ACL", async () => {
    sandbox.addFault({ effect: { kind: "stale", reads: 1 } });
    await put("a");
    await put("a");
    await call({
      bucket: "app",
      method: "PUT",
      query: [["acl", ""]],
      headers: { "x-oss-acl": "public-read" },
    });
    expect(await readTimes(2)).toEqual(["NoSuchBucketPolicy", "a"]);
  });
});

describe("for a time", () => {
  test("reads lag behind, then catch up and never go back", async () => {
    await put("a");
    sandbox.addFault({ effect: { kind: "stale", forMs: 400 } });
    await put("b");
    const written = performance.now();
    const seen: (string | undefined)[] = [];
    while (performance.now() - written < 500) {
      seen.push(await read());
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    seen.push(await read());
    const order = ["NoSuchBucketPolicy", "a", "b"];
    const steps = seen.map((mark) => order.indexOf(mark ?? ""));
    expect(steps).toEqual(steps.toSorted());
    expect(seen[0]).toBe("NoSuchBucketPolicy");
    expect(seen.at(-1)).toBe("b");
  });

  test("each read sees the state of that long ago, also between two writes", () => {
    let nowMs = 0;
    const faults = openFaults([{ effect: { kind: "stale", forMs: 100 } }], 0, () => nowMs);
    const past: readonly PastPolicy[] = [
      { policy: undefined, untilMs: 1_000 },
      { policy: "a", untilMs: 1_050 },
    ];
    const readAt = (timeMs: number): string | undefined => {
      nowMs = timeMs;
      const { stale } = faults.next({ operation: "GetBucketPolicy", bucket: "app", past });
      return stale === undefined ? "now" : (stale.policy ?? "none");
    };
    expect([1_051, 1_099, 1_100, 1_149, 1_150, 9_999].map(readAt)).toEqual([
      "none",
      "none",
      "a",
      "a",
      "now",
      "now",
    ]);
  });
});

test("only GetBucketPolicy is stale: a delete still deletes what stands there now", async () => {
  sandbox.addFault({ effect: { kind: "stale", forMs: 60_000 } });
  await put("a");
  expect(await read()).toBe("NoSuchBucketPolicy");
  await call({ ...policy("app"), method: "DELETE" });
  expect(sandbox.policyOf("app")).toBeUndefined();
});

test("a bucket that was deleted and made anew has no past", async () => {
  sandbox.addFault({ effect: { kind: "stale", reads: 5 } });
  await put("secret");
  await put("b");
  expect(await read()).toBe("secret");
  await call({ bucket: "app", method: "DELETE" });
  expect(await read()).toBe("NoSuchBucket");
  await call({ bucket: "app", method: "PUT" });
  expect(await read()).toBe("NoSuchBucketPolicy");
});

test("a stale answer is for those who may read, in the right region", async () => {
  await put("a");
  sandbox.addFault({ effect: { kind: "stale", reads: 100 } });
  await put("b");
  const stranger = { id: "sandbox", secret: "other" };
  expect((await call({ ...policy("app"), signer: stranger })).text).not.toContain("mark");
  expect((await call({ ...policy("app"), region: "cn-shanghai" })).text).not.toContain("mark");
  expect(await read()).toBe("a");
});

test("what comes behind a stale read in the list still happens", async () => {
  await put("a");
  sandbox.addFault({ effect: { kind: "stale", reads: 2 } });
  sandbox.addFault({
    operation: "GetBucketPolicy",
    calls: { from: 1, to: 1 },
    effect: { kind: "expired-token" },
  });
  await put("b");
  expect(await readTimes(3)).toEqual(["SecurityTokenExpired", "a", "b"]);
});
