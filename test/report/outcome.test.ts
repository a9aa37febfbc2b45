import { expect, test } from "vitest";
import type { Outcome } from "../../src/apply/outcome.ts";
import { plainText } from "../../src/report/text/style.ts";
import { renderOutcomes } from "../../src/report/text/outcome.ts";

const outcomes = (result: Outcome["result"], message: (bucket: string) => string): readonly Outcome[] =>
  Array.from({ length: 20 }, (_, index): Outcome => {
    const bucket = `b${index}`;
    return { bucket, action: "update", result, message: message(bucket) };
  });

test("buckets that are blocked for one reason share a line with a count and the first names", () => {
  const lines = renderOutcomes(
    outcomes("blocked", () => "blocked by a limit of its account"),
    plainText,
  );
  expect(lines).toEqual([
    "  blocked       update 20 buckets (b0, b1, b2, b3, b4 and 15 more): blocked by a limit of its account",
  ]);
});

test("buckets that were not attempted share a line with all names, and those of other reasons do not", () => {
  const lines = renderOutcomes(
    [
      ...outcomes("not attempted", () => "the run was stopped").slice(0, 4),
      ...outcomes("failed", (bucket) => `bucket ${bucket} is gone`).slice(0, 2),
      ...outcomes("applied", () => "").slice(0, 2),
    ],
    plainText,
  );
  expect(lines).toHaveLength(4);
  expect(lines[0]).toContain("4 buckets (b0, b1, b2, b3): the run was stopped");
});
