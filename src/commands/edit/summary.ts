import { namesOf } from "../../desired/account-file.ts";
import { prove, requestSetOf } from "../../access/query.ts";
import { namedText } from "../../access/render.ts";
import type { ParsedBucket } from "../../desired/bucket-file.ts";
import { bucketOf, desiredPolicy } from "../../desired/desired-policy.ts";
import type { Diagnostic } from "../../diagnostic.ts";
import type { EditedFile } from "../../edit/edited-file.ts";
import type { TreeEdit } from "../../edit/edit-tree.ts";
import type { Intent } from "../../edit/intent.ts";
import { overriddenBy } from "../../edit/refusals.ts";
import { resourceNames } from "../../proof/access-queries.ts";
import { counted, fewNames, printable } from "../../report/printable.ts";
import { renderAccess } from "../../report/text/access.ts";
import type { TextStyle } from "../../report/text/style.ts";
import { unifiedDiff } from "../../report/text/unified-diff.ts";
import { whatCanAnswer } from "../access/what-can.ts";

/** Maximum of changed lines, and of buckets in a table. */
const maxLines = 20;

/** Renders the changed lines of the files, such as `policies/logs.yaml:8: removed "1" from Principal`. */
export function filesText(files: readonly EditedFile[]): string {
  const lines = files.flatMap(({ path, changes }) =>
    changes.map(({ line, what }) => `${printable(path)}:${line}: ${printable(what)}\n`),
  );
  const rest = lines.length - maxLines;
  const more = rest > 0 ? `and ${counted(rest, "more change")}, which \`git diff\` shows\n` : "";
  return `${lines.slice(0, maxLines).join("")}${more}`;
}

export function diffText(files: readonly EditedFile[], style: TextStyle): string {
  return files.map(({ path, before, after }) => unifiedDiff(path, before, after, style)).join("");
}

/** Renders the proved changes of access as a plan does. Buckets whose access changes alike are shown together. */
export function accessText({ buckets }: TreeEdit, style: TextStyle): string {
  const groups = new Map<string, string[]>();
  for (const { before, access } of buckets) {
    const lines = renderAccess(access, style, namesOf(before.account)).join("\n");
    groups.set(lines, [...(groups.get(lines) ?? []), before.bucket]);
  }
  return [...groups].map(([lines, names]) => `${fewNames(names)} (proved)\n${lines}\n`).join("");
}

/** Renders what the principal is still allowed by the policies. */
export function leftText({ desired, targets }: TreeEdit, { principal, verb }: Intent): string {
  const all = desired.buckets.map((bucket) => ({
    bucket,
    policy: { bucket: bucketOf(bucket), policy: desiredPolicy(bucket) },
  }));
  const { text } = whatCanAnswer(all, { principal }, maxLines);
  const note = targets.every((bucket) => isDeniedAll(principal, bucket))
    ? "A Deny refuses it everything in these buckets, whatever RAM policies and ACLs allow.\n"
    : "RAM policies and ACLs may still allow it something: --deny stops that, too.\n";
  return verb === "revoke" ? `${text}${note}` : text;
}

function isDeniedAll(principal: string, desired: ParsedBucket): boolean {
  const bucket = bucketOf(desired);
  const scene = requestSetOf([principal], ["oss:*"], resourceNames(bucket, "*"), new Map());
  return prove(desiredPolicy(desired), bucket, scene, "denied").kind === "proved";
}

/** Returns notes on Deny statements that still stop a part of a grant. */
export function notesOn({ targets }: TreeEdit, intent: Intent): readonly Diagnostic[] {
  if (intent.verb !== "grant") return [];
  return targets.flatMap((bucket) => overriddenBy(intent, bucket)?.finding ?? []);
}

const doneTexts: Readonly<Record<Intent["verb"], string>> = {
  grant: "is already allowed this",
  revoke: "is allowed this by no statement that names it",
  deny: "is already denied this",
};

/** Renders the last line: what was edited, or why nothing was. */
export function closingText(
  { files, buckets, desired }: TreeEdit,
  intent: Intent,
  isDryRun: boolean,
): string {
  if (files.length === 0) {
    const names = new Map(desired.accounts.flatMap((account) => [...namesOf(account)]));
    return `Nothing to do: ${printable(namedText(intent.principal, names))} ${doneTexts[intent.verb]}.\n`;
  }
  const head = isDryRun ? "Would edit" : "Edited";
  return `${head} ${counted(files.length, "file")}, for ${counted(buckets.length, "bucket")}. OSS is unchanged until apply.\n`;
}
