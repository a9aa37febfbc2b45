/** Edits that take grants out of the files, each a member of a list or a whole statement. */

import { desiredPolicy } from "../desired/desired-policy.ts";
import type { ParsedBucket } from "../desired/bucket-file.ts";
import type { SourceFile } from "../desired/load.ts";
import { statementKey } from "../policy/policy.ts";
import { editFile, type EditedFile } from "./edited-file.ts";
import { statementsIn, type FileEdit, type ListField } from "./file-edit.ts";
import { parseSource } from "./source-text.ts";
import { meaningOf, membersOf, readFor, type WrittenStatement } from "./written-statement.ts";

/** Words of one canonical statement that go; with `isWhole`, the statement itself. */
export interface GoneWords {
  readonly isWhole: boolean;
  readonly words: Readonly<Record<ListField, readonly string[]>>;
}

const fields: readonly ListField[] = ["Principal", "Action", "Resource"];

/**
 * Takes words out of the statements that a bucket's own file writes, by their index in the canonical policy. Statements of
 * sets stay: other buckets share them. Undefined if nothing is left to edit, or the layout does not allow an edit.
 */
export function narrowFile(
  file: SourceFile,
  bucket: ParsedBucket,
  gone: ReadonlyMap<number, GoneWords>,
): EditedFile | undefined {
  const policy = desiredPolicy(bucket);
  const source = parseSource(file);
  if (policy === "none" || source === undefined) return undefined;
  const indices = new Map(policy.statements.map((statement, index) => [statementKey(statement), index]));
  const written = readFor(bucket, statementsIn(source.node));
  const edits = written.map((statement) => {
    const index = indices.get(statementKey(meaningOf(statement)));
    const own = index === undefined ? undefined : gone.get(index);
    return own === undefined ? [] : editsOf(statement, own);
  });
  const all = edits.reverse().flat();
  const removed = all.filter(({ kind }) => kind === "remove statement").length;
  if (all.length === 0) return undefined;
  const isNothingLeft = removed === written.length && bucket.uses.length === 0;
  return editFile(file, isNothingLeft ? [{ kind: "no policy" }] : all);
}

function editsOf(statement: WrittenStatement, { isWhole, words }: GoneWords): readonly FileEdit[] {
  const { index } = statement;
  if (isWhole) return [{ kind: "remove statement", statement: index }];
  return fields.flatMap((field) => {
    const members = membersOf(statement, field);
    // A list variable stands for several words, of which all must go.
    const going = members.flatMap((member, at) =>
      member.words.length > 0 && member.words.every((word) => words[field].includes(word)) ? [at] : [],
    );
    return going
      .reverse()
      .map((member): FileEdit => ({ kind: "remove member", statement: index, field, member }));
  });
}
