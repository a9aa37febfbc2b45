import { errorCode } from "../system-error.ts";
import type { Run } from "../run/run.ts";
import { readFileSync } from "node:fs";
import { openApi, type Api } from "../github/api.ts";
import { secretsIn } from "../oss/credentials.ts";
import { checkConnection } from "../github/connection.ts";
import { parsePullRequest, type PullRequest } from "../github/event.ts";
import { upsert, type Upserted } from "../github/sticky.ts";
import { closeIssue, commentTarget, issueTarget } from "../github/sticky-targets.ts";
import { isWriting, type Plan } from "../plan/plan.ts";
import {
  driftBody,
  driftEnd,
  driftLabel,
  driftMarker,
  driftNews,
  driftStateOf,
  driftTitle,
  driftTitleOf,
} from "../report/github/drift-issue.ts";
import { githubWarning } from "./github-step.ts";
import type { Io } from "../run/io.ts";

export interface PageReport {
  readonly plan: Plan;
  /** Its first line is the marker by which the comment is found again. */
  readonly markdown: string;
  readonly scope: string;
  readonly link: string | undefined;
  readonly isErrored: boolean;
  readonly exitCode: number;
  /** There where something was written, or could have been. */
  readonly outcomes?: unknown;
}

const timeoutMs = 10_000;

/** Updates the comment on the pull request, or the issue about drift, depending on the event. */
export async function updateGithub(report: PageReport, run: Pick<Run, "out" | "io">): Promise<void> {
  const { GITHUB_EVENT_NAME: event = "" } = run.io.env;
  if (event === "pull_request") return updateComment(report, run);
  if (event === "schedule" || event === "workflow_dispatch") return updateDriftIssue(report, run);
  run.out.note(`github: the event \`${event}\` has no pull request, so there is no comment`);
}

async function updateComment(report: PageReport, run: Pick<Run, "out" | "io">): Promise<void> {
  const { out } = run;
  const pullRequest = readPullRequest(run.io);
  if ("problem" in pullRequest) return githubWarning(`${pullRequest.problem}, so there is no comment`, out);
  const { number, isFork } = pullRequest;
  const api = connect("comment", run);
  if (api === undefined) return;
  const marker = report.markdown.split("\n", 1)[0] ?? "";
  const settled = await upsert(commentTarget(api, number, marker), report.markdown, !isUneventful(report));
  if (settled.kind === "problem") {
    const needs = isFork
      ? "the token of a run for a fork only reads"
      : "it needs the permission pull-requests: write";
    const why = isRefused(settled) ? `; ${needs}` : "";
    return githubWarning(
      `the comment on pull request ${number} could not be written: ${settled.problem.message}${why}`,
      out,
    );
  }
  out.note(`github: the comment on pull request ${number}: ${settled.kind}`);
}

function readPullRequest({ env }: Io): PullRequest | { readonly problem: string } {
  const { GITHUB_EVENT_PATH: file = "" } = env;
  try {
    return (
      parsePullRequest(readFileSync(file, "utf8")) ?? {
        problem: "the file of GITHUB_EVENT_PATH names no pull request",
      }
    );
  } catch (error) {
    const code = errorCode(error);
    return { problem: `the file of GITHUB_EVENT_PATH cannot be read (${code})` };
  }
}

/** Returns whether nothing changes and nothing is wrong. Then there is no first comment, but an older one is updated. */
function isUneventful({ plan: { changes, base }, exitCode }: PageReport): boolean {
  return (
    exitCode === 0 &&
    !changes.some(isWriting) &&
    (base === undefined || base.loosened.length + base.abandoned.length === 0)
  );
}

async function updateDriftIssue(report: PageReport, run: Pick<Run, "out" | "io">): Promise<void> {
  const { out } = run;
  const { plan, isErrored, outcomes } = report;
  const stays = "so the issue about drift stays as it is";
  if (isErrored) return out.note(`github: nothing could be planned, ${stays}`);
  if (outcomes !== undefined) return out.note(`github: plan reports drift and apply fixes it, ${stays}`);
  if (plan.base === undefined) return out.note(`github: drift is not known without --base, ${stays}`);
  const api = connect("issue about drift", run);
  if (api === undefined) return;
  const settled = await settleDrift(report, api);
  if (settled.kind === "problem") {
    const why = isRefused(settled) ? "; it needs the permission issues: write" : "";
    return githubWarning(
      `the issue about drift could not be brought up to date: ${settled.problem.message}${why}`,
      out,
    );
  }
  out.note(`github: the issue about drift: ${settled.kind}`);
}

type SettledDrift = Upserted | { readonly kind: "closed" };

async function settleDrift({ plan, scope, link }: PageReport, api: Api): Promise<SettledDrift> {
  const state = driftStateOf(plan);
  const shelf = issueTarget(api, {
    marker: driftMarker(scope),
    title: driftTitleOf(plan),
    titleStart: driftTitle,
    label: driftLabel,
  });
  if (state === "none") {
    const listed = await shelf.list();
    if ("problem" in listed) return { kind: "problem", problem: listed.problem };
    for (const { id } of listed.value) {
      const said = await say(driftEnd, id, api);
      if (said.kind === "problem") return said;
      const closed = await closeIssue(api, id, "completed");
      if ("problem" in closed) return { kind: "problem", problem: closed.problem };
    }
    return { kind: listed.value.length > 0 ? "closed" : "none" };
  }
  const body = driftBody(plan, { scope, link });
  const settled = await upsert(shelf, body, state === "drifted");
  if (settled.kind !== "updated") return settled;
  const news = driftNews(settled.entry.body, body);
  const said = news === undefined ? settled : await say(news, settled.entry.id, api);
  return said.kind === "problem" ? said : settled;
}

/** Once, however many runs say it. */
function say(text: string, number: number, api: Api): Promise<Upserted> {
  return upsert(commentTarget(api, number, text.split("\n", 1)[0] ?? ""), text, true);
}

function connect(
  what: string,
  { out, io: { env, clock, random } }: Pick<Run, "out" | "io">,
): Api | undefined {
  const checked = checkConnection(env);
  const { clean } = secretsIn(env);
  if (!("problem" in checked)) return openApi(checked, { clock, random, timeoutMs, clean });
  githubWarning(`${checked.problem}; there is no ${what}`, out);
  return undefined;
}

function isRefused(settled: Extract<Upserted, { kind: "problem" }>): boolean {
  const { status, isLimit } = settled.problem;
  return !isLimit && [401, 403, 404].includes(status);
}
