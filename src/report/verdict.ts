/** The verdict: one line that answers whether it is safe to merge, or what an apply left behind. */

import type { Outcome } from "../apply/outcome.ts";
import { filesOf, type Diagnostic } from "../diagnostic.ts";
import { adoptsLive } from "../plan/adopted-live.ts";
import { blocks, type Hazard } from "../plan/hazard.ts";
import { isWriting, type Change, type Plan, type VerdictLevel, type WritingChange } from "../plan/plan.ts";
import { hazardReason, needsLook, openedTexts, reviewParts } from "./looked-at.ts";
import { gains, liftsDeny, regionsOf } from "./order.ts";
import { counted, numbered } from "./printable.ts";
import { reasonOf, reasonsOf, type ReviewReason } from "./review-reasons.ts";
import type { Tone } from "./tone.ts";

export interface Verdict {
  readonly level: VerdictLevel;
  /** One sentence without a full stop. */
  readonly text: string;
}

export const levelTones: Readonly<Record<VerdictLevel, Tone>> = {
  error: "bad",
  blocked: "bad",
  review: "watch",
  narrowing: "neutral",
  unchanged: "good",
  none: "neutral",
};

export interface VerdictContext {
  /** The run stopped before it compared anything. */
  readonly isErrored: boolean;
  /** Results of apply, if it ran. */
  readonly outcomes?: readonly Outcome[] | undefined;
}

/** Returns the verdict on a plan, and on its outcomes after an apply. */
export function verdictOf(plan: Plan, { isErrored, outcomes = [] }: VerdictContext): Verdict {
  const changes = plan.changes.filter(isWriting);
  const incomplete = incompleteParts(plan, isErrored, outcomes);
  if (incomplete.length > 0) return { level: "error", text: incompleteText(incomplete, plan, outcomes) };
  const blocked = changes.filter((change) => change.blocked);
  const stale = outcomes.filter(({ result }) => result === "stale").length;
  if (blocked.length > 0 || stale > 0 || brokenAsTheyAre(plan).length > 0)
    return { level: "blocked", text: blockedText(plan, stale) };
  const [limit] = plan.limits ?? [];
  if (limit !== undefined) return { level: "blocked", text: `Blocked: ${limit.message}` };
  if (needsReview(plan)) return { level: "review", text: reviewText(plan) };
  if (changes.length === 0) return { level: "none", text: "No changes" };
  if (changes.some(differs))
    return {
      level: "narrowing",
      text: `Only takes access away: ${counted(changes.length, "change")}; the callers may be refused`,
    };
  return {
    level: "unchanged",
    text: `Safe: ${numbered(changes.length, "policy is rewritten", "policies are rewritten")}, access unchanged (proved)`,
  };
}

/** Verdict on the part of a plan that belongs to one account. */
export interface AccountVerdict extends Verdict {
  readonly account: string;
  /** Name of the account in its file. */
  readonly name?: string;
}

/** Returns the verdict of each account where there are several; the plan's own verdict is the worst of them. */
export function accountVerdicts(plan: Plan, context: VerdictContext): readonly AccountVerdict[] {
  const accounts = [...new Set(plan.changes.map(({ account }) => account))];
  if (accounts.length < 2) return [];
  return accounts.map((account) => {
    const part = partOf(plan, account);
    const buckets = new Set(part.changes.map(({ bucket }) => bucket));
    const outcomes = context.outcomes?.filter(({ bucket }) => buckets.has(bucket));
    const name = plan.accounts?.find(({ uid }) => uid === account)?.name;
    return {
      account,
      ...(name === undefined ? {} : { name }),
      ...verdictOf(part, { ...context, outcomes }),
    };
  });
}

/** Returns the account of a verdict, such as `production (1746495857600001)`. */
export function verdictAccount({ account, name }: AccountVerdict): string {
  return name === undefined ? account : `${name} (${account})`;
}

/** Returns what a plan says of one account: its changes, and the findings and weaker guards that may judge them. */
function partOf(plan: Plan, account: string): Plan {
  const changes = plan.changes.filter((change) => change.account === account);
  const mayJudge = judgesOf(changes.map(({ file }) => file));
  const { base } = plan;
  return {
    ...plan,
    changes,
    ...(plan.limits === undefined
      ? {}
      : { limits: plan.limits.filter((limit) => limit.account === account) }),
    diagnostics: plan.diagnostics.filter(
      (found) =>
        (found.account ?? account) === account && (found.span === undefined || mayJudge(found.span.file)),
    ),
    ...(base === undefined
      ? {}
      : {
          base: {
            ...base,
            loosened: base.loosened.filter(({ file }) => mayJudge(file)),
            abandoned: base.abandoned.filter((one) => one.account === account),
          },
        }),
  };
}

/** Returns a test for the files that may judge these: themselves, and account files and sets of folders above. */
function judgesOf(files: readonly string[]): (file: string) => boolean {
  const own = new Set(files);
  const folders = new Set([...own].flatMap(foldersAbove));
  return (file) => {
    const [, folder] = /^(.*\/|)(?:account\.ya?ml|_sets\/[^/]*)$/.exec(file) ?? [];
    return own.has(file) || (folder !== undefined && folders.has(folder));
  };
}

/** Returns the folders of a path, such as `a/b/`, `a/` and the empty text. */
function foldersAbove(file: string): readonly string[] {
  const names = file.split("/").slice(0, -1);
  return ["", ...names.map((_, index) => `${names.slice(0, index + 1).join("/")}/`)];
}

