import { desiredPolicy } from "../../desired/desired-policy.ts";
import type { Diagnostic } from "../../diagnostic.ts";
import type { TreeEdit } from "../../edit/edit-tree.ts";
import { blocks } from "../../plan/hazard.ts";
import { hazardsOf } from "../../plan/hazards.ts";

/** Maximum of buckets whose hazards are found: `plan` finds those of all. */
const maxBuckets = 20;

/** Notes the hazards by which a plan of the edit is blocked, if OSS has what the files had before. */
export function blockingNotes({ buckets }: TreeEdit, today: string): readonly Diagnostic[] {
  const gate = { today, accepted: [], forbidsGains: false, refusals: () => [] };
  const blocked = new Map<string, { readonly message: string; readonly names: string[] }>();
  for (const { before: old, after: bucket, access } of buckets.slice(0, maxBuckets)) {
    const [before, after] = [desiredPolicy(old), desiredPolicy(bucket)];
    for (const one of hazardsOf({ bucket, before, after, access, gate }).filter(blocks)) {
      const { message, names } = blocked.get(one.code) ?? { message: one.message, names: [] };
      blocked.set(one.code, { message, names: [...new Set([...names, bucket.bucket])] });
    }
  }
  return [...blocked].map(([code, { message, names }]) => ({
    code: "edit",
    severity: "note",
    message: `\`plan\` blocks this for \`${names[0] ?? ""}\`${names.length > 1 ? " and others" : ""} by \`${code}\`: ${message}`,
    help: `if it is meant, write an \`accept\` of \`${code}\` with its reason into the file, as the plan shows it`,
  }));
}
