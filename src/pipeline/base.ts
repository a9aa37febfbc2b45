import type { Parsed } from "../desired/parsed.ts";
import { isFailed, type Failed } from "../result.ts";
import equal from "fast-deep-equal";
import type { Account } from "../desired/account-file.ts";
import { guardrailsFor, type DesiredBucket } from "../desired/bucket-file.ts";
import { parseDesired, type Desired } from "../desired/desired.ts";
import { guardrailValue, operatorValue, type Guardrail, type Operator } from "../desired/guards.ts";
import { hasErrors, mergeDiagnostics, refusal, type Diagnostic, type Span } from "../diagnostic.ts";
import type { SourceFile } from "../desired/load.ts";
import type { Environment } from "../git/environment.ts";
import { commitsBeyond, readHistory, statesOf, type History } from "../git/history.ts";
import { findRevision, type Revision } from "../git/revision.ts";
import { outOfBandCandidates, type BasePolicy } from "../plan/base-policy.ts";
import { consentOf } from "../plan/weakened-guards.ts";
import { counted } from "../report/printable.ts";
import { canonicalLive, type Live } from "../policy/live.ts";
import type { Observations } from "../policy/open-questions.ts";
import { statementKey } from "../policy/policy.ts";
import { desiredPolicy } from "../desired/desired-policy.ts";
import { accountsBefore, isAccepted, type NewAccount, type PlannedTree } from "./accounts-before.ts";
import { readFiles, topOf } from "./revision.ts";

/** The revision that a plan is compared with. It distinguishes an edit from drift, and its guards apply too. */
export interface Base {
  /** As the user named it. */
  readonly word: string;
  readonly revision: Revision;
  /** The commit of the files that are planned, as far as they are committed. */
  readonly head: string;
  /** Commits of the base on the policy files that this one lacks: a plan takes back what they did. */
  readonly behind: number;
  /** The policy files that differ from that commit. */
  readonly uncommitted: readonly string[];
  readonly desired: Desired;
  /** True where it has no policy files at all. */
  readonly isEmpty: boolean;
  /** Accounts of the tree that no account.yaml of the base judges, though it had some. */
  readonly newAccounts: readonly NewAccount[];
  /** The policy that it asks for of a bucket. */
  readonly policyOf: (bucket: string) => BasePolicy["policy"];
  /** Reads the keys of all statements that the bucket's file ever had; undefined where the history cannot be read. */
  readonly everDesired: (bucket: string) => ReadonlySet<string> | undefined;
}

/** Reads the revision that --base names. Files of it that have errors leave their buckets unknown. */
export function readBase(word: string, tree: PlannedTree, env: Environment): Base | Failed {
  const named = findRevision(word, tree.policies, env);
  if (isFailed(named)) return named;
  const head = findRevision("HEAD", tree.policies, env);
  if (isFailed(head)) return head;
  const committed = readFiles(head);
  if (isFailed(committed)) return committed;
  const found = accountsBefore(named, tree);
  if (isFailed(found)) return found;
  const { revision, desired, isEmpty, newAccounts } = found;
  return {
    word,
    revision,
    head: head.commit,
    behind: commitsBeyond(revision, head.commit),
    uncommitted: differingPaths(committed.files, tree.sources),
    desired,
    isEmpty,
    newAccounts,
    policyOf: policiesIn(desired),
    everDesired: historyReader(revision),
  };
}

/** Returns the paths of files that differ from the commit. Git may convert the ends of lines, so they do not count. */
function differingPaths(
  committed: readonly SourceFile[],
  sources: ReadonlyMap<string, string>,
): readonly string[] {
  const before = new Map(committed.map(({ path, text }) => [path, text]));
  const plain = (text: string | undefined) => text?.replaceAll("\r\n", "\n");
  return [...new Set([...before.keys(), ...sources.keys()])]
    .filter((path) => plain(before.get(path)) !== plain(sources.get(path)))
    .sort();
}

/**
 * Returns what the base asks for of a bucket. Its history is read only where the change removes statements
 * that neither revision asks for.
 */
