import {
  bucketResource,
  matchesBucket,
  matchesObjects,
  objectsResource,
  parseResource,
  specialKind,
} from "../../policy/resource.ts";
import type { Finding, Rule, Word } from "../rule.ts";

export const foreignResource: Rule = {
  code: "foreign-resource",
  severity: "error",
  summary: "a resource that matches neither this bucket nor any object in it",
  explanation: `OSS does not check that a resource names the bucket whose policy it stands in: its SDKs' tests store other
names, and succeed. A policy is asked only about its own bucket, so a resource of another one never matches. Then
an Allow gives nothing and a Deny stops nothing. Access points and resource pools have resources of their own
(OSS docs: access points); whether a bucket policy can name them is not documented.

Mend: write the bucket of this file, or move the statement to the file of the bucket that is meant. For an
access point, name the bucket and test oss:DataAccessPointArn in the Condition.`,
  check: ({ bucket: { bucket, account }, statements }) =>
    statements
      .flatMap((statement) => statement.resources)
      .flatMap((word) => foreign(word, bucket, account.uid)),
};

function foreign({ text, span }: Word, bucket: string, owner: string): readonly Finding[] {
  const resource = parseResource(text);
  if (resource === undefined || resource.kind === "everything") return [];
  if (matchesBucket(resource, bucket) || matchesObjects(resource, bucket)) return [];
  const special = specialKind(resource.name);
  if (special === "access point") {
    const message = `\`${text}\` names an access point, and OSS documents none in bucket policies`;
    const help = `write \`${objectsResource(owner, bucket)}\`, and \`oss:DataAccessPointArn\` in the Condition`;
    return [{ message, span, help }];
  }
  const what = special === undefined ? "" : `names a ${special} and `;
  const message = `\`${text}\` ${what}matches neither the bucket \`${bucket}\` nor an object in it`;
  const mends = [bucketResource(owner, bucket), objectsResource(owner, bucket)];
  const help = `write \`${mends.join("`, or `")}\` for its objects`;
  return [{ message, span, help }];
}
