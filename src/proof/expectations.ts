import { prove, requestSetOf, type Proof, type Property, type RequestSet } from "../access/query.ts";
import type { Bucket } from "../policy/bucket.ts";
import { unsupported } from "../access/unsupported.ts";
import { decisionTexts, dependenceText, requestText } from "../access/render.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Expectation } from "../desired/guards.ts";
import type { Diagnostic, Span } from "../diagnostic.ts";
import { nearMiss } from "../near-miss.ts";
import { actionsMatching, readAction } from "../policy/actions.ts";
import { findConditionKey } from "../policy/conditions.ts";
import { nearAction } from "../policy/near-action.ts";
import { nearConditionKey } from "../policy/near-key.ts";
import type { Policy } from "../policy/policy.ts";
import { parseRoleSession } from "../policy/principal.ts";
import { bucketOf, desiredPolicy, spansOf } from "../desired/desired-policy.ts";

const demands: Readonly<Record<Expectation["demand"], Property>> = {
  can: "allowed",
  cannot: "not allowed",
  denied: "denied",
};

/** The access tests of a file that its policy does not meet, each with the statement that decides. */
export function checkExpectations(bucket: DesiredBucket): readonly Diagnostic[] {
  if (bucket.expects.length === 0) return [];
  const policy = desiredPolicy(bucket);
  const sound: Expectation[] = [];
  const found = bucket.expects.flatMap((expectation): readonly Diagnostic[] => {
    const problem = problemOf(expectation, bucket);
    if (problem !== undefined)
      return [{ code: "question", severity: "error", span: expectation.span, ...problem }];
    sound.push(expectation);
    return finding(expectation, bucket, policy, answerTo(expectation, policy, bucketOf(bucket)));
  });
  // What one policy meets together contradicts itself nowhere.
  return found.length === 0 ? [] : [...found, ...contradictions(sound, bucket)];
}

/**
 * Whether a policy meets an expectation. `*` is everyone but the owner, who does not need the policy: the owner can
 * do what no statement denies.
 */
export function answerTo(test: AccessTest, policy: Policy | "none", bucket: Bucket): Proof {
  const scene = sceneAsked(test, bucket.name);
  if (test.demand === "can" && test.principal === "owner") return prove(policy, bucket, scene, "not denied");
  return prove(policy, bucket, scene, demands[test.demand], ownerAside(scene));
}

/** The owner's part of a scene of everyone, which a Condition would bring in. */
export function ownerAside(scene: RequestSet): readonly RequestSet[] {
  return scene.principal?.includes("*") === true ? [{ ...scene, principal: ["owner"] }] : [];
}

/** Expectations that no policy at all can meet together: one demands what another forbids, of the same request. */
function contradictions(expectations: readonly Expectation[], bucket: DesiredBucket): readonly Diagnostic[] {
  const wanted = expectations.filter(({ demand, principal }) => demand === "can" && principal !== "owner");
  return expectations
    .filter(({ demand }) => demand !== "can")
    .flatMap((forbidding) => {
      const scene = sceneAsked(forbidding, bucket.bucket);
      const shared = wanted.flatMap((other) => {
        const allowing = { ...sceneAsked(other, bucket.bucket), effect: "Allow" };
        const policy: Policy = { version: "1", statements: [allowing], other: [] };
        const answer = prove(policy, bucketOf(bucket), scene, "not allowed", ownerAside(scene));
        return answer.kind === "broken" ? [{ other, witness: answer.witness }] : [];
      });
      const [first] = shared;
      if (first === undefined) return [];
      return [
        {
          code: "contradiction",
          severity: "error" as const,
          message: `no policy can meet this and another expectation: both speak of ${requestText(first.witness)}`,
          span: forbidding.span,
          help: "narrow one of the two, or remove it",
          related: shared.map(({ other }) => ({
            message: "this one says that it is allowed",
            span: other.span,
          })),
        },
      ];
    });
}

