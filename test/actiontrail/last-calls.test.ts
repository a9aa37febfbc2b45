import { expect, test } from "vitest";
import { collectEvents, trailKey } from "../../src/actiontrail/last-calls.ts";
import { event } from "../support/events.ts";

test("calls of one second are kept once each, also where they are many", () => {
  const collector = collectEvents();
  const fields = { acsRegion: "cn-hangzhou", serviceName: "Oss", eventName: "PutBucketPolicy" };
  const at = "2026-11-29T10:00:00Z";
  for (let round = 0; round < 2; round += 1)
    for (let id = 0; id < 30_000; id += 1)
      collector.add(JSON.stringify(event({ ...fields, eventTime: at, eventId: `E-${id}` })), "f", 1);
  const { lastCalls, count } = collector.trail();
  expect(count).toBe(60_000);
  expect(lastCalls.get(trailKey("data", "cn-hangzhou"))).toHaveLength(30_000);
});
