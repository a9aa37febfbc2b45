import { isFailed, type Failed, type Result } from "../../result.ts";
import { join } from "node:path";
import type { BeforeEntry, JournalLine } from "../../apply/journal.ts";
import { isAccountFile, type Account } from "../../desired/account-file.ts";
import type { DesiredBucket, ParsedBucket } from "../../desired/bucket-file.ts";
import { parseDesired, type Desired } from "../../desired/desired.ts";
import type { SourceFile } from "../../desired/load.ts";
import { renderBucketFile, withIgnores } from "../../desired/render.ts";
import { mergeDiagnostics, refusal, type Diagnostic } from "../../diagnostic.ts";
import { lintBucket } from "../../lint/lint.ts";
import type { PolicyDifference } from "../../plan/diff.ts";
import { isWriting, type Change, type Plan } from "../../plan/plan.ts";
import { isObject, parseJson } from "../../policy/json.ts";
import type { Sources } from "../../report/text/diagnostics.ts";
import type { DesiredTree } from "../../pipeline/read-desired.ts";
import { isSelectedBucket, selectTree, type SelectionOptions } from "../../run/selection.ts";

/** The policies of a journal as a policy tree, so that they are planned as one. */
export interface Restorable {
  /** Accounts of the buckets, with `scope: listed`: buckets that the journal does not name are not read. */
  readonly accounts: readonly Account[];
  readonly buckets: readonly DesiredBucket[];
  /** All buckets that the tree or the journal names: limits in percent are shares of these. */
  readonly managed: readonly DesiredBucket[];
  readonly desired: Desired<ParsedBucket>;
  readonly sources: Sources;
  readonly entries: ReadonlyMap<string, Journaled>;
  readonly excluded: readonly DesiredBucket[];
}

export interface Journaled {
  /** First entry about the bucket: its policy before the whole run. */
  readonly first: BeforeEntry;
  /** Last entry: what the run wrote in the end. */
  readonly last: BeforeEntry;
  /** The line of the first one. */
  readonly line: number;
}

export const nothingToRestore: Restorable = {
  accounts: [],
  buckets: [],
  managed: [],
  desired: { accounts: [], buckets: [], diagnostics: [] },
  sources: new Map(),
  entries: new Map(),
  excluded: [],
};

/** Makes a policy tree of a journal. The accounts, with their operators and guardrails, are those of the tree. */
export function policiesBefore(
  lines: readonly JournalLine[],
  tree: DesiredTree,
  options: SelectionOptions,
  file: string,
): { readonly restorable: Restorable; readonly problems: readonly Diagnostic[] } {
  const entries = journaled(lines);
  const problems: Diagnostic[] = [];
  const files = [...entries.values()].flatMap((entry) => {
    const { first } = entry;
    const made = fileOf(entry, tree, file);
    if (!isFailed(made)) return [made];
    // A bucket that was not selected keeps no other from being restored.
    if (isSelectedBucket(first.bucket, options)) problems.push(...made.problems);
    return [];
  });
  const accountFiles = tree.desired.accounts.map((account) => ({
    path: account.file,
    text: tree.sources.get(account.file) ?? "",
  }));
  const desired = parseDesired([...accountFiles, ...files]);
  const broken = [...tree.diagnostics, ...desired.diagnostics].filter(isInAccountFile);
  if (broken.length > 0) return { restorable: nothingToRestore, problems: mergeDiagnostics(broken) };
  if (entries.size === 0)
    problems.push(refusal("journal", `\`${file}\` has no write`, "there is nothing to restore"));
  const selected = selectTree(desired, options);
  if (isFailed(selected))
    return { restorable: nothingToRestore, problems: [...problems, ...selected.problems] };
  const sources = new Map([...accountFiles, ...files].map(({ path, text }) => [path, text]));
  const accounts = selected.accounts
    .filter((account) => selected.buckets.some((bucket) => bucket.account === account))
    .map((account) => ({ ...account, scope: "listed" as const }));
  const others = tree.desired.buckets.filter(({ bucket }) => !entries.has(bucket));
  const managed = [...desired.buckets, ...others];
  return { restorable: { ...selected, accounts, managed, desired, sources, entries }, problems };
}

