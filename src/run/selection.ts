import { isFailed, type Failed, type Result } from "../result.ts";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Desired } from "../desired/desired.ts";
import { isInShard } from "../desired/shard.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { nearMiss, suggestion } from "../near-miss.ts";
import { globMatches } from "../policy/glob.ts";
import { counted, fewNames } from "../report/printable.ts";
import type { Options } from "./options.ts";
import type { Output } from "./output.ts";

export type Selection<T> = { readonly selected: readonly T[] } | Failed;

/** The part of a tree that --account and --bucket select. */
export interface SelectedTree<Bucket extends OwnedBucket = DesiredBucket> {
  readonly accounts: readonly Account[];
  readonly buckets: readonly Bucket[];
  /** Buckets of all shards; those above where there is no --shard. */
  readonly matched: readonly Bucket[];
  /** Buckets of these accounts that --exclude leaves out. */
  readonly excluded: readonly Bucket[];
}

/** A name with its account; undefined where no account.yaml is of it, so that no --account selects it. */
interface OwnedBucket {
  readonly bucket: string;
  readonly account: Account | undefined;
}

/** The options that select a part of a tree. */
export type SelectionOptions = BucketSelection & Pick<Options, "account">;

/**
 * Selects by --account, --bucket, --exclude and --shard. A name or pattern that matches nothing is an error; a shard
 * without a bucket is none, since no one chooses what is in it.
 */
export function selectTree<Bucket extends OwnedBucket>(
  desired: Pick<Desired, "accounts"> & { readonly buckets: readonly Bucket[] },
  options: SelectionOptions,
): Result<SelectedTree<Bucket>> {
  const accounts = selectAccounts(desired.accounts, options.account);
  if (isFailed(accounts)) return accounts;
  const isOfAccount = ({ account }: Bucket) =>
    options.account.length === 0 || (account !== undefined && accounts.selected.includes(account));
  const owned = desired.buckets.filter(isOfAccount);
  const matched = matchBuckets(owned, options);
  if (isFailed(matched)) return matched;
  const kept = new Set(matched.selected);
  const included = owned.filter(({ bucket }) =>
    isSelectedBucket(bucket, { bucket: options.bucket, exclude: [] }),
  );
  return {
    accounts: accounts.selected,
    buckets: matched.selected.filter(({ bucket }) => isSelectedBucket(bucket, options)),
    matched: matched.selected,
    excluded: included.filter((candidate) => !kept.has(candidate)),
  };
}

/** Notes the buckets that --exclude leaves out: a result for a part of a tree does not look like one for all of it. */
export function noteExcluded({ excluded }: { readonly excluded: Named }, out: Output): void {
  if (excluded.length === 0) return;
  const names = fewNames(excluded.map(({ bucket }) => bucket));
  out.note(`--exclude leaves out ${counted(excluded.length, "bucket")}: ${names}`);
}

/** The accounts of these names or UIDs; all where none is named. */
function selectAccounts(accounts: readonly Account[], names: readonly string[]): Selection<Account> {
  const matches = (name: string) => (account: Account) => account.name === name || account.uid === name;
  const unknown = names.filter((name) => !accounts.some(matches(name)));
  if (unknown.length > 0) {
    const known = accounts.map(({ name, uid }) => name ?? uid);
    return {
      problems: unknown.map((name) =>
        refusal("no-match", `--account \`${name}\` is no account of the tree`, suggestion(name, known)),
      ),
    };
  }
  if (names.length === 0) return { selected: accounts };
  return { selected: accounts.filter((account) => names.some((name) => matches(name)(account))) };
}

/** The globs that select buckets by name. */
export type BucketGlobs = Pick<Options, "bucket" | "exclude">;

/** The options that select buckets by name. */
type BucketSelection = BucketGlobs & Pick<Options, "shard">;

/** Returns whether a bucket of this name is selected. */
export function isSelectedBucket(name: string, { bucket: globs, exclude, shard }: BucketSelection): boolean {
  const matches = (glob: string) => globMatches(glob, name);
  const isMatched = (globs.length === 0 || globs.some(matches)) && !exclude.some(matches);
  return isMatched && (shard === undefined || isInShard(name, shard));
}

/** Selects items by --bucket and --exclude. A glob without effect, and a selection of nothing, is an error. */
export function matchBuckets<T extends { readonly bucket: string }>(
  items: readonly T[],
  { bucket, exclude }: BucketGlobs,
): Selection<T> {
  const globs = { bucket, exclude };
  const unknown = withoutMatch(items, globs.bucket);
  if (unknown.length > 0)
    return { problems: unknown.map((glob) => noMatch(`--bucket \`${glob}\` matches`, glob, items)) };
  const included = items.filter(({ bucket }) => isSelectedBucket(bucket, { ...globs, exclude: [] }));
  const idle = withoutMatch(included, globs.exclude);
  if (idle.length > 0) return { problems: idle.map((glob) => excludesNothing(glob, items)) };
  const selected = included.filter(({ bucket }) => isSelectedBucket(bucket, globs));
  const isEmptied = included.length > 0 && selected.length === 0;
  return isEmptied ? { problems: [excludesAll(globs)] } : { selected };
}

type Named = readonly { readonly bucket: string }[];

function withoutMatch(items: Named, globs: readonly string[]): readonly string[] {
  return globs.filter((glob) => !items.some(({ bucket }) => globMatches(glob, bucket)));
}

function noMatch(what: string, glob: string, items: Named): Diagnostic {
  const names = items.map(({ bucket }) => bucket);
  const near = nearMiss(glob, names) ?? nearPrefix(glob, names);
  const help =
    near === undefined ? "see the `bucket:` lines of the policy files" : `did you mean \`${near}\`?`;
  return refusal("no-match", `${what} no bucket`, help);
}

/** Returns the glob that a misspelt beginning with `*` behind it means: the near beginning of a name. */
function nearPrefix(glob: string, names: readonly string[]): string | undefined {
  const [, beginning] = /^([^*?]+)\*$/.exec(glob) ?? [];
  if (beginning === undefined) return undefined;
  const lengths = [beginning.length, beginning.length + 1, beginning.length - 1];
  const beginnings = lengths.flatMap((length) => names.map((name) => name.slice(0, length)));
  const near = nearMiss(beginning, [...new Set(beginnings)]);
  return near === undefined ? undefined : `${near}*`;
}

function excludesNothing(glob: string, items: Named): Diagnostic {
  const what = `--exclude \`${glob}\` excludes`;
  return withoutMatch(items, [glob]).length > 0
    ? noMatch(what, glob, items)
    : refusal("no-match", `${what} no bucket that --bucket selects`, "drop it");
}

function excludesAll({ exclude }: BucketGlobs): Diagnostic {
  const globs = exclude.map((glob) => `\`${glob}\``).join(", ");
  return refusal("no-match", `--exclude ${globs} excludes every selected bucket`, "exclude fewer buckets");
}
