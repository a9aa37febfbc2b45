import { existsSync, readFileSync } from "node:fs";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { conformanceCases } from "../conformance/cases/index.ts";
import { checkedEndpoint, Unreachable } from "../conformance/client.ts";
import {
  caseText,
  questionFindings,
  renderInterpretations,
  type CaseFinding,
  type RunFacts,
} from "../conformance/findings.ts";
import { parseIdentities, type IdentityFile } from "../conformance/identities.ts";
import { findingsJson } from "../conformance/json.ts";
import { runConformance, type ConformanceOutcome } from "../conformance/run.ts";
import { pointTexts } from "../access/interpretation-texts.ts";
import { isFailed, type Failed } from "../result.ts";
import { tableText } from "../report/text/answers.ts";
import { failure, success, type Ending } from "../run/exit.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { openOutput, type Output } from "../run/output.ts";
import { stopOn, type Stop } from "../run/stop.ts";
import { toolVersion } from "../run/version.ts";
import { errorCode } from "../system-error.ts";
import { startScratchSandbox, type ScratchSandbox } from "./conformance-sandbox.ts";

/** Longest time until a policy must be in force. */
const patienceMs = 30_000;
const sandboxPatienceMs = 500;
const defaultRegion = "cn-hangzhou";

/** Finds out what OSS does where its documentation leaves it open, on a scratch bucket. */
export async function conformance(options: Options, io: Io): Promise<number> {
  const out = openOutput(options, io);
  const [bucket = ""] = options.bucket;
  const wrong = [...wordProblems(options), ...outputProblems(options.output)];
  if (wrong.length > 0) return refuse(wrong, out);
  const sandbox = options.sandbox ? await startScratchSandbox(bucket, options) : undefined;
  if (sandbox !== undefined && isFailed(sandbox)) return refuse(sandbox.problems, out);
  try {
    return await observe(bucket, sandbox, { options, io, out });
  } finally {
    await sandbox?.close();
  }
}

interface Invocation {
  readonly options: Options;
  readonly io: Io;
  readonly out: Output;
}

async function observe(
  bucket: string,
  sandbox: ScratchSandbox | undefined,
  run: Invocation,
): Promise<number> {
  const { options, io, out } = run;
  const identities = sandbox?.identities ?? readIdentities(options, io);
  if (isFailed(identities)) return refuse(identities.problems, out);
  const endpoint = checkedEndpoint(sandbox?.url ?? options.endpoint ?? io.env["OSS_ENDPOINT"]);
  if ("problem" in endpoint) return refuse([refusal("endpoint", endpoint.problem, endpoint.help)], out);
  const region = options.region ?? sandbox?.region ?? defaultRegion;
  const stop = stopOn(io);
  const outcome = await attempt(bucket, { ...identities, region, endpoint: endpoint.template }, stop, run);
  if (typeof outcome === "string") return out.end(failure(outcome));
  switch (outcome.kind) {
    case "refused":
      return refuse([refusal("conformance", outcome.refusal.problem, outcome.refusal.help)], out);
    case "stopped":
      return out.end(failure("stopped, and the bucket is as it was"));
    case "done":
      return out.end(...report(outcome, { bucket, region, endpoint: endpoint.template ?? "OSS" }, run));
  }
}

interface CalledPlace extends IdentityFile {
  readonly region: string;
  readonly endpoint: string | undefined;
}

