import { counted } from "../report/printable.ts";
import { shardText } from "../desired/shard.ts";
import { countErrors } from "../diagnostic.ts";
import { runLink } from "../github/connection.ts";
import { blocks, riskOf } from "../plan/hazard.ts";
import { isWriting, summarize, type Plan } from "../plan/plan.ts";
import type { ReportContext } from "../report/context.ts";
import { hasDrifted } from "../report/github/drift-issue.ts";
import { planReports, reportNames, type ReportName } from "../report/forms.ts";
import { loadReport, withoutNotes } from "../report/index.ts";
import { planFindings } from "../report/plan-findings.ts";
import { verdictOf, type VerdictContext } from "../report/verdict.ts";

import { exitCodeOf, failure, type Ending } from "../run/exit.ts";
import type { Options } from "../run/options.ts";
import type { Run } from "../run/run.ts";
import type { SelectionOptions } from "../run/selection.ts";
import { toolVersion } from "../run/version.ts";
import { groupByAccount } from "./by-account.ts";
import { updateGithub } from "./github-comment.ts";
import { writeStep } from "./github-step.ts";

interface ReportDetails extends Pick<ReportContext, "isErrored" | "outcomes"> {
  /** Endings of the run without those of its reports. */
  readonly endings: readonly Ending[];
}

/**
 * Writes the requested reports on every exit, and informs GitHub. Where nothing could be planned, they
 * say so. Returns the endings of the run, with those of the reports.
 */
export async function writePlanReports(
  plan: Plan,
  { endings, ...details }: ReportDetails,
  run: Run,
): Promise<readonly Ending[]> {
  const { options, out, io } = run;
  const link = options.github ? runLink(io.env) : undefined;
  const scope = scopeOf(options);
  const context = { version: toolVersion, policies: options.policies, scope, link, ...details };
  const plain = withoutNotes(plan);
  const texts = new Map<ReportName, Iterable<string>>();
  for (const name of reportNames) {
    if (options[name] === undefined && !(name === "markdown" && options.github)) continue;
    const { hasNotes } = planReports[name];
    texts.set(name, (await loadReport[name]())(hasNotes ? plan : plain, context));
  }
  const written = reportNames.flatMap((name) => {
    const file = options[name];
    return file === undefined ? [] : [out.report(file, texts.get(name) ?? [])];
  });
  const all = [...endings, ...written];
  if (options.github) {
    const exitCode = exitCodeOf(all);
    const markdown = [...(texts.get("markdown") ?? [])].join("");
    const outputs = planOutputs(plan, { ...details, exitCode, json: options.json });
    writeStep({ findings: planFindings(plain), markdown, outputs }, run);
    await updateGithub({ plan: plain, markdown, scope, link, exitCode, ...details }, run);
  }
  return all;
}

/** Names the part of the folder that a run covers. Each part has its own comment on a pull request. */
function scopeOf({
  policies,
  account,
  bucket,
  exclude,
  shard,
}: SelectionOptions & Pick<Options, "policies">): string {
  return [
    policies,
    ...account.map((name) => `--account ${name}`),
    ...bucket.map((glob) => `--bucket ${glob}`),
    ...exclude.map((glob) => `--exclude ${glob}`),
    ...(shard === undefined ? [] : [`--shard ${shardText(shard)}`]),
  ].join(" ");
}

interface OutputDetails extends VerdictContext {
  readonly exitCode: number;
  readonly json: string | undefined;
}

/** Returns the outputs of the step; an unknown value is empty, and never 0. */
function planOutputs(plan: Plan, { isErrored, outcomes, exitCode, json }: OutputDetails) {
  const { changes, base } = plan;
  const hazards = changes.flatMap((change) => (change.action === "unreadable" ? [] : change.hazards));
  const summary = summarize(changes);
  const known = (count: number, isKnown = true) => (isErrored || !isKnown ? "" : String(count));
  return {
    verdict: verdictOf(plan, { isErrored, outcomes }).level,
    risk: isErrored ? "" : riskOf(hazards),
    changes: known(changes.filter(isWriting).length),
    blocked: known(summary.blocked),
    drift: known(changes.filter(hasDrifted).length, base !== undefined),
    unreadable: known(summary.unreadable),
    exitcode: String(exitCode),
    ...(json === undefined || json === "-" ? {} : { plan_path: json }),
  };
}

/** Returns the endings that follow from a plan alone. */
export function planEndings({ changes, unmanaged, diagnostics, limits = [] }: Plan): readonly Ending[] {
  const errors = countErrors(diagnostics);
  const blockedBuckets = changes.filter(
    (change) => change.action !== "unreadable" && change.hazards.some(blocks),
  );
  const byHazards: Ending = {
    kind: "blocked",
    why: `${counted(blockedBuckets.length, "bucket")} by hazards that are not accepted`,
  };
  return [
    ...(blockedBuckets.length > 0 ? [byHazards] : []),
    ...limits.map(({ message: why }): Ending => ({ kind: "blocked", why })),
    ...unreadableEndings(changes, unmanaged),
    ...(errors > 0 ? [failure(counted(errors, "error finding"))] : []),
  ];
}

/** Returns what could not be read: where there are several accounts, of which of them. */
function unreadableEndings(changes: Plan["changes"], unmanaged: Plan["unmanaged"]): readonly Ending[] {
  const others = unmanaged.filter(({ state }) => state === "unreadable").length;
  const unreadable = changes.filter(({ action }) => action === "unreadable");
  const text = (count: number, of = "") => failure(`${counted(count, "bucket")}${of} could not be read`);
  const accounts = groupByAccount(changes, ({ account }) => account);
  if (accounts.size < 2) return unreadable.length + others > 0 ? [text(unreadable.length + others)] : [];
  return [
    ...[...groupByAccount(unreadable, ({ account }) => account)].map(([account, { length }]) =>
      text(length, ` of account ${account}`),
    ),
    ...(others > 0 ? [text(others, " without a file")] : []),
  ];
}
