import { bucketResource, objectsResource, parseResource } from "../../policy/resource.ts";
import type { PolicyInFile, Rule } from "../rule.ts";

export const resourceForm: Rule = {
  code: "resource-form",
  severity: "error",
  summary: "a resource that is neither acs:oss:REGION:OWNER:NAME nor a bare *",
  explanation: `A resource of OSS is acs:oss:REGION:OWNER:BUCKET for a bucket and acs:oss:REGION:OWNER:BUCKET/KEY for
objects; examples in the documentation also have a bare * (OSS docs: policy syntax). OSS does not check
resources when a policy is put. What it does with another form is not documented; most likely it matches nothing.

Mend: write acs:oss:*:OWNER:BUCKET, or acs:oss:*:OWNER:BUCKET/* for the objects, with the UID of the owner.`,
  check: (policy) =>
    policy.statements
      .flatMap((statement) => statement.resources)
      .filter(({ text }) => parseResource(text) === undefined)
      .map(({ text, span }) => ({ message: problemOf(text), span, help: mend(text, policy) })),
};

function problemOf(text: string): string {
  const [scheme, service, ...rest] = text.split(":");
  if (scheme === "arn") return `\`${text}\` is the ARN of another cloud`;
  if (scheme === "acs" && service !== "oss" && rest.length > 0) {
    const kind = otherServices.get(service ?? "") ?? `a resource of \`${service ?? ""}\``;
    return `\`${text}\` is ${kind}, and a bucket policy speaks of \`oss\``;
  }
  return `\`${text}\` does not have the form \`acs:oss:REGION:OWNER:NAME\``;
}

const otherServices: ReadonlyMap<string, string> = new Map([
  ["ossvector", "a vector bucket"],
  ["osstable", "a table bucket"],
]);

function mend(text: string, { bucket: { account, bucket } }: PolicyInFile): string {
  const one = bucketResource(account.uid, bucket);
  const all = objectsResource(account.uid, bucket);
  return text.includes("/") ? `write \`${all}\`` : `write \`${one}\`, or \`${all}\` for its objects`;
}