/** Runs the cases; returns what failed where OSS did not answer. */
async function attempt(
  bucket: string,
  { identities, address, region, endpoint }: CalledPlace,
  stop: Stop,
  { options, io, out }: Invocation,
): Promise<ConformanceOutcome | string> {
  try {
    return await runConformance({
      bucket,
      region,
      endpoint,
      identities,
      env: io.env,
      address,
      cases: conformanceCases,
      journal: journalOf(options.output),
      run: `${io.today}-${Math.floor(io.random() * 36 ** 8).toString(36)}`,
      // What a sandbox does, it does at once.
      patienceMs: options.sandbox ? sandboxPatienceMs : patienceMs,
      wait: (ms) => io.clock.sleep(ms),
      nowMs: () => io.clock.now(),
      wallTime: io.wallTime,
      isStopped: () => stop.isRequested(),
      onCase: out.progress("cases", conformanceCases.length),
      note: out.note,
    });
  } catch (error) {
    if (error instanceof Unreachable) return error.message;
    const code = errorCode(error);
    if (!/^E[A-Z]+$/.test(code)) throw error;
    return `\`${journalOf(options.output)}\` cannot be written (${code})`;
  }
}

function journalOf(output: string): string {
  return `${output}.journal`;
}

function wordProblems({
  bucket: buckets,
  confirm,
  identities,
  sandbox,
  seed,
}: Options): readonly Diagnostic[] {
  const [bucket, second] = buckets;
  const problem = (message: string, help: string) => [refusal("conformance", message, help)];
  if (bucket === undefined || second !== undefined)
    return problem("conformance takes one scratch bucket", "write `--bucket NAME --confirm NAME`");
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket))
    return problem(
      `\`${bucket}\` is not the name of a bucket`,
      "write the name of one bucket, without a wildcard",
    );
  if (confirm !== bucket)
    return problem(
      confirm === undefined
        ? "the bucket is named only once"
        : `--confirm names \`${confirm}\`, not \`${bucket}\``,
      `write \`--confirm ${bucket}\` if nothing uses that bucket: the run puts and deletes policies in it`,
    );
  if (identities === undefined && (!sandbox || seed !== undefined))
    return problem("no identities are given", "name their file with --identities");
  return [];
}

const firstLine = "# Written by `oss-policy conformance`";

/** Nothing but an earlier result is overwritten. */
function outputProblems(file: string): readonly Diagnostic[] {
  const isPlain = !existsSync(file) || (readStart(file) ?? "").startsWith(firstLine);
  if (isPlain) return [];
  return [
    refusal("conformance", `\`${file}\` exists and is no result of conformance`, "name another --output"),
  ];
}

function readStart(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function readIdentities({ identities: file = "" }: Options, io: Io): IdentityFile | Failed {
  try {
    return parseIdentities(readFileSync(file, "utf8"), file, io.env);
  } catch (error) {
    const message = `\`${file}\` cannot be read (${errorCode(error)})`;
    return {
      problems: [refusal("identities", message, "name the file of the identities with --identities")],
    };
  }
}

function report(
  { account, findings }: Extract<ConformanceOutcome, { readonly kind: "done" }>,
  place: Pick<RunFacts, "bucket" | "region" | "endpoint">,
  { options, io, out }: Invocation,
): readonly Ending[] {
  const facts = { date: io.today, ...place, account, tool: toolVersion };
  out.result(textOf(findings));
  const written = out.report(options.output, renderInterpretations(facts, findings));
  const json = JSON.stringify(findingsJson(facts, findings), null, 2);
  const reported = options.json === undefined ? success : out.report(options.json, `${json}\n`);
  const settled = questionFindings(findings).filter(([, found]) => "position" in found).length;
  const count = `${settled} of ${Object.keys(pointTexts).length} open questions are settled`;
  return [written, reported, { ...success, why: `${count}, and the bucket is as it was` }];
}

function textOf(findings: readonly CaseFinding[]): string {
  const cases = tableText([
    ["case", "result"],
    ...findings.map(({ one, result }) => [one.id, caseText(result)]),
  ]);
  const questions = tableText([
    ["open question", "observed"],
    ...questionFindings(findings).map(([name, found]) => [
      name,
      "position" in found ? found.position : `open: ${found.unsettled}`,
    ]),
  ]);
  return `${cases}\n${questions}`;
}

function refuse(problems: readonly Diagnostic[], out: Output): number {
  out.diagnostics(problems);
  return out.end(failure("nothing was observed"));
}