/** Guards that cannot be read would not judge what is put back. */
function isInAccountFile({ severity, span }: Diagnostic): boolean {
  return severity === "error" && span !== undefined && isAccountFile(span.file);
}

function journaled(lines: readonly JournalLine[]): ReadonlyMap<string, Journaled> {
  const found = new Map<string, Journaled>();
  for (const { entry, line } of lines) {
    if (entry.entry !== "before") continue;
    const known = found.get(entry.bucket);
    found.set(entry.bucket, { first: known?.first ?? entry, last: entry, line: known?.line ?? line });
  }
  return found;
}

/** Returns a policy file with the earlier policy; findings of the rules are silenced, since it was live. */
function fileOf(
  { first: { account, bucket, region, body }, line }: Journaled,
  tree: DesiredTree,
  journal: string,
): Result<SourceFile> {
  const failed = (message: string, help: string): Failed => ({
    problems: [refusal("journal", message, help)],
  });
  const owner = tree.desired.accounts.find(({ uid }) => uid === account);
  if (owner === undefined)
    return failed(
      `\`${journal}\` is of account ${account}, and the policy tree has no account.yaml of it`,
      "name the tree of that account with --policies",
    );
  const parsed = body === null ? { value: "none" as const } : parseJson(body.replace(/^\uFEFF/, ""));
  const policy = "value" in parsed ? parsed.value : undefined;
  if (policy !== "none" && !isObject(policy))
    return failed(
      `what \`${journal}\` has of bucket \`${bucket}\` does not parse as a policy${"problem" in parsed ? ` (${parsed.problem})` : ""}, so that nothing can be said of what it allows, and restore does not write it`,
      `its bytes are the text \`body\` of line ${line}: put them back with OSS's console or ossutil, if OSS takes them; restore the other buckets with --bucket`,
    );
  const path = join(owner.folder, `${bucket} before.yaml`);
  const text = renderBucketFile(bucket, region, policy);
  const accountFile = { path: owner.file, text: tree.sources.get(owner.file) ?? "" };
  const [bare] = parseDesired([accountFile, { path, text }]).buckets;
  const objections = bare === undefined ? [] : lintBucket(bare).filter(({ severity }) => severity !== "note");
  return { path, text: withIgnores(text, objections, "it was live before") };
}

/**
 * Makes the plan write the exact bytes of the journal, and only over what the run left. A bucket that was
 * changed since is blocked, so that nothing of that is lost either. Changes are said to be of their line in the journal: the
 * files that they were planned from exist nowhere.
 */
export function withBytes(plan: Plan, { entries }: Restorable, journal: string): Plan {
  const moved: Diagnostic[] = [];
  const changes = plan.changes.map((made): Change => {
    const entry = entries.get(made.bucket);
    if (entry === undefined) return made;
    const inJournal = { ...made, file: journal, line: entry.line };
    if (!isWriting(inJournal)) return inJournal;
    const change = { ...inJournal, difference: withoutPlaces(inJournal.difference) };
    const { first, last } = entry;
    const bytes = first.body === null ? change : { ...change, body: first.body };
    if (change.digests.live === last.digests.desired) return bytes;
    moved.push(
      refusal(
        "moved",
        `bucket \`${change.bucket}\` has neither what the run wrote nor what it had before: it was changed since`,
        "compare its live policy with the one in the journal, and write the policy that is meant into its file",
      ),
    );
    return { ...bytes, blocked: true };
  });
  return { ...plan, changes, diagnostics: [...plan.diagnostics, ...moved], journal };
}

/** Removes the places of statements: a journal has each policy in one line. */
function withoutPlaces({ added, changed, ...rest }: PolicyDifference): PolicyDifference {
  const nowhere = <T>(one: T) => ({ ...one, place: null });
  return { ...rest, added: added.map(nowhere), changed: changed.map(nowhere) };
}
