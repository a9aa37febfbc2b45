import equal from "fast-deep-equal";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { canonicalStatement, isLabel, type Statement } from "../policy/policy.ts";
import { statementsIn, type FileEdit, type ListField } from "./file-edit.ts";
import { wantedDocument, writtenDocument, type Intent, type WrittenForm } from "./intent.ts";
import type { SourceText } from "./source-text.ts";
import { meaningOf, readFor } from "./written-statement.ts";

/**
 * Returns edits of a bucket file that may add exactly the wanted statement, the smallest first: a member of a list of
 * a statement that has everything else, else a statement. A proof decides which it is.
 */
export function additionsTo(
  source: SourceText,
  [bucket, ...others]: readonly [DesiredBucket, ...DesiredBucket[]],
  intent: Intent,
): readonly (readonly FileEdit[])[] {
  const form: WrittenForm = {
    name: [...bucket.account.identities].find(([, who]) => who === intent.principal)?.[0],
    hasVariables: others.length > 0 || source.text.includes("${bucket}"),
  };
  const wanted = wantedDocument(intent, bucket);
  const content = writtenDocument(intent, bucket, form);
  const list = statementsIn(source.node);
  const statement = canonicalStatement(wanted);
  const members = readFor(bucket, list).flatMap(
    (one) => memberFor(meaningOf(one), statement, one.index) ?? [],
  );
  const order: readonly ListField[] = ["Principal", "Action", "Resource"];
  const smallest = members.sort((a, b) => order.indexOf(a.field) - order.indexOf(b.field));
  return [
    ...smallest.map(({ field, statement: index, missing }) =>
      missing.map((word): FileEdit => {
        const text = content[field][wanted[field].indexOf(word)] ?? word;
        return { kind: "add member", statement: index, field, text };
      }),
    ),
    [
      list === undefined
        ? { kind: "new policy", content }
        : { kind: "insert statement", behind: list.items.length - 1, content },
    ],
  ];
}

/** List field of a statement that lacks words, where all other fields are the wanted ones. */
interface MissingMembers {
  readonly statement: number;
  readonly field: ListField;
  readonly missing: readonly string[];
}

const fields: Readonly<Record<ListField, "principal" | "action" | "resource">> = {
  Principal: "principal",
  Action: "action",
  Resource: "resource",
};

function memberFor(found: Statement, wanted: Statement, statement: number): MissingMembers | undefined {
  const isOther = found.other.some((one) => !isLabel(one, "statement"));
  if (found.effect !== wanted.effect || isOther || !equal(found.condition, wanted.condition))
    return undefined;
  const differing = (Object.keys(fields) as ListField[]).filter(
    (field) => !equal(found[fields[field]], wanted[fields[field]]),
  );
  const [field, ...more] = differing;
  if (field === undefined || more.length > 0) return undefined;
  const words = found[fields[field]] ?? [];
  const missing = (wanted[fields[field]] ?? []).filter((word) => !words.includes(word));
  if (missing.length === 0 || words.length === 0 || words.includes("*")) return undefined;
  return { statement, field, missing };
}
