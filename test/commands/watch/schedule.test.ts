import { expect, test } from "vitest";
import { openSchedule } from "../../../src/commands/watch/schedule.ts";

const minute = 60_000;

test("the interval begins at the end of a reconcile and varies by a tenth", () => {
  for (const [chance, factor] of [
    [0, 0.9],
    [0.5, 1],
    [0.999, 1.1],
  ] as const) {
    const schedule = openSchedule(10 * minute, () => chance);
    expect(schedule.due(0)).toEqual({ reason: "start" });
    schedule.ended({ reason: "start" }, { now: 5 * minute, failed: [] });
    const next = 5 * minute + 10 * minute * factor;
    expect(schedule.due(next - minute / 2)).toBeUndefined();
    expect(schedule.due(next + minute / 2)).toEqual({ reason: "interval" });
  }
});

test("an account that fails is tried again alone, ever later, and at last with all the others", () => {
  const schedule = openSchedule(minute, () => 0.5);
  schedule.ended({ reason: "start" }, { now: 0, failed: ["one"] });
  const alone = { reason: "retry", account: "one" } as const;
  let now = 0;
  const waits = [];
  for (;;) {
    const from = now;
    while (schedule.due(now) === undefined) now += 100;
    const due = schedule.due(now);
    if (due?.reason === "interval") break;
    expect(due).toEqual(alone);
    waits.push(now - from);
    schedule.ended(alone, { now, failed: ["one"] });
  }
  expect(waits).toEqual([2_500, 5_000, 10_000, 20_000]);
  expect(now).toBe(minute);
  // The reconcile of everything failed for it once more, and does not begin anew.
  schedule.ended({ reason: "interval" }, { now, failed: ["one"] });
  expect(schedule.due(now + minute - 100)).toBeUndefined();
});

test("a success ends the back-off, and a retry does not move the interval of the others", () => {
  const schedule = openSchedule(minute, () => 0.5);
  schedule.ended({ reason: "start" }, { now: 0, failed: ["one", "two"] });
  schedule.ended({ reason: "retry", account: "one" }, { now: 3_000, failed: [] });
  expect(schedule.due(3_000)).toEqual({ reason: "retry", account: "two" });
  schedule.ended({ reason: "retry", account: "two" }, { now: 3_000, failed: [] });
  expect(schedule.due(minute - 1)).toBeUndefined();
  expect(schedule.due(minute)).toEqual({ reason: "interval" });
});

test("where there was no plan, everything is tried again", () => {
  const schedule = openSchedule(minute, () => 0.5);
  schedule.ended({ reason: "start" }, { now: 0, failed: "everything" });
  expect(schedule.due(2_500)).toEqual({ reason: "retry" });
  schedule.ended({ reason: "retry" }, { now: 2_500, failed: [] });
  expect(schedule.due(minute)).toBeUndefined();
});

test("full jitter: a wait may be any part of its longest", () => {
  const schedule = openSchedule(minute, () => 0);
  schedule.ended({ reason: "start" }, { now: 0, failed: ["one"] });
  expect(schedule.due(0)).toEqual({ reason: "retry", account: "one" });
});
