import { evaluate } from "../../access/evaluate.ts";
import { interpretationsOf, openQuestionsIn } from "../../access/interpretations.ts";
import type { Decision, Interpretation, Request } from "../../access/request.ts";
import { pointTexts, type OpenQuestion } from "../../access/interpretation-texts.ts";
import { limits } from "../../access/budget.ts";
import { unsupported, unsupportedText } from "../../access/unsupported.ts";
import { memoize } from "../../memoize.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { isObject, parseJson } from "../../policy/json.ts";
import { canonicalWithSources, type CanonicalWithSources, type Policy } from "../../policy/policy.ts";
import type { Demand } from "./demand.ts";

/** Policy that takes part in a decision. */
export interface NamedPolicy {
  /** Which one it is, as `statement 2 of the policy NAME` says it. */
  readonly name: string;
  /** Text of a bucket policy, or the canonical form of another one. */
  readonly policy: string | Policy;
  /** Account of a user or of a role: OSS does not document whether its UID in a policy covers them. */
  readonly covering?: string | undefined;
}

/** Statement that decided, of one of the policies. */
export interface DecidingStatement {
  readonly policy: string;
  /** Index in the list of the document. */
  readonly index: number;
}

/** Answer of some policies together: a Deny of any of them, then an Allow of any of them. */
export interface PolicyAnswer {
  readonly decision: Decision | { readonly undocumented: string };
  readonly statements: readonly DecidingStatement[];
}

/** Decides one demand of a caller by some policies. */
export function decidePolicies(
  policies: readonly NamedPolicy[],
  principal: string,
  bucket: Bucket,
  demand: Demand,
  given: Partial<Interpretation>,
): PolicyAnswer {
  const request = { principal, action: demand.action, resource: demand.key, context: demand.context };
  const answers = policies.map((policy) => decideOne(policy, request, bucket, given));
  const denying = answers.filter(({ decision }) => decision === "deny");
  const [undocumented] = answers.filter(({ decision }) => typeof decision === "object");
  const allowing = answers.filter(({ decision }) => decision === "allow");
  if (denying.length > 0)
    return { decision: "deny", statements: denying.flatMap(({ statements }) => statements) };
  if (undocumented !== undefined) return undocumented;
  if (allowing.length > 0)
    return { decision: "allow", statements: allowing.flatMap(({ statements }) => statements) };
  return { decision: "none", statements: [] };
}

function decideOne(
  { name, policy: document, covering }: NamedPolicy,
  request: Request,
  bucket: Bucket,
  given: Partial<Interpretation>,
): PolicyAnswer {
  const parsed =
    typeof document === "string" ? parsePolicy(document) : { policy: document, sources: undefined };
  if (parsed === undefined) return { decision: "none", statements: [] };
  const { policy, sources } = parsed;
  const open = unsupported(policy);
  const opaque = new Set(open.map(({ statement }) => statement));
  const known = policy.statements.map((_, index) => index).filter((index) => !opaque.has(index));
  const rest =
    open.length === 0
      ? policy
      : { ...policy, statements: policy.statements.filter((_, index) => !opaque.has(index)) };

  const { decision, deciding } = decideKnown(rest, request, bucket, given, covering);
  const statements = deciding
    .map((at) => known[at] ?? at)
    .map((index) => ({ policy: name, index: sources?.[index] ?? index }));
  const isCertain =
    decision === "deny" ||
    (decision === "allow" && open.every(({ statement }) => isAllow(policy, statement)));
  // The owning account could not repair its policy otherwise.
  if (open.length === 0 || isCertain || request.principal === "owner") return { decision, statements };
  return { decision: { undocumented: `the meaning of ${unsupportedText(open)}` }, statements: [] };
}

/** Returns true for a statement that takes nothing from another Allow; false for a field of the policy itself. */
function isAllow({ statements }: Policy, statement: number | undefined): boolean {
  return statement !== undefined && statements[statement]?.effect === "Allow";
}

interface Known {
  readonly decision: PolicyAnswer["decision"];
  readonly deciding: readonly number[];
}

/** Decides by a policy whose parts all have a meaning, under each interpretation of the points that it depends on. */
function decideKnown(
  policy: Policy,
  request: Request,
  bucket: Bucket,
  given: Partial<Interpretation>,
  covering: string | undefined,
): Known {
  const isOpen = (question: OpenQuestion) => given[question] === undefined && request.principal !== "owner";
  const questions = openQuestionsIn([policy], bucket).filter(isOpen);
  const all = interpretationsOf(questions);
  if (all.length > limits.interpretations)
    return {
      decision: { undocumented: `${questions.length} points that this policy depends on` },
      deciding: [],
    };
  const under = (one: Interpretation, read = policy) => evaluate(read, request, bucket, { ...one, ...given });
  const answers = all.map((one) => under(one));
  const [first = { decision: "none" as const, deciding: [] }] = answers;
  const felt = answers.some(({ decision }) => decision !== first.decision)
    ? questions.filter((question) => differs(question, all, answers))
    : [];
  const covered = covering === undefined ? undefined : coveringPolicy(policy, covering, request.principal);
  const isCovered =
    covered !== undefined && all.some((one) => under(one, covered).decision !== first.decision);
  const points = [
    ...felt.map((question) => pointTexts[question].question),
    ...(isCovered ? ["whether the UID of an account covers its RAM users and roles"] : []),
  ];
  if (points.length === 0) return first;
  return { decision: { undocumented: points.join(", and ") }, deciding: [] };
}

/** Returns true if two interpretations that differ in this point alone decide differently. */
function differs(
  question: OpenQuestion,
  all: readonly Interpretation[],
  answers: readonly { readonly decision: Decision }[],
): boolean {
  const without = (one: Interpretation) => JSON.stringify({ ...one, [question]: undefined });
  const seen = new Map<string, Decision>();
  return all.some((one, index) => {
    const before = seen.get(without(one));
    const decision = answers[index]?.decision ?? "none";
    seen.set(without(one), decision);
    return before !== undefined && before !== decision;
  });
}

/** Returns the policy as it is if the UID of an account covers this caller too; undefined if it does not name it. */
function coveringPolicy(policy: Policy, account: string, caller: string): Policy | undefined {
  if (!policy.statements.some(({ principal }) => principal?.includes(account) === true)) return undefined;
  const statements = policy.statements.map((statement) =>
    statement.principal?.includes(account) === true
      ? { ...statement, principal: [...statement.principal, caller] }
      : statement,
  );
  return { ...policy, statements };
}

/** Parses a policy; undefined if the text is none, as a seed may have it. */
const parsePolicy = memoize((text: string): CanonicalWithSources | undefined => {
  const parsed = parseJson(text.replace(/^\uFEFF/, ""));
  return "value" in parsed && isObject(parsed.value) ? canonicalWithSources(parsed.value) : undefined;
});
