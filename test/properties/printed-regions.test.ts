import { expect, test } from "vitest";
import { openQuestions } from "../../src/access/request.ts";
import { accessText, soakAccess } from "../soak/access.ts";
import { runs } from "../support/runs.ts";

test("what is printed of two policies is what the reference decides, under every combination of open points", () => {
  const figures = soakAccess(runs(30), 23);
  expect(figures.disagreements, accessText(figures)).toEqual([]);
  const undecided = [...figures.undecided.values()].reduce((a, b) => a + b, 0);
  expect(undecided).toBeLessThan(figures.pairs / 20);
  expect(figures.different).toBeGreaterThan(figures.pairs / 3);
  expect(figures.combined).toBeGreaterThan(figures.pairs / 3);
  // What the UID of an account covers is asked of one caller, not of two policies.
  expect(figures.concerned.size).toBe(Object.keys(openQuestions).length - 1);
});
