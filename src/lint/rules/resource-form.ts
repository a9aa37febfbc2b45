import { bucketResource, parseResource } from "../../policy/resource.ts";
import { correctedResource } from "../meant-resource.ts";
import type { Finding, PolicyInFile, Rule, Word } from "../rule.ts";
import { quoted } from "../texts.ts";

export const resourceForm: Rule = {
  code: "resource-form",
  severity: "error",
  summary: "a resource that is neither acs:oss:REGION:OWNER:NAME nor a bare *",
  explanation: `A resource of OSS is acs:oss:REGION:OWNER:BUCKET for a bucket and acs:oss:REGION:OWNER:BUCKET/KEY for objects; examples
in the documentation also have a bare * (OSS docs: policy syntax). OSS does not check resources when it stores a policy.
What it does with another form is not documented; most likely it matches nothing. Vector buckets (acs:ossvector:) and
table buckets (acs:osstables:) have policies of their own.

Fix: write acs:oss:*:OWNER:BUCKET, or acs:oss:*:OWNER:BUCKET/KEY for objects, with the UID of the owner.`,
  check: (policy) =>
    policy.statements
      .flatMap((statement) => statement.resources)
      .filter(({ text }) => parseResource(text) === undefined)
      .map((word) => judge(word, policy)),
};

function judge(word: Word, { bucket }: PolicyInFile): Finding {
  const { text, span } = word;
  const kind = otherBucket(text);
  if (kind !== undefined) {
    const message = `\`${text}\` is a resource of ${kind}, which has a policy of its own`;
    return { message, span, help: `write the statement in the policy of ${kind}, and remove it here` };
  }
  const own = bucketResource(bucket.account.uid, bucket.bucket);
  const help = `write ${own}, with a slash and the key after it for objects`;
  return { message: problemOf(text), span, help, ...correctedResource(word, text, bucket) };
}

/** Returns the kind of bucket that this tool does not manage; SDK texts also write `osstable`. */
function otherBucket(text: string): string | undefined {
  const [, kind] = /^acs:oss(vector|table)s?:/i.exec(text) ?? [];
  return kind === undefined ? undefined : `a ${kind.toLowerCase()} bucket`;
}

function problemOf(text: string): string {
  const [scheme, service, ...rest] = text.split(":");
  if (scheme === "arn") return `\`${text}\` is the ARN of another cloud`;
  if (scheme === "acs" && service !== "oss" && rest.length > 0)
    return `\`${text}\` is a resource of \`${service ?? ""}\`, and a bucket policy takes only \`oss\``;
  return `${quoted(text)} does not have the form acs:oss:REGION:OWNER:NAME`;
}
