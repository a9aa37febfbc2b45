import fc from "fast-check";
import { skipReasons } from "../../src/requests/seen-request.ts";
import {
  allowSources,
  requestEffects,
  requestTurns,
  type ChangeRequests,
  type PlanRequests,
} from "../../src/plan/request-effects.ts";

const time = fc.constantFrom("2026-11-16T02:00:00.000Z", "2026-11-23T14:02:00.000Z");
const count = fc.nat({ max: 99_999 });

/** Seen requests of a change, with a text from outside wherever a log or a file can put one. */
export function changeRequests(text: fc.Arbitrary<string>): fc.Arbitrary<ChangeRequests> {
  const effect = fc.record(
    {
      effect: fc.constantFrom(...requestEffects),
      on: fc.array(text, { minLength: 1, maxLength: 2 }),
      points: fc.constant(["namedRegion"]),
      may: fc.uniqueArray(fc.constantFrom(...requestTurns)),
      stillAllowedBy: fc.uniqueArray(fc.constantFrom(...allowSources)),
      caller: text,
      name: text,
      action: text,
      prefix: text,
      count,
      of: count,
      last: time,
    },
    { requiredKeys: ["effect", "caller", "action", "prefix", "count", "of", "last"], noNullPrototype: true },
  );
  return fc.record(
    { total: count, from: time, to: time, effects: fc.array(effect, { maxLength: 12 }), cause: text },
    { requiredKeys: ["total", "effects"], noNullPrototype: true },
  );
}

export function planRequests(): fc.Arbitrary<PlanRequests> {
  return fc.record(
    {
      read: count,
      used: count,
      skipped: fc.dictionary(fc.constantFrom(...skipReasons), count, { maxKeys: 3, noNullPrototype: true }),
      from: time,
      to: time,
      sources: fc.record({ files: count, sls: count }, { noNullPrototype: true }),
    },
    { requiredKeys: ["read", "used", "skipped", "sources"], noNullPrototype: true },
  );
}
