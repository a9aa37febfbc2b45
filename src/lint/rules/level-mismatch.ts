import { readAction, isGrantable, type Action } from "../../policy/actions.ts";
import {
  bucketResource,
  matchesBucket,
  matchesObjects,
  objectsResource,
  parseResource,
} from "../../policy/resource.ts";
import type { Finding, PolicyInFile, Rule, StatementInFile } from "../rule.ts";

export const levelMismatch: Rule = {
  code: "level-mismatch",
  severity: "error",
  summary: "an action on objects without a resource for objects, or on the bucket without the bucket",
  explanation: `Each action acts on the bucket or on objects, and asks for a resource of that form: oss:ListObjects for the
bucket, as acs:oss:*:OWNER:BUCKET, and oss:GetObject for objects, as acs:oss:*:OWNER:BUCKET/*. The one form
does not match the other, and OSS stores the statement all the same (OSS docs: bucket policy; an example in the
documentation of OSS's own Node.js SDK has this mistake). Then an Allow gives nothing, and a Deny stops nothing.

Mend: add the resource that the message names, or remove the action.`,
  check: (policy) => policy.statements.flatMap((statement) => mismatches(statement, policy)),
};

/** The two levels that a bucket policy can speak of. */
type Level = "bucket" | "object";

function mismatches(statement: StatementInFile, { bucket }: PolicyInFile): readonly Finding[] {
  const reached = levelsReached(statement, bucket.bucket);
  // Where no resource matches anything, the fault is theirs and other rules speak of it.
  if (reached.size !== 1) return [];
  const lacking: Level = reached.has("bucket") ? "object" : "bucket";
  const { what, resource } = {
    bucket: { what: "the bucket itself", resource: bucketResource },
    object: { what: "an object", resource: objectsResource },
  }[lacking];
  return statement.actions
    .filter(({ text }) => isOnly(lacking, actionsOf(text)))
    .map(({ text, span }) => ({
      message: `\`${text}\` can never match here, since no resource of the statement matches ${what}`,
      span,
      help: `add the resource \`${resource(bucket.account.uid, bucket.bucket)}\`, or remove the action`,
    }));
}

function levelsReached({ resources }: StatementInFile, bucket: string): ReadonlySet<Level> {
  const reached = resources.flatMap(({ text }): Level[] => {
    const resource = parseResource(text);
    if (resource === undefined) return [];
    return [
      ...(matchesBucket(resource, bucket) ? ["bucket" as const] : []),
      ...(matchesObjects(resource, bucket) ? ["object" as const] : []),
    ];
  });
  return new Set(reached);
}

/** The actions that a bucket policy has a say over; other rules speak of words that have none. */
function actionsOf(text: string): readonly Action[] {
  const word = readAction(text);
  return word.kind === "actions" || word.kind === "other case" ? word.actions.filter(isGrantable) : [];
}

function isOnly(level: Level, actions: readonly Action[]): boolean {
  return actions.length > 0 && actions.every((action) => action.level === level);
}
