import { joinParsed, type Parsed } from "./parsed.ts";
import {
  compareDiagnostics,
  compareText,
  hasErrors,
  mergeDiagnostics,
  type Diagnostic,
} from "../diagnostic.ts";
import { folderOf, isAccountFile, parseAccount, withOthers, type Account } from "./account-file.ts";
import { maxOfTree, type ExpansionBudget } from "./budget.ts";
import { parseBucketFile, type DesiredBucket, type ParsedBucket } from "./bucket-file.ts";
import { fileKind, type FileKind } from "./file-kind.ts";
import { parseInterpretations, withObservations } from "./interpretations-file.ts";
import { exceptFindings } from "./excepted-buckets.ts";
import { parseIgnores, type Ignore } from "./ignore.ts";
import type { SourceFile } from "./load.ts";
import type { Node } from "./node.ts";
import { parseSet, setPlace, uniqueSets, unusedSet, type Sets } from "./statement-set.ts";
import {
  duplicate,
  duplicateAccount,
  emptyFile,
  misplaced,
  noAccount,
  noBuckets,
  secondAccount,
  type AccountNode,
} from "./tree-problems.ts";
import { parseYaml } from "./yaml.ts";

/** Desired state of all files. Later steps never change it. */
export interface Desired<Bucket extends DesiredBucket = DesiredBucket> {
  readonly accounts: readonly Account[];
  /** Sorted by name; names are unique. */
  readonly buckets: readonly Bucket[];
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
export function parseDesired(
  files: readonly SourceFile[],
  { unread = [], top = "" }: TreeContext = {},
): Desired<ParsedBucket> {
  const shared = parseShared(files, { unread, top });
  const budget = { left: maxOfTree };
  const own = files
    .filter(({ path }) => fileKind(path, top) === "bucket")
    .map((file) => parseOwn(file, shared, budget));
  return joinTree(shared, own);
}

/** What the bucket files of a tree share: its account files and statement sets. */
export interface SharedFiles {
  readonly accounts: readonly Account[];
  readonly sets: Sets;
  readonly top: string;
  /** Paths of all files of the tree, whatever their kind, with those that could not be read. */
  readonly paths: readonly string[];
  readonly unread: readonly string[];
  /** Folders that have an account.yaml, even a broken one; the nearest to a file comes first. */
  readonly accountFolders: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses the account files and statement sets of a tree. */
export function parseShared(
  files: readonly SourceFile[],
  { unread = [], top = "" }: TreeContext,
): SharedFiles {
  const filesAs = (kind: FileKind) => files.filter(({ path }) => fileKind(path, top) === kind);
  const parsedAs = (kind: FileKind) => joinParsed(filesAs(kind).map((file) => parseFile(file, kind)));
  const [ofAccounts, ofSets] = [parsedAs("account"), parsedAs("set")];
  const ofInterpretations = parsedAs("interpretations");
  const accountFiles = joinParsed(ofAccounts.value.map(parseAccountFile));
  const paths = [...files.map(({ path }) => path), ...unread];
  const interpretations = joinParsed(
    ofInterpretations.value.map(({ path, node }) => parseInterpretations(path, node)),
  );
  const accounts = withObservations(
    accountFiles.value.map(({ account }) => account),
    interpretations.value,
    paths,
  );
  const sets = readSets(ofSets.value, paths, top);
  // An account.yaml in `_sets` is meant for the folder above.
  const folders = paths.filter(isAccountFile).map((path) => setPlace(path, top)?.folder ?? folderOf(path));
  return {
    accounts: withOthers(accounts.value),
    sets: sets.value,
    top,
    paths,
    unread,
    accountFolders: folders.sort((a, b) => b.length - a.length),
    diagnostics: [
      ...filesAs("misplaced").map(misplaced),
      ...ofAccounts.diagnostics,
      ...ofSets.diagnostics,
      ...ofInterpretations.diagnostics,
      ...interpretations.diagnostics,
      ...accounts.diagnostics,
      ...accountFiles.diagnostics,
      ...duplicateAccounts(accountFiles.value),
      ...sets.diagnostics,
    ],
  };
}

/** Parses a bucket file. */
export function parseOwn(
  file: SourceFile,
  shared: SharedFiles,
  budget: ExpansionBudget,
): Parsed<readonly ParsedBucket[]> {
  const { value, diagnostics } = parseFile(file, "bucket");
  return joinParsed([
    { value: [], diagnostics },
    ...value.map((parsed) => {
      const account = accountFor(parsed, shared);
      const surroundings = {
        account: account.value,
        sets: shared.sets,
        ignores: ignoresOf(parsed),
        budget,
      };
      const { value: buckets, diagnostics: found } = parseBucketFile(parsed.path, parsed.node, surroundings);
      return { value: buckets, diagnostics: [...account.diagnostics, ...found] };
    }),
  ]);
}

/** Joins the buckets of all files, in the order of their paths. */
export function joinTree<Bucket extends DesiredBucket>(
  { accounts, sets, paths, unread, top, diagnostics: ofShared }: SharedFiles,
  own: readonly Parsed<readonly Bucket[]>[],
): Desired<Bucket> {
  const buckets = joinParsed(own);
  const unique = uniqueBuckets(buckets.value);
  const diagnostics = [
    ...ofShared,
    ...buckets.diagnostics,
    ...(paths.length > unread.length ? checkTree(paths, top) : []),
    ...unique.diagnostics,
  ];
  // A file with an error may use a set, or be about a bucket that a guardrail excepts.
  const isWhole = unread.length === 0 && !hasErrors(diagnostics);
  const unused = isWhole
    ? [...unusedSets(sets, unique.value), ...exceptFindings(accounts, unique.value)]
    : [];
  return {
    accounts,
    buckets: unique.value,
    diagnostics: mergeDiagnostics([...diagnostics, ...unused]).sort(compareDiagnostics),
  };
}

function parseAccountFile({ path, node }: ParsedFile): Parsed<readonly AccountNode[]> {
  const { value, diagnostics } = parseAccount(path, node);
  return { value: value === undefined ? [] : [{ account: value, node }], diagnostics };
}

function ignoresOf({ path, text, node }: ParsedFile): readonly Ignore[] {
  return parseIgnores(text, path, node);
}

/** Parses the YAML of a file. Refuses an empty file. */
function parseFile({ path, text }: SourceFile, kind: FileKind): Parsed<readonly ParsedFile[]> {
  const { node, diagnostics } = parseYaml(text, path);
  if (node !== undefined) return { value: [{ path, text, node }], diagnostics };
  return { value: [], diagnostics: diagnostics.length === 0 ? [emptyFile(path, kind)] : diagnostics };
}

function readSets(files: readonly ParsedFile[], paths: readonly string[], top: string): Parsed<Sets> {
  const parsed = joinParsed(
    files.flatMap((file) => {
      const place = setPlace(file.path, top);
      return place === undefined ? [] : [parseSet(file.path, file.node, place, ignoresOf(file))];
    }),
  );
  const whole = new Set(parsed.value.map(({ file }) => file));
  const broken = paths.flatMap((path) => (whole.has(path) ? [] : (setPlace(path, top) ?? [])));
  const { value: sets, diagnostics } = uniqueSets(parsed.value);
  return { value: { sets, broken }, diagnostics: [...parsed.diagnostics, ...diagnostics] };
}

function unusedSets({ sets }: Sets, buckets: readonly DesiredBucket[]): readonly Diagnostic[] {
  const used = new Set(buckets.flatMap(({ uses }) => uses.map(({ set }) => set)));
  return sets.filter((set) => !used.has(set)).map(unusedSet);
}

/** Finds the nearest account.yaml upward. A broken one, and a tree without any, are reported elsewhere. */
function accountFor(
  { path, node }: ParsedFile,
  { accounts, accountFolders: folders }: SharedFiles,
): Parsed<Account | undefined> {
  const folder = folders.find((candidate) => path.startsWith(candidate));
  return {
    value: accounts.find((account) => account.folder === folder),
    diagnostics: folder === undefined && folders.length > 0 ? [noAccount(node)] : [],
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

/** Sorts buckets by name. Reports a bucket with two places, and shows both. */
function uniqueBuckets<Bucket extends DesiredBucket>(buckets: readonly Bucket[]): Parsed<readonly Bucket[]> {
  const first = new Map<string, Bucket>();
  const diagnostics: Diagnostic[] = [];
  for (const bucket of buckets) {
    const other = first.get(bucket.bucket);
    if (other === undefined) first.set(bucket.bucket, bucket);
    else diagnostics.push(duplicate(bucket, other));
  }
  const value = [...first.values()].sort((a, b) => compareText(a.bucket, b.bucket));
  return { value, diagnostics };
}
