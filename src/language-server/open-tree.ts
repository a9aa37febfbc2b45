import { setImmediate } from "node:timers/promises";
import type { ParsedBucket } from "../desired/bucket-file.ts";
import { maxOfTree } from "../desired/budget.ts";
import { joinTree, parseOwn, parseShared, type SharedFiles } from "../desired/desired.ts";
import { isBucketFile } from "../desired/file-kind.ts";
import { listTree, loadListed, withGiven, type SourceFile } from "../desired/load.ts";
import type { Parsed } from "../desired/parsed.ts";
import { compareDiagnostics, type Diagnostic } from "../diagnostic.ts";
import { checkBucket, type BucketChecks } from "../pipeline/bucket-checks.ts";
import { treeFindings } from "../pipeline/tree-findings.ts";

/** Buckets of one file that are checked while a user types; `validate` checks all of them. */
const maxBuckets = 20;

/** Files that are parsed before other work gets its turn. */
const filesAtOnce = 4;

/**
 * A policy tree while its files are edited. A file is parsed again only if its text, or a shared file, changed, and a
 * bucket is checked again only if its file was parsed again.
 */
export class OpenTree {
  readonly root: string;
  /** Texts in the editor, by path. They count in place of what the disk has. */
  readonly #unsaved = new Map<string, string>();
  #files: ReadonlyMap<string, SourceFile> = new Map();
  #shared: SharedFiles;
  #isWhole = true;
  readonly #own = new Map<string, Parsed<readonly ParsedBucket[]>>();
  readonly #checks = new WeakMap<ParsedBucket, BucketChecks>();

  constructor(root: string) {
    this.root = root;
    this.#shared = this.#load();
  }

  get shared(): SharedFiles {
    return this.#shared;
  }

  textOf(path: string): string | undefined {
    return this.#files.get(path)?.text;
  }

  /** Sets the text of a file in the editor; without a text, what the disk has counts again. */
  edit(path: string, text: string | undefined): void {
    if (text === undefined) this.#unsaved.delete(path);
    else this.#unsaved.set(path, text);
    if (text === undefined || this.isShared(path) || !this.#files.has(path)) return this.reload();
    this.#files = new Map([...this.#files, [path, { path, text }]]);
    this.#own.delete(path);
  }

  /** Reads the files again. Those with the text that they had keep what was made of them, unless a shared file changed. */
  reload(): void {
    const [before, shared, texts] = [this.#files, this.#shared, this.#sharedTexts()];
    const loaded = this.#load();
    const isSame = texts === this.#sharedTexts();
    // The buckets refer to the accounts and the sets that they were parsed with.
    this.#shared = isSame ? { ...loaded, accounts: shared.accounts, sets: shared.sets } : loaded;
    for (const path of this.#own.keys())
      if (!isSame || before.get(path)?.text !== this.textOf(path)) this.#own.delete(path);
  }

  /** Returns whether other files of the tree depend on a file. */
  isShared(path: string): boolean {
    return !isBucketFile(path, this.#shared.top);
  }

  /** Returns the buckets of a file. */
  bucketsIn(path: string): readonly ParsedBucket[] {
    return this.#parsed(path)?.value ?? [];
  }

  /** Parses what is not parsed yet, in turns with other work. */
  async parseAll(): Promise<void> {
    let count = 0;
    for (const path of this.#files.keys()) {
      if (this.#own.has(path) || !isBucketFile(path, this.#shared.top)) continue;
      this.#parsed(path);
      count += 1;
      if (count % filesAtOnce === 0) await setImmediate();
    }
  }

  /** Returns what `validate` finds in a file. What depends on files that are not parsed yet is left out. */
  async findingsIn(path: string, today: string): Promise<readonly Diagnostic[]> {
    this.#parsed(path);
    const desired = joinTree(this.#shared, [...this.#own.values()]);
    const isAllParsed = this.#own.size === this.#countOwn();
    const concerned = desired.buckets.filter(
      ({ file, uses }) => file === path || uses.some(({ set }) => set.file === path),
    );
    const buckets = concerned.slice(0, maxBuckets);
    const byName = new Map(buckets.map((bucket) => [bucket.bucket, bucket]));
    const checks = (name: string) => this.#checksOf(byName.get(name));
    const tree = { desired: { ...desired, buckets }, checks, sources: new Map(), diagnostics: [] };
    const found = await treeFindings(tree, buckets, today);
    const ofTree = desired.diagnostics.filter(({ code }) => code !== "unused-set" || isAllParsed);
    return placedIn(path, [...ofTree, ...found]);
  }

  #parsed(path: string): Parsed<readonly ParsedBucket[]> | undefined {
    const file = this.#files.get(path);
    if (file === undefined || !isBucketFile(path, this.#shared.top)) return undefined;
    const parsed = this.#own.get(path) ?? parseOwn(file, this.#shared, { left: maxOfTree });
    this.#own.set(path, parsed);
    return parsed;
  }

  #checksOf(bucket: ParsedBucket | undefined): BucketChecks {
    if (bucket === undefined) return { found: [], refusals: [], undecided: [], idle: [] };
    const checks = this.#checks.get(bucket) ?? checkBucket(bucket, "rules and statements");
    this.#checks.set(bucket, checks);
    return checks;
  }

  #load(): SharedFiles {
    const { files, unread, top } = loadListed(withGiven(listTree(this.root), this.#unsaved));
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#isWhole = unread.length === 0;
    const shared = files.filter(({ path }) => !isBucketFile(path, top));
    const paths = [...files.map(({ path }) => path), ...unread].sort();
    return { ...parseShared(shared, { unread, top }), paths };
  }

  #sharedTexts(): string {
    const { top } = this.#shared;
    const shared = [...this.#files.values()].filter(({ path }) => !isBucketFile(path, top));
    return JSON.stringify([this.#isWhole, ...shared.map(({ path, text }) => [path, text])]);
  }

  #countOwn(): number {
    return [...this.#files.keys()].filter((path) => isBucketFile(path, this.#shared.top)).length;
  }
}

/** Returns the findings of one file. One that is in several files is shown in each of them. */
function placedIn(path: string, findings: readonly Diagnostic[]): readonly Diagnostic[] {
  return findings
    .flatMap((finding) => {
      if (finding.span?.file === path) return [finding];
      const here = finding.related?.find(({ span }) => span.file === path);
      if (here === undefined || finding.span === undefined) return [];
      const { code, severity, message, help } = finding;
      const related = [{ message: "the place of the finding", span: finding.span }];
      return [{ code, severity, message, span: here.span, related, ...(help === undefined ? {} : { help }) }];
    })
    .sort(compareDiagnostics);
}
