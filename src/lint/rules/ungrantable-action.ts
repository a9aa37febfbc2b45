import { isGrantable, readAction, type Action } from "../../policy/actions.ts";
import type { Rule } from "../rule.ts";

const subjects: Readonly<Record<Exclude<Action["level"], "bucket" | "object">, string>> = {
  service: "the whole account",
  "resource pool": "a resource pool",
  vector: "vector buckets",
  table: "table buckets",
};

export const ungrantableAction: Rule = {
  code: "ungrantable-action",
  severity: "error",
  summary:
    "an action on the account, a resource pool, a vector or a table bucket, which no bucket policy can grant",
  explanation: `A bucket policy covers one bucket and the objects in it. Some actions of OSS belong to the whole account, such as
oss:ListBuckets, and others to resource pools, vector buckets and table buckets, whose resources have another form and
whose policies are stored elsewhere (OSS docs: policy syntax, table bucket policies). Such an action matches no resource
of this bucket. For oss:ListBuckets, OSS documents that granting it here has no effect; for the others that is inferred.

Fix: write the action in a RAM policy, or in the policy of the other kind of bucket, and remove it here.`,
  check: ({ statements }) =>
    statements
      .flatMap((statement) => statement.actions)
      .flatMap(({ text, span }) => {
        const subject = subjectOf(text);
        if (subject === undefined) return [];
        const message = `\`${text}\` acts on ${subject}, and a bucket policy covers its own bucket only`;
        return [{ message, span, help: `write it in ${placeOf(subject)}, and remove it here` }];
      }),
};

/** Returns the subject of the actions; undefined if a bucket policy can grant at least one of them. */
function subjectOf(text: string): string | undefined {
  const word = readAction(text);
  if (word.kind === "other bucket") return `${word.bucket} buckets`;
  if (word.kind !== "actions" || word.actions.some(isGrantable)) return undefined;
  const names = word.actions.flatMap(({ level }) =>
    level === "bucket" || level === "object" ? [] : [subjects[level]],
  );
  return [...new Set(names)].join(" and ");
}

function placeOf(subject: string): string {
  return subject === subjects.vector || subject === subjects.table
    ? `the policies of ${subject}`
    : "a RAM policy";
}
