import { isFailed, type Failed, type Result } from "../result.ts";
import { counted } from "../report/printable.ts";
import { readFileSync } from "node:fs";
import { applyPlan } from "../apply/apply.ts";
import { journalFolder, openJournal, openNewJournal, type Journal } from "../apply/journal.ts";
import type { Outcome, OutcomeResult } from "../apply/outcome.ts";
import { refusal } from "../diagnostic.ts";
import { isWriting, type Plan } from "../plan/plan.ts";
import { outcomeSummary, renderFixes, renderOutcomes } from "../report/text/outcome.ts";
import { goneSince, movedSince, parseSavedPlan, type SavedPlan } from "../plan/saved-plan.ts";
import { withoutNotes } from "../report/index.ts";
import { renderPlan } from "../report/text/plan.ts";

import { failure, success, type Ending } from "../run/exit.ts";
import { isPipeline, type Io } from "../run/io.ts";
import { makePlan } from "../pipeline/plan.ts";
import type { Options } from "../run/options.ts";
import { startRun, type Run } from "../run/run.ts";
import { planEndings, writePlanReports } from "../pipeline/write-reports.ts";
import { notStarted, prepare, stop, type Prepared } from "../pipeline/prepare.ts";
import { otherBase } from "../pipeline/saved-base.ts";
import type { Session } from "../pipeline/session.ts";
import { toolVersion } from "../run/version.ts";

/** Makes the live policies match the files: shows the plan, asks where somebody can answer, writes, reads back. */
export async function apply(options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const saved = readSavedPlan(options);
  if (saved !== undefined && isFailed(saved)) {
    await stop(saved.problems, new Map(), run);
    return run.out.end(notStarted);
  }
  const unlike = otherBase(options, saved, io);
  if (unlike !== undefined) {
    await stop([unlike], new Map(), run);
    return run.out.end(notStarted);
  }
  const based = { ...run, options: withBase(options, saved) };
  const prepared = await prepare(based);
  if (prepared === undefined) return run.out.end(notStarted);
  const made = await makePlan(prepared, based);
  return carryOut(made, prepared, based, saved);
}

/** What a plan was compared with, it is compared with again: its guards hold to the end. */
function withBase(options: Options, saved: SavedPlan | undefined): Options {
  const base = options.base ?? saved?.base;
  return base === undefined ? options : { ...options, base };
}

function readSavedPlan({ plan: file }: Pick<Options, "plan">): Result<SavedPlan> | undefined {
  if (file === undefined) return undefined;
  const help = "make a new one with `plan --json FILE`";
  const failed = (message: string): Failed => ({ problems: [refusal("saved-plan", message, help)] });
  try {
    const saved = parseSavedPlan(readFileSync(file, "utf8"), toolVersion);
    if (!("problem" in saved)) return saved;
    return failed(`the plan \`${file}\` cannot be taken: ${saved.problem}`);
  } catch (error) {
    return failed(`the plan \`${file}\` cannot be read (${errorCode(error)})`);
  }
}

/** What follows a plan that is to be carried out, whether by apply or by restore. */
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
  const { outcomes, endings } = consent === "yes" ? await write(made, session, run, saved) : nothingWritten;
  await session.close();
  const refused = consent === "yes" ? success : failure("nobody said yes, so nothing was written");
  const all = [...planEndings(made), ...endings, refused];
  return out.end(...(await writePlanReports(made, { isErrored: false, outcomes, endings: all }, run)));
}

type Consent = "yes" | "no" | "impossible";

/** A plan with nothing to write needs no question; neither does a pipeline, where nobody could answer it. */
async function askConsent(made: Plan, { options, io, out }: Run): Promise<Consent> {
  const pending = made.changes.filter((change) => isWriting(change) && !change.blocked).length;
  if (pending === 0 || options.yes || isPipeline(io)) return "yes";
  if (io.isTerminal.stdin && io.isTerminal.stderr) {
    const answer = await io.ask(`Write ${counted(pending, "policy change")} to OSS? Only \`yes\` writes: `);
    if (answer.trim() === "yes") return "yes";
    return "no";
  }
  const message = "nobody is here to say yes, so nothing was written";
  out.diagnostics([refusal("consent", message, "add --yes to apply without a question")]);
  return "impossible";
}