export function basePolicyOf(base: Base, bucket: DesiredBucket, live: Live): BasePolicy {
  const policy = base.policyOf(bucket.bucket);
  const nothing = { policy, everDesired: new Set<string>(), isComplete: true };
  if (live.state !== "policy") return nothing;
  const candidates = outOfBandCandidates(canonicalLive(live), desiredPolicy(bucket), policy);
  if (candidates.length === 0) return nothing;
  const everDesired = base.everDesired(bucket.bucket);
  return {
    policy,
    everDesired: everDesired ?? new Set(),
    isComplete: everDesired !== undefined && !base.revision.checkout.isShallow,
  };
}

/** Returns a reader of all statements that a bucket's file ever had. It runs git once, on the first call. */
function historyReader(revision: Revision): Base["everDesired"] {
  let history: History | undefined | "unread";
  return (bucket) => {
    history ??= historyOf(revision);
    return history === "unread" ? undefined : statementsEver(history, bucket, revision.policies);
  };
}

/** Reads the history; "unread" where git cannot, as in a partial clone. */
function historyOf(revision: Revision): History | "unread" {
  try {
    return readHistory(revision);
  } catch {
    return "unread";
  }
}

/** Returns whether a file concerns many buckets: an account file or a statement set. */
function isShared(path: string): boolean {
  return /(^|[\\/])(account\.ya?ml|_sets[\\/][^\\/]+)$/.test(path);
}

function policiesIn({ buckets, diagnostics }: Desired): Base["policyOf"] {
  const byName = new Map(buckets.map((bucket) => [bucket.bucket, desiredPolicy(bucket)]));
  const absent = hasErrors(diagnostics) ? "unknown" : "absent";
  return (bucket) => byName.get(bucket) ?? absent;
}

/** Returns the keys of all statements that a bucket ever had; undefined where they are too many to read. */
function statementsEver(history: History, name: string, policies: string): ReadonlySet<string> | undefined {
  const states = statesRead(history, name);
  const top = topOf(policies);
  const earlier = states?.flatMap((files) => {
    const bucket = parseDesired(files, { top }).buckets.find((one) => one.bucket === name);
    return bucket === undefined ? [] : [desiredPolicy(bucket)];
  });
  return (
    earlier && new Set(earlier.flatMap((one) => (one === "none" ? [] : one.statements.map(statementKey))))
  );
}

function statesRead(history: History, name: string): ReturnType<typeof statesOf> | undefined {
  try {
    return statesOf(history, name, isShared);
  } catch {
    return undefined;
  }
}

/** Returns the buckets under the guards of both revisions, and the problems in that. */
export function underBase(
  base: Base,
  buckets: readonly DesiredBucket[],
  accept: readonly string[],
): { readonly buckets: readonly DesiredBucket[]; readonly problems: readonly Diagnostic[] } {
  const judged = buckets.map((bucket) => underBoth(base, bucket));
  const problems = [
    ...lackedCommits(base),
    ...brokenFiles(base),
    ...accountProblems(base, buckets, accept),
    ...judged.flatMap(({ diagnostics }) => diagnostics),
  ];
  return { buckets: judged.map(({ value }) => value), problems };
}

/** Warns of a branch that the base has left behind. */
function lackedCommits({ word, behind }: Base): readonly Diagnostic[] {
  if (behind === 0) return [];
  const count = counted(behind, "commit");
  return [
    {
      code: "base",
      severity: "warning",
      message: `this revision lacks ${count} of \`${word}\` on the policy files: the plan takes back what ${behind === 1 ? "it" : "they"} did`,
      help: `merge \`${word}\` into this branch, and plan again`,
    },
  ];
}

/** Reports files of the base that cannot be read. This revision may fix them, so the run goes on. */
function brokenFiles({ word, revision, desired, isEmpty }: Base): readonly Diagnostic[] {
  const warning = (message: string): Diagnostic => {
    return {
      code: "base",
      severity: "warning",
      message,
      help: "review their changes more closely than usual",
    };
  };
  if (isEmpty)
    return [
      warning(`at ${word} there are no policy files in \`${revision.policies}\`, so no guard of it judges`),
    ];
  const [first] = desired.diagnostics.filter(({ severity }) => severity === "error");
  if (first === undefined) return [];
  const place = first.span === undefined ? "" : `${first.span.file}:${first.span.start.line}: `;
  return [
    warning(
      `at ${word} the policy files have errors (the first is ${place}${first.message}): the policies of their buckets at that revision are unknown`,
    ),
  ];
}

