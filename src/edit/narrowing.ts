/** Edits that take grants out of the files, each a member of a list, a part of a wildcard action or a whole statement. */

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
  /** Wildcard actions, with what takes their place. */
  readonly wildcards: ReadonlyMap<string, Replacement>;
}

/** Actions in the place of a wildcard. */
export interface Replacement {
  /** Those that were seen, or may have been needed; at most `maxNames`. */
  readonly seen: readonly string[];
  /** Those that no log shows. */
  readonly unlogged: readonly string[];
}

/** Bucket of a file, with what goes by index in its canonical policy. */
export interface NarrowedBucket {
  readonly bucket: ParsedBucket;
  readonly gone: ReadonlyMap<number, GoneWords>;
}

/** Reason why a part of what goes in a bucket stays in its file. */
export type StayCause = "shared set" | "list variable" | "other bucket";

/** Edits of one file; without `file` there is nothing to edit. */
export interface NarrowedFile {
  readonly file?: EditedFile;
  /** What stays of each bucket, in their order. */
  readonly stays: readonly ReadonlySet<StayCause>[];
  /** Edits that the layout does not allow, such as those of an anchor. */
  readonly refused: number;
}

/** Actions that may take the place of one wildcard. */
export const maxNames = 10;

const fields: readonly ListField[] = ["Principal", "Action", "Resource"];

/**
 * Takes out of the statements that a file itself writes what goes in all of its buckets. Statements of sets stay: other
 * files share them.
 */
export function narrowFile(file: SourceFile, buckets: readonly NarrowedBucket[]): NarrowedFile {
  const source = parseSource(file);
  const list = source && statementsIn(source.node);
  // Without a list of its own, and without sets, a policy is in a layout that is not edited.
  if (list === undefined && buckets.some(({ bucket }) => bucket.uses.length === 0))
    return { refused: 1, stays: [] };
  const read = buckets.map((one) => writtenOf(readFor(one.bucket, list), one));
  const perBucket = read.map((statements) => statements.map(wishOf));
  const [first] = buckets;
  const written = first === undefined ? [] : readFor(first.bucket, list);
  const wishes = written.map((_, at) => perBucket.map((own) => own[at] ?? keep).reduce(both));
  const isNothingLeft =
    written.length > 0 &&
    wishes.every(({ kind }) => kind === "remove") &&
    buckets.every(({ bucket }) => bucket.uses.length === 0);
  const groups: readonly (readonly FileEdit[])[] = isNothingLeft
    ? [[{ kind: "no policy" }]]
    : written.flatMap((statement, at) => editsOf(statement, wishes[at] ?? keep)).reverse();
  const stays = buckets.map(({ gone }, at) => stayCauses(gone, read[at] ?? [], wishes));
  return { ...edited(file, groups), stays };
}

/** Makes each group of edits that can be made as a whole. */
function edited(file: SourceFile, groups: readonly (readonly FileEdit[])[]): Omit<NarrowedFile, "stays"> {
  let last: EditedFile | undefined;
  let refused = 0;
  for (const group of groups) {
    const next = editFile({ path: file.path, text: last?.after ?? file.text }, group);
    if (next === undefined) refused += 1;
    else last = next;
  }
  return last === undefined ? { refused } : { file: { ...last, before: file.text }, refused };
}

/** What one bucket of a file does without in one statement. */
type Wish =
  | { readonly kind: "keep" }
  | { readonly kind: "remove" }
  | { readonly kind: "narrow"; readonly members: Readonly<Record<ListField, MemberWishes>> };

/** What takes the place of a member, by its index; nothing removes it. */
type MemberWishes = ReadonlyMap<number, Replacement>;

const nothing: Replacement = { seen: [], unlogged: [] };

const keep: Wish = { kind: "keep" };

/** Statement of a file with its index in the canonical policy of one bucket, and what goes there. */
interface GoingStatement {
  readonly statement: WrittenStatement;
  readonly index: number | undefined;
  readonly own: GoneWords | undefined;
}

function writtenOf(
  written: readonly WrittenStatement[],
  { bucket, gone }: NarrowedBucket,
): readonly GoingStatement[] {
  const policy = desiredPolicy(bucket);
  const statements = policy === "none" ? [] : policy.statements;
  const indices = new Map(statements.map((statement, index) => [statementKey(statement), index]));
  return written.map((statement) => {
    const index = indices.get(statementKey(meaningOf(statement)));
    return { statement, index, own: index === undefined ? undefined : gone.get(index) };
  });
}

