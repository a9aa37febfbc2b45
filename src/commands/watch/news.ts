import type { Outcome, OutcomeResult } from "../../apply/outcome.ts";
import type { Diagnostic } from "../../diagnostic.ts";
import { isWriting, type Plan } from "../../plan/plan.ts";
import { counted, fewNames } from "../../report/printable.ts";
import { outcomeSummary } from "../../report/text/outcome.ts";
import { verdictOf } from "../../report/verdict.ts";
import { exitCodeOf } from "../../run/exit.ts";
import { bucketStates, type BucketStatus, type Statuses } from "./bucket-status.ts";
import type { Log, LogLevel } from "./log.ts";
import type { Reconciled } from "./reconcile.ts";
import type { Due } from "./schedule.ts";

/** What a reconcile found, and what was known before it. */
export interface Found {
  readonly due: Due;
  readonly result: Reconciled;
  readonly before: Statuses;
  readonly after: Statuses;
  readonly seconds: number;
}

/** Logs reconciles: one line for each, and more only about what was not logged before. */
export interface NewsLog {
  log(found: Found): void;
}

export function openNewsLog(log: Log): NewsLog {
  let known: ReadonlySet<string> = new Set();
  return {
    log: ({ due, result, before, after, seconds }) => {
      const lines = [...result.notes.map(noteLine), ...result.findings.map(findingLine)];
      for (const { level, event, message, fields, key } of lines)
        if (!known.has(key)) log(level, event, message, fields);
      const keys = lines.map(({ key }) => key);
      known = new Set(due.account === undefined ? keys : [...known, ...keys]);
      logStatuses(after, before, log);
      for (const outcome of writesOf(result)) logWrite(outcome, result.plan, log);
      logSummary(due, result, { after, seconds, log });
    },
  };
}

interface NewsLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly fields: object;
  /** Equal for lines that say the same. */
  readonly key: string;
}

function noteLine(message: string): NewsLine {
  return { level: "info", event: "note", message, fields: {}, key: `note ${message}` };
}

function findingLine({ code, severity, message, help, span }: Diagnostic): NewsLine {
  const place = span === undefined ? {} : { file: span.file, line: span.start.line };
  const where = span === undefined ? "" : `${span.file}:${span.start.line}: `;
  const rest = help === undefined ? "" : `; help: ${help}`;
  return {
    level: severity === "note" ? "info" : severity,
    event: "finding",
    message: `${where}${message} [${code}]${rest}`,
    fields: { code, ...place, ...(help === undefined ? {} : { help }) },
    key: JSON.stringify([code, place, message]),
  };
}

/** Longest list of names in a line. */
const maxNames = 100;

/** Logs the buckets whose state is news, one line for all with the same. One in order from the start is none. */
function logStatuses(after: Statuses, before: Statuses, log: Log): void {
  const groups = new Map<string, BucketStatus[]>();
  for (const status of after.values()) {
    const known = before.get(status.bucket);
    const isNews = known === undefined ? status.state !== "unchanged" : known.digest !== status.digest;
    if (!isNews) continue;
    const { account, state, message, bucket } = status;
    const key = JSON.stringify([account, state, message.replaceAll(bucket, "")]);
    groups.set(key, [...(groups.get(key) ?? []), status]);
  }
  for (const group of groups.values()) logStatus(group, log);
}

function logStatus(group: readonly BucketStatus[], log: Log): void {
  const [first] = group;
  if (first === undefined) return;
  const { account, state, message, hazards } = first;
  const names = group.map(({ bucket }) => bucket);
  const subject = names.length === 1 ? names.join() : `${names.length} buckets (${fewNames(names)})`;
  const words = state === "unchanged" ? "as the files ask, again" : state;
  const fields = { account, state, hazards, count: names.length, buckets: names.slice(0, maxNames) };
  const text = `${subject}: ${words}${message === "" ? "" : `; ${message}`}`;
  log(state === "unchanged" ? "info" : "warning", "state", text, fields);
}

/** Returns the outcomes of writes. A blocked change is none: the state of its bucket is `held`. */
export function writesOf({ plan, outcomes }: Reconciled): readonly Outcome[] {
  const writing = new Set((plan?.changes ?? []).filter(isWriting).map(({ bucket }) => bucket));
  return outcomes.filter(({ bucket, result }) => writing.has(bucket) && result !== "blocked");
}

const writeLevels: Readonly<Record<OutcomeResult, LogLevel>> = {
  applied: "info",
  unchanged: "info",
  stale: "warning",
  blocked: "warning",
  "not attempted": "warning",
  unverified: "error",
  failed: "error",
};

function logWrite(
  { bucket, action, result, message, help }: Outcome,
  plan: Plan | undefined,
  log: Log,
): void {
  const account = plan?.changes.find((change) => change.bucket === bucket)?.account;
  const why = [message, help === undefined ? "" : `help: ${help}`].filter((part) => part !== "").join("; ");
  const words = `${action} ${bucket}: ${result}${why === "" ? "" : `; ${why}`}`;
  log(writeLevels[result], "write", words, { account, bucket, action, outcome: result });
}

interface Summary {
  readonly after: Statuses;
  readonly seconds: number;
  readonly log: Log;
}

function logSummary({ reason, account }: Due, result: Reconciled, { after, seconds, log }: Summary): void {
  const { plan, endings } = result;
  const fields = { reason, ...(account === undefined ? {} : { account }), seconds };
  if (plan === undefined) {
    const kept = "no plan was made, and nothing was written; it is tried again";
    log("error", "reconcile", kept, { ...fields, exit: 1 });
    return;
  }
  const states = [...after.values()].map(({ state }) => state);
  const buckets = Object.fromEntries(
    bucketStates.map((state) => [state, states.filter((one) => one === state).length]),
  );
  const counts = bucketStates.flatMap((state) =>
    buckets[state] === 0 ? [] : [`${String(buckets[state])} ${state}`],
  );
  const writes = writesOf(result);
  const verdict =
    writes.length > 0 ? outcomeSummary(writes) : `${verdictOf(plan, { isErrored: false }).text}.`;
  const exit = exitCodeOf(endings);
  const level = exit === 1 ? "error" : exit === 0 ? "info" : "warning";
  const all = `${counted(states.length, "bucket")}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}`;
  log(level, "reconcile", `${all}. ${verdict}`, {
    ...fields,
    exit,
    buckets,
    unmanaged: plan.unmanaged.length,
  });
}
