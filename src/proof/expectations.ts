import { Budget, limits } from "../access/budget.ts";
import { prove, requestSetOf, type Proof, type Property, type RequestSet } from "../access/query.ts";
import type { Bucket } from "../policy/bucket.ts";
import { unsupported } from "../access/unsupported.ts";
import { decisionTexts, dependenceText, requestText } from "../access/render.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Expectation, QueryPlaces } from "../desired/guards.ts";
import type { Diagnostic, Span } from "../diagnostic.ts";
import { nearMiss } from "../near-miss.ts";
import { actionsMatching, readAction } from "../policy/actions.ts";
import { findConditionKey } from "../policy/conditions.ts";
import { nearAction } from "../policy/near-action.ts";
import { nearConditionKey } from "../policy/near-key.ts";
import { unlikelyPart } from "../policy/key-form.ts";
import type { Policy } from "../policy/policy.ts";
import { parseRoleSession } from "../policy/principal.ts";
import { bucketOf, desiredPolicy, spansOf } from "../desired/desired-policy.ts";
import { isPossible } from "./possible.ts";

const demands: Readonly<Record<Expectation["demand"], Property>> = {
  can: "allowed",
  cannot: "not allowed",
  denied: "denied",
};

/** Share of the steps left that one expectation may take, so that it leaves some for those after it. */
const shareOfOne = 0.5;

/** Reports the expectations of a file that its policy does not meet, with the deciding statements. */
export function checkExpectations(bucket: DesiredBucket): readonly Diagnostic[] {
  if (bucket.expects.length === 0) return [];
  const policy = desiredPolicy(bucket);
  const budget = new Budget(limits.bucketSteps);
  const sound: Expectation[] = [];
  const found = bucket.expects.flatMap((expectation): readonly Diagnostic[] => {
    const problem = problemOf(expectation, bucket);
    if (problem !== undefined) return [questionError(problem, expectation.span, expectation.places)];
    sound.push(expectation);
    const answer = answerTo(expectation, policy, bucketOf(bucket), budget.part(shareOfOne));
    return [...keyFindings(expectation, bucket), ...finding(expectation, bucket, policy, answer)];
  });
  // Expectations that one policy meets together do not contradict each other.
  return found.length === 0 ? [] : [...found, ...contradictions(sound, bucket, budget)];
}

/** Warns of a key that most likely no object has: of requests that are never made, everything can be proved. */
function keyFindings({ to, span, places }: Expectation, { bucket }: DesiredBucket): readonly Diagnostic[] {
  const problem = keyProblem(to, bucket);
  return problem === undefined ? [] : [{ ...questionError(problem, span, places), severity: "warning" }];
}

/** Returns the finding of a problem, on the value that has it. */
export function questionError(
  { at, message, help }: QueryProblem,
  whole: Span,
  places: QueryPlaces = {},
): Diagnostic {
  return { code: "question", severity: "error", message, span: places[at] ?? whole, help };
}

/** Returns what is unlikely in a key; undefined if nothing is. */
function keyProblem(to = "", bucket: string): QueryProblem | undefined {
  const ownName = `${bucket}/`;
  const found = to.startsWith(ownName)
    ? { what: "begins with the name of the bucket", help: "name the key", meant: to.slice(ownName.length) }
    : unlikelyPart(to, bucket);
  if (found === undefined) return undefined;
  const { what, meant = "", help } = found;
  return {
    at: "to",
    message: `\`to\` is a key in the bucket, and \`${to}\` ${what}`,
    help: meant === "" ? help : `write \`${meant}\``,
  };
}

/** Error in a query. */
export interface QueryProblem {
  readonly at: keyof QueryPlaces;
  readonly message: string;
  readonly help: string;
}

/**
 * Proves that a policy meets an expectation. `*` is everyone except the owner, who does not need the policy: the
 * owner can do everything that no statement denies.
 */
export function answerTo(
  test: AccessTest,
  policy: Policy | "none",
  bucket: Bucket,
  budget = new Budget(limits.questionSteps),
): Proof {
  const scene = sceneOf(test, bucket.name);
  if (test.demand === "can" && test.principal === "owner")
    return prove(policy, bucket, scene, "not denied", [], budget);
  return prove(policy, bucket, scene, demands[test.demand], ownerAside(scene), budget);
}

