import {
  compareDiagnostics,
  compareText,
  hasErrors,
  mergeDiagnostics,
  type Diagnostic,
  type Span,
} from "../diagnostic.ts";
import { folderOf, isAccountFile, parseAccount, type Account } from "./account-file.ts";
import { maxOfTree } from "./budget.ts";
import { parseBucketFile, type DesiredBucket } from "./bucket-file.ts";
import { parseIgnores, type Ignore } from "./ignore.ts";
import type { SourceFile } from "./load.ts";
import { childOf, type Node } from "./node.ts";
import { parseSet, setPlace, uniqueSets, unusedSet, type Sets } from "./statement-set.ts";
import { parseYaml } from "./yaml.ts";

/** Desired state of all files. Later steps never change it. */
export interface Desired {
  readonly accounts: readonly Account[];
  /** Sorted by name; names are unique. */
  readonly buckets: readonly DesiredBucket[];
  /** Syntax and schema findings. An error stops a plan, and an ignore comment has no effect on them. */
  readonly diagnostics: readonly Diagnostic[];
}

interface ParsedFile {
  readonly path: string;
  readonly text: string;
  readonly node: Node;
}

/** Facts about a tree other than its readable files. */
export interface TreeContext {
  /** Paths that exist and could not be read; each is already reported. */
  readonly unread?: readonly string[];
  /** Folder of the tree, the prefix of all paths. */
  readonly top?: string;
}

/** Parses all files of a tree. Returns all that parses, and all findings. */
export function parseDesired(files: readonly SourceFile[], context: TreeContext = {}): Desired {
  const { unread = [], top = "" } = context;
  const diagnostics: Diagnostic[] = [];
  const kindOf = (path: string) => fileKind(path, top);
  diagnostics.push(...files.filter(({ path }) => kindOf(path) === "misplaced").map(misplaced));
  const parsed = files
    .filter(({ path }) => kindOf(path) !== "misplaced")
    .flatMap((file) => parseFile(file, kindOf(file.path), diagnostics));
  const parsedAs = (kind: FileKind) => parsed.filter(({ path }) => kindOf(path) === kind);
  const accountFiles = parsedAs("account").flatMap((file) => {
    const account = parseAccount(file.path, file.node, diagnostics);
    return account === undefined ? [] : [{ account, node: file.node }];
  });
  diagnostics.push(...duplicateAccounts(accountFiles));
  const accounts = accountFiles.map(({ account }) => account);
  const paths = [...files.map(({ path }) => path), ...unread];
  const sets = readSets(parsedAs("set"), paths, top, diagnostics);
  const accountFor = accountLookup(paths, top, accounts, diagnostics);
  const budget = { left: maxOfTree };
  const buckets = parsedAs("bucket").flatMap((file) => {
    const surroundings = { account: accountFor(file), sets, ignores: ignoresOf(file), budget };
    return parseBucketFile(file.path, file.node, surroundings, diagnostics);
  });
  if (files.length > 0) diagnostics.push(...checkTree(paths, top));
  const unique = uniqueBuckets(buckets, diagnostics);
  // A file with an error may use a set.
  if (unread.length === 0 && !hasErrors(diagnostics)) diagnostics.push(...unusedSets(sets, unique));
  return {
    accounts,
    buckets: unique,
    diagnostics: mergeDiagnostics(diagnostics).sort(compareDiagnostics),
  };
}

type FileKind = "account" | "set" | "bucket" | "misplaced";

function fileKind(path: string, top: string): FileKind {
  const place = setPlace(path, top);
  if (place === undefined) return isAccountFile(path) ? "account" : "bucket";
  return isAccountFile(place.rest) || /[\\/]/.test(place.rest) ? "misplaced" : "set";
}

function ignoresOf({ path, text, node }: ParsedFile): readonly Ignore[] {
  return parseIgnores(text, path, node);
}

/** Parses the YAML of a file. Refuses an empty file. */
function parseFile(
  { path, text }: SourceFile,
  kind: FileKind,
  diagnostics: Diagnostic[],
): readonly ParsedFile[] {
  const { node, diagnostics: found } = parseYaml(text, path);
  diagnostics.push(...found);
  if (node !== undefined) return [{ path, text, node }];
  if (found.length === 0) diagnostics.push(emptyFile(path, kind));
  return [];
}

function readSets(
  files: readonly ParsedFile[],
  paths: readonly string[],
  top: string,
  diagnostics: Diagnostic[],
): Sets {
  const all = files.flatMap((file) => {
    const place = setPlace(file.path, top);
    return place === undefined
      ? []
      : (parseSet(file.path, file.node, place, ignoresOf(file), diagnostics) ?? []);
  });
  const whole = new Set(all.map(({ file }) => file));
  const broken = paths.flatMap((path) => (whole.has(path) ? [] : (setPlace(path, top) ?? [])));
  return { sets: uniqueSets(all, diagnostics), broken };
}

