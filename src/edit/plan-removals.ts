import equal from "fast-deep-equal";
import type { ParsedBucket } from "../desired/bucket-file.ts";
import type { Failed } from "../result.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { EditableTree, FileEdits } from "./editable-tree.ts";
import { statementsIn, type FileEdit } from "./file-edit.ts";
import type { Intent } from "./intent.ts";
import { refused } from "./refusals.ts";
import { removalFrom } from "./removal.ts";
import { parseSource, type SourceText } from "./source-text.ts";
import { readFor } from "./written-statement.ts";

/** Edits of each statement of a file, by its index. */
type StatementEdits = Map<number, readonly FileEdit[]>;

/** Returns the edits that take the wanted access out of the statements of these buckets, in their files and sets. */
export function removalsFor(
  tree: EditableTree,
  targets: readonly ParsedBucket[],
  intent: Intent,
): FileEdits | Failed {
  const sources = openSources(tree);
  const found = new Map<string, StatementEdits>();
  const problems: Diagnostic[] = [];
  for (const bucket of targets)
    for (const path of [bucket.file, ...bucket.uses.map(({ set }) => set.file)]) {
      const edits = found.get(path) ?? new Map<number, readonly FileEdit[]>();
      found.set(path, edits);
      for (const statement of readFor(bucket, sources(path)?.list)) {
        const wanted = removalFrom(statement, intent);
        const before = edits.get(statement.index) ?? wanted;
        if (!equal(before, wanted)) problems.push(differs(bucket, statement.node.span));
        edits.set(statement.index, wanted);
      }
    }
  if (problems.length > 0) return { problems };
  const used = new Set(tree.desired.buckets.flatMap(({ file, uses }) => (uses.length > 0 ? [file] : [])));
  const all = [...found].map(([path, edits]): readonly [string, readonly FileEdit[]] => [
    path,
    inOrder(edits, sources(path)?.isBucketFile === true && !used.has(path)),
  ]);
  return new Map(all.filter(([, edits]) => edits.length > 0));
}

/** Orders edits from the last statement to the first, so that no index moves. A file without a statement has no policy. */
function inOrder(edits: StatementEdits, mayHaveNone: boolean): readonly FileEdit[] {
  const ordered = [...edits].sort(([a], [b]) => b - a).flatMap(([, ofStatement]) => ofStatement);
  const removed = ordered.filter(({ kind }) => kind === "remove statement").length;
  return mayHaveNone && removed > 0 && removed === edits.size ? [{ kind: "no policy" }] : ordered;
}

interface OpenSource {
  readonly list: ReturnType<typeof statementsIn>;
  readonly isBucketFile: boolean;
}

/** Returns a function that parses a file of a tree once. */
function openSources({ files, desired }: EditableTree): (path: string) => OpenSource | undefined {
  const texts = new Map(files.map((file) => [file.path, file]));
  const bucketFiles = new Set(desired.buckets.map(({ file }) => file));
  const opened = new Map<string, OpenSource | undefined>();
  return (path) => {
    if (opened.has(path)) return opened.get(path);
    const file = texts.get(path);
    const source: SourceText | undefined = file && parseSource(file);
    const open = source && { list: statementsIn(source.node), isBucketFile: bucketFiles.has(path) };
    opened.set(path, open);
    return open;
  };
}

function differs({ bucket, file }: ParsedBucket, span: ParsedBucket["span"]): Diagnostic {
  return refused(
    `a statement that \`${bucket}\` shares would need another edit for it than for the buckets before it`,
    `edit \`${file}\` by hand, or add --deny`,
    span,
  );
}