/** Returns the owner's part of a request set of everyone, which `*` with a Condition includes. */
export function ownerAside(scene: RequestSet): readonly RequestSet[] {
  return scene.principal?.includes("*") === true ? [{ ...scene, principal: ["owner"] }] : [];
}

/** Reports expectations that no policy can meet together: one allows a request that another forbids. */
function contradictions(
  expectations: readonly Expectation[],
  bucket: DesiredBucket,
  budget: Budget,
): readonly Diagnostic[] {
  const wanted = expectations.filter(({ demand, principal }) => demand === "can" && principal !== "owner");
  return expectations
    .filter(({ demand }) => demand !== "can")
    .flatMap((forbidding) => {
      const scene = sceneOf(forbidding, bucket.bucket);
      const shared = wanted.flatMap((other) => {
        const allowing = { ...sceneOf(other, bucket.bucket), effect: "Allow" };
        const policy: Policy = { version: "1", statements: [allowing], other: [] };
        const answer = prove(policy, bucketOf(bucket), scene, "not allowed", ownerAside(scene), budget);
        return answer.kind === "broken" ? [{ other, witness: answer.witness }] : [];
      });
      const [first] = shared;
      if (first === undefined) return [];
      return [
        {
          code: "contradiction",
          severity: "error" as const,
          message: `no policy can meet this and another expectation: both cover ${requestText(first.witness)}`,
          span: forbidding.span,
          help: "narrow one of the two, or remove it",
          related: shared.map(({ other }) => ({
            message: "this one expects that it is allowed",
            span: other.span,
          })),
        },
      ];
    });
}

/** Returns the requests of a query. `to: "*"` is the bucket and all objects; without `to` it is the bucket alone. */
function sceneOf({ principal, actions, to, context }: AccessQuestion, bucket: string): RequestSet {
  const itself = `acs:oss:*:*:${bucket}`;
  const names = to === undefined ? [itself] : to === "*" ? [itself, `${itself}/*`] : [`${itself}/${to}`];
  return requestSetOf([principal], actions, names, new Map([["acs:SecureTransport", "true"], ...context]));
}

/** Expectation without its span. */
export type AccessTest = Omit<Expectation, "span">;

/** Principal, actions, key and context of a query. */
export type AccessQuestion = Omit<AccessTest, "demand">;

/** Returns the error in a query; undefined if it is valid. */
export function problemOf(query: AccessQuestion, bucket: DesiredBucket): QueryProblem | undefined {
  return (
    callerProblem(query, bucket) ??
    actionProblem(query) ??
    contextProblem(query) ??
    meaningProblem(query, bucket)
  );
}

function callerProblem(
  { principal }: AccessQuestion,
  { account: { identities } }: DesiredBucket,
): QueryProblem | undefined {
  if (!/^(anonymous|owner|\*|\d+|arn:.*)$/s.test(principal))
    return {
      at: "who",
      message: `\`${principal}\` is not a principal`,
      help: nearHelp(
        nearMiss(principal, ["anonymous", "owner", ...identities.keys()]),
        "name `anonymous`, `owner`, `*`, a UID in quotes, a role session's ARN, or a name from `identities`",
      ),
    };
  if (principal.startsWith("arn:") && parseRoleSession(principal) === undefined)
    return {
      at: "who",
      message: `\`${principal}\` is not a role session`,
      help: "write `arn:sts::UID:assumed-role/ROLE/SESSION`, where `*` can replace a part",
    };
  return undefined;
}

function actionProblem({ actions, to }: AccessQuestion): QueryProblem | undefined {
  const strange = actions.find((action) => actionsMatching(action).length === 0);
  if (strange !== undefined)
    return {
      at: "do",
      message: `\`${strange}\` is not an action`,
      help: nearHelp(meantAction(strange), "name actions as policies do, such as `oss:GetObject`"),
    };
  const levels = new Set(actions.flatMap((action) => actionsMatching(action).map(({ level }) => level)));
  if (!levels.has("bucket") && !levels.has("object"))
    return {
      at: "do",
      message: `\`${actions.join("`, `")}\` is not on a bucket or its objects, so no bucket policy decides on it`,
      help: "name an action on a bucket or on objects",
    };
  if (to === undefined && !levels.has("bucket"))
    return {
      at: "do",
      message: "the actions are on objects, but no object is named",
      help: "name a key, or a pattern of keys",
    };
  if (to === "")
    return {
      at: "to",
      message: "no object has an empty key",
      help: "name a key, or leave out `to` for the bucket itself",
    };
  if (to !== undefined && to !== "*" && !levels.has("object"))
    return {
      at: "to",
      message: "the actions are on the bucket, but objects are named",
      help: "remove the key",
    };
  return undefined;
}

