import type { DesiredBucket } from "../../desired/bucket-file.ts";
import type { Action } from "../../policy/actions.ts";
import { bucketResource, objectsResource } from "../../policy/resource.ts";
import { actionsOf, levelsReached, type Level } from "../levels.ts";
import type { Finding, PolicyInFile, Rule, StatementInFile } from "../rule.ts";

export const levelMismatch: Rule = {
  code: "level-mismatch",
  severity: "error",
  summary: "an action on objects without a resource for objects, or on the bucket without the bucket",
  explanation: `Each action acts on the bucket or on objects, and needs a resource of that form: oss:ListObjects needs the bucket, as
acs:oss:*:OWNER:BUCKET, and oss:GetObject needs objects, as acs:oss:*:OWNER:BUCKET/*. One form does not match the other,
and OSS stores the statement all the same (OSS docs: bucket policy; an example in the documentation of OSS's own Node.js
SDK has this mistake). Then an Allow gives nothing, and a Deny blocks nothing.

Fix: add the resource that the message names, or remove the action.`,
  check: (policy) => policy.statements.flatMap((statement) => mismatches(statement, policy)),
};

function mismatches(statement: StatementInFile, { bucket }: PolicyInFile): readonly Finding[] {
  const reached = levelsReached(statement, bucket.bucket);
  // If no resource matches anything, other rules report the resources.
  if (reached.size !== 1) return [];
  const lacking: Level = reached.has("bucket") ? "object" : "bucket";
  const what = { bucket: "the bucket itself", object: "an object" }[lacking];
  return statement.actions
    .filter(({ text }) => isOnly(lacking, actionsOf(text)))
    .map(({ text, span }) => ({
      message: `\`${text}\` can never match here, since no resource of the statement matches ${what}`,
      span,
      help: helpOf(statement, lacking, bucket),
    }));
}

/** Returns the help. Only the author knows which objects an Allow means, and no other action may gain the bucket. */
function helpOf(
  { effect, actions }: StatementInFile,
  lacking: Level,
  { account, bucket }: DesiredBucket,
): string {
  const itself = bucketResource(account.uid, bucket);
  const isDeny = effect === "Deny";
  if (lacking === "object")
    return isDeny
      ? `add the resource \`${objectsResource(account.uid, bucket)}\`, or remove the action`
      : `add the objects that are meant, as ${itself}/KEY, or remove the action`;
  const isAlone = actions.every(
    ({ text }) => isOnly("object", actionsOf(text)) || isOnly("bucket", actionsOf(text)),
  );
  return isDeny || isAlone
    ? `add the resource \`${itself}\`, or remove the action`
    : `write a statement of its own for the action, with the resource \`${itself}\`, or remove the action`;
}

function isOnly(level: Level, actions: readonly Action[]): boolean {
  return actions.length > 0 && actions.every((action) => action.level === level);
}
