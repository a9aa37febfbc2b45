import { expect, test } from "vitest";
import { remember } from "../../src/sandbox/last-requests.ts";

test("a sandbox that runs for days keeps the last requests only", () => {
  const list: number[] = [];
  for (let at = 1; at <= 250_000; at += 1) remember(list, at);
  expect(list.length).toBeLessThanOrEqual(100_000);
  expect([list.at(-1), list.at(-50_000)]).toEqual([250_000, 200_001]);
});
