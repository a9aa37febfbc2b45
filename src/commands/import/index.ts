import { errorCode } from "../../system-error.ts";
import { isFailed, type Failed } from "../../result.ts";
import { counted, fewNames, printable } from "../../report/printable.ts";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolders } from "../../apply/journal.ts";
import type { Account } from "../../desired/account-file.ts";
import { filesSchema } from "../../desired/json-schema.ts";
import { renderAccountFile } from "../../desired/render.ts";
import { hasErrors, refusal, type Diagnostic } from "../../diagnostic.ts";
import { otherAccount } from "../../plan/owner.ts";
import type { BucketAddress } from "../../policy/live.ts";

import { readDesired } from "../../pipeline/read-desired.ts";
import { failure, success } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import type { Output } from "../../run/output.ts";
import { startRun, type Run } from "../../run/run.ts";
import { writeFiles } from "../../run/write-files.ts";
import { readLive } from "../../pipeline/read-live.ts";
import { matchBuckets, selectTree } from "../../run/selection.ts";
import { openSession, type Session } from "../../pipeline/session.ts";
import { fileFor, type FileFor, type FoundBucket, type LostParts } from "./file.ts";

const notImported = failure("nothing was written");

/** Writes the live policies as files; a plan right after it is empty. */
export async function importPolicies(options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const { out } = run;
  const tree = readDesired(options.policies);
  // A first import starts without a tree.
  const diagnostics = tree.diagnostics.filter(({ code }) => code !== "no-policies");
  out.diagnostics(diagnostics, tree.sources);
  if (hasErrors(diagnostics)) return out.end(notImported);
  const selected = selectTree(tree.desired, { ...options, bucket: [], exclude: [] });
  if (isFailed(selected)) {
    out.diagnostics(selected.problems);
    return out.end(notImported);
  }
  const session = await openSession(selected.accounts, selected.buckets, run);
  if (isFailed(session)) {
    out.diagnostics(session.problems);
    return out.end(notImported);
  }
  const listed = await listAccounts(selected.accounts, session);
  const found = await readListed(listed.buckets, session, run);
  await session.close();
  out.diagnostics([...listed.problems, ...(isFailed(found) ? found.problems : [])]);
  if (isFailed(found) || listed.owners.length === 0) return out.end(notImported);
  const [top = newAccount(listed.owners[0] ?? "", found, options.policies)] = selected.accounts;
  const isFirst = selected.accounts.length === 0;
  const files = found.map((one) => fileFor(one, one.account ?? top, tree, options));
  const written = writeAll(files, isFirst ? top : undefined, out);
  if (written.count > 0) writeSchema(top, out);
  out.diagnostics(written.problems);
  out.result(`${summary(files, written)}\n`);
  const [failed, left] = [written.problems.length, listed.problems.length];
  return out.end(
    failed > 0 ? failure(`${counted(failed, "file")} not written`) : success,
    left > 0 ? failure(`${counted(left, "account")} not imported`) : success,
  );
}

/** Live bucket, with the account of the tree that it belongs to; none where the tree has no account yet. */
type ListedBucket = BucketAddress & { readonly account: Account | undefined };

interface ListedAccounts {
  readonly buckets: readonly ListedBucket[];
  /** UIDs of the accounts that could be listed. */
  readonly owners: readonly string[];
  /** One for each account that could not be listed. */
  readonly problems: readonly Diagnostic[];
}

/** Lists the buckets of the accounts; without any, those of the credentials. */
async function listAccounts(
  accounts: readonly Account[],
  session: Pick<Session, "storeOf">,
): Promise<ListedAccounts> {
  const all = await Promise.all(
    (accounts.length === 0 ? [undefined] : accounts).map((account) => listAccount(account, session)),
  );
  const listed = all.flatMap((one) => (isFailed(one) ? [] : [one]));
  return {
    buckets: listed.flatMap(({ buckets }) => buckets),
    owners: listed.map(({ owner }) => owner),
    problems: all.flatMap((one) => (isFailed(one) ? one.problems : [])),
  };
}

interface ListedAccount {
  readonly owner: string;
  readonly buckets: readonly ListedBucket[];
}

async function listAccount(
  account: Account | undefined,
  { storeOf }: Pick<Session, "storeOf">,
): Promise<ListedAccount | Failed> {
  const listing = await storeOf(account?.uid ?? "").list();
  if ("problem" in listing) {
    const message = `the buckets cannot be listed: ${listing.problem.message}`;
    return { problems: [refusal("list", message, listing.problem.help)] };
  }
  const { owner, buckets } = listing;
  if (account !== undefined && account.uid !== owner) return { problems: [otherAccount(account, owner)] };
  return { owner, buckets: buckets.map((address) => ({ ...address, account })) };
}