function wishOf({ statement, own }: GoingStatement): Wish {
  if (own === undefined) return keep;
  return own.isWhole ? { kind: "remove" } : { kind: "narrow", members: memberWishes(statement, own) };
}

/** Returns why a part of what goes in one bucket stays, by the wishes of all buckets. */
function stayCauses(
  gone: NarrowedBucket["gone"],
  written: readonly GoingStatement[],
  wishes: readonly Wish[],
): ReadonlySet<StayCause> {
  const ofIndex = [...gone].flatMap(([index, words]): readonly StayCause[] => {
    const hasWords = fields.some((field) => words.words[field].length > 0) || words.wildcards.size > 0;
    const isWritten = written.some((one) => one.index === index);
    return isWritten || !(words.isWhole || hasWords) ? [] : ["shared set"];
  });
  const ofWritten = written.flatMap((one, at) => causesIn(one, wishes[at] ?? keep));
  return new Set([...ofIndex, ...ofWritten]);
}

function causesIn({ statement, own }: GoingStatement, wish: Wish): readonly StayCause[] {
  if (own === undefined || wish.kind === "remove") return [];
  if (own.isWhole || wish.kind === "keep") return ["other bucket"];
  const wanted = memberWishes(statement, own);
  return fields.flatMap((field) =>
    membersOf(statement, field).flatMap(({ words }, at): readonly StayCause[] => {
      if (wish.members[field].has(at)) return [];
      if (wanted[field].has(at)) return ["other bucket"];
      const hasGone = words.some(
        (word) => own.words[field].includes(word) || (field === "Action" && own.wildcards.has(word)),
      );
      return hasGone ? ["list variable"] : [];
    }),
  );
}

function memberWishes(
  statement: WrittenStatement,
  { words: gone, wildcards }: GoneWords,
): Readonly<Record<ListField, MemberWishes>> {
  const of = (field: ListField): MemberWishes =>
    new Map(
      membersOf(statement, field).flatMap(({ text, words }, at): (readonly [number, Replacement])[] => {
        // A list variable stands for several words, of which all must go.
        if (words.length > 0 && words.every((word) => gone[field].includes(word))) return [[at, nothing]];
        const names = field === "Action" && words.join() === text ? wildcards.get(text) : undefined;
        return names === undefined ? [] : [[at, names]];
      }),
    );
  return { Principal: of("Principal"), Action: of("Action"), Resource: of("Resource") };
}

/** Returns what two buckets both do without. */
function both(a: Wish, b: Wish): Wish {
  if (a.kind === "keep" || b.kind === "keep") return keep;
  if (a.kind === "remove") return b;
  if (b.kind === "remove") return a;
  const of = (field: ListField): MemberWishes =>
    new Map(
      [...a.members[field]].flatMap(([at, own]) => {
        const other = b.members[field].get(at);
        if (other === undefined) return [];
        const union = (key: keyof Replacement) => [...new Set([...own[key], ...other[key]])].sort();
        const seen = union("seen");
        return seen.length > maxNames ? [] : [[at, { seen, unlogged: union("unlogged") }] as const];
      }),
    );
  return {
    kind: "narrow",
    members: { Principal: of("Principal"), Action: of("Action"), Resource: of("Resource") },
  };
}

/** Returns the edits of a statement: a group for each list. */
function editsOf(statement: WrittenStatement, wish: Wish): readonly (readonly FileEdit[])[] {
  const { index } = statement;
  if (wish.kind === "keep") return [];
  if (wish.kind === "remove") return [[{ kind: "remove statement", statement: index }]];
  return fields.flatMap((field) => {
    const members = membersOf(statement, field);
    const wishes = wish.members[field];
    const left = members.flatMap(({ words }, at) => (wishes.has(at) ? [] : words));
    const names = [...wishes.values()].flatMap(({ seen, unlogged }) => [...seen, ...unlogged]);
    const added = [...new Set(names)].filter((name) => !left.includes(name)).sort();
    const removed = [...wishes.keys()].sort((a, b) => b - a);
    if (removed.length === 0 || (left.length === 0 && added.length === 0)) return [];
    return [
      [
        ...added.map((text): FileEdit => ({ kind: "add member", statement: index, field, text })),
        ...removed.map((member): FileEdit => ({ kind: "remove member", statement: index, field, member })),
      ],
    ];
  });
}
