import equal from "fast-deep-equal";
import { accessDifference } from "../../access/difference.ts";
import type { ParsedBucket } from "../../desired/bucket-file.ts";
import { bucketOf, desiredPolicy } from "../../desired/desired-policy.ts";
import { parseDesired, type Desired } from "../../desired/desired.ts";
import type { EditableTree } from "../../edit/editable-tree.ts";
import type { EditedFile } from "../../edit/edited-file.ts";
import { maxNames, narrowFile, type GoneWords } from "../../edit/narrowing.ts";
import { replay } from "../../plan/replay.ts";
import type { SeenWildcard, UnseenGrant, UnseenGrants } from "../../plan/unused-grants.ts";
import { matchesMoreInAnyCase } from "../../policy/actions.ts";
import { patchText } from "../../report/text/unified-diff.ts";
import { isFailed, type Failed } from "../../result.ts";
import { loadTree } from "../edit/run-edit.ts";
import { editErrors } from "../edit/findings.ts";
import { problem } from "./reply.ts";

/** Narrower policies as a patch. */
export interface Proposal {
  readonly patch: string;
  /** Buckets whose policy it narrows. */
  readonly buckets: readonly string[];
  /** Buckets of which a grant stays that no request was seen to use, with the reason. */
  readonly stays: readonly StayingBucket[];
}

export interface StayingBucket {
  readonly bucket: string;
  readonly why: string;
}

type SeenByBucket = ReadonlyMap<string, UnseenGrants>;

/**
 * Writes a patch that takes out of the files what no request was seen to use. It is proved for each bucket of a file that
 * nothing is gained and no Deny is lifted, and by a replay that every request that was seen is decided as before. A file for
 * which that fails is left out.
 */
export async function proposalFor(
  folder: string,
  found: SeenByBucket,
  today: string,
): Promise<Proposal | Failed> {
  const tree = loadTree(folder);
  if (isFailed(tree)) return tree;
  const drafts = draftsOf(tree, found);
  const desired = treeWith(tree, drafts);
  const after = new Map(desired.buckets.map((bucket) => [bucket.bucket, bucket]));
  const proved: EditedFile[] = [];
  const buckets: string[] = [];
  const stays: StayingBucket[] = [...found].flatMap(([bucket, { cause: why }]) =>
    why === undefined ? [] : [{ bucket, why }],
  );
  for (const draft of drafts) {
    const { file, why } = draft;
    const problemText =
      file === undefined ? why : await problemOf({ ...draft, file }, { desired, after, found, today });
    const own = draft.buckets.filter(({ bucket }) => (found.get(bucket)?.grants.length ?? 0) > 0);
    if (file !== undefined && problemText === undefined) {
      proved.push(file);
      buckets.push(...draft.buckets.map(({ bucket }) => bucket));
    }
    const reason = problemText ?? why;
    if (reason !== undefined) stays.push(...own.map(({ bucket }) => ({ bucket, why: reason })));
  }
  if (proved.length === 0) return nothingProved(stays);
  return {
    patch: proved.map(({ path, before, after: text }) => patchText(path, before, text)).join(""),
    buckets,
    stays,
  };
}

function nothingProved(stays: readonly StayingBucket[]): Failed {
  const [first] = stays;
  const more = stays.length > 1 ? `, and ${stays.length - 1} more` : "";
  const why = first === undefined ? "" : `: \`${first.bucket}\`: ${first.why}${more}`;
  return problem(
    `no narrower policy can be proposed and proved${why}`,
    "edit the files by hand, or give logs of a longer time",
  );
}

/** Edits of one file, before their proof. */
interface Draft {
  readonly buckets: readonly ParsedBucket[];
  readonly file?: EditedFile;
  /** Reason why some grant, or all, stays. */
  readonly why?: string;
}

function draftsOf(tree: EditableTree, found: SeenByBucket): readonly Draft[] {
  const ofFile = new Map<string, ParsedBucket[]>();
  for (const bucket of tree.desired.buckets)
    ofFile.set(bucket.file, [...(ofFile.get(bucket.file) ?? []), bucket]);
  return tree.files.flatMap((file): readonly Draft[] => {
    const buckets = ofFile.get(file.path) ?? [];
    const results = buckets.map(({ bucket }) => found.get(bucket));
    if (results.every((result) => result === undefined || result.grants.length === 0)) return [];
    const silent = buckets.find((_, at) => !isKnown(results[at]));
    if (silent !== undefined)
      return [
        { buckets, why: `its file is also for \`${silent.bucket}\`, ${whySilent(found.get(silent.bucket))}` },
      ];
    const narrowed = narrowFile(
      file,
      buckets.map((bucket, at) => ({ bucket, gone: goneFrom(results[at]?.grants ?? []) })),
    );
    const why = stayReason(buckets, narrowed.refused);
    return [
      {
        buckets,
        ...(narrowed.file === undefined ? {} : { file: narrowed.file }),
        ...(narrowed.file === undefined || narrowed.refused > 0 ? { why } : {}),
      },
    ];
  });
}