/** The journal is made first: where it cannot be, nothing is written. */
async function write(made: Plan, { store }: Session, run: Run, saved?: SavedPlan): Promise<WrittenChanges> {
  const { options, io, out } = run;
  const onOutcome = out.progress("applying", made.changes.length);
  const isPending = made.changes.some((change) => isWriting(change) && !change.blocked);
  const journal = isPending ? startJournal(run) : noJournal;
  if (isFailed(journal)) {
    out.diagnostics(journal.problems);
    return { outcomes: [], endings: [failure("there is no journal, so nothing was written")] };
  }
  let isStopped = false;
  void io.untilStopped().then(() => {
    isStopped = true;
    out.note("stopping: the writes in flight are finished, no other is begun; once more stops at once");
  });
  const { concurrency } = options;
  const outcomes = await applyPlan(made.changes, store, {
    concurrency,
    moved: (change) => (saved === undefined ? undefined : movedSince(saved, change)),
    clock: io.clock,
    journal,
    isStopped: () => isStopped,
    onOutcome,
  });
  journal.close();
  const lines = renderOutcomes(outcomes, out.style);
  const mends = renderFixes(outcomes);
  out.result(`\n${[...lines, ...mends, outcomeSummary(outcomes)].join("\n")}\n`);
  return { outcomes, endings: [...outcomeEndings(outcomes), ...goneEndings(made, saved)] };
}

function goneEndings({ changes }: Plan, saved: SavedPlan | undefined): readonly Ending[] {
  const gone = saved === undefined ? [] : goneSince(saved, changes);
  if (gone.length === 0) return [];
  const names = gone.map((name) => `\`${name}\``).join(", ");
  return [{ kind: "stale", why: `the saved plan writes ${names}, and nobody asks for that now` }];
}

const nothingWritten: WrittenChanges = { outcomes: [], endings: [] };

interface WrittenChanges {
  readonly outcomes: readonly Outcome[];
  readonly endings: readonly Ending[];
}

/** Where nothing is overwritten that anybody could want back: no write, or a sandbox that ends with the run. */
const noJournal: Journal = { write: () => undefined, close: () => undefined };

function startJournal({ options, io: { today }, out }: Run): Result<Journal> {
  if (options.sandbox && options.journal === undefined) return noJournal;
  try {
    const { file, journal } =
      options.journal === undefined
        ? openNewJournal(journalFolder, today)
        : { file: options.journal, journal: openJournal(options.journal) };
    out.note(`what is overwritten is kept in ${file}; \`restore --journal ${file}\` puts it back`);
    return journal;
  } catch (error) {
    const place = options.journal === undefined ? `in \`${journalFolder}\`` : `\`${options.journal}\``;
    const message = `the journal ${place} cannot be started (${errorPlace(error)})`;
    const help = "name a new file with --journal, in a folder that can be written";
    return { problems: [refusal("journal", message, help)] };
  }
}

/** The error of the operating system, and the path that it is about. */
function errorPlace(error: unknown): string {
  const { path } = error as NodeJS.ErrnoException;
  return path === undefined ? errorCode(error) : `${errorCode(error)}: ${path}`;
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
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

/** One ending for each result that is no success; what could not be read is counted by the plan already. */
function outcomeEndings(outcomes: readonly Outcome[]): readonly Ending[] {
  const told = outcomes.filter(({ action }) => action !== "unreadable");
  return (Object.keys(endingKinds) as OutcomeResult[]).flatMap((result) => {
    const count = told.filter((outcome) => outcome.result === result).length;
    if (count === 0 || endingKinds[result] === "success") return [];
    return [{ kind: endingKinds[result], why: `${counted(count, "change")} ${result}` }];
  });
}
