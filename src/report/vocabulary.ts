import type { AccessDifference, KnownAccessChange } from "../access/difference.ts";
import type { AccessEffect } from "../access/effect.ts";
import { observedIn } from "../access/interpretation-texts.ts";
import {
  clausesText,
  decisionTexts,
  observationText,
  observedText,
  openPointsText,
} from "../access/render.ts";
import { blocks, type Hazard } from "../plan/hazard.ts";
import { isWriting, summarize, type Cause, type Change, type Plan } from "../plan/plan.ts";
import { undocumentedPublic, type PublicAccess } from "../plan/public-access.ts";

export const actionTexts: Readonly<Record<Change["action"], string>> = {
  create: "create",
  update: "update",
  delete: "delete the policy of",
  none: "unchanged",
  unreadable: "cannot read",
};

/** Cause of a change, shown behind the bucket's name; empty if there is none to show. */
export const causeTexts: Readonly<Record<Cause, string>> = {
  edit: "edit",
  drift: "drift",
  both: "edit and drift",
  none: "",
  unknown: "",
};

export const loosenedTitle = "Guards that are weaker or changed since the base, and new consents";
export const unmanagedTitle = "Buckets without a file, which oss-policy does not change";
export const abandonedTitle =
  "Buckets whose file is gone, and whose policies stay live (a file with policy: none removes one)";

/** Returns whether a report shows a bucket: an unchanged one is shown only if its state is a hazard. */
export function isShown(change: Change): boolean {
  return change.action !== "none" || change.hazards.length > 0;
}

/** Returns counts such as `1 to create, 0 to update, ...`. */
export function countsText(plan: Plan): string {
  const { create, update, delete: deleted, unchanged, unreadable, blocked } = summarize(plan.changes);
  const counts = [
    `${create} to create`,
    `${update} to update`,
    `${deleted} to delete`,
    `${unchanged} unchanged`,
  ];
  if (unreadable > 0) counts.push(`${unreadable} unreadable`);
  if (blocked > 0) counts.push(`${blocked} blocked`);
  const abandoned = plan.base?.abandoned.length ?? 0;
  if (abandoned > 0) counts.push(`${abandoned} abandoned`);
  if (plan.unmanaged.length > 0) counts.push(`${plan.unmanaged.length} without a file`);
  return counts.join(", ");
}

/** Returns the cause of a block; empty if the change is not blocked. */
export function blockerText(change: Change): string {
  if (!isWriting(change) || !change.blocked) return "";
  if (change.limit !== undefined) return "blocked by a limit of its account";
  return `blocked by ${change.hazards.some(blocks) ? "a hazard" : "an error finding"}`;
}

/** Returns a note that the causes are unknown. A restore from a journal needs none. */
export function causeNote({ changes, base, journal }: Plan): readonly string[] {
  if (base !== undefined || journal !== undefined || !changes.some(isWriting)) return [];
  return ["Without --base, the plan cannot distinguish an edit of a file from drift of its bucket."];
}

/** Returns a note on the shard that a plan is about. */
export function shardNote({ shard }: Plan): readonly string[] {
  if (shard === undefined) return [];
  const what = `This is shard ${shard.index} of ${shard.count}`;
  return shard.unmerged === undefined
    ? [`${what}. The limits of accounts are judged by the saved plan of all shards.`]
    : [`${what}. The limits of accounts are not judged: they count all shards, and merge judges them.`];
}

const maxPaths = 5;

/** Returns a note on the commits that a plan compares, in full, and on uncommitted files. */
export function baseNote({ base: compared }: Plan, code: (text: string) => string): readonly string[] {
  if (compared === undefined) return [];
  const { word, base, revision, uncommitted } = compared;
  const first = uncommitted.slice(0, maxPaths).map(code);
  const more = uncommitted.length > maxPaths ? `, and ${uncommitted.length - maxPaths} more` : "";
  const dirty = uncommitted.length === 0 ? "" : `, with uncommitted changes in ${first.join(", ")}${more}`;
  return [
    `Compared with ${code(word)}, commit ${code(base)}; the files are those of commit ${code(revision)}${dirty}.`,
  ];
}

export const effectTexts: Readonly<Record<AccessEffect, string>> = {
  gains: "gains",
  loses: "loses",
  newlyBlocked: "newly blocked",
  blockLifted: "block lifted",
};

