import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Account } from "../desired/account-file.ts";
import { maxOfTree } from "../desired/budget.ts";
import type { DesiredBucket, ParsedBucket } from "../desired/bucket-file.ts";
import { joinTree, parseDesired, parseOwn, parseShared, type Desired } from "../desired/desired.ts";
import { isBucketFile } from "../desired/file-kind.ts";
import {
  listTree,
  loadListed,
  sourceReader,
  withGiven,
  type ListedTree,
  type SourceFile,
  type Unread,
} from "../desired/load.ts";
import { bounds } from "../desired/bounds.ts";
import { likelyBucket, type NamedBucket } from "../desired/likely-bucket.ts";
import type { Parsed } from "../desired/parsed.ts";
import type { Shard } from "../desired/shard.ts";
import { unpackBucket } from "../desired/transfer.ts";
import { compareText, type Diagnostic } from "../diagnostic.ts";
import type { Sources } from "../report/text/diagnostics.ts";
import {
  checksIn,
  checksOn,
  hasFindings,
  noFindings,
  type BucketChecks,
  type Checks,
  type Depth,
} from "./bucket-checks.ts";
import type { CheckedFiles, ThreadData } from "./check-files.ts";
import { runInThreads } from "./threads.ts";

/** The policy tree as it was read, with the texts that reports quote from. */
export interface DesiredTree<Bucket extends DesiredBucket = DesiredBucket> {
  readonly desired: Desired<Bucket>;
  readonly sources: Sources;
  /** Errors that stop a plan: unreadable files, syntax, schema. */
  readonly diagnostics: readonly Diagnostic[];
  readonly checks: Checks;
}

export function readDesired(folder: string): DesiredTree<ParsedBucket> {
  const { files, unread, top, diagnostics } = loadListed(listTree(folder));
  return treeOf(files, diagnostics, parseDesired(files, { unread, top }), "rules");
}

function treeOf(
  files: readonly SourceFile[],
  diagnostics: readonly Diagnostic[],
  desired: Desired<ParsedBucket>,
  depth: Depth,
): DesiredTree<ParsedBucket> {
  return {
    desired,
    sources: sourcesOf(files),
    diagnostics: [...diagnostics, ...desired.diagnostics],
    checks: checksOn(desired.buckets, depth),
  };
}

function sourcesOf(files: readonly SourceFile[]): Sources {
  return new Map(files.map(({ path, text }) => [path, text]));
}

/** What a command wants of a tree, and what it does while the files are read. */
export interface TreeRequest {
  readonly depth: Depth;
  /** Processors that the command needs for other work meanwhile. */
  readonly spared: number;
  /** Shard of the buckets that it is about. In a large tree, little is kept of the others. */
  readonly shard?: Shard | undefined;
  /** Texts that count in place of what the disk has at their paths. */
  readonly given?: ReadonlyMap<string, string>;
  /**
   * Called with the buckets of some files as soon as they are parsed; other files may still have errors. In a large tree it is
   * first called with guesses, while the threads start.
   */
  readonly onBuckets?: (buckets: readonly NamedBucket[], accounts: readonly Account[]) => void;
}

/** Fewest files for which threads start: below, their start takes longer than the files. */
const leastFiles = 300;

/**
 * Reads and checks a tree. Large trees are read in threads; the result is the same. What goes beyond a maximum of the
 * whole tree, or loses a thread, is read again here, in order.
 */
export async function readTree(folder: string, request: TreeRequest): Promise<DesiredTree> {
  const listed = withGiven(listTree(folder), request.given ?? new Map());
  const read = listed.paths.length < leastFiles ? undefined : await readInThreads(listed, request);
  return read ?? readHere(listed, request);
}

/** Files after which other work of the process gets its turn. */
const filesAtOnce = 8;

async function readHere(listed: ListedTree, { depth, onBuckets }: TreeRequest): Promise<DesiredTree> {
  const { files, unread, top, diagnostics } = loadListed(listed);
  const shared = parseShared(files, { unread, top });
  const budget = { left: maxOfTree };
  const own: Parsed<readonly ParsedBucket[]>[] = [];
  for (const file of files.filter(({ path }) => isBucketFile(path, top))) {
    const parsed = parseOwn(file, shared, budget);
    onBuckets?.(parsed.value, shared.accounts);
    own.push(parsed);
    if (own.length % filesAtOnce === 0) await setImmediate();
  }
  return treeOf(files, diagnostics, joinTree(shared, own), depth);
}

/** Most files of a task: few enough that all threads end at about the same time. */
const filesOfTask = 16;
/** Files of the first task; each one has twice as many as the one before, so that OSS is asked soon. */
const firstFilesOfTask = 2;
const maxThreads = 8;

