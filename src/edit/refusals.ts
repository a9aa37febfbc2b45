import equal from "fast-deep-equal";
import { prove } from "../access/query.ts";
import { accessChangeText, dependenceText, requestText, type Names } from "../access/render.ts";
import type { DesiredBucket, ParsedBucket } from "../desired/bucket-file.ts";
import { namesOf } from "../desired/account-file.ts";
import { bucketOf, desiredPolicy, spansOf } from "../desired/desired-policy.ts";
import { childOf, stringOf, type Node } from "../desired/node.ts";
import type { Diagnostic, Span } from "../diagnostic.ts";
import { requestsOf, type Intent } from "./intent.ts";
import type { ExactProof } from "./prove.ts";

/** Returns an error for an edit that is not made. */
export function refused(message: string, help: string, span?: Span): Diagnostic {
  return { code: "edit", severity: "error", message, help, ...(span === undefined ? {} : { span }) };
}

/** Reports a file in which an edit would change more than a policy can have. */
export function tooManyEdits(path: string, most: number): Diagnostic {
  return refused(
    `the edit would change more than ${most} places of \`${path}\`, and 16 KB of policy have fewer`,
    "shorten the policy first: OSS refuses it as it is",
  );
}

/** Refuses a file in whose text an edit fails. */
export function unusualLayout(path: string): Diagnostic {
  return refused(
    `\`${path}\` has a layout that cannot be edited without changing more, such as an anchor`,
    "edit this file by hand",
  );
}

/** Returns why an edit of a bucket is not exact. */
export function inexact(
  proof: Exclude<ExactProof, { readonly kind: "exact" }>,
  intent: Intent,
  bucket: ParsedBucket,
): Diagnostic {
  const names = namesOf(bucket.account);
  switch (proof.kind) {
    case "undecided":
      return sameFor(
        proof.cause,
        refused(
          `the change of access to \`${bucket.bucket}\` cannot be proved: ${proof.cause}`,
          "correct the statement, or edit the file by hand",
          bucket.policySpan,
        ),
      );
    case "more": {
      const [first, ...others] = proof.difference.regions;
      const change = first === undefined ? "" : `: ${accessChangeText(first, names)}`;
      const more = others.length === 0 ? "" : `, and ${others.length} more`;
      const message = `an edit of \`${bucket.bucket}\` would change more than was asked${change}${more}`;
      return sameFor(`${change}${more}`, refused(message, insteadOf(intent), bucket.policySpan));
    }
    case "still allowed":
      return stillAllowed(proof, intent, bucket, names);
  }
}

function stillAllowed(
  { proof: { witness, deciding } }: Extract<ExactProof, { readonly kind: "still allowed" }>,
  intent: Intent,
  bucket: ParsedBucket,
  names: Names,
): Diagnostic {
  const [span, ...others] = spansOf(bucket, deciding);
  const variable = span && sharedVariable(intent, bucket, span);
  const way =
    variable === undefined ? wayOf(intent, bucket, deciding) : "by a variable that also names others";
  const message = `no edit of a list takes this away: ${requestText(witness, names)} is allowed in \`${bucket.bucket}\` ${way}`;
  const related = [
    ...(variable === undefined ? [] : [{ message: "the variable", span: variable }]),
    ...others.map((at) => ({ message: "this statement allows it, too", span: at })),
  ];
  // The resources name the bucket, and are no part of the reason.
  return sameFor(way.replace(/ on `.*/, ""), {
    ...refused(message, insteadOf(intent), span ?? bucket.policySpan),
    related,
  });
}

/** Names the reason of a refusal: buckets that are refused for the same one are reported together. */
function sameFor(cause: string, problem: Diagnostic): Diagnostic {
  return { ...problem, cause };
}

/** Returns the place of a list variable through which a statement names a principal beside others. */
function sharedVariable(
  { principal }: Intent,
  { policyNode }: ParsedBucket,
  statement: Span,
): Span | undefined {
  const list = childOf(policyNode, "Statement");
  const node = list?.kind === "list" ? list.items.find(({ span }) => span === statement) : undefined;
  const words = childOf(node, "Principal");
  if (words?.kind !== "list") return undefined;
  const own = words.items.find((item) => stringOf(item) === principal);
  const isBeside = (item: Node) =>
    item !== own && own !== undefined && equal(item.span.start, own.span.start);
  return words.items.some(isBeside) ? own?.span.origin : undefined;
}

/** Returns the words of the deciding statement through which the principal has it. */
function wayOf({ principal }: Intent, bucket: DesiredBucket, [first]: readonly number[]): string {
  const policy = desiredPolicy(bucket);
  const statement = policy === "none" || first === undefined ? undefined : policy.statements[first];
  const { principal: words, action, resource } = statement ?? {};
  if (words?.includes(principal) !== true) return `by a statement for ${quotedList(words)}`;
  return `by a statement whose lists cannot express the rest: ${quotedList(action)} on ${quotedList(resource)}`;
}

function quotedList(words: readonly string[] | null | undefined): string {
  return (words ?? []).map((word) => `\`${word}\``).join(", ");
}

function insteadOf({ verb }: Intent): string {
  return verb === "revoke"
    ? "add --deny, which writes a Deny statement for this principal alone, or edit the statement by hand"
    : "edit the file by hand";
}

/** Requests of a grant that a Deny stops. */
export interface Overridden {
  /** No request of the grant is allowed. */
  readonly isWhole: boolean;
  readonly finding: Diagnostic;
}

/** Finds what a Deny still stops of a grant, over TLS unless the grant itself has a condition on it. */
export function overriddenBy(intent: Intent, bucket: DesiredBucket): Overridden | undefined {
  const policy = desiredPolicy(bucket);
  const requests = requestsOf(intent, bucket);
  const { condition } = requests;
  const isOpen = !(condition ?? []).some(({ key }) => key === overTls.key);
  const asked = isOpen ? { ...requests, condition: [...(condition ?? []), overTls] } : requests;
  const proof = prove(policy, bucketOf(bucket), asked, "allowed");
  if (proof.kind !== "broken") return undefined;
  const isWhole = prove(policy, bucketOf(bucket), requests, "not allowed").kind === "proved";
  const [span, ...others] = spansOf(bucket, proof.deciding);
  const open = dependenceText(proof.dependsOn);
  const finding: Diagnostic = {
    code: "edit",
    severity: isWhole ? "error" : "note",
    message: `${isWhole ? "a grant would change nothing" : "a Deny still stops a part"}: ${requestText(proof.witness, namesOf(bucket.account))} is denied in \`${bucket.bucket}\`${open === "" ? "" : `, ${open}`}`,
    span: span ?? bucket.policySpan,
    help: "a Deny overrides every Allow: change it if the principal is to have this, too",
    related: others.map((at) => ({ message: "this statement denies it, too", span: at })),
  };
  return { isWhole, finding };
}

const overTls = { operator: "Bool", key: "acs:SecureTransport", values: ["true"] } as const;