export const equalText = "rewritten, access unchanged (proved)";

/** Maximum of regions in a report; the JSON lists all. */
const maxRegions = 12;

type DifferentAccess = Extract<AccessDifference, { readonly verdict: "different" }>;

/** Returns the first regions of a change, and a sentence about the others. */
export function shownChanges({ regions }: DifferentAccess): {
  readonly regions: readonly KnownAccessChange[];
  readonly rest: string;
} {
  const rest = regions.length - maxRegions;
  return {
    regions: regions.slice(0, maxRegions),
    rest: rest > 0 ? `and ${rest} more, which --json lists` : "",
  };
}

/** Returns the undocumented points that the result depends on, and what was observed of others; empty if there are none. */
export function openPointsNote(access: AccessDifference): string {
  if (access.verdict === "undecided") return "";
  const open = access.verdict === "different" ? openPointsText(access.dependsOn) : "";
  const observed = observedText(access.observed ?? []);
  return [open, observed === "" ? "" : `This rests on what was observed: ${observed}`]
    .filter((text) => text !== "")
    .join(". ");
}

/** Returns the interpretations under which a region exists, and where the others were ruled out; empty for all. */
export function conditionalText({ dependsOn }: KnownAccessChange): string {
  const places = new Set(observedIn(dependsOn).map(observationText));
  const texts = [clausesText(dependsOn), ...places].filter((text) => text !== "");
  return texts.length === 0 ? "" : ` (${texts.join("; ")})`;
}

/** Returns the decision on the example of a region, before and after. */
export function decisionChangeText({ before, after }: KnownAccessChange): string {
  return `${decisionTexts[before]} -> ${decisionTexts[after]}`;
}

export const blocksText = "blocks this bucket";

/** Returns the hazards without notes, which would repeat the regions. */
export function reportedHazards(hazards: readonly Hazard[]): readonly Hazard[] {
  return hazards.filter(({ severity }) => severity !== "note");
}

/** Returns the worst hazard: first one that blocks the bucket, then a warning, then an accepted one. */
export function worstHazard(hazards: readonly Hazard[]): Hazard | undefined {
  const reported = reportedHazards(hazards);
  return (
    reported.find(blocks) ??
    reported.find(({ accepted }) => accepted === undefined) ??
    reported.find(({ severity }) => severity === "block") ??
    reported[0]
  );
}

/** Returns whether the state of public access says more than that nothing is public. */
export function isPublicityNews({ exposure, status, allowsAnonymous }: PublicAccess): boolean {
  const isBlocked = exposure.state === "known" && exposure.blockPublicAccess;
  const isPrivate =
    (status === "no" || (status === "undocumented" && !isBlocked)) && allowsAnonymous === "no";
  return !isPrivate || exposure.state === "unknown" || exposure.acl !== "private";
}

/** What a public ACL lets everyone do where no policy says anything. */
const aclRights: ReadonlyMap<string, string> = new Map([
  ["public-read", "read"],
  ["public-read-write", "read, write and delete"],
]);

/**
 * Says what everyone may do: by the ACL, where it is public, and by the policy. For that, OSS's definition of public,
 * which Block Public Access uses, is compared with the exact answer.
 */
export function publicAccessText({ exposure, status, allowsAnonymous }: PublicAccess): string {
  const exact = {
    yes: "allows some anonymous request",
    no: "allows no anonymous request",
    unknown: "may allow some anonymous request (undecided)",
  };
  const judged =
    status === "undocumented"
      ? `the policy ${exact[allowsAnonymous]}, and may be public by OSS's definition: ${undocumentedPublic}`
      : `${status} by OSS's definition; exactly: the policy ${exact[allowsAnonymous]}`;
  const policy = status === allowsAnonymous ? status : judged;
  if (exposure.state === "unknown")
    return `by the policy: ${policy}; the ACL and Block Public Access could not be read (${exposure.problem.message})`;
  const block = `Block Public Access of the bucket ${exposure.blockPublicAccess ? "on" : "off"}`;
  const rights = exposure.blockPublicAccess ? undefined : aclRights.get(exposure.acl);
  return rights === undefined
    ? `${policy}; ACL ${exposure.acl}, ${block}`
    : `by the ACL ${exposure.acl}, everyone can ${rights} objects that no Deny refuses; by the policy: ${policy}; ${block}`;
}
