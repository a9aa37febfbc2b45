import { isFailed, type Failed } from "../result.ts";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { mergeDiagnostics, refusal, type Diagnostic } from "../diagnostic.ts";
import type { AliOssOptions } from "../oss/ali-oss-store.ts";
import { checkEndpoint } from "../oss/endpoint.ts";
import { withRetries, type PacedStore } from "../oss/retry.ts";
import type { CallPace } from "../oss/throttle.ts";
import type { PolicyStore } from "../oss/store.ts";
import type { Run } from "../run/run.ts";
import type { Options } from "../run/options.ts";
import { accountText } from "./account-text.ts";
import { closedStore } from "./closed-store.ts";
import { credentialsFor, credentialsNote, openCredentials, type CredentialUse } from "./open-credentials.ts";
import { startTreeSandbox } from "./tree-sandbox.ts";

/** The options that say which OSS to connect to, and how. */
export type SessionOptions = Pick<
  Options,
  "sandbox" | "seed" | "endpoint" | "profile" | "ecsRole" | "concurrency" | "quiet"
>;

/** The accounts of a run, each with a store, credentials and a pace of its own. */
export interface Session {
  /** Returns the store of an account, by its UID. That of one that could not be opened answers each call with the reason. */
  storeOf(account: string): PolicyStore;
  /** Ends the waits of throttled calls, for a run that is stopped. */
  hurry(): void;
  close(): Promise<void>;
}

/** Session of a run that calls no account, such as that of a shard without a bucket. */
export const noSession: Session = {
  storeOf: (account) => {
    throw new Error(`account ${account} is not one of this run`);
  },
  hurry: () => undefined,
  close: () => Promise.resolve(),
};

/** Region for ListBuckets where no account.yaml names one; every region answers for all. */
const anyRegion = "cn-hangzhou";
const timeoutMs = 10_000;

export type Opened = Session | Failed;

/**
 * Opens OSS for these accounts, or a sandbox for each on request; without an account, for the one of the credentials.
 * Without credentials it connects to nothing, and a sandbox is never a fallback. An account that cannot be opened does
 * not stop the others: only if none can be, this fails.
 */
export async function openSession(
  accounts: readonly Account[],
  buckets: readonly DesiredBucket[],
  run: Run<SessionOptions>,
  use: CredentialUse = "plan",
): Promise<Opened> {
  const problems = optionProblems(run.options, accounts);
  if (problems.length > 0) return { problems };
  const wanted = accounts.length === 0 ? [undefined] : accounts;
  const opened = await Promise.all(
    wanted.map(async (account) => {
      const pace = paceOf(run, account, wanted.length);
      const store = run.options.sandbox
        ? await openSandbox(account, buckets, run, pace)
        : await openAccount(account, run, use, pace);
      return { account, store };
    }),
  );
  const failed = opened.flatMap(({ account, store }) => (isFailed(store) ? [{ account, ...store }] : []));
  if (failed.length === opened.length) return { problems: problemsOfAll(failed) };
  const stores = new Map<string | undefined, AccountStore>();
  for (const { account, store } of opened) {
    if (!isFailed(store) && store.note !== undefined) run.out.note(store.note);
    stores.set(account?.uid, isFailed(store) ? closedAccount(account, store) : store);
  }
  return {
    storeOf: (account) => {
      const found = stores.get(account) ?? stores.get(undefined);
      if (found === undefined) throw new Error(`account ${account} is not one of this run`);
      return found.store;
    },
    hurry: () => {
      for (const { hurry } of stores.values()) hurry();
    },
    close: async () => {
      await Promise.all([...stores.values()].map((one) => one.close()));
    },
  };
}

/** Store of one account. */
interface AccountStore {
  readonly store: PolicyStore;
  /** The credentials that it uses, in words. */
  readonly note?: string;
  readonly hurry: () => void;
  close(): Promise<void>;
}

/** Connections of a run to all accounts together: a process may have about a thousand open files. */
const maxConnections = 512;

