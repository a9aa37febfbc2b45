import type { ParsedBucket } from "../desired/bucket-file.ts";
import type { Desired, TreeContext } from "../desired/desired.ts";
import type { SourceFile } from "../desired/load.ts";
import type { FileEdit } from "./file-edit.ts";

/** Policy tree whose files are edited. */
export interface EditableTree {
  readonly files: readonly SourceFile[];
  readonly context: TreeContext;
  readonly desired: Desired<ParsedBucket>;
}

/** Edits of files, by their path. */
export type FileEdits = ReadonlyMap<string, readonly FileEdit[]>;
