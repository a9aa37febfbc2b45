import { checkScratch, cleanUp, takeLock, type ScratchRefusal, type ScratchBucket } from "./bucket.ts";
import type { CaseResult, ConformanceCase } from "./case.ts";
import { openClient, Unreachable } from "./client.ts";
import { caseText, type CaseFinding } from "./findings.ts";
import { beginJournal, leftJournal, type RunJournal } from "./journal.ts";
import { secretsIn } from "../oss/credentials.ts";
import type { Secrets } from "../oss/secrets.ts";
import { runCase, type CaseContext } from "./run-case.ts";
import type { Identities, Scratch } from "./scratch.ts";

export interface ConformanceOptions {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly identities: Identities;
  /** Environment, whose secrets a server may repeat although the run does not use them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly address: string | undefined;
  readonly cases: readonly ConformanceCase[];
  /** File of the journal of the run. */
  readonly journal: string;
  /** Name of the run: letters, digits and hyphens. */
  readonly run: string;
  /** Longest time until a policy must be in force. */
  readonly patienceMs: number;
  readonly wait: (ms: number) => Promise<void>;
  /** Monotonic clock. */
  readonly nowMs: () => number;
  readonly wallTime: () => Date;
  readonly isStopped: () => boolean;
  /** Called after each case. */
  readonly onCase: () => void;
  readonly note: (text: string) => void;
}

/** End of a run. */
export type ConformanceOutcome =
  | { readonly kind: "done"; readonly account: string; readonly findings: readonly CaseFinding[] }
  | { readonly kind: "stopped" }
  | { readonly kind: "refused"; readonly refusal: ScratchRefusal };

/** Time for which a condition of a statement that may reach the owner is true. */
const reachMs = 5 * 60_000;

/** Runs all cases against a scratch bucket, and leaves it as it was. */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceOutcome> {
  const { owner } = options.identities;
  if (owner === undefined) throw new Error("a run has an owner");
  const { region, endpoint, wait, wallTime } = options;
  const secrets = secretsOfRun(options);
  const client = openClient({ endpoint, region, bucket: options.bucket, secrets, wait, now: wallTime });
  const bucket: ScratchBucket = { name: options.bucket, client, owner: owner.credentials };
  const note = (text: string) => options.note(secrets.clean(text));
  try {
    return withoutSecrets(await runOn(bucket, { ...options, note }), secrets);
  } catch (failure) {
    throw failure instanceof Unreachable ? new Unreachable(secrets.clean(failure.message)) : failure;
  } finally {
    client.close();
  }
}

async function runOn(bucket: ScratchBucket, options: ConformanceOptions): Promise<ConformanceOutcome> {
  const left = await cleanUpLeft(bucket, options);
  if (left !== undefined) return { kind: "refused", refusal: left };
  const usable = await checkScratch(bucket);
  if ("problem" in usable) return { kind: "refused", refusal: usable };
  const { run, region } = options;
  const journal = beginJournal(options.journal, { run, bucket: bucket.name, region });
  const locked = await takeLock(bucket, run);
  if (locked !== undefined) {
    journal.end();
    return { kind: "refused", refusal: locked };
  }
  const context = contextOf(bucket, usable.account, usable.isBlocked, journal, options);
  const findings = await attemptAll(context, options);
  const uncleaned = await cleanUp(bucket, journal);
  if (uncleaned !== undefined) return { kind: "refused", refusal: uncleaned };
  if (findings instanceof Error) throw findings;
  if ("problem" in findings) return { kind: "refused", refusal: findings };
  return options.isStopped() ? { kind: "stopped" } : { kind: "done", account: usable.account, findings };
}