function unusedSets({ sets }: Sets, buckets: readonly DesiredBucket[]): readonly Diagnostic[] {
  const used = new Set(buckets.flatMap(({ uses }) => uses.map(({ set }) => set)));
  return sets.filter((set) => !used.has(set)).map(unusedSet);
}

/** Finds the nearest account.yaml upward. A broken one, and a tree without any, are reported elsewhere. */
function accountLookup(
  paths: readonly string[],
  top: string,
  accounts: readonly Account[],
  diagnostics: Diagnostic[],
): (file: ParsedFile) => Account | undefined {
  // An account.yaml in `_sets` is meant for the folder above.
  const folders = paths.filter(isAccountFile).map((path) => setPlace(path, top)?.folder ?? folderOf(path));
  const nearestFirst = folders.sort((a, b) => b.length - a.length);
  return ({ path, node }) => {
    const folder = nearestFirst.find((candidate) => path.startsWith(candidate));
    if (folder === undefined && folders.length > 0) diagnostics.push(noAccount(node));
    return accounts.find((account) => account.folder === folder);
  };
}

/** Reports a missing or a second account.yaml, and missing bucket files. An unreadable file counts as present. */
function checkTree(paths: readonly string[], top: string): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  if (!paths.some(isAccountFile)) problems.push(noAccount());
  const mayHoldBucket = (path: string) => ["bucket", "misplaced"].includes(fileKind(path, top));
  if (!paths.some(mayHoldBucket)) problems.push(noBuckets());
  const accountFiles = paths.filter((path) => fileKind(path, top) === "account");
  for (const [index, path] of accountFiles.entries()) {
    const first = accountFiles.slice(0, index).find((other) => folderOf(other) === folderOf(path));
    if (first !== undefined) problems.push(secondAccount(path, first));
  }
  return problems;
}

interface AccountNode {
  readonly account: Account;
  readonly node: Node;
}

/** Reports a second account.yaml of an account. Two in one folder are reported by `checkTree`. */
function duplicateAccounts(files: readonly AccountNode[]): readonly Diagnostic[] {
  return files.flatMap((file, index) => {
    const before = files.slice(0, index).filter(({ account }) => account.folder !== file.account.folder);
    const { uid, name } = file.account;
    const sameUid = before.find(({ account }) => account.uid === uid);
    if (sameUid !== undefined) return [duplicateAccount("account", uid, file, sameUid)];
    const sameName = before.find(({ account }) => name !== undefined && account.name === name);
    return sameName === undefined ? [] : [duplicateAccount("name", name ?? "", file, sameName)];
  });
}

function duplicateAccount(
  key: "account" | "name",
  value: string,
  { node }: AccountNode,
  first: AccountNode,
): Diagnostic {
  const spanOf = (top: Node) => (childOf(top, key) ?? top).span;
  const isUid = key === "account";
  return {
    code: "duplicate-account",
    severity: "error",
    message: isUid
      ? `account \`${value}\` has a second account.yaml`
      : `the name \`${value}\` is that of another account`,
    span: spanOf(node),
    help: isUid ? "keep one account.yaml, above the files of both folders" : "give each account its own name",
    related: [{ message: "the first place", span: spanOf(first.node) }],
  };
}

/** Sorts buckets by name. Reports a bucket with two places, and shows both. */
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

function emptyFile(file: string, kind: FileKind): Diagnostic {
  const fixes = {
    account: 'write `account: "UID"`',
    set: "write `Statement` with a list of statements, or remove the file",
  };
  const help =
    kind === "account" || kind === "set" ? fixes[kind] : "write `bucket` and `policy`, or remove the file";
  return { code: "empty-file", severity: "error", message: "the file is empty", span: startOf(file), help };
}

/** Reports a file that cannot be in `_sets`; no other finding is about it. */
function misplaced({ path }: SourceFile): Diagnostic {
  const isAccount = isAccountFile(path);
  return {
    code: "wrong-place",
    severity: "error",
    message: isAccount
      ? "an account.yaml cannot be in `_sets`"
      : "a statement set cannot be in a folder below `_sets`",
    span: startOf(path),
    help: isAccount
      ? "move it to the folder that holds `_sets`, or give the set another name"
      : "move it into `_sets` itself; a bucket file belongs outside of `_sets`",
  };
}

function startOf(file: string): Span {
  const start = { line: 1, column: 1 };
  return { file, start, end: start };
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
    message: node ? "there is no account.yaml in this folder or above it" : "the tree has no account.yaml",
    ...(node ? { span: node.span, cause: "no account.yaml" } : {}),
    help: 'write one at the top of the policy folder: `account: "UID of the bucket owner"`',
  };
}

function secondAccount(path: string, first: string): Diagnostic {
  return {
    code: "no-account",
    severity: "error",
    message: `\`${path}\` and \`${first}\` are in one folder`,
    span: startOf(path),
    help: "keep one of the two",
  };
}
