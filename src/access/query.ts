import { canonicalStatement, type Policy, type Statement } from "../policy/policy.ts";
import { BudgetSpent, someDifference, type IsWanted } from "./compare.ts";
import { evaluate } from "./evaluate.ts";
import { findConditionKey } from "../policy/conditions.ts";
import { pathsOf, witnessOf } from "./paths.ts";
import { readingsOf, switchesFelt, type Switch } from "./readings.ts";
import type { Bucket, Decision, Reading, Request } from "./request.ts";
import { sliced } from "./slice.ts";
import { unsupported } from "./unsupported.ts";

/**
 * The requests that a question is about, in the words of a statement: `anonymous` and `owner` may
 * stand among the principals, and the Effect means nothing.
 */
export type Scene = Statement;

/** What all requests of a scene must be. */
export type Demand = "allowed" | "not allowed" | "denied" | "not denied";

export type Answer =
  /** So it is for all requests of the scene, under every reading. */
  | { readonly kind: "proved" }
  | {
      readonly kind: "broken";
      readonly witness: Request;
      readonly decision: Decision;
      /** The statements that decide about the witness, by their place in the policy. */
      readonly deciding: readonly number[];
      /** The switches on which it depends; none: broken under every reading. */
      readonly dependsOn: readonly Switch[];
    }
  | { readonly kind: "undecided"; readonly cause: string };

/** A scene from the words that a question gives. Other keys of the context are open. */
export function sceneOf(
  principals: readonly string[],
  actions: readonly string[],
  resources: readonly string[],
  context: ReadonlyMap<string, string>,
): Scene {
  const tests = new Map<string, Map<string, string[]>>();
  for (const [key, value] of context) {
    const operator = equalOperators[findConditionKey(key)?.family ?? "String"];
    tests.set(operator, (tests.get(operator) ?? new Map<string, string[]>()).set(key, [value]));
  }
  const condition = Object.fromEntries([...tests].map(([name, keys]) => [name, Object.fromEntries(keys)]));
  return canonicalStatement({
    Effect: "Deny",
    Principal: principals,
    Action: actions,
    Resource: resources,
    ...(tests.size === 0 ? {} : { Condition: condition }),
  });
}

const equalOperators = {
  String: "StringEquals",
  Numeric: "NumericEquals",
  Date: "DateEquals",
  Bool: "Bool",
  Ip: "IpAddress",
} as const;

/** Whether all requests of a scene are as demanded, but for those that are excepted. */
export function prove(
  policy: Policy | "none",
  bucket: Bucket,
  scene: Scene,
  demand: Demand,
  excepted: readonly Scene[] = [],
): Answer {
  const unknown = policy === "none" ? [] : unsupported(policy);
  if (unknown.length > 0)
    return { kind: "undecided", cause: `no meaning is known for ${unknown.join("; ")}` };
  const asked = policyWith("none", [scene, ...excepted]);
  const switches = switchesFelt([...sliced(policy, policyWith(policy, [scene]), bucket), asked], bucket);
  try {
    const answers = readingsOf(switches).map((reading) => ({
      reading,
      witness: witnessUnder(policy, bucket, scene, demand, excepted, reading),
    }));
    const broken = answers.find(({ witness }) => witness !== undefined);
    if (broken?.witness === undefined) return { kind: "proved" };
    const { decision, deciding } = decide(policy, broken.witness, bucket, broken.reading);
    const isSure = answers.every(({ witness }) => witness !== undefined);
    return { kind: "broken", witness: broken.witness, decision, deciding, dependsOn: isSure ? [] : switches };
  } catch (failure) {
    if (failure instanceof BudgetSpent) return { kind: "undecided", cause: failure.message };
    throw failure;
  }
}

function witnessUnder(
  policy: Policy | "none",
  bucket: Bucket,
  scene: Scene,
  demand: Demand,
  excepted: readonly Scene[],
  reading: Reading,
): Request | undefined {
  for (const { before, after, isWanted } of comparisonsFor(policy, scene, demand, excepted)) {
    const [path] = pathsOf(someDifference(before, after, bucket, reading, isWanted)).paths;
    if (path === undefined) continue;
    const witness = witnessOf(path);
    const asked = policyWith("none", [{ ...scene, effect: "Allow" }]);
    const isInScene = decide(asked, witness, bucket, reading).decision === "allow";
    if (!isInScene || !breaks(decide(policy, witness, bucket, reading).decision, demand))
      throw new Error(`the example of a broken demand meets it: ${JSON.stringify(witness)}`);
    return witness;
  }
  return undefined;
}

interface Comparison {
  readonly before: Policy;
  readonly after: Policy;
  /** Whether a request that ends so breaks the demand. */
  readonly isWanted: IsWanted;
}

/** A Deny or an Allow on the scene makes just those requests differ that are not so already. */
function comparisonsFor(
  policy: Policy | "none",
  scene: Scene,
  demand: Demand,
  excepted: readonly Scene[],
): readonly Comparison[] {
  const denied = excepted.map((one) => ({ ...one, effect: "Deny" }));
  const allowed = excepted.map((one) => ({ ...one, effect: "Allow" }));
  const [deny, allow] = [
    { ...scene, effect: "Deny" },
    { ...scene, effect: "Allow" },
  ];
  const all = () => true;
  const base = policyWith(policy, denied);
  const denies = policy === "none" ? [] : policy.statements.filter(({ effect }) => effect === "Deny");
  // What is allowed does not matter to what must be denied.
  const barred = policyWith("none", [...denies, ...denied]);
  const blocked: Comparison = {
    before: policyWith("none", [allow, ...denied]),
    after: policyWith("none", [allow, ...denied, ...denies]),
    isWanted: (before) => before === "allow",
  };
  switch (demand) {
    case "denied":
      return [{ before: barred, after: policyWith(barred, [deny]), isWanted: all }];
    case "not allowed":
      return [{ before: base, after: policyWith(base, [deny]), isWanted: (before) => before === "allow" }];
    case "not denied":
      return [blocked];
    case "allowed": {
      const opened = policyWith(policy, allowed);
      return [{ before: opened, after: policyWith(opened, [allow]), isWanted: all }, blocked];
    }
  }
}

function breaks(decision: Decision, demand: Demand): boolean {
  switch (demand) {
    case "allowed":
      return decision !== "allow";
    case "not allowed":
      return decision === "allow";
    case "denied":
      return decision !== "deny";
    case "not denied":
      return decision === "deny";
  }
}

function decide(policy: Policy | "none", request: Request, bucket: Bucket, reading: Reading) {
  if (policy === "none") return { decision: "none" as const, deciding: [] };
  return evaluate(policy, request, bucket, reading);
}

/** Statements beside those of a policy, which keep their places. */
function policyWith(policy: Policy | "none", statements: readonly Statement[]): Policy {
  const base: Policy = policy === "none" ? { version: "1", statements: [], other: [] } : policy;
  return { ...base, statements: [...base.statements, ...statements] };
}
