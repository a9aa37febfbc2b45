import { isFailed } from "../result.ts";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Desired } from "../desired/desired.ts";
import { compareDiagnostics, hasErrors, mergeDiagnostics, type Diagnostic } from "../diagnostic.ts";
import { unsilenced } from "../lint/lint.ts";
import type { Sources } from "../report/text/diagnostics.ts";
import type { EventTrail } from "../actiontrail/last-calls.ts";
import { credentialsAtBase, readBase, underBase, type Base } from "./base.ts";
import type { Checks } from "./bucket-checks.ts";
import { openEarlyReads, type EarlyReads } from "./early-reads.ts";
import { readTree } from "./read-desired.ts";
import { failure } from "../run/exit.ts";
import { gateProblems } from "./gate.ts";
import type { CredentialUse } from "./open-credentials.ts";
import { readEvents } from "./read-events.ts";
import type { Run } from "../run/run.ts";
import { writePlanReports } from "./write-reports.ts";
import { newAccountProblems } from "./new-account.ts";
import type { Options } from "../run/options.ts";
import { noteExcluded, selectTree, type SelectedTree } from "../run/selection.ts";
import { requestOptionProblems } from "./weigh-requests.ts";
import { noSession, type Session } from "./session.ts";

/** The input of plan and apply: files without a syntax or schema error, the selected buckets, an open store. */
export interface Prepared {
  readonly desired: Desired;
  readonly accounts: readonly Account[];
  readonly buckets: readonly DesiredBucket[];
  /** Buckets of all shards that --account, --bucket and --exclude match. */
  readonly matched: readonly DesiredBucket[];
  /** All buckets that have a file, whichever of them the run is about. */
  readonly managed: readonly DesiredBucket[];
  readonly sources: Sources;
  readonly diagnostics: readonly Diagnostic[];
  readonly checks: Checks;
  readonly session: Session;
  /** Reads that were started while the files were parsed. */
  readonly early?: EarlyReads;
  /** The revision that the plan is compared with, where one was named. */
  readonly base?: Base;
  /** The events of ActionTrail, where they were given. */
  readonly events?: EventTrail;
}

/** Ending of a run that could not start. */
export const notStarted = failure("no plan was made, and nothing was written");

/** Reads and checks everything that a plan needs. Returns undefined, after reporting why, where the run cannot go on. */
export async function prepare(run: Run, use: CredentialUse): Promise<Prepared | undefined> {
  const { options, io } = run;
  const events = options.events === undefined ? undefined : await readEvents(options.events, io);
  if (events !== undefined && isFailed(events)) return stop(events.problems, new Map(), run);
  const unreadable = requestOptionProblems(options, io);
  if (unreadable.length > 0) return stop(unreadable, new Map(), run);
  const early = openEarlyReads(run, use);
  const { shard, policies } = options;
  // The guards of a base are compared with those of all files.
  const kept = options.base === undefined ? shard : undefined;
  const tree = await readTree(policies, { depth: "rules", spared: 1, shard: kept, onBuckets: early.start });
  const { desired, sources, diagnostics, checks } = tree;
  const refuse = async (found: readonly Diagnostic[]) => {
    await early.close();
    return stop(found, sources, run);
  };
  if (hasErrors(diagnostics)) {
    const lint = [...unsilenced(desired.buckets, ({ bucket }) => checks(bucket).found, "").values()].flat();
    return refuse(mergeDiagnostics([...diagnostics, ...lint]).sort(compareDiagnostics));
  }
  const selected = selectTree(desired, options);
  if (isFailed(selected)) return refuse([...diagnostics, ...selected.problems]);
  const { buckets } = selected;
  const accounts = selected.accounts.filter((account) => isNeeded(account, selected, options));
  noteExcluded(selected, run.out);
  const refused = gateProblems(options, selected.matched);
  if (refused.length > 0) return refuse([...diagnostics, ...refused]);
  const planned = { policies: options.policies, desired, sources };
  const base = options.base === undefined ? undefined : readBase(options.base, planned, io.env);
  if (base !== undefined && isFailed(base)) return refuse([...diagnostics, ...base.problems]);
  const unmeant = newAccountProblems(options, desired, base);
  if (unmeant.length > 0) return refuse([...diagnostics, ...unmeant]);
  const judged = base === undefined ? { buckets, problems: [] } : underBase(base, buckets, options.accept);
  if (hasErrors(judged.problems)) return refuse([...diagnostics, ...judged.problems]);
  const owners = base === undefined ? accounts : credentialsAtBase(base, accounts);
  const opened = owners.length === 0 ? noSession : await early.session(owners, buckets);
  if (isFailed(opened)) return refuse([...diagnostics, ...opened.problems]);
  return {
    desired,
    accounts,
    buckets: judged.buckets,
    matched: selected.matched,
    managed: desired.buckets,
    sources,
    diagnostics: [...diagnostics, ...judged.problems, ...(events?.diagnostics ?? [])],
    checks,
    session: opened,
    early,
    ...(base === undefined ? {} : { base }),
    ...(events === undefined ? {} : { events: events.trail }),
  };
}

/** Returns whether a run calls OSS for an account. One tree of one account is opened always, so that its credentials are tried. */
function isNeeded(
  account: Account,
  { accounts, buckets }: Pick<SelectedTree, "accounts" | "buckets">,
  { bucket: globs }: Pick<Options, "bucket">,
): boolean {
  const isListed = account.scope === "all" && globs.length === 0;
  return accounts.length === 1 || isListed || buckets.some((bucket) => bucket.account === account);
}

/** Reports why a run does not start, in the requested reports too. */
export async function stop(
  diagnostics: readonly Diagnostic[],
  sources: Sources,
  run: Run,
): Promise<undefined> {
  run.out.diagnostics(diagnostics, sources);
  const nothing = { changes: [], unmanaged: [], diagnostics };
  await writePlanReports(nothing, { isErrored: true, endings: [notStarted] }, run);
  return undefined;
}