function contextProblem({ context }: AccessQuestion): QueryProblem | undefined {
  const unknown = [...context.keys()].find((key) => findConditionKey(key) === undefined);
  if (unknown === undefined) return undefined;
  return {
    at: "with",
    message: `\`${unknown}\` is not a condition key`,
    help: nearHelp(nearConditionKey(unknown), "name a key that OSS documents, such as `acs:SourceIp`"),
  };
}

/** Finds values without a known meaning, and a query that no request answers to. */
function meaningProblem(query: AccessQuestion, bucket: DesiredBucket): QueryProblem | undefined {
  const { to, context } = query;
  const scene = sceneOf(query, bucket.bucket);
  const [odd] = unsupported({ version: "1", statements: [{ ...scene, principal: ["*"] }], other: [] });
  if (odd !== undefined)
    return { at: "with", message: `no meaning is known for ${odd.what}`, help: "correct the value" };
  const idle = query.actions.filter(
    (action) => !isPossible({ ...scene, action: [action] }, bucketOf(bucket)),
  );
  if (idle.length === 0) return undefined;
  if (idle.length < query.actions.length)
    return {
      at: "do",
      message: `no request of ${keyList(idle)} is like this, so nothing would be proved of it`,
      help: "write it in an expectation of its own, with the key and the values that it has",
    };
  const impossible: QueryProblem = {
    at: context.size === 0 ? "do" : "with",
    message: "no request is like this, so nothing would be proved",
    help:
      context.size === 0
        ? "correct the actions or the key"
        : `correct ${keyList([...context.keys()])}: a request of these actions has no such value`,
  };
  return keyProblem(to, bucket.bucket) ?? impossible;
}

function keyList(keys: readonly string[]): string {
  return keys.map((key) => `\`${key}\``).join(" or ");
}

function nearHelp(near: string | undefined, help: string): string {
  return near === undefined ? help : `did you mean \`${near}\`?`;
}

/** Returns the action that a misspelled word means, or that authorizes the operation of this name. */
function meantAction(text: string): string | undefined {
  const word = readAction(text);
  if (word.kind === "api" || word.kind === "foreign") return word.needs[0];
  return word.kind === "other case" && word.actions.length === 1 ? word.actions[0]?.name : nearAction(text);
}

function finding(
  expectation: Expectation,
  bucket: DesiredBucket,
  policy: Policy | "none",
  answer: Proof,
): readonly Diagnostic[] {
  const { demand, principal, span } = expectation;
  if (answer.kind === "proved") return demand === "can" && principal === "owner" ? [ownerNote(span)] : [];
  if (answer.kind === "undecided") {
    const message = `the expectation can be neither proved nor refuted: ${answer.cause}`;
    return [{ code: "expect", severity: "error", message, span, help: "fix the named cause" }];
  }
  const { witness, decision, deciding, dependsOn } = answer;
  const wanted = { can: "allowed", cannot: "not allowed", denied: "denied" }[demand];
  const message = `not ${wanted === "not allowed" ? "refused" : wanted}: ${requestText(witness)} is ${decisionTexts[decision]}`;
  const spans = spansOf(bucket, deciding);
  return [
    {
      code: "expect",
      severity: "error",
      message: dependsOn.length === 0 ? message : `${message}, ${dependenceText(dependsOn)}`,
      span,
      help:
        spans.length === 0
          ? "no statement matches it: add one, or correct the expectation"
          : "correct the statement, or the expectation",
      related: spans.map((at) => ({ message: "this statement decides", span: at })),
    },
  ];
}

function ownerNote(span: Span): Diagnostic {
  return {
    code: "expect",
    severity: "note",
    message: "the owner does not need the policy: this holds because no statement denies it",
    span,
    help: "keep it if this is intended; `denied: owner` expects the opposite",
  };
}
