import { isFailed, type Failed, type Result } from "../../result.ts";
import { join } from "node:path";
import type { BrokenLine, JournalLine } from "../../apply/journal.ts";
import { isAccountFile, type Account } from "../../desired/account-file.ts";
import type { DesiredBucket, ParsedBucket } from "../../desired/bucket-file.ts";
import { maxOfTree } from "../../desired/budget.ts";
import { joinTree, parseOwn, parseShared, type Desired, type SharedFiles } from "../../desired/desired.ts";
import type { Parsed } from "../../desired/parsed.ts";
import { renderBucketFile, withIgnores } from "../../desired/render.ts";
import { mergeDiagnostics, refusal, type Diagnostic } from "../../diagnostic.ts";
import { lintBucket } from "../../lint/lint.ts";
import type { PolicyDifference } from "../../plan/diff.ts";
import { isWriting, type Change, type Plan } from "../../plan/plan.ts";
import { isObject, parseJson } from "../../policy/json.ts";
import type { Sources } from "../../report/text/diagnostics.ts";
import type { DesiredTree } from "../../pipeline/read-desired.ts";
import { selectTree, type SelectionOptions } from "../../run/selection.ts";
import { journaled, lostFirsts, type Journaled } from "./entries.ts";

/** The policies of a journal as a policy tree, so that they are planned as one. */
export interface Restorable {
  /** Accounts of the buckets, with `scope: listed`: buckets that the journal does not name are not read. */
  readonly accounts: readonly Account[];
  readonly buckets: readonly DesiredBucket[];
  /**
   * All buckets of the tree, and without a policy those that only the journal names. Limits in percent are shares of
   * these, and their principals are known: those of a journal are not, since it may have been changed.
   */
  readonly managed: readonly DesiredBucket[];
  readonly desired: Desired<ParsedBucket>;
  readonly sources: Sources;
  readonly entries: ReadonlyMap<string, Journaled>;
  readonly excluded: readonly { readonly bucket: string }[];
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

interface FoundPolicies {
  readonly restorable: Restorable;
  readonly problems: readonly Diagnostic[];
}

/** Makes a policy tree of a journal. The accounts, with their operators and guardrails, are those of the tree. */
export function policiesBefore(
  { lines, broken }: { readonly lines: readonly JournalLine[]; readonly broken: readonly BrokenLine[] },
  tree: DesiredTree,
  options: SelectionOptions,
  file: string,
): FoundPolicies {
  const refused = (problems: readonly Diagnostic[]): FoundPolicies => ({
    restorable: nothingToRestore,
    problems,
  });
  // Guards that cannot be read would not judge what is put back.
  const unguarded = tree.diagnostics.filter(isInAccountFile);
  if (unguarded.length > 0) return refused(mergeDiagnostics(unguarded));
  const entries = journaled(lines);
  if (entries.size === 0)
    return refused([refusal("journal", `\`${file}\` has no write`, "there is nothing to restore")]);
  const named = [...entries.values()].map((entry) => ({
    bucket: entry.first.bucket,
    account: tree.desired.accounts.find(({ uid }) => uid === entry.first.account),
    entry,
  }));
  const selected = selectTree({ accounts: tree.desired.accounts, buckets: named }, options);
  if (isFailed(selected)) return refused(selected.problems);
  const shared = sharedFiles(tree);
  const made = selected.buckets.map(({ entry, account }) => parseEntry(entry, { account, shared, file }));
  const problems = [
    ...lostFirsts(
      selected.buckets.map(({ entry }) => entry),
      broken,
      file,
    ),
    ...made.flatMap((one) => (isFailed(one) ? one.problems : [])),
  ];
  if (problems.length > 0) return refused(problems);
  const desired = {
    ...joinTree(
      shared,
      made.flatMap((one) => (isFailed(one) ? [] : [one])),
    ),
    diagnostics: [],
  };
  const { buckets } = desired;
  const accounts = shared.accounts
    .filter((account) => buckets.some((bucket) => bucket.account === account))
    .map((account) => ({ ...account, scope: "listed" as const }));
  const own = new Set(tree.desired.buckets.map(({ bucket }) => bucket));
  const others = buckets
    .filter(({ bucket }) => !own.has(bucket))
    .map((bucket) => ({ ...bucket, policy: { kind: "none" } as const }));
  const managed = [...tree.desired.buckets, ...others];
  const { excluded } = selected;
  const sources = tree.sources;
  return { restorable: { accounts, buckets, managed, desired, sources, entries, excluded }, problems: [] };
}

function isInAccountFile({ severity, span }: Diagnostic): boolean {
  return severity === "error" && span !== undefined && isAccountFile(span.file);
}

/** Parses the account files of a tree once more, with the files of interpretations that they name. */
function sharedFiles({ desired: { accounts }, sources }: DesiredTree): SharedFiles {
  const paths = new Set(
    accounts.flatMap(({ file, interpretations }) => [file, interpretations?.file ?? file]),
  );
  const files = [...sources].flatMap(([path, text]) => (paths.has(path) ? [{ path, text }] : []));
  return parseShared(files, {});
}

interface EntryContext {
  readonly account: Account | undefined;
  readonly shared: SharedFiles;
  /** Path of the journal. */
  readonly file: string;
}

/**
 * Parses an entry as the policy file that it would be; findings of the rules are silenced, since it was live. What the
 * schema of policy files refuses is a problem of the journal: OSS has no such bucket or region.
 */
function parseEntry(
  { first: { account: uid, bucket, region, body }, line }: Journaled,
  { account: owner, shared, file }: EntryContext,
): Result<Parsed<readonly ParsedBucket[]>> {
  const failed = (message: string, help: string): Failed => ({
    problems: [refusal("journal", message, help)],
  });
  if (owner === undefined)
    return failed(
      `\`${file}\` is of account ${uid}, and the policy tree has no account.yaml of it`,
      "name the tree of that account with --policies",
    );
  const parsed = body === null ? undefined : parseJson(body.replace(/^\uFEFF/, ""));
  const policy = parsed !== undefined && "value" in parsed ? parsed.value : undefined;
  if (parsed !== undefined && !isObject(policy))
    return failed(
      `what \`${file}\` has of bucket \`${bucket}\` does not parse as a policy${"problem" in parsed ? ` (${parsed.problem})` : ""}, so that nothing can be said of what it allows, and restore does not write it`,
      `its bytes are the text \`body\` of line ${line}: put them back with OSS's console or ossutil, if OSS takes them; to restore only others, leave the bucket out with --exclude`,
    );
  const path = join(owner.folder, `line ${line} of the journal.yaml`);
  const parse = (text: string) => parseOwn({ path, text }, shared, { left: maxOfTree });
  const text = renderBucketFile(bucket, region, isObject(policy) ? policy : "none");
  const [bare] = parse(text).value;
  const objections = bare === undefined ? [] : lintBucket(bare).filter(({ severity }) => severity !== "note");
  const whole = parse(withIgnores(text, objections, "it was live before"));
  const wrong = whole.diagnostics.find(({ severity }) => severity === "error");
  if (wrong === undefined && whole.value.length === 1) return whole;
  return failed(
    `line ${line} of \`${file}\`, about bucket \`${bucket}\`, is not an entry that apply writes${wrong === undefined ? "" : ` (${wrong.message})`}`,
    "the file was changed: correct the line; to restore only others, leave the bucket out with --exclude",
  );
}

/**
 * Makes the plan write the exact bytes of the journal, and only over what the run left. A bucket that was
 * changed since is blocked, so that nothing of that is lost either. Changes are said to be of their line in the journal: the
 * files that they were planned from exist nowhere.
 */
export function withBytes(plan: Plan, { entries, buckets }: Restorable, journal: string): Plan {
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
  const lines = new Map(buckets.map(({ bucket, file }) => [file, entries.get(bucket)?.line ?? 1]));
  const found = plan.diagnostics.map((one) => atLine(one, lines, journal));
  return { ...plan, changes, diagnostics: [...found, ...moved], journal };
}

/** Moves a finding to the line of the journal. Its help is about a file that exists nowhere. */
function atLine(found: Diagnostic, lines: ReadonlyMap<string, number>, journal: string): Diagnostic {
  const line = found.span === undefined ? undefined : lines.get(found.span.file);
  if (line === undefined) return found;
  const { code, severity, message } = found;
  const start = { line, column: 1 };
  return { code, severity, message, span: { file: journal, start, end: start } };
}

/** Removes the places of statements: a journal has each policy in one line. */
function withoutPlaces({ added, changed, ...rest }: PolicyDifference): PolicyDifference {
  const nowhere = <T>(one: T) => ({ ...one, place: null });
  return { ...rest, added: added.map(nowhere), changed: changed.map(nowhere) };
}
