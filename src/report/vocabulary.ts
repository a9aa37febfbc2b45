import type { AccessDifference, KnownAccessChange } from "../access/difference.ts";
import type { AccessEffect } from "../access/effect.ts";
import { clausesText, decisionTexts, openPointsText } from "../access/render.ts";
import { blocks, type Hazard } from "../plan/hazard.ts";
import { isWriting, summarize, type Cause, type Change, type Plan } from "../plan/plan.ts";
import type { PublicAccess } from "../plan/public-access.ts";

export const actionTexts: Readonly<Record<Change["action"], string>> = {
  create: "create",
  update: "update",
  delete: "delete",
  none: "unchanged",
  unreadable: "cannot read",
};

/** Why a bucket changes, as a word behind its name; empty where it goes without saying. */
export const causeTexts: Readonly<Record<Cause, string>> = {
  edit: "edit",
  drift: "drift",
  both: "edit and drift",
  none: "",
  unknown: "",
};

export const loosenedTitle = "Guards that are weaker than at the base, and new consents";
export const unmanagedTitle = "Buckets without a file, which this tool leaves alone";
export const abandonedTitle = "Buckets whose file is gone, and whose policies stay as they are";

/** An unchanged bucket is worth a word only where its state is a hazard. */
export function isShown(change: Change): boolean {
  return change.action !== "none" || change.hazards.length > 0;
}

/** `1 to create, 0 to update, ...`. */
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

/** What blocks a change; empty where nothing does. */
export function blockerText(change: Change): string {
  if (!isWriting(change) || !change.blocked) return "";
  if (change.limit !== undefined) return "blocked by a limit of its account";
  return `blocked by ${change.hazards.some(blocks) ? "a hazard" : "an error finding"}`;
}

/** Says that no cause is known; a plan that puts back what a journal holds needs none. */
export function causeNote({ changes, base, journal }: Plan): readonly string[] {
  if (base !== undefined || journal !== undefined || !changes.some(isWriting)) return [];
  return ["Whether a change is an edit of its file or drift of its bucket is not known without --base."];
}

const maxPaths = 5;

/** Names the commits that a plan compares, in full, and the files that are in none of them. */
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

/** Longer lists are in the JSON. */
const maxRegions = 12;

type DifferentAccess = Extract<AccessDifference, { readonly verdict: "different" }>;

/** The regions that a report has room for, and a sentence about the others. */
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

/** Returns the undocumented points that the result depends on, as one sentence; empty where there are none. */
export function openPointsNote({ dependsOn }: DifferentAccess): string {
  return openPointsText(dependsOn);
}

/** How many regions of each kind there are, in words. */
export function accessCountsText(access: AccessDifference): string {
  if (access.verdict === "equal") return "unchanged (proved)";
  if (access.verdict === "undecided") return "undecided";
  return (Object.keys(effectTexts) as AccessEffect[])
    .map((effect) => ({ effect, count: access.regions.filter((region) => region.effect === effect).length }))
    .filter(({ count }) => count > 0)
    .map(({ effect, count }) => `${effectTexts[effect]} ${count}`)
    .join(", ");
}

/** Under which interpretations a region is one; empty for all. */
export function conditionalText({ dependsOn }: KnownAccessChange): string {
  const clauses = clausesText(dependsOn);
  return clauses === "" ? "" : ` (${clauses})`;
}

/** What becomes of the example of a region. */
export function decisionChangeText({ before, after }: KnownAccessChange): string {
  return `${decisionTexts[before]} -> ${decisionTexts[after]}`;
}

export const blocksText = "blocks this bucket";

/** What is gained and lost is told by the regions; a note would say it again. */
export function reportedHazards(hazards: readonly Hazard[]): readonly Hazard[] {
  return hazards.filter(({ severity }) => severity !== "note");
}

/** The one that matters most: what blocks the bucket, then what would. */
export function worstHazard(hazards: readonly Hazard[]): Hazard | undefined {
  const told = reportedHazards(hazards);
  return (
    told.find(blocks) ??
    told.find(({ severity }) => severity === "block") ??
    told.find(({ severity }) => severity === "warn")
  );
}

/** OSS's own notion of public beside the exact answer; they differ, and Block Public Access goes by the first. */
export function publicAccessText({ exposure, isPublic, allowsAnonymous }: PublicAccess): string {
  const exact = {
    yes: "allows some anonymous request",
    no: "allows no anonymous request",
    unknown: "undecided",
  };
  const isAgreed = isPublic === (allowsAnonymous === "yes") && allowsAnonymous !== "unknown";
  const answer = isPublic ? "yes" : "no";
  const policy = isAgreed
    ? answer
    : `${answer} by OSS's definition; exactly: the policy ${exact[allowsAnonymous]}`;
  if (exposure.state === "unknown")
    return `${policy}; the ACL and Block Public Access could not be read (${exposure.problem.message})`;
  const block = exposure.blockPublicAccess ? "on" : "off";
  return `${policy}; ACL ${exposure.acl}, Block Public Access of the bucket ${block}`;
}
