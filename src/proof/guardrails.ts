import { Budget, limits } from "../access/budget.ts";
import { prove, type Proof, type RequestSet } from "../access/query.ts";
import type { Bucket } from "../policy/bucket.ts";
import { unsupported } from "../access/unsupported.ts";
import { decisionTexts, dependenceText, requestText } from "../access/render.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Accept, Guardrail } from "../desired/guards.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import { actionsMatching } from "../policy/actions.ts";
import { nearAction } from "../policy/near-action.ts";
import { statementKey, type Policy } from "../policy/policy.ts";
import { memoizeBy } from "../memoize.ts";
import { parseResource } from "../policy/resource.ts";
import { bucketOf, desiredPolicy, spansOf } from "../desired/desired-policy.ts";
import { isPossible } from "./possible.ts";

/** Guardrail that a policy breaks, or that is undecided. */
export interface BrokenGuardrail {
  readonly guardrail: Guardrail;
  readonly answer: Exclude<Proof, { readonly kind: "proved" }>;
}

/** Returns the guardrails that the desired policy breaks, beyond the accepts in force on `today`. */
export function brokenGuardrails(
  bucket: DesiredBucket,
  today: string,
  budget = new Budget(limits.bucketSteps),
): readonly BrokenGuardrail[] {
  if (bucket.guardrails.length === 0) return [];
  const policy = desiredPolicy(bucket);
  return bucket.guardrails.flatMap((guardrail): readonly BrokenGuardrail[] => {
    if (problemOf(guardrail) !== undefined) return [];
    const accepts = acceptsOf(guardrail, bucket).filter((accept) => isInForce(accept, today));
    if (accepts.some(({ region }) => region === undefined)) return [];
    const excepted = accepts.flatMap(({ region }) => region ?? []);
    const answer = prove(policy, bucketOf(bucket), guardrail.scene, guardrail.demand, excepted, budget);
    return answer.kind === "proved" ? [] : [{ guardrail, answer }];
  });
}

/** Guardrail that a policy breaks where an accept says that it may. */
export interface AcceptedBreach extends BrokenGuardrail {
  readonly accept: Accept;
}

/** Returns the guardrails that the desired policy breaks, or may break, only as far as accepts in force cover it. */
export function acceptedBreaches(
  bucket: DesiredBucket,
  today: string,
  budget = new Budget(limits.bucketSteps),
): readonly AcceptedBreach[] {
  const accepted = bucket.guardrails.flatMap((guardrail) => {
    const accept = acceptsOf(guardrail, bucket).find((one) => isInForce(one, today));
    return accept === undefined || problemOf(guardrail) !== undefined ? [] : [{ guardrail, accept }];
  });
  if (accepted.length === 0) return [];
  const broken = brokenGuardrails(bucket, today, budget).map(({ guardrail }) => guardrail);
  const policy = desiredPolicy(bucket);
  return accepted.flatMap(({ guardrail, accept }): readonly AcceptedBreach[] => {
    if (broken.includes(guardrail)) return [];
    const answer = prove(policy, bucketOf(bucket), guardrail.scene, guardrail.demand, [], budget);
    return answer.kind === "proved" ? [] : [{ guardrail, answer, accept }];
  });
}

export function isInForce({ until }: Accept, today: string): boolean {
  return until === undefined || until >= today;
}

function acceptsOf({ name }: Guardrail, { accepts }: DesiredBucket): readonly Accept[] {
  return accepts.filter(({ of }) => "guardrail" in of && of.guardrail === name);
}

/** Reports the broken guardrails at the deciding statement, or at the policy if there is none. */
export function guardrailFindings(bucket: DesiredBucket, today: string): readonly Diagnostic[] {
  return brokenGuardrails(bucket, today).map((broken) => {
    const { guardrail, answer } = broken;
    const isBroken = answer.kind === "broken";
    const [span = bucket.policySpan] = isBroken ? spansOf(bucket, answer.deciding) : [];
    // The same words for all buckets of a set: they are one finding.
    const where = span.file === bucket.file ? "this file" : "the file of each bucket that uses it";
    return {
      code: "guardrail-broken",
      severity: "error",
      message: guardrailText(broken),
      span,
      help: isBroken
        ? `correct the statement, or accept the guardrail in ${where} with a reason`
        : "correct what has no known meaning: a guardrail must be decided",
      related: [{ message: "the guardrail", span: guardrail.span }],
    };
  });
}

export function guardrailText({ guardrail, answer }: BrokenGuardrail): string {
  const name = `guardrail \`${guardrail.name}\``;
  if (answer.kind === "undecided") return `${name} can be neither proved nor refuted: ${answer.cause}`;
  const { witness, decision, dependsOn } = answer;
  const how = `${requestText(witness)} is ${decisionTexts[decision]}`;
  return `${name} is broken: ${how}${dependsOn.length === 0 ? "" : `, ${dependenceText(dependsOn)}`}`;
}

