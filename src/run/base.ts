import equal from "fast-deep-equal";
import type { Account } from "../desired/account-file.ts";
import { guardrailsFor, type DesiredBucket } from "../desired/bucket-file.ts";
import { parseDesired, type Desired } from "../desired/desired.ts";
import { guardrailValue, operatorValue, type Guardrail, type Operator } from "../desired/questions.ts";
import { hasErrors, refusal, type Diagnostic, type Span } from "../diagnostic.ts";
import { readHistory, statesOf, type History } from "../git/history.ts";
import { findRevision, type Revision } from "../git/revision.ts";
import type { AskedBefore } from "../plan/asked-before.ts";
import { statementKey } from "../policy/policy.ts";
import { desiredPolicy } from "../proof/places.ts";
import { desiredIn, topOf } from "./revision.ts";

/** The revision that a plan is compared with: it tells an edit from drift, and its guards hold too. */
export interface Base {
  /** As the user named it. */
  readonly word: string;
  readonly revision: Revision;
  /** The commit of the files that are planned. */
  readonly head: string;
  readonly desired: Desired;
  /** Whether it has no policy files at all. */
  readonly isEmpty: boolean;
  /** What was asked for of a bucket; its history is read when somebody asks. */
  readonly askedOf: (bucket: string) => AskedBefore;
}

/** Reads the revision that --base names. Files of it that have errors leave their buckets unknown. */
export function readBase(
  word: string,
  policies: string,
): Base | { readonly problems: readonly Diagnostic[] } {
  const revision = findRevision(word, policies);
  if ("problems" in revision) return revision;
  const head = findRevision("HEAD", policies);
  if ("problems" in head) return head;
  const found = desiredIn(revision);
  if ("problems" in found) return found;
  const { desired, isEmpty } = found;
  let history: History | "unread" | undefined;
  const askedOf = (bucket: string): AskedBefore => ({
    policy: policyAt(desired, bucket),
    get isShallow() {
      return revision.isShallow || history === "unread";
    },
    foreign: (statements) => {
      history ??= historyOf(revision);
      if (history === "unread") return statements;
      const asked = statementsEver(statesOf(history, bucket, isShared), bucket, topOf(policies));
      return statements.filter((statement) => !asked.has(statementKey(statement)));
    },
  });
  return { word, revision, head: head.commit, desired, isEmpty, askedOf };
}

/** What git cannot read of it, such as what a clone left out, counts as cut off. */
function historyOf(revision: Revision): History | "unread" {
  try {
    return readHistory(revision);
  } catch {
    return "unread";
  }
}

/** Account files and statement sets say something of many buckets. */
function isShared(path: string): boolean {
  return /(^|[\\/])(account\.ya?ml|_sets[\\/][^\\/]+)$/.test(path);
}

function policyAt({ buckets, diagnostics }: Desired, name: string): AskedBefore["policy"] {
  const bucket = buckets.find((one) => one.bucket === name);
  if (bucket !== undefined) return desiredPolicy(bucket);
  return hasErrors(diagnostics) ? "unknown" : "absent";
}

function statementsEver(states: ReturnType<typeof statesOf>, name: string, top: string): ReadonlySet<string> {
  const policies = states.flatMap((files) => {
    const bucket = parseDesired(files, { top }).buckets.find((one) => one.bucket === name);
    return bucket === undefined ? [] : [desiredPolicy(bucket)];
  });
  return new Set(policies.flatMap((one) => (one === "none" ? [] : one.statements.map(statementKey))));
}

/** The buckets under the guards of both revisions, and what of that goes wrong. */
export function underBase(
  base: Base,
  buckets: readonly DesiredBucket[],
): { readonly buckets: readonly DesiredBucket[]; readonly problems: readonly Diagnostic[] } {
  const problems = [...brokenFiles(base), ...accountProblems(base, buckets)];
  const judged = buckets.map((bucket) => underBoth(base, bucket, problems));
  return { buckets: judged, problems };
}

/** Files of the base that cannot be read may be what this revision mends: told, and it goes on. */
function brokenFiles({ word, revision, desired, isEmpty }: Base): readonly Diagnostic[] {
  const warning = (message: string): Diagnostic => {
    return { code: "base", severity: "warning", message, help: "look at them more closely than usual" };
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
      `at ${word} the policy files have errors (the first is ${place}${first.message}): of their buckets it is not known what was asked for, and their guards do not judge`,
    ),
  ];
}

/** The account that the base knows for a bucket: of its file there, else of the same UID. */
function accountAt({ desired }: Base, { bucket, account }: DesiredBucket): Account | undefined {
  const file = desired.buckets.find((one) => one.bucket === bucket);
  return file?.account ?? desired.accounts.find(({ uid }) => uid === account.uid);
}

/** Whose bucket it is comes from the base: a revision that says otherwise could send it elsewhere. */
function accountProblems(base: Base, buckets: readonly DesiredBucket[]): readonly Diagnostic[] {
  const known = base.desired.accounts;
  return buckets.flatMap((bucket) => {
    const { uid, folder } = bucket.account;
    const before = accountAt(base, bucket) ?? known.find((account) => account.folder === folder);
    if (before === undefined || before.uid === uid) return [];
    const message = `bucket \`${bucket.bucket}\` is of account ${before.uid} at ${base.word}, and of ${uid} here`;
    const help =
      "correct the account; if it is right, plan once without --base and look at what that would write";
    return [{ ...refusal("account-moved", message, help), span: bucket.span }];
  });
}

/** A bucket under the guards of both revisions, so that none can switch off what judges it. */
function underBoth(base: Base, bucket: DesiredBucket, diagnostics: Diagnostic[]): DesiredBucket {
  const account = accountAt(base, bucket);
  if (account === undefined) return bucket;
  const there = base.desired.buckets.find((one) => one.bucket === bucket.bucket);
  const guardrails = (there?.guardrails ?? guardrailsFor(account, bucket, diagnostics)).map((guardrail) => ({
    ...guardrail,
    span: atBase(base, guardrail.span),
  }));
  return {
    ...bucket,
    account: {
      ...bucket.account,
      operators: union(bucket.account.operators, account.operators, operatorValue),
    },
    guardrails: union(bucket.guardrails, guardrails, guardrailValue),
  };
}

/** A place in a file as the base has it: the same path may have other lines now. */
function atBase({ word }: Base, span: Span): Span {
  return { ...span, file: `${word}:${span.file}` };
}

function union<T extends Guardrail | Operator>(
  some: readonly T[],
  others: readonly T[],
  valueOf: (one: T) => unknown,
): readonly T[] {
  const isKnown = (other: T) => some.some((one) => equal(valueOf(one), valueOf(other)));
  return [...some, ...others.filter((other) => !isKnown(other))];
}