/** Returns true if requests of a bucket were seen, and its policy could be decided. */
function isKnown(result: UnseenGrants | undefined): boolean {
  return result !== undefined && result.total > 0 && result.cause === undefined;
}

function whySilent(result: UnseenGrants | undefined): string {
  if (result === undefined) return "which is not selected";
  return result.cause === undefined ? "of which the logs have no request" : "whose policy is undecided";
}

function stayReason(buckets: readonly ParsedBucket[], refused: number): string {
  if (refused > 0) return "the layout of its file, such as an anchor, does not allow an edit";
  const uses = buckets.some((bucket) => bucket.uses.length > 0) ? "shared sets, " : "";
  const others = buckets.length > 1 ? "what another bucket of the file uses, " : "";
  return `only ${uses}${others}parts of list variables, combinations, and wildcards of more than ${maxNames} seen actions are left`;
}

function goneFrom(grants: readonly UnseenGrant[]): ReadonlyMap<number, GoneWords> {
  const indices = new Set(grants.map(({ statement }) => statement));
  return new Map(
    [...indices].map((index) => {
      const own = grants.filter(({ statement }) => statement === index);
      const of = (part: UnseenGrant["part"]) => own.filter((grant) => grant.part === part);
      const words = {
        Principal: of("principal").flatMap(({ principals }) => principals),
        Action: of("action").flatMap(({ actions }) => actions),
        Resource: of("resource").flatMap(({ resources }) => resources),
      };
      const wildcards = own.flatMap(({ wildcard }) => (wildcard === undefined ? [] : [wildcard]));
      const isWhole = of("statement").length > 0;
      return [index, { isWhole, words, wildcards: namesFor(wildcards) }];
    }),
  );
}

/** Returns the actions that can take the place of a wildcard. One that OSS may match in any case would lose or gain some. */
function namesFor(wildcards: readonly SeenWildcard[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    wildcards
      .filter(({ word }) => !matchesMoreInAnyCase(word))
      .map(({ word, seen, possible }) => [word, [...seen, ...possible].sort()] as const)
      .filter(([, names]) => names.length <= maxNames),
  );
}

function treeWith(tree: EditableTree, drafts: readonly Draft[]): Desired<ParsedBucket> {
  const texts = new Map(drafts.flatMap(({ file }) => (file === undefined ? [] : [[file.path, file.after]])));
  const files = tree.files.map(({ path, text }) => ({ path, text: texts.get(path) ?? text }));
  return parseDesired(files, tree.context);
}

interface Context {
  readonly desired: Desired<ParsedBucket>;
  readonly after: ReadonlyMap<string, ParsedBucket>;
  readonly found: SeenByBucket;
  readonly today: string;
}

/** Returns what speaks against an edited file; undefined if it is proved. No other file shares its statements. */
async function problemOf(
  { buckets, file }: Draft & { readonly file: EditedFile },
  { desired, after, found, today }: Context,
): Promise<string | undefined> {
  const error = desired.diagnostics.find(
    ({ severity, span }) => severity === "error" && (span === undefined || span.file === file.path),
  );
  if (error !== undefined) return `the edited file has an error: ${error.message}`;
  const pairs = buckets.flatMap((before) => {
    const now = after.get(before.bucket);
    return now === undefined ? [] : [{ before, after: now }];
  });
  if (pairs.length < buckets.length) return "the edited file lost a bucket";
  if (pairs.every((pair) => equal(desiredPolicy(pair.before), desiredPolicy(pair.after))))
    return "other statements of its policy are the same";
  for (const pair of pairs) {
    const broken = unprovedIn(pair.before, pair.after, found.get(pair.before.bucket));
    if (broken !== undefined) return broken;
  }
  const { errors, isNew } = await editErrors({ buckets: pairs }, today);
  const [first] = errors;
  if (first === undefined) return undefined;
  return `${isNew ? "the narrower policy would bring an error" : "its file has an error"}: ${first.message}`;
}

/** Returns what of the proof fails for one bucket. */
function unprovedIn(
  before: ParsedBucket,
  after: ParsedBucket,
  result: UnseenGrants | undefined,
): string | undefined {
  if (result?.examples === undefined) return "its requests are of too many kinds for a proof";
  const [old, narrow] = [desiredPolicy(before), desiredPolicy(after)];
  const access = accessDifference(old, narrow, bucketOf(before));
  if (access.verdict === "undecided") return `the narrower policy is undecided: ${access.cause}`;
  if (access.verdict === "different" && access.regions.some(({ effect }) => effect !== "loses"))
    return "the narrower policy would also grant something, or lift a Deny";
  const running = replay({
    before: old,
    after: narrow,
    bucket: bucketOf(before),
    names: new Map(),
    acls: "unknown",
  });
  for (const request of result.examples) running.add(request);
  const { effects, cause } = running.result();
  if (cause !== undefined) return `its requests cannot be replayed: ${cause}`;
  return effects.length > 0 ? "a request that was seen would be decided otherwise" : undefined;
}
