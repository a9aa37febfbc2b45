import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/access/evaluate.ts";
import { partialDecider, type PartialAnswer, type PossibleDecision } from "../../src/access/partial.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { runs } from "../support/runs.ts";

const owner = "1746495857600001";
const bucket = { name: "data", owner };
const uid = "202147604049350001";

const statement = (more: JsonObject = {}): JsonObject => ({
  Effect: "Allow",
  Principal: [uid],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:*:data/*"],
  ...more,
});
const policyOf = (...statements: readonly JsonObject[]) =>
  canonicalPolicy({ Version: "1", Statement: statements });
const tag = (name: string) => `oss:ExistingObjectTag/${name}`;
const tagged = (name: string, value: string, more: JsonObject = {}) =>
  statement({ Condition: { StringEquals: { [tag(name)]: [value] } }, ...more });
const many = Array.from({ length: 16 }, (_, at) => `k${at}`);

const turnOf = ({ before, after }: PossibleDecision) => `${before} to ${after}`;

function answerOf(before: Policy, after: Policy): PartialAnswer<string> {
  const decider = partialDecider(before, after, bucket);
  if ("cause" in decider) throw new Error(decider.cause);
  const request = {
    principal: uid,
    actions: ["oss:GetObject"],
    resource: "a",
    context: new Map<string, string>(),
    isAbsent: () => false,
  };
  return decider.decide(request, { each: turnOf, all: () => undefined });
}

describe("a request of which many condition keys are unknown", () => {
  const allTags = many.flatMap((name) => [tagged(name, "a"), tagged(name, "b")]);

  test("is certain where none of them matters, however many combinations there are", () => {
    const before = policyOf(statement(), ...allTags);
    expect(answerOf(before, policyOf(statement()))).toEqual({ kind: "certain", value: "allow to allow" });
  });

  test("depends only on those that matter", () => {
    const deny = tagged("hold", "yes", { Effect: "Deny" });
    expect(answerOf(policyOf(statement(), ...allTags), policyOf(statement(), ...allTags, deny))).toEqual({
      kind: "open",
      values: ["allow to allow", "allow to deny"],
      on: [tag("hold")],
      points: [],
    });
  });

  test("depends on all that a statement of its own names", () => {
    const [old, now] = ["a", "b"].map((value) => policyOf(...many.map((name) => tagged(name, value))));
    const answer = answerOf(old ?? policyOf(), now ?? policyOf());
    expect(answer).toMatchObject({
      values: ["allow to allow", "allow to none", "none to allow", "none to none"],
    });
    expect(answer.kind === "open" && [...answer.on].sort()).toEqual(many.map(tag).sort());
  });
});

const values = [undefined, "a", "b", "c"];
const names = ["k0", "k1", "k2"];

/** Decides each combination on its own, from the plain evaluator. */
function plainAnswer(before: Policy, after: Policy) {
  const combinations = names.reduce<readonly (readonly (string | undefined)[])[]>(
    (all) => all.flatMap((one) => values.map((value) => [...one, value])),
    [[]],
  );
  const turns = combinations.map((one) => {
    const context = new Map(
      one.flatMap((value, at) => (value === undefined ? [] : [[tag(names[at] ?? ""), value] as const])),
    );
    const request = { principal: uid, action: "oss:GetObject", resource: "a", context };
    const decide = (policy: Policy) => evaluate(policy, request, bucket).decision;
    return { one, turn: turnOf({ before: decide(before), after: decide(after) }) };
  });
  const on = names.filter((_, at) => {
    const byRest = new Map<string, Set<string>>();
    for (const { one, turn } of turns) {
      const rest = one.with(at, "").join(" ");
      byRest.set(rest, (byRest.get(rest) ?? new Set()).add(turn));
    }
    return [...byRest.values()].some(({ size }) => size > 1);
  });
  return { values: [...new Set(turns.map(({ turn }) => turn))].sort(), on: on.map(tag) };
}

test("what is folded part by part is what every combination on its own gives", () => {
  const condition = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom("a", "b")), {
      selector: ([name]) => name,
      maxLength: 3,
    })
    .map((pairs) => Object.fromEntries(pairs.map(([name, value]) => [tag(name), [value]])));
  const one = fc.tuple(fc.constantFrom("Allow", "Allow", "Deny"), condition).map(([effect, keys]) =>
    statement({
      Effect: effect,
      ...(Object.keys(keys).length === 0 ? {} : { Condition: { StringEquals: keys } }),
    }),
  );
  const policy = fc.array(one, { maxLength: 5 }).map((all) => policyOf(...all));
  let open = 0;
  fc.assert(
    fc.property(policy, policy, (before, after) => {
      const wanted = plainAnswer(before, after);
      const answer = answerOf(before, after);
      if (answer.kind === "certain") {
        expect({ values: [answer.value], on: [] }).toEqual(wanted);
        return;
      }
      open += 1;
      expect({ values: answer.values, on: [...answer.on].sort() }).toEqual(wanted);
    }),
    { numRuns: runs(200) },
  );
  expect(open).toBeGreaterThan(0);
});
