import { applyPlan } from "../apply/apply.ts";
import type { Outcome, Result } from "../apply/outcome.ts";
import { refusal } from "../diagnostic.ts";
import { isWriting, type Plan } from "../plan/plan.ts";
import { outcomeSummary, renderOutcome } from "../report/outcome-text.ts";
import { renderPlan } from "../report/plan-text.ts";
import { counted } from "../report/text.ts";
import { failure, success, type Ending } from "../run/exit.ts";
import { isPipeline, type Io } from "../run/io.ts";
import { makePlan } from "../run/make-plan.ts";
import type { Options } from "../run/options.ts";
import { openOutput, type Output } from "../run/output.ts";
import { planEndings, withoutNotes, writePlanReports } from "../run/plan-report.ts";
import { notStarted, prepare } from "../run/prepare.ts";
import type { Session } from "../run/session.ts";

/** Makes the live policies match the files: shows the plan, asks where somebody can answer, writes, reads back. */
export async function apply(options: Options, io: Io): Promise<number> {
  const out = openOutput(options, io);
  const prepared = await prepare(options, io, out);
  if (prepared === undefined) return out.end(notStarted);
  const made = await makePlan(prepared, options, out, io);
  out.diagnostics(withoutNotes(made.diagnostics), prepared.sources);
  out.result(renderPlan(made, out.style));
  const consent = await askConsent(made, options, io, out);
  const outcomes = consent === "yes" ? await write(made, prepared.session, options, io, out) : [];
  await prepared.session.close();
  const reported = writePlanReports(made, options, out, { isErrored: false, outcomes });
  const refused = consent === "yes" ? success : failure("nobody said yes, so nothing was written");
  return out.end(...planEndings(made), ...outcomeEndings(outcomes), refused, ...reported);
}

type Consent = "yes" | "no" | "impossible";

/** A plan with nothing to write needs no question; neither does a pipeline, where nobody could answer it. */
async function askConsent(made: Plan, options: Options, io: Io, out: Output): Promise<Consent> {
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

async function write(
  made: Plan,
  { store }: Session,
  { concurrency }: Options,
  { clock }: Io,
  out: Output,
): Promise<readonly Outcome[]> {
  const onOutcome = out.progress("applying", made.changes.length);
  const outcomes = await applyPlan(made.changes, store, { concurrency, clock, onOutcome });
  const lines = outcomes
    .filter(({ result }) => result !== "unchanged")
    .map((outcome) => renderOutcome(outcome, out.style));
  out.result(`\n${[...lines, outcomeSummary(outcomes)].join("\n")}\n`);
  return outcomes;
}

const endingKinds: Record<Result, Ending["kind"]> = {
  applied: "success",
  unchanged: "success",
  unverified: "error",
  failed: "error",
  stale: "stale",
  "held back": "held back",
};

/** One ending for each result that is no success; what could not be read is counted by the plan already. */
function outcomeEndings(outcomes: readonly Outcome[]): readonly Ending[] {
  const told = outcomes.filter(({ action }) => action !== "unreadable");
  return (Object.keys(endingKinds) as Result[]).flatMap((result) => {
    const count = told.filter((outcome) => outcome.result === result).length;
    if (count === 0 || endingKinds[result] === "success") return [];
    return [{ kind: endingKinds[result], why: `${counted(count, "change")} ${result}` }];
  });
}
