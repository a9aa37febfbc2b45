import { join } from "node:path";
import type { Account } from "../../desired/account-file.ts";
import type { DesiredBucket, ParsedBucket } from "../../desired/bucket-file.ts";
import { parseDesired } from "../../desired/desired.ts";
import { renderAccountFile, renderBucketFile, replacePolicy, withIgnores } from "../../desired/render.ts";
import { commentsIn } from "../../desired/yaml-tokens.ts";
import { referencesIn } from "../../desired/variables.ts";
import { hasErrors, refusal, type Diagnostic } from "../../diagnostic.ts";
import { lintBucket } from "../../lint/lint.ts";
import { liveDigest, liveDocument, type Live, type LiveRead } from "../../policy/live.ts";
import { policyDigest } from "../../policy/policy.ts";
import { desiredPolicy } from "../../desired/desired-policy.ts";
import type { DesiredTree } from "../../pipeline/read-desired.ts";
import type { Options } from "../../run/options.ts";

export interface FoundBucket {
  readonly bucket: string;
  readonly reading: LiveRead;
}

/** The result of import for one bucket: a file to write, or the reason why there is none. */
export type FileFor =
  | {
      readonly kind: "write";
      readonly file: string;
      readonly text: string;
      /** Text that it replaces; undefined if there is no such file. */
      readonly old: string | undefined;
      readonly lost: LostParts;
    }
  | { readonly kind: "kept"; readonly file: string }
  | { readonly kind: "no policy" }
  | { readonly kind: "problem"; readonly problem: Diagnostic };

/** What a file had before its policy was replaced, and has no more. */
export interface LostParts {
  /** Names of variables: their values are written out. */
  readonly variables: readonly string[];
  readonly comments: readonly string[];
}

/** Decides what becomes of one bucket; nothing is written yet. */
export function fileFor(
  { bucket, reading }: FoundBucket,
  account: Account,
  tree: DesiredTree,
  { force }: Options,
): FileFor {
  const { live, region } = reading;
  if (live.state === "unreadable" || live.state === "missing")
    return { kind: "problem", problem: unreadable(bucket, live) };
  const policy = live.state === "none" ? "none" : liveDocument(live);
  const existing = tree.desired.buckets.find((candidate) => candidate.bucket === bucket);
  if (existing === undefined && policy === "none") return { kind: "no policy" };
  if (existing !== undefined && (!force || isEqual(existing, reading))) {
    return { kind: "kept", file: existing.file };
  }
  if (existing !== undefined && !existing.isAlone) {
    const message = `\`${existing.file}\` names more buckets than \`${bucket}\`, or uses statement sets`;
    return { kind: "problem", problem: refusal("import", message, "change this file by hand") };
  }
  const file = existing?.file ?? newFile(bucket, account);
  const text =
    existing === undefined
      ? renderBucketFile(bucket, region === account.region ? undefined : region, policy)
      : replacePolicy(tree.sources.get(file) ?? "", policy);
  const proved = text === undefined ? undefined : provedText(text, file, account, { bucket, reading });
  if (proved !== undefined) {
    const before = tree.sources.get(file) ?? "";
    const written = before.includes("\r\n") ? proved.replaceAll("\n", "\r\n") : proved;
    const old = existing === undefined ? undefined : before;
    return { kind: "write", file, text: written, old, lost: lostParts(before, written) };
  }
  const message = `the policy of \`${bucket}\` cannot be written to \`${file}\` so that it reads back the same`;
  return { kind: "problem", problem: refusal("import", message, "write this file by hand") };
}

function lostParts(before: string, after: string): LostParts {
  const kept = referencesIn(after);
  const left = [...commentsIn(after)];
  const comments = commentsIn(before).filter((comment) => {
    const at = left.indexOf(comment);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return { variables: referencesIn(before).filter((name) => !kept.includes(name)), comments };
}

function unreadable(bucket: string, live: Extract<Live, { state: "unreadable" | "missing" }>): Diagnostic {
  if (live.state === "missing")
    return refusal("unreadable", `bucket \`${bucket}\` cannot be read: it does not exist`);
  const { problem, text } = live;
  const help =
    text === undefined
      ? problem.help
      : `correct the policy in OSS's console and import it, or write a file for the bucket and replace the policy with \`apply --replace-unparseable ${bucket}\``;
  return refusal("unreadable", `bucket \`${bucket}\` cannot be read: ${problem.message}`, help);
}

/** A file whose plan is empty says all that live says, and perhaps better. */
function isEqual(bucket: DesiredBucket, reading: LiveRead): boolean {
  return liveDigest(reading.live) === policyDigest(desiredPolicy(bucket));
}

/** Beside the account file, and never in its place. */
function newFile(bucket: string, { folder }: Account): string {
  return join(folder, `${bucket === "account" ? "bucket-account" : bucket}.yaml`);
}

/** Returns the text of the file, if a plan over it is empty and its findings are silenced. */
function provedText(
  text: string,
  file: string,
  account: Account,
  { bucket, reading }: FoundBucket,
): string | undefined {
  const accountFile = {
    path: account.file,
    text: renderAccountFile(account.uid, account.region ?? reading.region),
  };
  const read = (candidate: string) =>
    parseDesired([accountFile, { path: file, text: candidate }]).buckets.find(
      (item) => item.bucket === bucket,
    );
  const silenced = withoutFindings(text, read);
  const desired = read(silenced);
  if (desired === undefined) return undefined;
  const findings = lintBucket(desired);
  return isEqual(desired, reading) && !hasErrors(findings) ? silenced : undefined;
}

/** A finding that is silenced shows those that follow from it, so each round may have some of its own. */
const maxRounds = 4;

/** The text with an ignore comment for each finding. */
function withoutFindings(text: string, read: (text: string) => ParsedBucket | undefined): string {
  let silenced = text;
  for (let round = 0; round < maxRounds; round += 1) {
    const bucket = read(silenced);
    const findings = bucket === undefined ? [] : lintBucket(bucket);
    const objections = findings.filter(({ severity }) => severity !== "note");
    if (objections.length === 0) break;
    silenced = withIgnores(silenced, objections, "found at import");
  }
  return silenced;
}
