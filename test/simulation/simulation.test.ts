import { describe, expect, test } from "vitest";
import { applyPlan } from "../../src/apply/apply.ts";
import { runs } from "../support/runs.ts";
import { simulate } from "./simulate.ts";

test(`whatever goes wrong, apply keeps its promises: ${runs(500, 50_000)} seeds`, async () => {
  for (let seed = 1; seed <= runs(500, 50_000); seed += 1) {
    const failure = await simulate(seed, applyPlan).then(() => undefined, String);
    expect(failure, `seed ${seed}: npm run simulate -- --from ${seed} --seeds 1`).toBeUndefined();
  }
}, 600_000);

describe("the same seed is the same run", () => {
  test("also where it ends in a failure", async () => {
    const broken: typeof applyPlan = async (changes, store, options) => {
      for (const change of changes) await store.put(change, "{}");
      return applyPlan(changes, store, options);
    };
    const failures = await Promise.all([1, 1].map((seed) => simulate(seed, broken).then(() => "", String)));
    expect(failures[0]).toContain("BrokenPromise");
    expect(failures[0]).toBe(failures[1]);
  });
});

describe("a run that does not come to its end is a broken promise, too", () => {
  const failureOf = async (broken: typeof applyPlan) => {
    for (let seed = 1; seed < 100; seed += 1) {
      const failure = await simulate(seed, broken).then(() => "", String);
      if (failure !== "") return failure;
    }
    return "";
  };

  test("where it waits for nothing", async () => {
    expect(await failureOf(() => new Promise(() => undefined))).toContain("the run never ends");
  });

  test("where it goes on for ever", async () => {
    const failure = await failureOf(async (changes, store, options) => {
      while (options.clock.now() < Infinity) await options.clock.sleep(1_000);
      return applyPlan(changes, store, options);
    });
    expect(failure).toContain("the run never ends");
  });

  test("where it throws", async () => {
    expect(await failureOf(() => Promise.reject(new Error("boom")))).toContain("the run threw Error: boom");
  });
});
