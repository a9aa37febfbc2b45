import { refusal, type Diagnostic } from "../../diagnostic.ts";
import { headAt } from "../../git/head.ts";
import { suggestion } from "../../near-miss.ts";
import { exitCodeOf, exitLine, failure, success, type Ending } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import { openOutput } from "../../run/output.ts";
import { stoppingText, stopOn } from "../../run/stop.ts";
import { toolVersion } from "../../run/version.ts";
import { isFailed } from "../../result.ts";
import { parseListen, plain, serveEndpoints, type ServedEndpoint, type Endpoints } from "./endpoints.ts";
import { logFormats, openLog, type Log, type LogFormat } from "./log.ts";
import { openMetrics, type Metrics } from "./metrics.ts";
import { reconcile, type Reconciled } from "./reconcile.ts";
import { openSchedule, type Due } from "./schedule.ts";
import { openWatched, type Watched } from "./watched.ts";

/** Time between two looks at the clock, at the signals and at HEAD. */
const tickMs = 1_000;
/** Intervals without a success after which the service is not ready. */
const readyIntervals = 3;

/** Plans, or applies, again and again until the user stops it: one reconcile after the other, each for a reason. */
export async function watch(options: Options, io: Io): Promise<number> {
  const stopped = stopOn(io);
  const hangups = { isPending: false };
  io.onHangup(() => {
    hangups.isPending = true;
  });
  const format = logFormats.find((one) => one === options.log);
  if (format === undefined) return refuse([unknownFormat(options.log)], options, io);
  const address = options.listen === undefined ? undefined : parseListen(options.listen);
  if (address !== undefined && isFailed(address)) return refuse(address.problems, options, io);

  const log = openWatchLog(options, io, format);
  const metrics = openMetrics(toolVersion);
  const watched = openWatched(metrics, log, io);
  const server = address && (await serveEndpoints(address, endpointsOf(metrics, watched, options, io)));
  if (server !== undefined && isFailed(server)) return refuse(server.problems, options, io);
  logStart(options, server?.address, log);
  const forget = stopped.onRequest(() => log("info", "stopping", stoppingText));

  const schedule = openSchedule(options.interval, io.random);
  let head = headAt(options.policies);
  const dueNow = (): Due | undefined => {
    const due = schedule.due(io.clock.now());
    if (due?.reason === "start") return due;
    if (hangups.isPending) return { reason: "signal" };
    return headAt(options.policies) === head ? due : { reason: "head" };
  };
  let ending: Ending = success;
  while (!stopped.isRequested()) {
    const due = dueNow();
    if (due === undefined) {
      await io.clock.sleep(tickMs);
      continue;
    }
    hangups.isPending = false;
    head = headAt(options.policies);
    const startedAt = io.clock.now();
    const result = await reconcile(optionsFor(due, options), io, { stop: stopped, onCall: metrics.called });
    if (result.plan === undefined && stopped.isRequested()) break;
    const now = io.clock.now();
    const failed = watched.reconciled({ due, result, seconds: (now - startedAt) / 1_000 });
    schedule.ended(due, { now, failed });
    ending = endingOf(result);
  }
  forget();
  await server?.close();
  log("info", "stopped", exitLine([ending]), { exit: exitCodeOf([ending]) });
  return exitCodeOf([ending]);
}

/** A reconcile of one account is one with --account. */
function optionsFor({ account }: Due, options: Options): Options {
  return account === undefined ? options : { ...options, account: [account] };
}

/** Returns the ending of a service that is stopped now: an error only where a write failed in its last reconcile. */
function endingOf({ outcomes }: Reconciled): Ending {
  const isFailure = outcomes.some(
    ({ action, result }) => action !== "unreadable" && (result === "failed" || result === "unverified"),
  );
  return isFailure ? failure("a write of the last reconcile failed or could not be verified") : success;
}

function unknownFormat(format: string): Diagnostic {
  const message = `--log \`${format}\` is not known`;
  return refusal("option", message, suggestion(format, logFormats));
}

/** Ends a service that cannot start: nothing was connected to. */
function refuse(problems: readonly Diagnostic[], options: Options, io: Io): number {
  const out = openOutput(options, io);
  out.diagnostics(problems);
  return out.end(failure("the service did not start"));
}

function openWatchLog({ quiet }: Options, { stdout, wallTime }: Io, format: LogFormat): Log {
  return openLog({ format, quiet, write: stdout, wallTime });
}

function logStart({ interval, apply, policies, base }: Options, address: string | undefined, log: Log): void {
  const seconds = interval / 1_000;
  const verb = apply ? "apply" : "plan";
  const place = address === undefined ? "" : `, with metrics at http://${address}/metrics`;
  log("info", "start", `oss-policy ${toolVersion}: ${verb} every ${seconds} s${place}`, {
    ...{ version: toolVersion, apply, policies, interval_seconds: seconds },
    ...(base === undefined ? {} : { base }),
    ...(address === undefined ? {} : { listen: address }),
  });
}

function endpointsOf(
  { registry }: Metrics,
  watched: Watched,
  { interval }: Options,
  { clock }: Io,
): Endpoints {
  const metrics = async () => ({
    status: 200,
    type: registry.contentType,
    body: await registry.metrics(),
  });
  const ready = () => {
    const at = watched.lastSuccessAt();
    if (at === undefined) return plain(503, "not ready: no reconcile has succeeded yet");
    const ageMs = clock.now() - at;
    if (ageMs <= readyIntervals * interval) return plain(200, "ok");
    const age = Math.round(ageMs / 1_000);
    return plain(503, `not ready: the last success was ${age} s ago, more than ${readyIntervals} intervals`);
  };
  return new Map<string, ServedEndpoint>([
    ["/metrics", metrics],
    ["/healthz", () => plain(200, "ok")],
    ["/readyz", ready],
  ]);
}