/** `to: "*"` is the bucket and all objects; without `to` it is the bucket alone. */
function sceneAsked({ principal, actions, to, context }: AccessQuestion, bucket: string): RequestSet {
  const itself = `acs:oss:*:*:${bucket}`;
  const names = to === undefined ? [itself] : to === "*" ? [itself, `${itself}/*`] : [`${itself}/${to}`];
  return requestSetOf([principal], actions, names, new Map([["acs:SecureTransport", "true"], ...context]));
}

/** An expectation without a place. */
export type AccessTest = Omit<Expectation, "span">;

/** Who, what, on what and under what is asked. */
export type AccessQuestion = Omit<AccessTest, "demand">;

/** What keeps something from being a question at all. */
export function problemOf(
  asking: AccessQuestion,
  bucket: DesiredBucket,
): { readonly message: string; readonly help: string } | undefined {
  const { principal, actions, to, context } = asking;
  if (!/^(anonymous|owner|\*|\d+|arn:.*)$/s.test(principal))
    return {
      message: `\`${principal}\` is nobody that a policy knows`,
      help: nearHelp(
        nearMiss(principal, ["anonymous", "owner", ...bucket.account.identities.keys()]),
        "name `anonymous`, `owner`, `*`, a UID in quotes, a role session's ARN, or a name from `identities`",
      ),
    };
  if (principal.startsWith("arn:") && parseRoleSession(principal) === undefined)
    return {
      message: `\`${principal}\` is no role session`,
      help: "write `arn:sts::UID:assumed-role/ROLE/SESSION`, where `*` may stand for a part",
    };
  const strange = actions.find((action) => actionsMatching(action).length === 0);
  if (strange !== undefined)
    return {
      message: `\`${strange}\` is no action`,
      help: nearHelp(meantAction(strange), "name actions as policies do, such as `oss:GetObject`"),
    };
  const levels = new Set(actions.flatMap((action) => actionsMatching(action).map(({ level }) => level)));
  if (!levels.has("bucket") && !levels.has("object"))
    return {
      message: `\`${actions.join("`, `")}\` is not on a bucket or its objects, so no bucket policy decides on it`,
      help: "name an action on a bucket or on objects",
    };
  if (to === undefined && !levels.has("bucket"))
    return {
      message: "the actions are on objects, and no object is named",
      help: "name a key, or a pattern of keys",
    };
  if (to !== undefined && to !== "*" && !levels.has("object"))
    return { message: "the actions are on the bucket, and objects are named", help: "leave the key out" };
  const unknown = [...context.keys()].find((key) => findConditionKey(key) === undefined);
  if (unknown !== undefined)
    return {
      message: `\`${unknown}\` is no condition key`,
      help: nearHelp(nearConditionKey(unknown), "name a key that OSS documents, such as `acs:SourceIp`"),
    };
  const scene = sceneAsked(asking, bucket.bucket);
  const [odd] = unsupported({ version: "1", statements: [{ ...scene, principal: ["*"] }], other: [] });
  if (odd === undefined) return undefined;
  return {
    message: `no meaning is known for ${odd.what}`,
    help: "correct the value",
  };
}

function nearHelp(near: string | undefined, help: string): string {
  return near === undefined ? help : `did you mean \`${near}\`?`;
}

/** The action that a misspelt one is, or that authorises the operation of this name. */
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
    return [{ code: "expect", severity: "error", message, span, help: "correct what is named" }];
  }
  const { witness, decision, deciding, dependsOn } = answer;
  const wanted = { can: "allowed", cannot: "not allowed", denied: "denied" }[demand];
  const message = `not ${wanted === "not allowed" ? "refused" : wanted}: ${requestText(witness)} is ${decisionTexts[decision]}`;
  const spans = spansOf(bucket, policy, deciding);
  return [
    {
      code: "expect",
      severity: "error",
      message: dependsOn.length === 0 ? message : `${message}, ${dependenceText(dependsOn)}`,
      span,
      help:
        spans.length === 0
          ? "no statement speaks of it: add one, or correct the expectation"
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
    help: "keep it if that is meant; `denied: owner` says the opposite",
  };
}