/** Undoes what an earlier run left that was killed. */
async function cleanUpLeft(
  bucket: ScratchBucket,
  options: ConformanceOptions,
): Promise<ScratchRefusal | undefined> {
  const left = leftJournal(options.journal);
  if (left === undefined) return undefined;
  if ("problem" in left) return { problem: left.problem, help: "wait for it, or name another --output" };
  const { record } = left;
  if (record.run !== "" && record.bucket !== bucket.name)
    return {
      problem: `\`${options.journal}\` is the journal of a run on the bucket \`${record.bucket}\`, which was killed`,
      help: `run it there once more, or name another --output`,
    };
  const uncleaned = await cleanUp(bucket, left);
  if (uncleaned === undefined) options.note(`cleaned up what the run ${record.run} had left`);
  return uncleaned;
}

function contextOf(
  bucket: ScratchBucket,
  account: string,
  isBlocked: boolean,
  journal: RunJournal,
  options: ConformanceOptions,
): CaseContext {
  const { identities, patienceMs, wait, nowMs, isStopped } = options;
  const scratch: Scratch = {
    bucket: bucket.name,
    region: options.region,
    owner: account,
    user: identities.user?.principal ?? "0",
    other: identities["other-account"]?.principal ?? "1234567890123456",
    role: identities.role?.principal ?? `arn:sts::${account}:assumed-role/oss-policy-conformance/nobody`,
    address: options.address,
    run: options.run,
    until: new Date(options.wallTime().getTime() + reachMs).toISOString(),
  };
  return { bucket, identities, scratch, journal, isBlocked, patienceMs, wait, nowMs, isStopped };
}

/** Runs the cases until the run is stopped. An error is returned, so that the bucket is cleaned up first. */
async function attemptAll(
  context: CaseContext,
  options: ConformanceOptions,
): Promise<readonly CaseFinding[] | ScratchRefusal | Error> {
  const findings: CaseFinding[] = [];
  try {
    for (const one of options.cases) {
      if (options.isStopped()) break;
      const until = new Date(options.wallTime().getTime() + reachMs).toISOString();
      const control = findings.find((finding) => finding.one.id === one.presumes);
      const result: CaseResult =
        control !== undefined && control.result.kind !== "skipped" && !isAsExpected(control)
          ? { kind: "open", reason: `the control ${control.one.id} is not as expected` }
          : await runCase(one, { ...context, scratch: { ...context.scratch, until } });
      findings.push({ one, result });
      options.onCase();
      const help = one.expects?.otherwise;
      if (help !== undefined && !isAsExpected({ one, result }) && !options.isStopped())
        return { problem: `the control ${one.id} is not as expected: ${caseText(result)}`, help };
    }
    return findings;
  } catch (failure) {
    return failure instanceof Error ? failure : new Error(String(failure));
  }
}

function isAsExpected({ one, result }: CaseFinding): boolean {
  return result.kind === "observed" && result.observation === one.expects?.observation;
}

/** What OSS says in an error may quote the request that was signed. */
function withoutSecrets(outcome: ConformanceOutcome, secrets: Secrets): ConformanceOutcome {
  switch (outcome.kind) {
    case "stopped":
      return outcome;
    case "refused": {
      const { problem, help } = outcome.refusal;
      return { ...outcome, refusal: { problem: secrets.clean(problem), help: secrets.clean(help) } };
    }
    case "done":
      return {
        ...outcome,
        account: secrets.clean(outcome.account),
        findings: outcome.findings.map(({ one, result }) => ({ one, result: cleaned(result, secrets) })),
      };
  }
}

function cleaned(result: CaseResult, secrets: Secrets): CaseResult {
  return result.kind === "observed"
    ? { ...result, detail: secrets.clean(result.detail) }
    : { ...result, reason: secrets.clean(result.reason) };
}

function secretsOfRun({ identities, env }: ConformanceOptions): Secrets {
  const all = Object.values(identities).map(({ credentials }) => credentials);
  const secrets = secretsIn(env);
  secrets.add(
    all.flatMap(({ accessKeySecret, securityToken }) => [accessKeySecret, securityToken]),
    all.map(({ accessKeyId }) => accessKeyId),
  );
  return secrets;
}