/** Reports invalid guardrails, accepts of unknown guardrails, and expired accepts. */
export function questionFindings(bucket: DesiredBucket, today: string): readonly Diagnostic[] {
  const names = bucket.guardrails.map(({ name }) => name);
  const unknown = bucket.accepts.flatMap(({ of, span }): readonly Diagnostic[] => {
    if (!("guardrail" in of) || names.includes(of.guardrail)) return [];
    const message = `no guardrail of this bucket has the name \`${of.guardrail}\``;
    const help =
      names.length === 0 ? "account.yaml has no guardrail for this bucket" : suggestion(of.guardrail, names);
    return [{ code: "question", severity: "error", message, span, help }];
  });
  const ending = bucket.accepts.flatMap((accept) => [
    ...endingFinding(accept, today),
    ...placeholderFinding(accept),
  ]);
  return [...bucket.guardrails.flatMap((guardrail) => problemOf(guardrail) ?? []), ...unknown, ...ending];
}

/** Days before the end of an accept from which it is reported. */
const daysOfNotice = 30;
const dayMs = 86_400_000;

/** Reports an accept that has ended, or that ends soon. */
function endingFinding({ until, span }: Accept, today: string): readonly Diagnostic[] {
  if (until === undefined) return [];
  const days = Math.round((Date.parse(until) - Date.parse(today)) / dayMs);
  if (days > daysOfNotice) return [];
  const help = "remove it, or have it reviewed again and give it a later date";
  return days < 0
    ? [{ code: "expired-accept", severity: "warning", message: `this accept ended on ${until}`, span, help }]
    : [
        {
          code: "ending-accept",
          severity: "warning",
          message: `this accept ends on ${until}, ${days === 0 ? "which is today" : `in ${days} ${days === 1 ? "day" : "days"}`}`,
          span,
          help,
        },
      ];
}

/** Reason in the entry that a report offers, which its author replaces. */
export const placeholderReason = "say why";

/** Warns of an accept whose reason is still that of the report: it was pasted, and no one has said why. */
function placeholderFinding({ reason, span }: Accept): readonly Diagnostic[] {
  if (reason !== placeholderReason) return [];
  const message = `the reason of this accept is still \`${placeholderReason}\``;
  return [{ code: "question", severity: "warning", message, span, help: "say why this is acceptable" }];
}

/** Returns the error in a guardrail; undefined if it is valid. */
function problemOf({ scene, span, name }: Guardrail): Diagnostic | undefined {
  const principal = (scene.principal ?? []).filter((word) => word !== "anonymous" && word !== "owner");
  const policy: Policy = {
    version: "1",
    statements: [{ ...scene, principal: principal.length === 0 ? ["*"] : principal }],
    other: [],
  };
  const error = (message: string, help: string): Diagnostic => ({
    code: "question",
    severity: "error",
    message: `guardrail \`${name}\` ${message}`,
    span,
    help,
  });
  const [odd] = unsupported(policy);
  if (odd !== undefined)
    return error(
      `cannot be decided: no meaning is known for ${odd.what}`,
      "write it as in a policy statement",
    );
  const strange = scene.action?.find((word) => actionsMatching(word).length === 0);
  if (strange !== undefined) {
    const near = nearAction(strange);
    return error(
      `names \`${strange}\`, which is not an action`,
      near === undefined
        ? "name actions as policies do, such as `oss:GetObject`"
        : `did you mean \`${near}\`?`,
    );
  }
  const idle = idleActions(scene);
  if (idle.length === 0) return undefined;
  return idle.length === scene.action?.length
    ? error(
        "matches no request, so it would hold for every policy",
        "correct its actions, its resources or its Condition",
      )
    : error(
        `matches no request of \`${idle.join("` or `")}\`, so every policy would meet that part`,
        "write those actions in a guardrail of their own, with the resource and the Condition that their requests have",
      );
}

/** Size of the cache. The buckets of an account have the same few guardrails. */
const maxScenes = 200;

/** Returns the actions of which no request to any bucket matches; the resources may name other buckets. Memoized. */
const idleActions = memoizeBy(
  statementKey,
  (scene: RequestSet): readonly string[] => {
    const resource = scene.resource?.map(inAnyBucket) ?? null;
    return (scene.action ?? []).filter(
      (word) => !isPossible({ ...scene, action: [word], resource }, anyBucket),
    );
  },
  maxScenes,
);

const anyBucket: Bucket = { name: "examplebucket", owner: "1" };

/** Returns the same part of a bucket as a resource, for any bucket: its objects, the bucket itself, or both. */
function inAnyBucket(resource: string): string {
  const parsed = parseResource(resource);
  if (parsed?.kind !== "named") return "*";
  const at = parsed.name.indexOf("/");
  if (at >= 0) return `acs:oss:*:*:*${parsed.name.slice(at)}`;
  return parsed.name.includes("*") ? "*" : `acs:oss:*:*:${anyBucket.name}`;
}
