import { errorCode } from "../system-error.ts";
import { isFailed, type Failed, type Result } from "../result.ts";
import { counted, fewNames } from "../report/printable.ts";
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { applyPlan, maxWriting } from "../apply/apply.ts";
import { journalFolder, openJournal, openNewJournal, type Journal } from "../apply/journal.ts";
import type { Outcome, OutcomeResult } from "../apply/outcome.ts";
import type { Account } from "../desired/account-file.ts";
import { compareText, refusal, type Diagnostic } from "../diagnostic.ts";
import { isWriting, type Plan, type WritingChange } from "../plan/plan.ts";
import { outcomeSummary, renderFixes, renderOutcomes } from "../report/text/outcome.ts";
import {
  goneSince,
  limitShard,
  movedSince,
  parseSavedPlan,
  type SavedChange,
  type SavedPlan,
} from "../plan/saved-plan.ts";
import { withoutNotes } from "../report/index.ts";
import { renderPlan } from "../report/text/plan.ts";

import { failure, success, type Ending } from "../run/exit.ts";
import { isPipeline, type Io } from "../run/io.ts";
import { groupByAccount } from "../pipeline/by-account.ts";
import { makePlan } from "../pipeline/plan.ts";
import { headAt } from "../git/head.ts";
import type { Options } from "../run/options.ts";
import { startRun, type Run } from "../run/run.ts";
import { isSelectedBucket, type SelectionOptions } from "../run/selection.ts";
import { stoppingText, stopOn, type Stop } from "../run/stop.ts";
import { planEndings, writePlanReports } from "../pipeline/write-reports.ts";
import { notStarted, prepare, stop, type Prepared } from "../pipeline/prepare.ts";
import { otherBase } from "../pipeline/saved-base.ts";
import type { Session } from "../pipeline/session.ts";
import { toolVersion } from "../run/version.ts";

/** Makes the live policies match the files: shows the plan, asks for consent at a terminal, writes, reads back. */
export async function apply(options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const saved = readSavedPlan(options);
  if (saved !== undefined && isFailed(saved)) {
    await stop(saved.problems, new Map(), run);
    return run.out.end(notStarted);
  }
  const unlike = otherBase(options, saved, io) ?? shardAlone(options);
  if (unlike !== undefined) {
    await stop([unlike], new Map(), run);
    return run.out.end(notStarted);
  }
  const based = { ...run, options: withBase(options, saved) };
  const prepared = await prepare(based, "apply");
  if (prepared === undefined) return run.out.end(notStarted);
  const made = await makePlan(prepared, based);
  const limited = saved === undefined ? made : limitShard(made, saved, options.accept);
  return carryOut(limited, prepared, based, saved && selectedOf(saved, prepared, options));
}

/** Returns the saved plan of the buckets that the run selects: a run of fewer buckets leaves none of them out. */
function selectedOf(
  saved: SavedPlan,
  { desired }: Pick<Prepared, "desired">,
  options: SelectionOptions,
): SavedPlan {
  const named = desired.accounts.filter(({ uid, name = uid }) =>
    options.account.some((word) => word === uid || word === name),
  );
  const isOfAccount = ({ account }: SavedChange) =>
    options.account.length === 0 || named.some(({ uid }) => uid === account);
  const buckets = [...saved.buckets].filter(
    ([bucket, change]) => isSelectedBucket(bucket, options) && isOfAccount(change),
  );
  return { ...saved, buckets: new Map(buckets) };
}

/** The plan of one shard says nothing of the limits, so a merged one must. */
function shardAlone({ shard, plan: file }: Options): Diagnostic | undefined {
  if (shard === undefined || file !== undefined) return undefined;
  const message =
    "--shard needs --plan: one shard cannot judge the limits of an account, which count all shards";
  return refusal("saved-plan", message, "give the plan that `merge` made of the plans of all shards");
}

/** Keeps the base of the saved plan, so that its guards apply to the end. */
function withBase(options: Options, saved: SavedPlan | undefined): Options {
  const base = options.base ?? saved?.base;
  return base === undefined ? options : { ...options, base };
}

function readSavedPlan({ plan: file }: Pick<Options, "plan">): Result<SavedPlan> | undefined {
  if (file === undefined) return undefined;
  const help = "make a new one with `plan --json FILE`, and of shards with `merge --json FILE`";
  const failed = (message: string): Failed => ({ problems: [refusal("saved-plan", message, help)] });
  try {
    const saved = parseSavedPlan(readFileSync(file, "utf8"), toolVersion);
    if (!("problem" in saved)) return saved;
    return failed(`the plan \`${file}\` cannot be taken: ${saved.problem}`);
  } catch (error) {
    return failed(`the plan \`${file}\` cannot be read (${errorCode(error)})`);
  }
}

