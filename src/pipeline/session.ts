import { errorCode } from "../system-error.ts";
import { isFailed, type Failed } from "../result.ts";
import { readFileSync } from "node:fs";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import type { AliOssOptions } from "../oss/ali-oss-store.ts";
import { fixedCredentials } from "../oss/credential-provider.ts";
import { secretsOf } from "../oss/credentials.ts";
import { checkEndpoint } from "../oss/endpoint.ts";
import { withRetries } from "../oss/retry.ts";
import type { CallPace } from "../oss/throttle.ts";
import type { PolicyStore } from "../oss/store.ts";
import type { Sandbox } from "../sandbox/server.ts";
import type { Seed } from "../sandbox/seed.ts";
import type { Io } from "../run/io.ts";
import type { Run } from "../run/run.ts";
import type { Options } from "../run/options.ts";
import { credentialsFor, credentialsNote, openCredentials, type CredentialUse } from "./open-credentials.ts";

/** The options that say which OSS to connect to, and how. */
export type SessionOptions = Pick<
  Options,
  "sandbox" | "seed" | "endpoint" | "profile" | "ecsRole" | "concurrency" | "quiet"
>;

/** An open store, and the sandbox that is closed with it. */
export interface Session {
  readonly store: PolicyStore;
  close(): Promise<void>;
}

/** Region for ListBuckets where no account.yaml names one; every region answers for all. */
const anyRegion = "cn-hangzhou";
const timeoutMs = 10_000;

export type Opened = Session | Failed;

/**
 * Opens OSS, or the sandbox on request. Without credentials it connects to nothing, and the sandbox is
 * never a fallback.
 */
export async function openSession(
  accounts: readonly Account[],
  buckets: readonly DesiredBucket[],
  { options, io, out }: Run<SessionOptions>,
  use: CredentialUse = "plan",
): Promise<Opened> {
  const [account, second] = accounts;
  const listRegion = account?.region ?? anyRegion;
  const endpoint = checkEndpoint(options.endpoint ?? io.env["OSS_ENDPOINT"]);
  const problems = optionProblems(options);
  if (account !== undefined && second !== undefined) problems.push(severalAccounts(account, second));
  if (options.sandbox)
    return problems.length > 0
      ? { problems }
      : openSandbox(options, seedOfTree(accounts, buckets), listRegion, paceOf(options, io));
  const chosen = credentialsFor(account, options, io, use);
  if ("problem" in endpoint) problems.push(refusal("endpoint", endpoint.problem, endpoint.help));
  if (isFailed(chosen)) problems.push(...chosen.problems);
  if (problems.length > 0 || "problem" in endpoint || isFailed(chosen)) return { problems };
  const opened = await openCredentials(chosen, io);
  if (isFailed(opened)) return opened;
  out.note(credentialsNote(chosen, account));
  const { template } = endpoint;
  return openStore({ ...opened, endpoint: template, listRegion, timeoutMs }, paceOf(options, io));
}

function paceOf({ concurrency, quiet }: SessionOptions, { clock, random, stderr }: Io): CallPace {
  const onThrottled = () => {
    if (!quiet) stderr("OSS throttles: the calls are slowed down\n");
  };
  const onWaiting = (ms: number) => {
    if (!quiet) stderr(`OSS asks to wait ${Math.ceil(ms / 1_000)} s: waiting\n`);
  };
  return { concurrency, clock, random, onThrottled, onWaiting };
}

function optionProblems(options: SessionOptions): Diagnostic[] {
  if (options.sandbox && options.endpoint !== undefined) {
    return [refusal("option", "--sandbox and --endpoint exclude each other", "give one of the two")];
  }
  if (options.sandbox && (options.profile ?? options.ecsRole) !== undefined) {
    const option = options.profile === undefined ? "--ecs-role" : "--profile";
    const message = `${option} names credentials, and a sandbox needs none`;
    return [refusal("option", message, `drop --sandbox or ${option}`)];
  }
  if (!options.sandbox && options.seed !== undefined) {
    const message = "--seed says what a sandbox holds, and there is no --sandbox";
    return [refusal("option", message, "add --sandbox, or drop --seed")];
  }
  return [];
}

async function openStore(options: AliOssOptions, pace: CallPace, sandbox?: Sandbox): Promise<Session> {
  const { openAliOssStore } = await import("../oss/ali-oss-store.ts");
  const store = withRetries(openAliOssStore(options), pace);
  return {
    store,
    close: async () => {
      store.close();
      await sandbox?.close();
    },
  };
}

/** Starts a sandbox in this process, with the content of the seed or every bucket of the tree without a policy. */
async function openSandbox(
  options: SessionOptions,
  treeSeed: Omit<Seed, "keys">,
  listRegion: string,
  pace: CallPace,
): Promise<Opened> {
  const { startSandbox } = await import("../sandbox/server.ts");
  const { sandboxKey } = await import("../sandbox/seed.ts");
  const read =
    options.seed === undefined ? { seed: { ...treeSeed, keys: [sandboxKey] } } : await readSeed(options.seed);
  if (isFailed(read)) return read;
  const sandbox = await startSandbox({ seed: read.seed });
  const [key] = read.seed.keys;
  const credentials = {
    accessKeyId: key?.id ?? "",
    accessKeySecret: key?.secret ?? "",
    securityToken: key?.token,
  };
  const [provider, secrets] = [fixedCredentials(credentials), secretsOf(credentials)];
  return openStore({ provider, secrets, endpoint: sandbox.url, listRegion, timeoutMs }, pace, sandbox);
}

function seedOfTree(accounts: readonly Account[], buckets: readonly DesiredBucket[]): Omit<Seed, "keys"> {
  return {
    account: accounts[0]?.uid ?? "",
    buckets: buckets.map(({ bucket, region }) => ({ name: bucket, region })),
    faults: [],
  };
}

/** The seed in a file. */
export async function readSeed(file: string): Promise<{ readonly seed: Seed } | Failed> {
  const { parseSeed } = await import("../sandbox/seed.ts");
  try {
    const parsed = parseSeed(readFileSync(file, "utf8"), file);
    return "seed" in parsed
      ? parsed
      : { problems: parsed.problems.map((message) => refusal("seed", message)) };
  } catch (error) {
    const code = errorCode(error);
    return {
      problems: [refusal("seed", `\`${file}\` cannot be read (${code})`, "name a seed file with --seed")],
    };
  }
}

function severalAccounts(first: Account, second: Account): Diagnostic {
  return refusal(
    "several-accounts",
    `the tree has several accounts (\`${first.file}\`, \`${second.file}\`), and credentials speak for one`,
    "run once for each account, with --account",
  );
}
