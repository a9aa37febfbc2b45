import { hasErrors, refusal } from "../diagnostic.ts";
import { isFailed } from "../result.ts";
import type { Seed, SandboxKey } from "../sandbox/seed/seed.ts";
import type { Sandbox, SandboxOptions, ServedBucket } from "../sandbox/server.ts";
import { failure, success } from "../run/exit.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { startRun, type Run } from "../run/run.ts";
import { stopOn } from "../run/stop.ts";
import { readServedTree, seedOfAccounts, treeState, type ServedTree } from "../pipeline/served-tree.ts";
import { readSeed } from "../pipeline/tree-sandbox.ts";

const notStarted = failure("the sandbox did not start");

/** Runs the local OSS server until the user stops it. */
export async function sandbox(options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const { out } = run;
  // Empty unless it is given.
  const folder = options.policies === "" ? undefined : options.policies;
  const before = folder === undefined ? "" : treeState(folder);
  const tree = folder === undefined ? undefined : await readServedTree(folder);
  if (tree !== undefined) sayErrors(run, tree);
  if (tree !== undefined && hasErrors(tree.findings)) return out.end(notStarted);
  const { defaultSeed } = await import("../sandbox/server.ts");
  const unseeded = tree === undefined ? defaultSeed : seedOfAccounts(tree.accounts);
  const read = options.seed === undefined ? { seed: unseeded } : await readSeed(options.seed);
  if (isFailed(read)) {
    out.diagnostics(read.problems);
    return out.end(notStarted);
  }
  const server = await start(run, read.seed);
  if (server === undefined) return out.end(notStarted);
  server.serve(tree?.buckets ?? []);
  sayHow(run, server, read.seed);
  const stopped = io.untilStopped();
  if (folder !== undefined) await serveChanges(run, server, { folder, state: before });
  await stopped;
  await server.close();
  return out.end(success);
}

async function start({ options, out }: Run, seed: Seed): Promise<Sandbox | undefined> {
  const { startSandbox } = await import("../sandbox/server.ts");
  const settings: SandboxOptions = {
    seed,
    port: options.port,
    explain: options.explain,
    ...(options.log === "" ? {} : { logFile: options.log }),
    ...(options.state === undefined ? {} : { stateDir: options.state }),
  };
  try {
    return await startSandbox(settings);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    out.diagnostics([
      refusal("sandbox", `the sandbox cannot start: ${message}`, "give another --port, --state or --log"),
    ]);
    return undefined;
  }
}

/** Prints how to use the sandbox: the secrets of a seed file may be ones that are used elsewhere, and are not printed. */
function sayHow({ out, options }: Run, { url, faultsUrl }: Sandbox, seed: Seed): void {
  const isOwn = options.seed === undefined;
  const [first, ...others] = keysOf(seed);
  out.result(`The sandbox answers at ${url} until you stop it.\n`);
  out.result(`Use it from another terminal:\n`);
  out.result(
    `  export OSS_ENDPOINT=${url} OSS_ACCESS_KEY_ID=${first?.key.id ?? ""} OSS_ACCESS_KEY_SECRET=${isOwn ? (first?.key.secret ?? "") : "..."}\n`,
  );
  if (!isOwn) out.result("The secrets of the keys are in the seed file.\n");
  else if (others.length > 0) {
    out.result("Or call as another identity, each with the same secret:\n");
    for (const { key, who } of others) out.result(`  ${key.id}  ${who}\n`);
  }
  out.result(`Make its calls go wrong: PUT a list of fault rules to ${faultsUrl}\n`);
}

interface NamedKey {
  readonly key: SandboxKey;
  readonly who: string;
}

function keysOf({ account, keys, accounts = [{ uid: account, keys }] }: Seed): readonly NamedKey[] {
  return accounts.flatMap(({ uid, keys: own = [], users = [], roles = [] }) => [
    ...own.map((key) => ({ key, who: `the account ${uid}` })),
    ...users.flatMap((user) => (user.keys ?? []).map((key) => ({ key, who: `the RAM user ${user.uid}` }))),
    ...roles.flatMap(({ name, sessions = [] }) =>
      sessions.flatMap((session) =>
        session.keys.map((key) => ({
          key,
          who: `the session ${session.name} of the role ${name}, with the token ${key.token ?? ""}`,
        })),
      ),
    ),
  ]);
}

/** Time between two looks at the files. */
const lookMs = 300;

/** Serves each new state of the files, until the user stops the sandbox. One with an error is reported, and the last one stays. */
async function serveChanges(
  { out, io }: Run,
  server: Sandbox,
  { folder, state }: { readonly folder: string; readonly state: string },
): Promise<void> {
  const stop = stopOn(io);
  let served = state;
  let seen = state;
  while (!stop.isRequested()) {
    await io.clock.sleep(lookMs);
    const now = treeState(folder);
    // Files that still change are not read: an editor or git may write several.
    const isSettled = now === seen;
    seen = now;
    if (!isSettled || now === served) continue;
    served = now;
    const tree = await readServedTree(folder);
    sayErrors({ out }, tree);
    const changed = tree.buckets.filter(({ name, policy }) => server.policyOf(name) !== policy);
    out.note(reloadText(tree, changed));
    server.serve(tree.buckets);
  }
}

/** The sandbox is no review: warnings and notes are left to `validate`. */
function sayErrors({ out }: Pick<Run, "out">, { findings, sources }: ServedTree): void {
  out.diagnostics(
    findings.filter(({ severity }) => severity === "error"),
    sources,
  );
}

function reloadText({ findings }: ServedTree, changed: readonly ServedBucket[]): string {
  if (hasErrors(findings))
    return "the files have an error: the policies of before are served until it is corrected";
  const names = changed.map(({ name }) => `\`${name}\``).join(", ");
  return changed.length === 0
    ? "the files changed, and no policy did"
    : `served as the files have it now: ${names}`;
}
