import type { DesiredBucket } from "../desired/bucket-file.ts";
import { mergeDiagnostics } from "../diagnostic.ts";
import { knownPrincipals, knownTo, namelessNotes } from "../plan/known-principals.ts";
import { accountsOf, limitingOf } from "../plan/limiting.ts";
import { limitPlan } from "../plan/limits.ts";
import { planChange } from "../plan/plan-change.ts";
import type { Plan } from "../plan/plan.ts";
import { abandonedSince, weakenedGuards } from "../plan/weakened-guards.ts";
import { livePolicyAs, type Live } from "../policy/live.ts";
import { basePolicyOf, underBase, type Base } from "./base.ts";
import { checksOn } from "./bucket-checks.ts";
import { checkBuckets } from "./check-buckets.ts";
import { gateOf } from "./gate.ts";
import { blockNewAccounts } from "./new-account.ts";
import type { TreeAt } from "./revision.ts";

/**
 * Plans the selected buckets of one revision of the tree as if each had the policy of the base: what merging it would
 * change, by the guards of both, without a call to OSS.
 */
export async function planOfRevision(
  base: Base,
  { desired, commit }: TreeAt,
  selected: readonly DesiredBucket[],
  today: string,
): Promise<Plan> {
  const accept: readonly string[] = [];
  const { buckets, problems } = underBase(base, selected, accept);
  const checks = checksOn(desired.buckets, "rules");
  const findings = await checkBuckets(desired.buckets, buckets, today, checks);
  const gate = gateOf({ accept }, findings, checks, today);
  const knownIn = knownTo(base.desired.accounts);
  const known = knownPrincipals(base.desired.accounts, base.desired.buckets, []);
  const changes = buckets.map((bucket) => {
    const live = policyBefore(base, bucket);
    return planChange({
      bucket,
      reading: { live, region: bucket.region },
      findings: findings.get(bucket.bucket) ?? [],
      gate,
      ...knownIn(bucket, known),
      base: basePolicyOf(base, bucket, live),
    });
  });
  const plan: Plan = {
    changes: blockNewAccounts(changes, base, accept),
    unmanaged: [],
    base: {
      revision: commit,
      base: base.revision.commit,
      word: base.word,
      uncommitted: [],
      loosened: weakenedGuards(base.desired, desired),
      abandoned: abandonedSince(base.desired, desired),
    },
    ...accountsOf(desired),
    diagnostics: mergeDiagnostics([
      ...problems,
      ...[...findings.values()].flat(),
      ...namelessNotes(base.desired.accounts, changes),
    ]),
  };
  return limitPlan(plan, limitingOf({ desired, accepted: accept, base }));
}

function policyBefore(base: Base, { bucket }: DesiredBucket): Live {
  const before = base.desired.buckets.find((one) => one.bucket === bucket)?.policy;
  if (before?.kind !== "policy") return { state: "none" };
  return livePolicyAs(before.text, before.canonical);
}