/** Finds the account that the base knows for a bucket: that of its file, else of the same UID, else of the same folder. */
function accountAt({ desired }: Base, { bucket, account }: DesiredBucket): Account | undefined {
  const file = desired.buckets.find((one) => one.bucket === bucket);
  return (
    file?.account ??
    desired.accounts.find(({ uid }) => uid === account.uid) ??
    desired.accounts.find(({ folder }) => folder === account.folder)
  );
}

/**
 * Returns the accounts with the credentials that the base names for them, or none: a revision must not choose the
 * credentials with which it is planned.
 */
export function credentialsAtBase({ desired }: Base, accounts: readonly Account[]): readonly Account[] {
  return accounts.map((account) => {
    const same = desired.accounts.filter(({ uid }) => uid === account.uid);
    const before = same.find(({ folder }) => folder === account.folder) ?? same[0];
    return { ...account, credentials: before?.credentials };
  });
}

/** Reports buckets that go to another account: the owner comes from the base, or a revision could send a bucket elsewhere. */
function accountProblems(
  base: Base,
  buckets: readonly DesiredBucket[],
  accept: readonly string[],
): readonly Diagnostic[] {
  const found = buckets.flatMap((bucket) => {
    const { uid, folder } = bucket.account;
    const file = base.desired.buckets.find((one) => one.bucket === bucket.bucket);
    const isNew = base.newAccounts.some((account) => account.uid === uid);
    // A bucket without a file at the base is blocked with its new account.
    const before =
      file?.account ?? (isNew ? undefined : base.desired.accounts.find((one) => one.folder === folder));
    if (before === undefined || before.uid === uid || (isNew && isAccepted(uid, accept))) return [];
    const message = `bucket \`${bucket.bucket}\` is of account ${before.uid} at ${base.word}, and of ${uid} here`;
    const help = isNew
      ? `correct the account; if it is right, \`--accept new-account@${uid}\` consents to it for one run`
      : "correct the account: a bucket cannot go from one account to another";
    const cause = `account ${before.uid} becomes ${uid}`;
    return [{ ...refusal("account-moved", message, help), span: bucket.span, cause }];
  });
  return mergeDiagnostics(found);
}

/** Returns a bucket under the guards of both revisions, so that neither can switch a guard off. */
function underBoth(base: Base, bucket: DesiredBucket): Parsed<DesiredBucket> {
  const account = accountAt(base, bucket);
  // What was observed counts only as far as both revisions say so: a revision must not switch a danger off.
  if (account === undefined)
    return { value: { ...bucket, account: withObserved(bucket.account, undefined) }, diagnostics: [] };
  const there = base.desired.buckets.find((one) => one.bucket === bucket.bucket);
  const parsed =
    there === undefined ? guardrailsFor(account, bucket) : { value: there.guardrails, diagnostics: [] };
  const guardrails = parsed.value.map((guardrail) => ({
    ...guardrail,
    span: atBase(base, guardrail.span),
  }));
  const consents = (there?.accepts ?? []).map(consentOf);
  const value = {
    ...bucket,
    accepts: bucket.accepts.map((accept) => ({
      ...accept,
      isOfBase: consents.some((one) => equal(one, consentOf(accept))),
    })),
    account: {
      ...withObserved(bucket.account, account.observed),
      operators: union(bucket.account.operators, account.operators, operatorValue),
      operatorsAtBase: account.operators,
      severitiesAtBase: account.severities,
    },
    guardrails: union(bucket.guardrails, guardrails, guardrailValue),
  };
  return { value, diagnostics: parsed.diagnostics };
}

function withObserved({ observed, ...account }: Account, before: Observations | undefined): Account {
  const agreed = [...(before ?? [])].filter(
    ([name, { position }]) => observed?.get(name)?.position === position,
  );
  return agreed.length === 0 ? account : { ...account, observed: new Map(agreed) };
}

/** Marks a place as one of the base: the same path may have other lines now. */
function atBase({ word }: Base, span: Span): Span {
  return { file: `${word}:${span.file}`, start: span.start, end: span.end };
}

function union<T extends Guardrail | Operator>(
  some: readonly T[],
  others: readonly T[],
  valueOf: (one: T) => unknown,
): readonly T[] {
  const isKnown = (other: T) => some.some((one) => equal(valueOf(one), valueOf(other)));
  return [...some, ...others.filter((other) => !isKnown(other))];
}
