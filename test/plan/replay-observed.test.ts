import fc from "fast-check";
import { expect, test } from "vitest";
import { replay } from "../../src/plan/replay.ts";
import type { RequestEffect } from "../../src/plan/request-effects.ts";
import type { Bucket } from "../../src/policy/bucket.ts";
import type { Observation, OpenQuestion } from "../../src/policy/open-questions.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import type { SeenRequest } from "../../src/requests/seen-request.ts";
import { allow, bucket, policyOf, policyText, seen, seenRequests } from "./replay-worlds.ts";
import { runs } from "../support/runs.ts";

const neverMatches = { position: "never matches", region: "cn-hangzhou", date: "2026-11-28" } as const;

test("a point that was observed is decided, and the effect says so", () => {
  const observed = new Map([["namedRegion", neverMatches] as const]);
  const after = policyOf(allow({ Resource: ["acs:oss:cn-hangzhou:*:data/*"] }));
  const running = replay({
    before: policyOf(allow()),
    after,
    bucket: { ...bucket, observed },
    names: new Map([["202147604049350001", "etl"]]),
    acls: "unknown",
  });
  running.add(seen());
  const { effects, observed: rests } = running.result();
  const { region, date } = neverMatches;
  const position = { name: "namedRegion", position: "never matches", observed: { region, date } };
  expect(effects).toMatchObject([{ effect: "loses-allow", name: "etl", observed: [position] }]);
  expect(rests).toEqual([position]);
});

test("an effect that would be the same without an observation does not rest on it", () => {
  const named = allow({ Resource: ["acs:oss:cn-hangzhou:*:data/*"], Action: ["oss:GetObject"] });
  const running = replay({
    before: policyOf(allow(), named),
    after: policyOf(named),
    bucket: { ...bucket, observed: new Map([["namedRegion", neverMatches] as const]) },
    names: new Map(),
    acls: "unknown",
  });
  running.add(seen());
  const result = running.result();
  expect(result.effects).toMatchObject([{ effect: "loses-allow" }]);
  expect(result.effects[0]).not.toHaveProperty("observed");
  expect(result).not.toHaveProperty("observed");
  running.add(seen({ actions: ["oss:GetObject"] }));
  expect(running.result().effects).toHaveLength(1);
});

test("that nothing changes may rest on an observation, too", () => {
  const running = replay({
    before: policyOf(allow({ Resource: ["acs:oss:cn-hangzhou:*:data/*"] })),
    after: policyOf(),
    bucket: { ...bucket, observed: new Map([["namedRegion", neverMatches] as const]) },
    names: new Map(),
    acls: "unknown",
  });
  running.add(seen());
  expect(running.result()).toMatchObject({ effects: [], observed: [{ name: "namedRegion" }] });
});

const observations = fc
  .subarray(
    [
      ["absentKey", "fails"],
      ["roleCase", "is left aside"],
      ["hostBits", "are left aside"],
      ["boolCase", "is left aside"],
      ["actionCase", "counts"],
    ] as const,
    { minLength: 1 },
  )
  .map(
    (points) =>
      new Map(
        points.map(([name, position]): [OpenQuestion, Observation] => [
          name,
          { position, region: "cn-hangzhou", date: "2026-11-28" },
        ]),
      ),
  );

test("an effect rests on an observation if, and only if, it would be another one without any", () => {
  const met = { rests: 0, stands: 0 };
  fc.assert(
    fc.property(policyText, policyText, seenRequests, observations, (one, other, requests, observed) => {
      const [before, after] = [canonicalPolicy(one), canonicalPolicy(other)];
      const resultOf = (request: SeenRequest, at: Bucket) => {
        const running = replay({ before, after, bucket: at, names: new Map(), acls: "objects" });
        running.add(request);
        return running.result();
      };
      for (const request of requests.slice(0, 5)) {
        const [plain, informed] = [resultOf(request, bucket), resultOf(request, { ...bucket, observed })];
        fc.pre(plain.cause === undefined && informed.cause === undefined);
        const bare = informed.effects.map(withoutObserved);
        const rests = informed.observed !== undefined;
        expect(JSON.stringify(bare) === JSON.stringify(plain.effects)).toBe(!rests);
        for (const effect of informed.effects) expect(effect.observed).toEqual(informed.observed);
        met[rests ? "rests" : "stands"] += 1;
      }
    }),
    { numRuns: runs(60, 300) },
  );
  expect(Math.min(met.rests, met.stands)).toBeGreaterThan(0);
});

function withoutObserved(effect: RequestEffect): Omit<RequestEffect, "observed"> {
  const { observed, ...rest } = effect;
  return observed === undefined ? effect : rest;
}
