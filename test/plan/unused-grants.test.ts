import fc from "fast-check";
import { expect, test } from "vitest";
import { accessDifference } from "../../src/access/difference.ts";
import { replay } from "../../src/plan/replay.ts";
import { searchGrants, type UnseenGrants } from "../../src/plan/unused-grants.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import { bucket, policyText, seenRequests } from "./replay-worlds.ts";
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
    { numRuns: runs(100) },
  );
  expect(taken).toBeGreaterThan(100);
});