/** Carries out a plan of apply or restore: print, confirm, write, report. Returns the exit code. */
export async function carryOut(
  made: Plan,
  { session, sources }: Prepared,
  run: Run,
  saved?: SavedPlan,
): Promise<number> {
  const { out } = run;
  out.diagnostics(withoutNotes(made).diagnostics, sources);
  out.result(renderPlan(made, out.style));
  const consent = await askConsent(made, run);
  const { outcomes, endings } =
    consent === "yes"
      ? await writeChanges(made, session, run, { saved, stop: notedStop(run) })
      : nothingWritten;
  await session.close();
  const refused = consent === "yes" ? success : failure("the plan was not confirmed, so nothing was written");
  const all = [...planEndings(made), ...endings, refused];
  return out.end(...(await writePlanReports(made, { isErrored: false, outcomes, endings: all }, run)));
}

/** Result of a reconcile: a plan, and the outcomes where it was applied. */
export interface Reconciliation extends WrittenChanges {
  readonly plan: Plan;
  /** Accounts that it covered. */
  readonly accounts: readonly Account[];
}

/**
 * Plans and, with --apply, applies what no guard blocks, without a question and a report: one turn of a service.
 * Returns undefined where no plan could be made, or the request to stop came before it was made.
 */
export async function reconcileOnce(run: Run, stop: Stop): Promise<Reconciliation | undefined> {
  const { options, out } = run;
  const head = headAt(options.policies);
  const prepared = await prepare(run, options.apply ? "apply" : "plan");
  if (prepared === undefined) return undefined;
  const { session, accounts, sources } = prepared;
  // Calls in flight are given up: nothing is written yet.
  const forget = stop.onRequest(() => void session.close());
  try {
    if (stop.isRequested()) return undefined;
    const plan = await makePlan(prepared, run);
    forget();
    if (stop.isRequested()) return undefined;
    // Some of the files may be of the commit before: such a tree is no one's.
    if (headAt(options.policies) !== head) {
      out.diagnostics([movedMeanwhile]);
      return undefined;
    }
    out.diagnostics(withoutNotes(plan).diagnostics, sources);
    const written = options.apply ? await writeChanges(plan, session, run, { stop }) : nothingWritten;
    return { plan, accounts, ...written, endings: [...planEndings(plan), ...written.endings] };
  } finally {
    forget();
    await session.close();
  }
}

const movedMeanwhile = refusal(
  "watch",
  "the checkout moved while it was read, so nothing was written",
  "the new commit is reconciled at once",
);

type Consent = "yes" | "no" | "impossible";

/** Asks for consent, unless there is nothing to write or the run is in a pipeline, where no one could answer. */
async function askConsent(made: Plan, { options, io, out }: Run): Promise<Consent> {
  const pending = made.changes.filter((change) => isWriting(change) && !change.blocked).length;
  if (pending === 0 || options.yes || isPipeline(io)) return "yes";
  if (io.isTerminal.stdin && io.isTerminal.stderr) {
    const answer = await io.ask(`Write ${counted(pending, "policy change")} to OSS? Only \`yes\` writes: `);
    if (answer?.trim() === "yes") return "yes";
    return "no";
  }
  const message = "there is no terminal to confirm the plan, so nothing was written";
  out.diagnostics([refusal("consent", message, "add --yes to apply without confirmation")]);
  return "impossible";
}

/** Watches for the request to stop, and notes it. */
function notedStop({ io, out }: Run): Stop {
  const stop = stopOn(io);
  stop.onRequest(() => out.note(stoppingText));
  return stop;
}

interface WriteOptions {
  readonly saved?: SavedPlan | undefined;
  readonly stop: Stop;
}

