import { compareDiagnostics, compareText, mergeDiagnostics, type Diagnostic } from "../diagnostic.ts";
import { folderOf, isAccountFile, parseAccount, type Account } from "./account-file.ts";
import { parseBucketFile, type DesiredBucket } from "./bucket-file.ts";
import { parseIgnores } from "./ignore.ts";
import type { SourceFile } from "./load.ts";
import type { Node } from "./node.ts";
import { isSetFile, parseSet } from "./statement-set.ts";
import { parseYaml } from "./yaml.ts";

/** What the files ask for. Frozen after this: nothing later changes it. */
export interface Desired {
  readonly accounts: readonly Account[];
  /** Sorted by name; no name twice. */
  readonly buckets: readonly DesiredBucket[];
  /** Syntax and schema findings. An error among them stops a plan; nothing silences them. */
  readonly diagnostics: readonly Diagnostic[];
}

interface ParsedFile {
  readonly path: string;
  readonly text: string;
  readonly node: Node;
  readonly textLines: ReadonlySet<number>;
}

/** Reads all files of a tree; whatever can be read is there, beside every finding. */
export function parseDesired(files: readonly SourceFile[]): Desired {
  const diagnostics: Diagnostic[] = [];
  const parsed = files.flatMap((file) => parseFile(file, diagnostics));
  const ignoresOf = ({ path, text, textLines }: ParsedFile) => parseIgnores(text, path, textLines);
  const accounts = parsed
    .filter(({ path }) => isAccountFile(path))
    .flatMap(({ path, node }) => parseAccount(path, node, diagnostics) ?? []);
  const sets = parsed
    .filter(({ path }) => isSetFile(path))
    .flatMap((file) => parseSet(file.path, file.node, ignoresOf(file), diagnostics) ?? []);
  const accountFor = accountLookup(files, accounts, diagnostics);
  const buckets = parsed
    .filter(({ path }) => isBucketFile(path))
    .flatMap((file) => {
      const surroundings = { account: accountFor(file), sets, ignores: ignoresOf(file) };
      return parseBucketFile(file.path, file.node, surroundings, diagnostics);
    });
  diagnostics.push(...checkTree(files));
  return {
    accounts,
    buckets: uniqueBuckets(buckets, diagnostics),
    diagnostics: mergeDiagnostics(diagnostics).sort(compareDiagnostics),
  };
}

function isBucketFile(path: string): boolean {
  return !isAccountFile(path) && !isSetFile(path);
}

/** A file that is empty is refused; one whose YAML is broken has a finding of its own. */
function parseFile({ path, text }: SourceFile, diagnostics: Diagnostic[]): readonly ParsedFile[] {
  const { node, diagnostics: found, textLines } = parseYaml(text, path);
  diagnostics.push(...found);
  if (node !== undefined) return [{ path, text, node, textLines }];
  if (found.length === 0) diagnostics.push(emptyFile(path));
  return [];
}

/** The nearest account.yaml upward. One that is broken has said so itself, and none at all is said once. */
function accountLookup(
  files: readonly SourceFile[],
  accounts: readonly Account[],
  diagnostics: Diagnostic[],
): (file: ParsedFile) => Account | undefined {
  const folders = files.filter(({ path }) => isAccountFile(path)).map(({ path }) => folderOf(path));
  const nearestFirst = folders.sort((a, b) => b.length - a.length);
  return ({ path, node }) => {
    const folder = nearestFirst.find((candidate) => path.startsWith(candidate));
    if (folder === undefined && folders.length > 0) diagnostics.push(noAccount(node));
    return accounts.find((account) => account.folder === folder);
  };
}

function checkTree(files: readonly SourceFile[]): readonly Diagnostic[] {
  if (files.length === 0) return [];
  const problems: Diagnostic[] = [];
  const accountFiles = files.filter(({ path }) => isAccountFile(path));
  if (accountFiles.length === 0) problems.push(noAccount());
  if (!files.some(({ path }) => isBucketFile(path))) problems.push(noBuckets());
  for (const [index, { path }] of accountFiles.entries()) {
    const first = accountFiles.slice(0, index).find((other) => folderOf(other.path) === folderOf(path));
    if (first !== undefined) problems.push(secondAccount(path, first.path));
  }
  return problems;
}

/** Sorted by name; a second place for a bucket is an error that shows both. */
function uniqueBuckets(
  buckets: readonly DesiredBucket[],
  diagnostics: Diagnostic[],
): readonly DesiredBucket[] {
  const first = new Map<string, DesiredBucket>();
  for (const bucket of buckets) {
    const other = first.get(bucket.bucket);
    if (other === undefined) first.set(bucket.bucket, bucket);
    else diagnostics.push(duplicate(bucket, other));
  }
  return [...first.values()].sort((a, b) => compareText(a.bucket, b.bucket));
}

function duplicate(bucket: DesiredBucket, other: DesiredBucket): Diagnostic {
  return {
    code: "duplicate-bucket",
    severity: "error",
    message: `bucket \`${bucket.bucket}\` is named a second time`,
    span: bucket.span,
    help: "name each bucket in one place",
    related: [{ message: "the first place", span: other.span }],
  };
}

function emptyFile(file: string): Diagnostic {
  const start = { line: 1, column: 1 };
  const help = isAccountFile(file)
    ? 'write `account: "UID"`'
    : "write `bucket` and `policy`, or remove the file";
  const span = { file, start, end: start };
  return { code: "empty-file", severity: "error", message: "the file is empty", span, help };
}

function noBuckets(): Diagnostic {
  return {
    code: "no-policies",
    severity: "error",
    message: "the tree has no bucket file",
    help: "write bucket files with `oss-policy import`",
  };
}

function noAccount(node?: Node): Diagnostic {
  return {
    code: "no-account",
    severity: "error",
    message: node ? "no account.yaml stands in this folder or above it" : "the tree has no account.yaml",
    ...(node ? { span: node.span } : {}),
    help: 'write one at the top of the policy folder: `account: "UID of the bucket owner"`',
  };
}

function secondAccount(path: string, first: string): Diagnostic {
  return {
    code: "no-account",
    severity: "error",
    message: `\`${path}\` and \`${first}\` stand in one folder`,
    help: "keep one of the two",
  };
}
