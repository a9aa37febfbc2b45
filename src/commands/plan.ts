import { isWriting, type Plan } from "../plan/plan.ts";
import { withoutNotes } from "../report/index.ts";
import type { Sources } from "../report/text/diagnostics.ts";
import { renderPlan } from "../report/text/plan.ts";
import { success, type Ending } from "../run/exit.ts";
import type { Io } from "../run/io.ts";
import { makePlan } from "../pipeline/plan.ts";
import type { Options } from "../run/options.ts";
import { startRun, type Run } from "../run/run.ts";
import { planEndings, writePlanReports } from "../pipeline/write-reports.ts";
import { notStarted, prepare, type Prepared } from "../pipeline/prepare.ts";

/** Shows what apply would do. */
export async function plan(options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const prepared = await prepare(run, "plan");
  if (prepared === undefined) return run.out.end(notStarted);
  const made = await makePlan(prepared, run);
  return showPlan(made, prepared, run);
}

/** Shows a plan and nothing more, in the requested reports too. Returns the exit code. */
export async function showPlan(made: Plan, { session, sources }: Prepared, run: Run): Promise<number> {
  await session.close();
  return showMade(made, sources, run);
}

/** Shows a plan that is made, as `showPlan` does. */
export async function showMade(made: Plan, sources: Sources, run: Run): Promise<number> {
  const { options, out } = run;
  out.diagnostics(withoutNotes(made).diagnostics, sources);
  out.result(renderPlan(made, out.style));
  const endings = [...planEndings(made), pendingEnding(made, options)];
  return out.end(...(await writePlanReports(made, { isErrored: false, endings }, run)));
}

function pendingEnding({ changes }: Plan, { detailedExitcode }: Options): Ending {
  return detailedExitcode && changes.some(isWriting) ? { kind: "changes", why: "" } : success;
}