/** Writes the changes. The journal is opened first; without it nothing is written. */
async function writeChanges(
  made: Plan,
  { storeOf, hurry }: Session,
  run: Run,
  { saved, stop }: WriteOptions,
): Promise<WrittenChanges> {
  const { options, io, out } = run;
  const onOutcome = out.progress("applying", made.changes.length);
  const pending = made.changes.filter((change) => isWriting(change)).filter(({ blocked }) => !blocked);
  const journal = pending.length > 0 ? startJournal(pending, run) : noJournal;
  if (isFailed(journal)) {
    out.diagnostics(journal.problems);
    return { outcomes: [], endings: [failure("there is no journal, so nothing was written")] };
  }
  const ofAccounts = groupByAccount(made.changes, ({ account }) => account);
  const share = Math.max(1, Math.floor(maxWriting / Math.max(1, ofAccounts.size)));
  const concurrency = Math.min(options.concurrency, share);
  const forget = stop.onRequest(hurry);
  const applied = await Promise.all(
    [...ofAccounts].map(([account, changes]) =>
      applyPlan(changes, storeOf(account), {
        concurrency,
        moved: (change) => (saved === undefined ? undefined : movedSince(saved, change, options.shard)),
        clock: io.clock,
        journal,
        isStopped: () => stop.isRequested(),
        onOutcome,
      }),
    ),
  );
  forget();
  const outcomes = applied.flat().sort((a, b) => compareText(a.bucket, b.bucket));
  journal.close();
  const lines = renderOutcomes(outcomes, out.style);
  const fixes = renderFixes(outcomes);
  out.result(`\n${[...lines, ...fixes, outcomeSummary(outcomes)].join("\n")}\n`);
  return { outcomes, endings: [...outcomeEndings(outcomes), ...goneEndings(made, saved)] };
}

function goneEndings({ changes }: Plan, saved: SavedPlan | undefined): readonly Ending[] {
  const gone = saved === undefined ? [] : goneSince(saved, changes);
  if (gone.length === 0) return [];
  const names = fewNames(gone.map((name) => `\`${name}\``));
  return [{ kind: "stale", why: `the saved plan writes ${names}, which no file asks for now` }];
}

const nothingWritten: WrittenChanges = { outcomes: [], endings: [] };

interface WrittenChanges {
  readonly outcomes: readonly Outcome[];
  readonly endings: readonly Ending[];
}

/** Journal of a run that overwrites nothing worth keeping: no write, or a sandbox that ends with the run. */
const noJournal: Journal = { write: () => undefined, close: () => undefined };

function startJournal(
  pending: readonly WritingChange[],
  { options, io: { today }, out }: Run,
): Result<Journal> {
  if (options.sandbox && options.journal === undefined) return noJournal;
  try {
    const { file, journal } =
      options.journal === undefined
        ? openNewJournal(journalFolder, today)
        : { file: options.journal, journal: openJournal(options.journal) };
    out.note(keptText(file, pending));
    if (options.journal === undefined) noteLink(out);
    return journal;
  } catch (error) {
    const place = options.journal === undefined ? `in \`${journalFolder}\`` : `\`${options.journal}\``;
    const message = `the journal ${place} cannot be started (${errorPlace(error)})`;
    const elsewhere = "name a new file with --journal, in a folder that can be written";
    const help = options.apply ? "run it in a folder that can be written" : elsewhere;
    return { problems: [refusal("journal", message, help)] };
  }
}

/** Says where the default folder of journals is, if a link leads there: it may be one of the checkout. */
function noteLink(out: Run["out"]): void {
  const real = realpathSync(journalFolder);
  if (real !== join(realpathSync("."), journalFolder)) out.note(`\`${journalFolder}\` is a link to ${real}`);
}

/** Says what the journal keeps, and what of it restore does not write. */
function keptText(file: string, pending: readonly WritingChange[]): string {
  const unparsed = pending.filter(({ replaces }) => replaces !== undefined);
  const kept = `what is overwritten is kept in ${file}`;
  const back = unparsed.length === pending.length ? "" : `; \`restore --journal ${file}\` puts it back`;
  if (unparsed.length === 0) return kept + back;
  const names = fewNames(unparsed.map(({ bucket }) => `\`${bucket}\``));
  return `${kept}${back}; restore does not write what does not parse: the old text of ${names} is the \`body\` of its line there`;
}

/** The error of the operating system, and the path that it is about. */
function errorPlace(error: unknown): string {
  const { path } = error as NodeJS.ErrnoException;
  return path === undefined ? errorCode(error) : `${errorCode(error)}: ${path}`;
}

const endingKinds: Record<OutcomeResult, Ending["kind"]> = {
  applied: "success",
  unchanged: "success",
  unverified: "error",
  failed: "error",
  stale: "stale",
  blocked: "blocked",
  "not attempted": "error",
};

/** Returns one ending for each result that is not a success; the plan already counts unreadable buckets. */
function outcomeEndings(outcomes: readonly Outcome[]): readonly Ending[] {
  const written = outcomes.filter(({ action }) => action !== "unreadable");
  return (Object.keys(endingKinds) as OutcomeResult[]).flatMap((result) => {
    const count = written.filter((outcome) => outcome.result === result).length;
    if (count === 0 || endingKinds[result] === "success") return [];
    return [{ kind: endingKinds[result], why: `${counted(count, "change")} ${result}` }];
  });
}
