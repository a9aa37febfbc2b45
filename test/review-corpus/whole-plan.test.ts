import { describe, expect, test } from "vitest";
import { sampled } from "../support/runs.ts";
import { judgedEdits } from "./judge.ts";
import { pullRequestOf } from "./pull-request.ts";
import { plannedFrom } from "./whole-plan.ts";

/** Six harmless edits, edits of which some are blocked, and others. */
const seeds = sampled([33, 130, 115, 60, 2, 77, 150], 1);

describe("a whole plan of a pull request finds what planning on values finds", () => {
  test.each(seeds)("seed %i", async (seed) => {
    const pullRequest = pullRequestOf(seed);
    const { code, hazards, verdict, offline } = await plannedFrom(pullRequest);
    const judged = judgedEdits(pullRequest);
    const isBlocked = judged.some((one) => one.hazards.some(({ severity }) => severity === "block"));
    expect(hazards).toEqual(
      new Map(judged.map((one) => [one.bucket.bucket, one.hazards.map(({ code }) => code)])),
    );
    expect(code).toBe(isBlocked ? 3 : 0);
    expect(offline.verdict).toEqual(verdict);
    for (const [bucket, codes] of offline.hazards) expect(codes).toEqual(hazards.get(bucket));
  });
});
