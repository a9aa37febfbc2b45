import { isFailed, type Failed, type Result } from "../result.ts";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Desired } from "../desired/desired.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { nearMiss, suggestion } from "../near-miss.ts";
import { globMatches } from "../policy/glob.ts";
import type { Options } from "./options.ts";

export type Selection<T> = { readonly selected: readonly T[] } | Failed;

/** The part of a tree that --account and --bucket select. */
export interface SelectedTree {
  readonly accounts: readonly Account[];
  readonly buckets: readonly DesiredBucket[];
}

/** Selects by --account and --bucket. A name or pattern that matches nothing is an error. */
export function selectTree(
  desired: Desired,
  { account, bucket }: Pick<Options, "account" | "bucket">,
): Result<SelectedTree> {
  const accounts = selectAccounts(desired.accounts, account);
  if (isFailed(accounts)) return accounts;
  const owned = desired.buckets.filter((candidate) => accounts.selected.includes(candidate.account));
  const buckets = matchBuckets(owned, bucket);
  return isFailed(buckets) ? buckets : { accounts: accounts.selected, buckets: buckets.selected };
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

/** The items whose bucket matches one of the globs; all where there are none. */
export function matchBuckets<T extends { readonly bucket: string }>(
  items: readonly T[],
  globs: readonly string[],
): Selection<T> {
  if (globs.length === 0) return { selected: items };
  const problems = globs
    .filter((glob) => !items.some(({ bucket }) => globMatches(glob, bucket)))
    .map((glob) => noMatch(glob, items));
  if (problems.length > 0) return { problems };
  return { selected: items.filter(({ bucket }) => globs.some((glob) => globMatches(glob, bucket))) };
}

function noMatch(glob: string, items: readonly { readonly bucket: string }[]): Diagnostic {
  const near = nearMiss(
    glob,
    items.map(({ bucket }) => bucket),
  );
  const help =
    near === undefined ? "see the `bucket:` lines of the policy files" : `did you mean \`${near}\`?`;
  return refusal("no-match", `--bucket \`${glob}\` matches no bucket`, help);
}
