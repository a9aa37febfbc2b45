import { isFailed } from "../result.ts";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Desired } from "../desired/desired.ts";
import { compareDiagnostics, hasErrors, mergeDiagnostics, type Diagnostic } from "../diagnostic.ts";
import { lintBuckets } from "../lint/lint.ts";
import type { Sources } from "../report/text/diagnostics.ts";
import { readBase, underBase, type Base } from "./base.ts";
import { readDesired } from "./read-desired.ts";
import { failure } from "../run/exit.ts";
import { gateProblems } from "./gate.ts";
import type { Run } from "../run/run.ts";
import { writePlanReports } from "./write-reports.ts";
import { newAccountProblems } from "./new-account.ts";
import { selectTree } from "../run/selection.ts";
import { openSession, type Session } from "./session.ts";

/** The input of plan and apply: files without a syntax or schema error, the selected buckets, an open store. */
export interface Prepared {
  readonly desired: Desired;
  readonly accounts: readonly Account[];
  readonly buckets: readonly DesiredBucket[];
  /** All buckets that have a file, whichever of them the run is about. */
  readonly managed: readonly DesiredBucket[];
  readonly sources: Sources;
  readonly diagnostics: readonly Diagnostic[];
  readonly session: Session;
  /** The revision that the plan is compared with, where one was named. */
  readonly base?: Base;
}

/** Ending of a run that could not start. */
export const notStarted = failure("nothing was read or written");

/** Reads and checks everything that a plan needs. Returns undefined, after reporting why, where the run cannot go on. */
export async function prepare(run: Run): Promise<Prepared | undefined> {
  const { options, io } = run;
  const { desired, sources, diagnostics } = readDesired(options.policies);
  const refuse = (found: readonly Diagnostic[]) => stop(found, sources, run);
  if (hasErrors(diagnostics)) {
    const lint = [...lintBuckets(desired.buckets).values()].flat();
    return refuse(mergeDiagnostics([...diagnostics, ...lint]).sort(compareDiagnostics));
  }
  const selected = selectTree(desired, options);
  if (isFailed(selected)) return refuse([...diagnostics, ...selected.problems]);
  const { accounts, buckets } = selected;
  const refused = gateProblems(options, buckets);
  if (refused.length > 0) return refuse([...diagnostics, ...refused]);
  const tree = { policies: options.policies, desired, sources };
  const base = options.base === undefined ? undefined : readBase(options.base, tree, io.env);
  if (base !== undefined && isFailed(base)) return refuse([...diagnostics, ...base.problems]);
  const unmeant = newAccountProblems(options, desired, base);
  if (unmeant.length > 0) return refuse([...diagnostics, ...unmeant]);
  const judged = base === undefined ? { buckets, problems: [] } : underBase(base, buckets, options.accept);
  if (hasErrors(judged.problems)) return refuse([...diagnostics, ...judged.problems]);
  const opened = await openSession(accounts, buckets, run);
  if (isFailed(opened)) return refuse([...diagnostics, ...opened.problems]);
  return {
    desired,
    accounts,
    buckets: judged.buckets,
    managed: desired.buckets,
    sources,
    diagnostics: [...diagnostics, ...judged.problems],
    session: opened,
    ...(base === undefined ? {} : { base }),
  };
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