interface FoundInAccount extends FoundBucket {
  readonly account: Account | undefined;
}

async function readListed(
  listed: readonly ListedBucket[],
  session: Session,
  run: Run,
): Promise<readonly FoundInAccount[] | Failed> {
  const selection = matchBuckets(listed, run.options);
  if (isFailed(selection)) return selection;
  const readings = await readLive(
    selection.selected.map((bucket) => ({ ...bucket, account: { uid: bucket.account?.uid ?? "" } })),
    session,
    run,
  );
  return selection.selected.flatMap(({ bucket, account }, index) => {
    const reading = readings[index];
    return reading === undefined ? [] : [{ bucket, account, reading }];
  });
}

/** The region that most of the buckets are in becomes the account's own. */
function newAccount(uid: string, buckets: readonly FoundBucket[], folder: string): Account {
  const counts = new Map<string, number>();
  for (const { reading } of buckets) counts.set(reading.region, (counts.get(reading.region) ?? 0) + 1);
  const [region] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  return {
    uid,
    name: undefined,
    region,
    scope: "listed",
    identities: new Map(),
    vars: new Map(),
    operators: [],
    limits: {},
    severities: new Map(),
    node: undefined,
    file: join(folder, "account.yaml"),
    folder: join(folder, "/"),
  };
}

interface WrittenFiles {
  readonly count: number;
  readonly problems: readonly Diagnostic[];
}

/** Writes what was decided, a new account's file first. A file is never overwritten unless it is the bucket's own. */
function writeAll(files: readonly FileFor[], newAccount: Account | undefined, out: Output): WrittenFiles {
  const writes = files.filter((file) => file.kind === "write");
  const problems = files.flatMap((file) => (file.kind === "problem" ? [file.problem] : []));
  for (const file of files) if (file.kind === "kept") out.result(`  kept   ${printable(file.file)}\n`);
  if (newAccount !== undefined && writes.length > 0) {
    const text = renderAccountFile(newAccount.uid, newAccount.region ?? "");
    const problem = writeOne({ file: newAccount.file, text, old: undefined });
    // Bucket files without it would belong to no account.
    if (problem !== undefined) return { count: 0, problems: [...problems, problem] };
    out.result(`  wrote  ${printable(newAccount.file)}\n`);
  }
  let count = 0;
  for (const file of writes) {
    const problem = writeOne(file);
    if (problem !== undefined) problems.push(problem);
    else {
      count += 1;
      out.result(`  wrote  ${printable(file.file)}${lostText(file.lost)}\n`);
    }
  }
  return { count, problems };
}

function lostText({ variables, comments }: LostParts): string {
  const names = variables.map((name) => `\${${printable(name)}}`).join(", ");
  const parts = [
    ...(variables.length === 0
      ? []
      : [`${variables.length === 1 ? "a variable is" : "variables are"} now written out as text: ${names}`]),
    ...(comments.length === 0
      ? []
      : [
          `${comments.length === 1 ? "a comment is" : `${comments.length} comments are`} gone: ${fewNames(comments.map(printable))}`,
        ]),
  ];
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}

/** The files name it in their first line, for editors; one that is there already stays. */
function writeSchema({ folder }: Account, out: Output): void {
  const file = join(folder, "schema.json");
  const text = `${JSON.stringify(filesSchema(), null, 2)}\n`;
  if (writeOne({ file, text, old: undefined }) === undefined) out.result(`  wrote  ${printable(file)}\n`);
}

type FileText = Pick<Extract<FileFor, { kind: "write" }>, "file" | "text" | "old">;

function writeOne({ file, text, old }: FileText): Diagnostic | undefined {
  if (old !== undefined) return writeFiles([{ path: file, before: old, after: text }])?.problem;
  try {
    makeFolders(dirname(file));
    writeFileSync(file, text, { flag: "wx" });
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST")
      return refusal("import", `\`${file}\` exists and is not the file of this bucket`, "rename it");
    return refusal(
      "import",
      `\`${file}\` cannot be written (${code})`,
      "name a folder that can be written with --policies",
    );
  }
}

function summary(files: readonly FileFor[], written: WrittenFiles): string {
  const count = (kind: FileFor["kind"]) => files.filter((file) => file.kind === kind).length;
  const kept = count("kept") > 0 ? [`${count("kept")} kept (--force replaces a policy that differs)`] : [];
  const problems = written.problems.length > 0 ? [`${written.problems.length} not written`] : [];
  const without = `${counted(count("no policy"), "bucket")} without a policy`;
  return `Import: ${[`${written.count} written`, ...kept, ...problems, without].join(", ")}.`;
}
