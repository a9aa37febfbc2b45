import type { Request } from "../access/request.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { findConditionKey } from "../policy/conditions.ts";
import type { Policy } from "../policy/policy.ts";
import type { QueriedPolicy } from "./access-queries.ts";
import { answerTo, problemOf, type AccessTest } from "./expectations.ts";

/** The first of some expectations that a policy meets under every reading; undefined where it meets none. */
export function firstMet(
  tests: readonly AccessTest[],
  { policy, bucket }: QueriedPolicy,
  desired: DesiredBucket,
): AccessTest | undefined {
  return tests.find(
    (test) => problemOf(test, desired) === undefined && answerTo(test, policy, bucket).kind === "proved",
  );
}

/**
 * Expectations that say that a request is refused. A key that the request lacks may have any value in an
 * expectation, so a second one gives each such key a value.
 */
export function refusalTests(
  { principal, action, resource, context }: Request,
  demand: "cannot" | "denied",
  policy: Policy | "none",
): readonly AccessTest[] {
  const to = resource === "" ? undefined : resource;
  const test: AccessTest = { demand, principal, actions: [action], to, context };
  return [test, { ...test, context: new Map([...plainValues(policy), ...context]) }];
}

/** A value for each key that the statements test, of which few policies speak. */
function plainValues(policy: Policy | "none"): ReadonlyMap<string, string> {
  const statements = policy === "none" ? [] : policy.statements;
  const names = statements.flatMap(({ condition }) => (condition ?? []).map(({ key }) => key ?? ""));
  return new Map(
    names.flatMap((name) => {
      const key = findConditionKey(name);
      return key === undefined ? [] : [[key.name, plainValue[key.family]] as const];
    }),
  );
}

const plainValue = {
  String: "x",
  Numeric: "1",
  Date: "2026-01-01T00:00:00Z",
  Bool: "true",
  Ip: "192.0.2.1",
} as const;