function paceOf(
  { options: { concurrency, quiet }, io: { clock, random, stderr } }: Run<SessionOptions>,
  account: Account | undefined,
  accounts: number,
): CallPace {
  const share = Math.max(1, Math.min(concurrency, Math.floor(maxConnections / accounts)));
  const who = account === undefined || accounts === 1 ? "OSS" : `OSS, account ${accountText(account)},`;
  const onThrottled = () => {
    if (!quiet) stderr(`${who} throttles: the calls are slowed down\n`);
  };
  const onWaiting = (ms: number) => {
    if (!quiet) stderr(`${who} asks to wait ${Math.ceil(ms / 1_000)} s: waiting\n`);
  };
  return { concurrency: share, clock, random, onThrottled, onWaiting };
}

function optionProblems(options: SessionOptions, accounts: readonly Account[]): Diagnostic[] {
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
  if (options.seed !== undefined && accounts.length > 1) {
    const message = `--seed says what one account holds, and this run has ${accounts.length}`;
    return [refusal("option", message, "select one of them with --account, or drop --seed")];
  }
  return [];
}

async function openAccount(
  account: Account | undefined,
  { options, io, onCall }: Run<SessionOptions>,
  use: CredentialUse,
  pace: CallPace,
): Promise<AccountStore | Failed> {
  const endpoint = checkEndpoint(options.endpoint ?? io.env["OSS_ENDPOINT"]);
  const chosen = credentialsFor(account, options, io, use);
  const problems = [
    ...("problem" in endpoint ? [refusal("endpoint", endpoint.problem, endpoint.help)] : []),
    ...(isFailed(chosen) ? chosen.problems : []),
  ];
  if ("problem" in endpoint || isFailed(chosen)) return { problems };
  const opened = await openCredentials(chosen, { io, onCall });
  if (isFailed(opened)) return opened;
  const listRegion = account?.region ?? anyRegion;
  const { template } = endpoint;
  const store = await openStore({ ...opened, endpoint: template, listRegion, timeoutMs, onCall }, pace);
  const { hurry } = store;
  return {
    store,
    hurry,
    note: credentialsNote(chosen, account),
    close: () => Promise.resolve(store.close()),
  };
}

async function openSandbox(
  account: Account | undefined,
  buckets: readonly DesiredBucket[],
  { options }: Run<SessionOptions>,
  pace: CallPace,
): Promise<AccountStore | Failed> {
  const started = await startTreeSandbox(account, buckets, options.seed);
  if (isFailed(started)) return started;
  const { sandbox, ...access } = started;
  const listRegion = account?.region ?? anyRegion;
  const store = await openStore({ ...access, endpoint: sandbox.url, listRegion, timeoutMs }, pace);
  return {
    store,
    hurry: store.hurry,
    close: async () => {
      store.close();
      await sandbox.close();
    },
  };
}

async function openStore(options: AliOssOptions, pace: CallPace): Promise<PacedStore> {
  const { openAliOssStore } = await loadStore();
  return withRetries(openAliOssStore(options), pace);
}

/** Loads the client of OSS, which is large. A run that will need it may do so while it waits for something else. */
export async function loadStore(): Promise<{
  readonly openAliOssStore: (options: AliOssOptions) => PolicyStore;
}> {
  return import("../oss/ali-oss-store.ts");
}

/** Returns why no account could be opened, once where all have the same reason, such as half a key in the environment. */
function problemsOfAll(
  failed: readonly (Failed & { readonly account: Account | undefined })[],
): readonly Diagnostic[] {
  const [first] = failed;
  if (first === undefined) return [];
  const named = (who: string, { problems }: Failed) =>
    problems.map((problem) => ({ ...problem, message: `${who}: ${problem.message}` }));
  // Those of the environment are the same for every account.
  if (failed.length === 1)
    return first.account?.credentials === undefined ? first.problems : named(cannotUse(first.account), first);
  const isSame =
    mergeDiagnostics(failed.flatMap(({ problems }) => problems)).length === first.problems.length;
  return isSame
    ? named("no account can be used", first)
    : failed.flatMap((one) => named(cannotUse(one.account), one));
}

/** Returns a store that answers each call with why the account could not be opened. */
function closedAccount(account: Account | undefined, { problems }: Failed): AccountStore {
  const [first] = problems;
  const message = `${cannotUse(account)}: ${problems.map((problem) => problem.message).join("; ")}`;
  const store = closedStore({ message, ...(first?.help === undefined ? {} : { help: first.help }) });
  return { store, hurry: () => undefined, close: () => Promise.resolve() };
}

function cannotUse(account: Account | undefined): string {
  return `${account === undefined ? "the account" : `account ${accountText(account)}`} cannot be used`;
}
