import type { DesiredBucket } from "../desired/bucket-file.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { isWriting, type Change, type WritingChange } from "../plan/plan.ts";
import { planRequestsOf, type ChangeRequests, type PlanRequests } from "../plan/request-effects.ts";
import { requestNames, type RequestNames } from "../plan/class-table.ts";
import { replay, type Replay } from "../plan/replay.ts";
import { canonicalPolicy } from "../policy/policy.ts";
import { filesOf, startProblem } from "../requests/log-files.ts";
import { readRequests, unreadLog, type ReadRequests } from "../requests/read-requests.ts";
import type { SeenRequest } from "../requests/seen-request.ts";
import { parseWindowTime } from "../requests/window.ts";
import { isFailed, type Failed } from "../result.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";

type WindowOptions = Pick<Options, "requests" | "since" | "until" | "events" | "verbose">;

/** Returns what is wrong with the options that name access logs, before anything else is done. */
export function requestOptionProblems(
  { requests = [], since, until, events, verbose }: WindowOptions,
  io: Pick<Io, "wallTime">,
): readonly Diagnostic[] {
  const window = [
    ["--since", since],
    ["--until", until],
  ] as const;
  const given = window.filter(([, text]) => text !== undefined).map(([flag]) => flag);
  if (requests.length === 0 && given.length > 0)
    return [
      refusal(
        "option",
        `${given.join(" and ")}: without --requests there is no window`,
        "add --requests PATH",
      ),
    ];
  if (requests.length === 0 && verbose)
    return [
      refusal("option", "--verbose: without --requests there is nothing more to show", "add --requests PATH"),
    ];
  const times = window.map(([flag, text]) => [flag, text, timeOf(text, io)] as const);
  const wrong = times.flatMap(([flag, text, ms]) =>
    text !== undefined && ms === undefined
      ? refusal(
          "option",
          `\`${flag} ${text}\` is not a time`,
          "write 7d, 24h, 2026-11-01, or 2026-11-01T08:00:00Z",
        )
      : [],
  );
  const [from, to] = times.map(([, , ms]) => ms);
  if (from !== undefined && to !== undefined && from >= to)
    wrong.push(refusal("option", "--since is not before --until", "name a window that is not empty"));
  const stdins = [...requests, ...(events === undefined ? [] : [events])].filter((path) => path === "-");
  if (stdins.length > 1)
    wrong.push(refusal("option", "stdin can be read once only", "name files for the others"));
  return [...wrong, ...requests.flatMap(pathProblem)];
}

/** Files of one path that are named as unreadable; the others are counted. */
const maxNamed = 5;

/** Reports what of a path will not be read: a log that is left out would be found after everything else was done. */
function pathProblem(path: string): readonly Diagnostic[] {
  const files = filesOf(path);
  if ("problem" in files) return [unreadLog(files)];
  const unread = files.flatMap((file) => startProblem(file) ?? []);
  const rest = unread.length - maxNamed;
  const more = `${rest} more of the logs in \`${path}\` cannot be read`;
  return [...unread.slice(0, maxNamed).map(unreadLog), ...(rest > 0 ? [refusal("requests", more)] : [])];
}

function timeOf(text: string | undefined, { wallTime }: Pick<Io, "wallTime">): number | undefined {
  return text === undefined ? undefined : parseWindowTime(text, wallTime().getTime());
}

/** Result of weighing the changes of a plan by requests. */
export interface WeighedRequests {
  /** Of each changing bucket, by its name. */
  readonly byBucket: ReadonlyMap<string, ChangeRequests>;
  /** Absent if a log could not be read: then nothing is claimed. */
  readonly extent?: PlanRequests;
  readonly diagnostics: readonly Diagnostic[];
}

/** Buckets of a run, and those that its --account, --bucket and --exclude match in all shards. */
export interface WeighedBuckets {
  readonly selected: readonly DesiredBucket[];
  readonly matched: readonly DesiredBucket[];
}

/**
 * Reads the access logs of a run, and replays their requests against the changes. Requests on buckets of other shards are
 * counted as used, so that the plans of all shards have the same counts.
 */
export async function weighRequests(
  changes: readonly Change[],
  buckets: WeighedBuckets,
  options: WindowOptions,
  io: Pick<Io, "wallTime" | "openStreams">,
): Promise<WeighedRequests> {
  const desired = new Map(buckets.selected.map((bucket) => [bucket.bucket, bucket]));
  const names = requestNames();
  const replays = new Map(
    changes.flatMap((change): (readonly [string, Replay])[] => {
      const bucket = desired.get(change.bucket);
      return isWriting(change) && bucket !== undefined
        ? [[change.bucket, replayOf(change, bucket, names, options.verbose)]]
        : [];
    }),
  );
  const read = await readWindow(buckets.matched, options, io, (request) => {
    replays.get(request.bucket)?.add(request);
  });
  if (isFailed(read)) return { byBucket: new Map(), diagnostics: read.problems };
  const byBucket = new Map([...replays].map(([bucket, one]) => [bucket, one.result()]));
  return { byBucket, extent: planRequestsOf(read.counts), diagnostics: read.diagnostics };
}

/** Reads the requests on these buckets in the window of a run. */
export async function readWindow(
  buckets: readonly DesiredBucket[],
  options: WindowOptions,
  io: Pick<Io, "wallTime" | "openStreams">,
  onRequest: (request: SeenRequest) => void,
): Promise<ReadRequests | Failed> {
  const wanted = {
    buckets: new Map(buckets.map(({ bucket, account }) => [bucket, account.uid])),
    sinceMs: timeOf(options.since, io),
    untilMs: timeOf(options.until, io),
  };
  const read = await readRequests(options.requests ?? [], wanted, () => io.openStreams().input, onRequest);
  if (isFailed(read)) return read;
  return { ...read, diagnostics: [...read.diagnostics, ...laterThanNow(read, io)] };
}

const dayMs = 86_400_000;

/** Reports requests of tomorrow and later: a clock is wrong, and the span of the requests with it. */
function laterThanNow(
  { counts: { toMs } }: ReadRequests,
  { wallTime }: Pick<Io, "wallTime">,
): readonly Diagnostic[] {
  const tomorrow = wallTime().getTime() + dayMs;
  if (toMs === undefined || toMs <= tomorrow) return [];
  const message = `the access logs have requests that are later than now, the last one of ${new Date(toMs).toISOString()}`;
  // A day, so that the plans of all shards say the same.
  const day = new Date(tomorrow).toISOString().slice(0, 10);
  const help = `check the clocks, or leave them out with --until ${day}`;
  return [{ code: "unread-requests", severity: "warning", message, help }];
}

function replayOf(
  { before, replaces, names, publicAccess }: WritingChange,
  bucket: DesiredBucket,
  shared: RequestNames,
  hasExamples: boolean,
): Replay {
  const exposure = publicAccess?.exposure;
  const isPrivate = exposure?.state === "known" && exposure.acl === "private";
  const areObjectsOff = exposure?.state === "known" && exposure.blockPublicAccess;
  const change = {
    before: before === null ? "none" : canonicalPolicy(before),
    after: desiredPolicy(bucket),
    bucket: bucketOf(bucket),
    names,
    acls: areObjectsOff ? "nothing" : isPrivate ? "objects" : "unknown",
    hasExamples,
    ...(replaces === undefined ? {} : { cause: "the live policy does not parse" }),
  } as const;
  return replay(change, shared);
}