/** Returns undefined if the tree goes beyond a maximum, or a thread died. */
async function readInThreads(
  { paths, top, unread, diagnostics, given }: ListedTree,
  { depth, spared, shard, onBuckets }: TreeRequest,
): Promise<DesiredTree | undefined> {
  const problems: Unread[] = [...unread];
  const left = { bytes: bounds.totalBytes };
  const readOne = sourceReader({ problems, left }, given);
  const files: SourceFile[] = [];
  const read = (some: readonly string[]): readonly SourceFile[] => {
    const found = some.flatMap((path) => readOne(path) ?? []);
    files.push(...found);
    return found;
  };
  const sharedFiles = read(paths.filter((path) => !isBucketFile(path, top)));
  const context = { unread: problems.map(({ path }) => path), top };
  const shared = parseShared(sharedFiles, context);
  const ownPaths = paths.filter((path) => isBucketFile(path, top));
  const own: Parsed<readonly CheckedBucket[]>[] = [];
  let characters = 0;
  const take = (answer: CheckedFiles, index: number) => {
    const value = answer.buckets.map(({ packed, checks }) => ({
      bucket: unpackBucket(packed, shared),
      checks: hasFindings(checks) ? checks : noFindings,
    }));
    own[index] = { value, diagnostics: answer.diagnostics };
    characters += answer.characters;
    onBuckets?.(
      value.map(({ bucket }) => bucket),
      shared.accounts,
    );
  };
  const data: ThreadData = { shared: sharedFiles, context, depth, shard, yields: spared > 0 };
  const threads = Math.max(1, Math.min(maxThreads, availableParallelism() - spared));
  const script = { url: pathToFileURL(join(import.meta.dirname, "pipeline/file-thread.js")), data, threads };
  const tasks = openTasks(ownPaths, read);
  const inThreads = runInThreads(script, tasks.all(), take);
  if (onBuckets !== undefined)
    await tasks.readAhead((some) => onBuckets(likelyBuckets(some, shared.accounts), shared.accounts));
  const isWhole = await inThreads;
  if (!isWhole || left.bytes < 0 || characters > maxOfTree) return undefined;
  files.sort((a, b) => compareText(a.path, b.path));
  const failed = problems.slice(unread.length).sort((a, b) => compareText(a.path, b.path));
  const lost = [...unread, ...failed];
  const lostPaths = lost.map(({ path }) => path);
  const all = { ...shared, paths: [...files.map(({ path }) => path), ...lostPaths], unread: lostPaths };
  const desired = joinTree(
    all,
    own.map(({ value, diagnostics: found }) => ({
      value: value.map(({ bucket }) => bucket),
      diagnostics: found,
    })),
  );
  // Of a bucket with two files the first one counts.
  const inOrder = own.flatMap(({ value }) => value).reverse();
  return {
    desired,
    sources: sourcesOf(files),
    diagnostics: [...lost.map(({ diagnostic }) => diagnostic), ...diagnostics, ...desired.diagnostics],
    checks: checksIn(new Map(inOrder.map(({ bucket, checks }) => [bucket.bucket, checks]))),
  };
}

interface CheckedBucket {
  readonly bucket: DesiredBucket;
  readonly checks: BucketChecks;
}

/** Returns the buckets that some files are probably about. In a tree of several accounts that is not guessed. */
function likelyBuckets(files: readonly SourceFile[], accounts: readonly Account[]): readonly NamedBucket[] {
  const [account, other] = accounts;
  if (account === undefined || other !== undefined) return [];
  return files.flatMap(({ text }) => likelyBucket(text, account) ?? []);
}

/** Most files that are read ahead: until the threads have compiled their code, OSS answers faster than they parse. */
const filesAhead = 4_096;

interface Tasks {
  /** Reads the files of a task only when a thread has room for it. */
  all(): Generator<readonly SourceFile[]>;
  /** Reads the files of the next tasks, and gives other work of the process its turn after each. */
  readAhead(onFiles: (files: readonly SourceFile[]) => void): Promise<void>;
}

function openTasks(
  paths: readonly string[],
  read: (some: readonly string[]) => readonly SourceFile[],
): Tasks {
  const ahead: (readonly SourceFile[])[] = [];
  let [at, count] = [0, firstFilesOfTask];
  const readNext = (): readonly SourceFile[] => {
    const some = paths.slice(at, at + count);
    at += count;
    count = Math.min(filesOfTask, 2 * count);
    return read(some);
  };
  return {
    *all() {
      while (ahead.length > 0 || at < paths.length) yield ahead.shift() ?? readNext();
    },
    readAhead: async (onFiles) => {
      while (at < Math.min(filesAhead, paths.length)) {
        const files = readNext();
        ahead.push(files);
        onFiles(files);
        await setImmediate();
      }
    },
  };
}
