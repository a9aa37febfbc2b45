import equal from "fast-deep-equal";
import { accessDifference } from "../../access/difference.ts";
import type { ParsedBucket } from "../../desired/bucket-file.ts";
import { bucketOf, desiredPolicy } from "../../desired/desired-policy.ts";
import { parseDesired, type Desired } from "../../desired/desired.ts";
import type { EditableTree } from "../../edit/editable-tree.ts";
import type { EditedFile } from "../../edit/edited-file.ts";
import {
  maxNames,
  narrowFile,
  type GoneWords,
  type NarrowedFile,
  type Replacement,
  type StayCause,
} from "../../edit/narrowing.ts";
import { replay } from "../../plan/replay.ts";
import type { SeenWildcard, UnseenGrant, UnseenGrants } from "../../plan/unused-grants.ts";
import { matchesMoreInAnyCase } from "../../policy/actions.ts";
import { fewNames } from "../../report/printable.ts";
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
    const { file } = draft;
    const why =
      file === undefined ? undefined : await problemOf({ ...draft, file }, { desired, after, found, today });
    if (file !== undefined && why === undefined) {
      proved.push(file);
      buckets.push(...draft.buckets.map(({ bucket }) => bucket));
    }
    stays.push(...(why === undefined ? draft.stays : withGrants(draft.buckets, found, why)));
  }
  if (proved.length === 0) return nothingProved([...stays, ...withoutRequest(found)]);
  return {
    patch: proved.map(({ path, before, after: text }) => patchText(path, before, text)).join(""),
    buckets,
    stays,
  };
}

/** Returns the buckets of which some grant was not seen to be used, with the reason why it stays. */
function withGrants(
  buckets: readonly ParsedBucket[],
  found: SeenByBucket,
  why: string,
): readonly StayingBucket[] {
  return buckets
    .filter(({ bucket }) => (found.get(bucket)?.grants.length ?? 0) > 0)
    .map(({ bucket }) => ({ bucket, why }));
}

function withoutRequest(found: SeenByBucket): readonly StayingBucket[] {
  return [...found]
    .filter(([, { total }]) => total === 0)
    .map(([bucket]) => ({ bucket, why: "the logs have no request of it in the window" }));
}

function nothingProved(stays: readonly StayingBucket[]): Failed {
  const [first] = stays;
  const more = stays.length > 1 ? `, and ${stays.length - 1} more` : "";
  const why = first === undefined ? "requests used every grant" : `\`${first.bucket}\`: ${first.why}${more}`;
  return problem(
    `no narrower policy can be proposed and proved: ${why}`,
    "edit the files by hand, or give logs of a longer time",
  );
}

/** Edits of one file, before their proof. */
interface Draft {
  readonly buckets: readonly ParsedBucket[];
  readonly file?: EditedFile;
  /** What the edits leave. */
  readonly stays: readonly StayingBucket[];
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
    if (silent !== undefined) {
      const why = `its file is also for \`${silent.bucket}\`, ${whySilent(found.get(silent.bucket))}`;
      return [{ buckets, stays: withGrants(buckets, found, why) }];
    }
    const narrowed = narrowFile(
      file,
      buckets.map((bucket, at) => ({ bucket, gone: goneFrom(results[at]?.grants ?? []) })),
    );
    const stays = buckets.flatMap(({ bucket }, at) =>
      stayReasons(results[at], narrowed, at).map((why) => ({ bucket, why })),
    );
    return [{ buckets, stays, ...(narrowed.file === undefined ? {} : { file: narrowed.file }) }];
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

const causeTexts: Readonly<Record<StayCause, string>> = {
  "shared set": "shared sets",
  "list variable": "parts of list variables",
  "other bucket": "parts that another bucket of the file uses",
};

/** Returns why grants of the bucket at this place of its file stay. */
function stayReasons(
  { grants = [], unlogged = [] }: Partial<UnseenGrants> = {},
  { file, stays, refused }: NarrowedFile,
  at: number,
): readonly string[] {
  if (grants.length === 0) return [];
  const wildcards = grants.flatMap(({ wildcard }) => (wildcard === undefined ? [] : [wildcard]));
  const left = [
    ...[...(stays[at] ?? [])].map((cause) => causeTexts[cause]),
    ...(grants.some(({ part }) => part === "combination") ? ["combinations"] : []),
    ...(unlogged.length === 0 ? [] : [`actions that no log shows (${fewNames(unlogged)})`]),
    ...(wildcards.some((one) => isOfAnyCase(one)) ? ["wildcards that OSS may match in any case"] : []),
    ...(wildcards.some((one) => namesOf(one).length > maxNames)
      ? [`wildcards of more than ${maxNames} seen actions`]
      : []),
  ];
  const only = file === undefined && refused === 0 ? "only " : "";
  return [
    ...(refused === 0 ? [] : ["the layout of its file, such as an anchor, does not allow an edit"]),
    ...(left.length === 0 ? [] : [`${only}${left.join(", ")} are left`]),
  ];
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

/** Returns the actions that can take the place of a wildcard. */
function namesFor(wildcards: readonly SeenWildcard[]): ReadonlyMap<string, Replacement> {
  return new Map(
    wildcards
      .filter((one) => !isOfAnyCase(one))
      .map((one) => [one.word, { seen: namesOf(one), unlogged: one.unlogged }] as const)
      .filter(([, { seen }]) => seen.length <= maxNames),
  );
}

/** Returns true for a wildcard that its actions would lose or gain some for. */
function isOfAnyCase({ word }: SeenWildcard): boolean {
  return matchesMoreInAnyCase(word);
}

function namesOf({ seen, possible }: SeenWildcard): readonly string[] {
  return [...seen, ...possible].sort();
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
