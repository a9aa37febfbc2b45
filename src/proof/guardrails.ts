import type { Budget } from "../access/budget.ts";
import { prove, type Answer } from "../access/query.ts";
import { unsupported } from "../access/unsupported.ts";
import { decisionTexts, dependenceText, requestText } from "../access/render.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Accept, Guardrail } from "../desired/questions.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import type { Policy } from "../policy/policy.ts";
import { addressOf, desiredPolicy, spansOf } from "./places.ts";

/** A guardrail that a policy breaks, or that could not be decided. */
export interface BrokenGuardrail {
  readonly guardrail: Guardrail;
  readonly answer: Exclude<Answer, { readonly kind: "proved" }>;
}

/** The guardrails that the desired policy of a bucket breaks outside of what is accepted on `today`. */
export function brokenGuardrails(
  bucket: DesiredBucket,
  today: string,
  budget?: Budget,
): readonly BrokenGuardrail[] {
  if (bucket.guardrails.length === 0) return [];
  const policy = desiredPolicy(bucket);
  return bucket.guardrails.flatMap((guardrail): readonly BrokenGuardrail[] => {
    if (problemOf(guardrail) !== undefined) return [];
    const accepts = acceptsOf(guardrail, bucket).filter((accept) => isInForce(accept, today));
    if (accepts.some(({ region }) => region === undefined)) return [];
    const excepted = accepts.flatMap(({ region }) => region ?? []);
    const answer = prove(policy, addressOf(bucket), guardrail.scene, guardrail.demand, excepted, budget);
    return answer.kind === "proved" ? [] : [{ guardrail, answer }];
  });
}

export function isInForce({ until }: Accept, today: string): boolean {
  return until === undefined || until >= today;
}

function acceptsOf({ name }: Guardrail, { accepts }: DesiredBucket): readonly Accept[] {
  return accepts.filter(({ of }) => "guardrail" in of && of.guardrail === name);
}

/** Where the policy breaks it, with the statement that does; for a demand to deny, the policy as a whole does. */
export function guardrailFindings(bucket: DesiredBucket, today: string): readonly Diagnostic[] {
  return brokenGuardrails(bucket, today).map((broken) => {
    const policy = desiredPolicy(bucket);
    const { guardrail, answer } = broken;
    const deciding = answer.kind === "broken" ? spansOf(bucket, policy, answer.deciding) : [];
    return {
      code: "guardrail-broken",
      severity: "error",
      message: guardrailText(broken),
      span: deciding[0] ?? bucket.policySpan,
      help: "correct the statement, or accept the guardrail in this file with a reason",
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

/** What is wrong with the guardrails themselves and with the accepts that name them. */
export function questionFindings(bucket: DesiredBucket, today: string): readonly Diagnostic[] {
  const names = bucket.guardrails.map(({ name }) => name);
  const unknown = bucket.accepts.flatMap(({ of, span }): readonly Diagnostic[] => {
    if (!("guardrail" in of) || names.includes(of.guardrail)) return [];
    const message = `no guardrail of this bucket has the name \`${of.guardrail}\``;
    const help =
      names.length === 0
        ? "account.yaml has none that holds for this bucket"
        : suggestion(of.guardrail, names);
    return [{ code: "question", severity: "error", message, span, help }];
  });
  const expired = bucket.accepts
    .filter((accept) => !isInForce(accept, today))
    .map(({ until, span }): Diagnostic => ({
      code: "expired-accept",
      severity: "warning",
      message: `this accept ended on ${until ?? ""}`,
      span,
      help: "remove it, or have it reviewed again and give it a later day",
    }));
  return [...bucket.guardrails.flatMap((guardrail) => problemOf(guardrail) ?? []), ...unknown, ...expired];
}

/** What keeps a guardrail from being a question at all. */
function problemOf({ scene, span, name }: Guardrail): Diagnostic | undefined {
  const principal = (scene.principal ?? []).filter((word) => word !== "anonymous" && word !== "owner");
  const policy: Policy = {
    version: "1",
    statements: [{ ...scene, principal: principal.length === 0 ? ["*"] : principal }],
    other: [],
  };
  const [odd] = unsupported(policy);
  if (odd === undefined) return undefined;
  return {
    code: "question",
    severity: "error",
    message: `guardrail \`${name}\` cannot be asked: no meaning is known for ${odd.what}`,
    span,
    help: "write it as a statement of a policy would be written",
  };
}
