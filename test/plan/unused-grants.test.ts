import fc from "fast-check";
import { expect, test } from "vitest";
import { accessDifference } from "../../src/access/difference.ts";
import { replay } from "../../src/plan/replay.ts";
import { searchGrants, type UnseenGrants } from "../../src/plan/unused-grants.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { interpretationsOf, openQuestionsIn } from "../../src/access/interpretations.ts";
import { globMatches } from "../../src/policy/glob.ts";
import type { SeenRequest } from "../../src/requests/seen-request.ts";
import type { Statement } from "../../src/policy/policy.ts";
import { possibleRequests } from "./possible-decisions.ts";
import { bucket, owner, policyText, seenRequests } from "./replay-worlds.ts";
import { runs } from "../support/runs.ts";

/** The policy without the grants that no request was seen to use. */
function narrowed(policy: Policy, { grants }: UnseenGrants): Policy {
  const statements = policy.statements.flatMap((statement, index) => {
    const own = grants.filter((one) => one.statement === index);
    if (own.some(({ part }) => part === "statement")) return [];
    const without = (words: readonly string[] | null, part: string) => {
      const gone = own
        .filter((one) => one.part === part)
        .flatMap(
          (one) => ({ principal: one.principals, action: one.actions, resource: one.resources })[part] ?? [],
        );
      return (words ?? []).filter((word) => !gone.includes(word));
    };
    const { principal, action, resource } = statement;
    return [
      {
        ...statement,
        principal: without(principal, "principal"),
        action: without(action, "action"),
        resource: without(resource, "resource"),
      },
    ];
  });
  return { ...policy, statements };
}

test("without what no request was seen to use, nothing is gained and nothing that was seen changes", () => {
  let taken = 0;
  fc.assert(
    fc.property(policyText, seenRequests, (text, requests) => {
      const policy = canonicalPolicy(text);
      const search = searchGrants(policy, bucket);
      for (const request of requests) search.add(request);
      const found = search.result();
      taken += found.grants.length;
      const after = narrowed(policy, found);
      const difference = accessDifference(policy, after, bucket);
      const effects =
        difference.verdict === "different" ? difference.regions.map(({ effect }) => effect) : [];
      // The difference of two policies without a known meaning is open.
      expect(effects.filter((effect) => effect === "gains")).toEqual([]);
      const replayed = replay({ before: policy, after, bucket, names: new Map(), acls: "unknown" });
      for (const request of requests) replayed.add(request);
      expect(replayed.result().effects).toEqual([]);
    }),
    { numRuns: runs(100, 400) },
  );
  expect(taken).toBeGreaterThan(100);
});

type Cell = readonly [principal: string, action: string, resource: string];

/** The combinations of a statement, with the actions that the requests of the worlds have in the place of a wildcard. */
function cellsOf({ principal, action, resource }: Statement): readonly Cell[] {
  const known = ["oss:GetObject", "oss:PutObject", "oss:ListObjects"];
  const actions = (action ?? []).flatMap((word) =>
    word.includes("*") ? known.filter((name) => globMatches(word, name)) : [word],
  );
  return (principal ?? []).flatMap((who) =>
    actions.flatMap((what) => (resource ?? []).map((where): Cell => [who, what, where])),
  );
}

/** Returns true if a request may fall into a combination, by the reference evaluator. */
function mayMeet(requests: readonly SeenRequest[], statement: Statement, [who, what, where]: Cell): boolean {
  const isMixed = who === "*" && (statement.principal?.length ?? 0) > 1;
  const alone = { ...statement, principal: isMixed ? ["*", "0"] : [who], action: [what], resource: [where] };
  const policy: Policy = { version: "1", statements: [alone], other: [] };
  const interpretations = interpretationsOf(openQuestionsIn([policy], bucket));
  return requests.some((request) =>
    possibleRequests(request, owner).some(({ principal, context }) =>
      request.actions.some((action) =>
        interpretations.some(
          (one) =>
            evaluate(policy, { principal, action, resource: request.key, context }, bucket, one).decision ===
            "allow",
        ),
      ),
    ),
  );
}

test("no request may fall into a grant that is listed, and without a condition each other combination was met", () => {
  const parts = new Set<string>();
  fc.assert(
    fc.property(policyText, seenRequests, (text, requests) => {
      const policy = canonicalPolicy(text);
      const search = searchGrants(policy, bucket);
      for (const request of requests) search.add(request);
      const { grants, cause } = search.result();
      fc.pre(cause === undefined);
      for (const { part } of grants) parts.add(part);
      policy.statements.forEach((statement, index) => {
        const own = grants.filter((grant) => grant.statement === index);
        if (statement.effect === "Deny") return expect(own).toEqual([]);
        for (const cell of cellsOf(statement)) {
          const [who, what, where] = cell;
          const isListed = own.some(
            ({ principals, actions, resources }) =>
              principals.includes(who) &&
              actions.some((word) => globMatches(word, what)) &&
              resources.includes(where),
          );
          const isMet = mayMeet(requests, statement, cell);
          if (isListed) expect(isMet, JSON.stringify(cell)).toBe(false);
          else if (statement.condition === null)
            expect(isMet || isIdle(cell), JSON.stringify(cell)).toBe(true);
        }
      });
    }),
    { numRuns: runs(60, 300) },
  );
  expect([...parts].sort()).toEqual([
    "action",
    "combination",
    "principal",
    "resource",
    "statement",
    "wildcard",
  ]);
});

/** An action on objects with the bucket itself, or the other way around. */
function isIdle([, action, resource]: Cell): boolean {
  const isOnBucket = /^acs:oss:[^:]*:[^:]*:data$/.test(resource);
  return isOnBucket !== /listobjects/i.test(action);
}
