import { unsupported } from "../access/unsupported.ts";
import type { DesiredBucket, ParsedBucket } from "../desired/bucket-file.ts";
import { entryOf } from "../desired/node.ts";
import type { Diagnostic, Span } from "../diagnostic.ts";
import type { Policy } from "../policy/policy.ts";
import { isInForce } from "./guardrails.ts";
import { desiredPolicy, spansOf } from "../desired/desired-policy.ts";

/** Reports the statements whose access plan cannot decide, so that it blocks the bucket. */
export function undecidedStatements(bucket: ParsedBucket): readonly Diagnostic[] {
  const policy = desiredPolicy(bucket);
  if (policy === "none" || unsupported(policy).length === 0) return [];
  const ofPolicy = policy.other.flatMap((field): readonly Diagnostic[] => {
    const causes = unsupported({ ...policy, statements: [], other: [field] });
    return causes.map(({ what }) => finding(what, fieldSpan(bucket, field.name)));
  });
  const ofStatements = policy.statements.flatMap((_, index): readonly Diagnostic[] => {
    const [cause] = unsupported(alone(policy, index));
    const [span] = cause === undefined ? [] : spansOf(bucket, [index]);
    return cause === undefined || span === undefined ? [] : [finding(cause.what, span)];
  });
  return [...ofPolicy, ...ofStatements];
}

/** Returns the span of a field of the policy itself. */
function fieldSpan({ policyNode, policySpan }: ParsedBucket, name: string): Span {
  return entryOf(policyNode, name)?.nameSpan ?? policySpan;
}

/** Returns true if the bucket's file accepts a hazard. */
export function isAccepted({ accepts }: DesiredBucket, hazard: string, today: string): boolean {
  return accepts.some(
    (accept) => "hazard" in accept.of && accept.of.hazard === hazard && isInForce(accept, today),
  );
}

function alone({ version, statements }: Policy, index: number): Policy {
  return { version, statements: statements.slice(index, index + 1), other: [] };
}

function finding(what: string, span: Span): Diagnostic {
  return {
    code: "access-undecided",
    severity: "warning",
    message: `plan cannot decide what this allows: no meaning is known for ${what}`,
    span,
    help: "write it as OSS documents it, or accept the hazard in this file with a reason",
  };
}