/** Returns what is missing from the result, in words; nothing if it is complete. */
function incompleteParts(plan: Plan, isErrored: boolean, outcomes: readonly Outcome[]): readonly string[] {
  if (isErrored) return ["nothing could be planned"];
  const unreadable =
    plan.changes.filter(({ action }) => action === "unreadable").length +
    plan.unmanaged.filter(({ state }) => state === "unreadable").length;
  const failed = outcomes.filter(({ result }) => result === "failed").length;
  const unverified = outcomes.filter(({ result }) => result === "unverified").length;
  const stopped = outcomes.filter(({ result }) => result === "not attempted").length;
  const errors = errorsBeside(plan);
  return [
    ...(unreadable > 0 ? [`${counted(unreadable, "bucket")} could not be read`] : []),
    ...(failed > 0 ? [`${counted(failed, "write")} failed`] : []),
    ...(unverified > 0 ? [`${counted(unverified, "write")} could not be verified`] : []),
    ...(stopped > 0 ? [numbered(stopped, "bucket was not attempted", "buckets were not attempted")] : []),
    ...(errors > 0 ? [`${counted(errors, "error finding")} in the files`] : []),
  ];
}

/** Counts the error findings that block no change: those of other files, and of the run itself. */
function errorsBeside({ diagnostics, changes }: Plan): number {
  const blocked = new Set(changes.filter((one) => isWriting(one) && one.blocked).map(({ file }) => file));
  return diagnostics.filter(
    (one) => one.severity === "error" && !filesOf(one).some((file) => blocked.has(file)),
  ).length;
}

function incompleteText(parts: readonly string[], { changes }: Plan, outcomes: readonly Outcome[]): string {
  const blocked = changes.filter((change) => isWriting(change) && change.blocked).length;
  const tail =
    blocked === 0
      ? ""
      : `, and ${numbered(blocked, "change is", "changes are")} ${outcomes.length > 0 ? "left out: blocked" : "blocked"}`;
  return `Incomplete: ${parts.join(", ")}${tail}`;
}

function blockedText(plan: Plan, stale: number): string {
  const changes = plan.changes.filter(isWriting);
  const blocked = changes.filter((change) => change.blocked);
  const said = blocked.map((change) => ({ change, reason: blockerOf(change) }));
  const others = changes.filter((change) => !change.blocked && needsLook(change));
  const shown = reasonsOf(said.map(({ reason }) => reason)).map(({ count, texts }, index) => {
    const of = index === 0 ? ` of ${counted(changes.length, "change")}` : "";
    return `${count}${of} ${texts[count === 1 ? 0 : 1]}`;
  });
  const unchanged = reasonsOf(brokenAsTheyAre(plan).map((hazard) => reasonOf(hazard, false))).map(
    ({ count, texts }) => `${counted(count, "unchanged bucket")} ${texts[count === 1 ? 0 : 1]}`,
  );
  const parts = [
    ...(stale > 0 ? [`${counted(stale, "bucket")} changed since the plan`] : []),
    ...shown,
    ...unchanged,
  ];
  const looked =
    others.length === 0
      ? []
      : [`${numbered(others.length, "more gives access and needs", "more give access and need")} review`];
  const opened = openedTexts([...said, ...others.map((change) => ({ change }))]);
  return `Blocked: ${[parts.join(", "), ...looked, ...opened].join("; ")}`;
}

/** Returns what blocks buckets that are as their files say, one hazard of each: a guardrail that they break. */
function brokenAsTheyAre({ changes }: Plan): readonly Hazard[] {
  return changes.flatMap((change) =>
    change.action === "none" ? change.hazards.filter(blocks).slice(0, 1) : [],
  );
}

function blockerOf(change: WritingChange): ReviewReason {
  const { hazards, limit } = change;
  const hazard = hazards.find(blocks);
  if (hazard !== undefined) return hazardReason(hazard, change);
  return { code: limit === undefined ? "error" : "limit", isDoubtful: false };
}

const differs = (change: Change) => regionsOf(change).length > 0;
function isAdoption({ code }: Diagnostic): boolean {
  return code === adoptsLive;
}

function needsReview({ changes, base, diagnostics }: Plan): boolean {
  if (diagnostics.some(isAdoption)) return true;
  const isBaseWeaker = base !== undefined && base.loosened.length + base.abandoned.length > 0;
  return isBaseWeaker || changes.some((change) => isWriting(change) && needsLook(change));
}

function reviewText(plan: Plan): string {
  const { base } = plan;
  const changes = plan.changes.filter(isWriting);
  const lifting = changes.filter((change) => gains(change) && liftsDeny(change)).length;
  const adopted = plan.diagnostics.filter(isAdoption).length;
  const parts = [
    ...reviewParts(changes, plan.accounts ?? []),
    ...(lifting > 0 ? [numbered(lifting, "removes a Deny as well", "remove a Deny as well")] : []),
    ...(base !== undefined && base.loosened.length > 0
      ? [
          numbered(
            base.loosened.length,
            "guard or consent is weaker, changed or new",
            "guards and consents are weaker, changed or new",
          ),
        ]
      : []),
    ...(base !== undefined && base.abandoned.length > 0
      ? [numbered(base.abandoned.length, "bucket loses its file", "buckets lose their files")]
      : []),
    ...(adopted > 0
      ? [numbered(adopted, "file takes over access", "files take over access") + " that was set in OSS"]
      : []),
  ];
  return `Review: ${parts.join("; ")}`;
}
