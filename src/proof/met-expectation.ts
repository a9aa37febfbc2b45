import type { Request } from "../access/request.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { findConditionKey } from "../policy/conditions.ts";
import type { Policy } from "../policy/policy.ts";
import type { QueriedPolicy } from "./access-queries.ts";
import { answerTo, problemOf, type AccessTest } from "./expectations.ts";

/** Returns the first expectation that a policy meets under every interpretation; undefined if there is none. */
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
 * Returns expectations that a request is refused. In an expectation an omitted key may have any value, so the
 * second one gives each omitted key a value.
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

/** Returns a value for each key that the statements test; few policies mention these values. */
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
