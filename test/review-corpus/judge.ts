import { parseDesired } from "../../src/desired/desired.ts";
import type { BasePolicy } from "../../src/plan/base-policy.ts";
import type { Hazard } from "../../src/plan/hazard.ts";
import { knownPrincipals } from "../../src/plan/known-principals.ts";
import { planChange } from "../../src/plan/plan-change.ts";
import type { Live } from "../../src/policy/live.ts";
import { canonicalPolicy, statementKey } from "../../src/policy/policy.ts";
import { openGate } from "../support/gate.ts";
import { filesOf, type EditedBucket, type PullRequest } from "./pull-request.ts";

export interface Judged {
  readonly bucket: EditedBucket;
  /** Hazards that are more than a note. */
  readonly hazards: readonly Hazard[];
}

/** Plans every edit of a pull request on values: the policy before is the live one, and that of the base. */
export function judgedEdits(pullRequest: PullRequest): readonly Judged[] {
  const { before, after } = filesOf(pullRequest);
  const [base, { buckets, diagnostics }] = [before, after].map((files) =>
    parseDesired(Object.entries(files).map(([path, text]) => ({ path, text }))),
  ) as [ReturnType<typeof parseDesired>, ReturnType<typeof parseDesired>];
  const known = knownPrincipals(base.accounts, base.buckets, []);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return pullRequest.edited.map((edited) => {
    const bucket = buckets.find((one) => one.bucket === edited.bucket);
    if (bucket === undefined) throw new Error(`no file for ${edited.bucket}`);
    const change = planChange({
      bucket,
      reading: { live: liveOf(edited), region: bucket.region },
      findings: [],
      gate: openGate,
      base: baseOf(edited),
      known,
    });
    if (change.action === "unreadable") throw new Error(`${edited.bucket} is unreadable`);
    return { bucket: edited, hazards: change.hazards.filter(({ severity }) => severity !== "note") };
  });
}

function liveOf({ before }: EditedBucket): Live {
  return before === "none" ? { state: "none" } : { state: "policy", body: JSON.stringify(before) };
}

function baseOf({ before }: EditedBucket): BasePolicy {
  if (before === "none") return { policy: "absent", everDesired: new Set(), isComplete: true };
  const policy = canonicalPolicy(before);
  return { policy, everDesired: new Set(policy.statements.map(statementKey)), isComplete: true };
}
