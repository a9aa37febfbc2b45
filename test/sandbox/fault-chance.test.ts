import { expect, onTestFinished, test } from "vitest";
import type { FaultRule } from "../../src/sandbox/faults/faults.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { seedOf, signedCall } from "../support/sandbox.ts";

const names = ["app", "logs", "web"];
const half: FaultRule = {
  operation: "GetBucketPolicy",
  probability: 0.5,
  effect: { kind: "status", status: 503, code: "SlowDown" },
};

/** Which calls went wrong, by bucket, where the buckets are asked in this order. */
async function outcomes(
  order: readonly string[],
  seed: number | undefined,
  faults: readonly FaultRule[] = [half],
): Promise<Readonly<Record<string, string>>> {
  const sandbox = await startSandbox({
    seed: { ...seedOf(...names), faults, ...(seed === undefined ? {} : { seed }) },
  });
  onTestFinished(() => sandbox.close());
  const seen: Record<string, string> = {};
  for (const bucket of order) {
    const { status } = await signedCall(sandbox.port, { bucket, query: [["policy", ""]] });
    seen[bucket] = (seen[bucket] ?? "") + (status === 503 ? "x" : ".");
  }
  return seen;
}

const inTurn = Array.from({ length: 20 }, () => names).flat();
const oneByOne = names.flatMap((name) => Array.from({ length: 20 }, () => name));

// A failing run that cannot be had again teaches nothing: concurrency changes the order of calls each time.
test("the same seed makes the same calls go wrong, in whatever order the buckets are asked", async () => {
  const first = await outcomes(inTurn, 7);
  expect(await outcomes(inTurn, 7)).toEqual(first);
  expect(await outcomes(oneByOne, 7)).toEqual(first);
  expect(new Set(Object.values(first)).size).toBe(3);
});

test("another seed makes other calls go wrong, and no seed is 0", async () => {
  expect(await outcomes(inTurn, 8)).not.toEqual(await outcomes(inTurn, 7));
  expect(await outcomes(inTurn, undefined)).toEqual(await outcomes(inTurn, 0));
});

test("two rules roll their own dice", async () => {
  const other: FaultRule = { ...half, effect: { kind: "status", status: 429, code: "QpsLimitExceeded" } };
  const sandbox = await startSandbox({ seed: { ...seedOf("app"), faults: [half, other] } });
  onTestFinished(() => sandbox.close());
  const statuses: number[] = [];
  for (let count = 0; count < 40; count += 1)
    statuses.push((await signedCall(sandbox.port, { bucket: "app", query: [["policy", ""]] })).status);
  expect(new Set(statuses)).toEqual(new Set([503, 429, 404]));
});

test.each([
  [0, 0, 0],
  [0.25, 5, 30],
  [0.75, 30, 55],
  [1, 60, 60],
])("of 60 calls, probability %s fails from %s to %s", async (probability, least, most) => {
  const seen = Object.values(await outcomes(inTurn, 1, [{ ...half, probability }])).join("");
  const failed = seen.replaceAll(".", "").length;
  expect([failed >= least, failed <= most]).toEqual([true, true]);
});

test("chance picks among the calls that the rule names, and leaves the others", async () => {
  const seen = await outcomes(inTurn, 7, [{ ...half, bucket: "app", calls: { from: 11, to: 20 } }]);
  expect([seen["logs"], seen["web"]]).toEqual([".".repeat(20), ".".repeat(20)]);
  expect(seen["app"]?.slice(0, 10)).toBe(".".repeat(10));
  expect(seen["app"]?.slice(10)).toMatch(/x/);
});
