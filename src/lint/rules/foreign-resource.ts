import type { DesiredBucket } from "../../desired/bucket-file.ts";
import {
  bucketResource,
  matchesBucket,
  matchesObjects,
  parseResource,
  specialKind,
} from "../../policy/resource.ts";
import { correctedResource } from "../meant-resource.ts";
import type { Finding, Rule, Word } from "../rule.ts";

export const foreignResource: Rule = {
  code: "foreign-resource",
  severity: "error",
  summary: "a resource that matches neither this bucket nor any object in it",
  explanation: `OSS does not check that a resource names the policy's own bucket: its SDKs' tests store other names, and succeed. OSS
evaluates a policy only for requests to its own bucket, so a resource of another bucket never matches. Then an Allow
gives nothing and a Deny blocks nothing. Access points and resource pools have resources of their own (OSS docs: access
points); whether a bucket policy can name them is not documented.

Fix: write the bucket of this file, or move the statement to the file of the bucket that is meant. For an
access point, name the bucket and test oss:DataAccessPointArn in the Condition.`,
  check: ({ bucket, statements }) =>
    statements.flatMap(({ resources }) => resources.flatMap((word) => foreign(word, bucket))),
};

function foreign(word: Word, desired: DesiredBucket): readonly Finding[] {
  const { text, span } = word;
  const { bucket } = desired;
  const owner = desired.account.uid;
  const resource = parseResource(text);
  if (resource === undefined || resource.kind === "everything") return [];
  if (matchesBucket(resource, bucket) || matchesObjects(resource, bucket)) return [];
  const special = specialKind(resource.name);
  if (special === "access point") {
    const message = `\`${text}\` names an access point, and OSS documents none in bucket policies`;
    const key = /^[^/]+\/[^/]+\/object\/(.+)$/s.exec(resource.name)?.[1];
    const meant = bucketResource(owner, key === undefined ? bucket : `${bucket}/${key}`);
    const help = `add a test of oss:DataAccessPointArn to the Condition, and write \`${meant}\``;
    return [{ message, span, help }];
  }
  const what = special === undefined ? "" : `names a ${special} and `;
  const message = `\`${text}\` ${what}matches neither the bucket \`${bucket}\` nor an object in it`;
  if (special !== undefined)
    return [{ message, span, help: "remove it, or write a resource of this bucket" }];
  const meant = bucketResource(owner, sameKey(resource.name, bucket));
  const help = `move the statement to the file of that bucket, or, if this one is meant, write \`${meant}\``;
  return [{ message, span, help, ...correctedResource(word, resource.name, desired) }];
}

/** Returns the resource name of the same key in this bucket. */
function sameKey(name: string, bucket: string): string {
  const at = name.indexOf("/");
  return at < 0 ? bucket : bucket + name.slice(at);
}
