import type { EventTrail } from "../actiontrail/last-calls.ts";
import { Budget, limits } from "../access/budget.ts";
import { accessDifference } from "../access/difference.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Account } from "../desired/account-file.ts";
import { compareDiagnostics, compareText, mergeDiagnostics, type Diagnostic } from "../diagnostic.ts";
import { compareHazards, blocks, type Hazard, type HazardCode } from "../plan/hazard.ts";
import { acceptedHazard, hazardsOf, withSeverity } from "../plan/hazards.ts";
import type { Gate } from "../plan/hazard-input.ts";
import { namelessNotes } from "../plan/known-principals.ts";
import { accountsOf, limitingOf } from "../plan/limiting.ts";
import { withLastChanges } from "../plan/last-change.ts";
import { limitPlan } from "../plan/limits.ts";
import { otherAccount, ownerHazards } from "../plan/owner.ts";
import { requestHazards } from "../plan/request-hazards.ts";
import type { PlanRequests } from "../plan/request-effects.ts";
import { adoptionFinding } from "../plan/adopted-live.ts";
import { aclHazards } from "../plan/acl-hazards.ts";
import { publicAccessHazards, publicAccessOf } from "../plan/public-access.ts";
import {
  isWriting,
  type AbandonedBucket,
  type Change,
  type Plan,
  type PlanBase,
  type PlanEvents,
  type UnmanagedBucket,
  type WritingChange,
} from "../plan/plan.ts";
import { idleReplacement, regionFinding, shareOfDifference, unmanagedBuckets } from "../plan/plan-change.ts";
import { globMatches } from "../policy/glob.ts";
import { canonicalPolicy } from "../policy/policy.ts";
import { unusedAccepts } from "../proof/unused-accepts.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import type { Base } from "./base.ts";
import { compareBuckets } from "./compare-buckets.ts";
import { abandonedSince, weakenedGuards } from "../plan/weakened-guards.ts";
import { blockNewAccounts } from "./new-account.ts";
import type { Options } from "../run/options.ts";
import type { Run } from "../run/run.ts";
import { isSelectedBucket } from "../run/selection.ts";
import type { Prepared } from "./prepare.ts";
import { openExposures, type Exposures } from "./exposures.ts";
import { mapByAccount } from "./by-account.ts";
import { readLive } from "./read-live.ts";
import { weighRequests } from "./weigh-requests.ts";
import { unmergedShard } from "./unmerged-shard.ts";

/**
 * Checks the buckets, reads their live policies, and compares. The plan keeps the limits; that of a shard has what `merge`
 * judges them by.
 */
export async function makePlan(prepared: Prepared, run: Run): Promise<Plan> {
  const { options } = run;
  const { buckets, session, early } = prepared;
  const exposures = early?.exposures() ?? openExposures(session);
  const { changes: found, inputs, readings, gate } = await compareBuckets(prepared, run, exposures.start);
  const { base } = prepared;
  const compared = blockNewAccounts(found, base, options.accept);
  const exposed = await withExposures(compared, exposures, prepared, gate, options);
  const weighed = await weighedBy(exposed, prepared, gate, run);
  const { changes } = weighed;
  const { unmanaged, problems } = await findUnmanaged(prepared, run);
  const { events } = prepared;
  const plan: Plan = {
    changes: events === undefined ? changes : withLastChanges(changes, events),
    unmanaged,
    ...(base === undefined ? {} : { base: baseOf(base, prepared, options) }),
    ...(events === undefined ? {} : { events: eventsOf(events) }),
    ...(weighed.requests === undefined ? {} : { requests: weighed.requests }),
    ...accountsOf(prepared.desired),
    diagnostics: mergeDiagnostics([
      ...prepared.diagnostics,
      ...inputs.flatMap((input) => [
        ...input.findings,
        ...regionFinding(input),
        ...idleReplacement(input),
        ...adoptionFinding(input),
      ]),
      ...buckets.flatMap((bucket) => unusedAcceptsOf(bucket, changes, gate, weighed.requests !== undefined)),
      ...namelessNotes((base?.desired ?? prepared.desired).accounts, changes),
      ...weighed.diagnostics,
      ...problems,
    ]).sort(compareDiagnostics),
  };
  const { managed, desired } = prepared;
  const accepted = options.accept;
  const limiting = limitingOf({ desired: { ...desired, buckets: managed }, accepted, base });
  // One shard cannot judge the limits of an account: `merge` does, and so apply needs its plan.
  if (options.shard === undefined) return limitPlan(plan, limiting);
  return { ...plan, shard: unmergedShard(options.shard, { plan, prepared, readings, options, limiting }) };
}

function eventsOf({ count, from, until, unread }: EventTrail): PlanEvents {
  if (from === undefined || until === undefined) return { count, unread };
  return { count, from, until, unread };
}

/** Returns the facts of the base about the whole tree; abandoned buckets are those of the selection. */
function baseOf(
  { word, revision, head, uncommitted, desired: before }: Base,
  { desired }: Prepared,
  options: Pick<Options, "account" | "bucket">,
): PlanBase {
  const { account, bucket } = options;
  const isSelected = (one: AbandonedBucket) =>
    (bucket.length === 0 || bucket.some((glob) => globMatches(glob, one.bucket))) &&
    (account.length === 0 ||
      before.accounts.some(
        ({ uid, name }) => uid === one.account && account.some((word) => word === uid || word === name),
      ));
  return {
    revision: head,
    base: revision.commit,
    word,
    uncommitted,
    loosened: weakenedGuards(before, desired),
    abandoned: abandonedSince(before, desired).filter(isSelected),
  };
}

/** Adds the ACL and Block Public Access to the changes, with the hazards that follow from them and from the owner. */
async function withExposures(
  changes: readonly Change[],
  exposures: Exposures,
  { buckets, session }: Prepared,
  gate: Gate,
  { concurrency }: Pick<Options, "concurrency">,
): Promise<readonly Change[]> {
  const byName = new Map(buckets.map((bucket) => [bucket.bucket, bucket]));
  const accountBlock = onceFor((account) => session.storeOf(account).accountBlock());
  return mapByAccount(
    changes,
    ({ account }) => account,
    async (change) => {
      const desired = byName.get(change.bucket);
      if (!isWriting(change) || desired === undefined) return change;
      const exposure = await exposures.of(change);
      const publicAccess = publicAccessOf(desired, exposure);
      const isOpen = exposure.state === "known" && !exposure.blockPublicAccess;
      const ofAcl =
        exposure.state === "unknown" || isOpen
          ? aclHazards(change, desired, exposure.state === "known" ? exposure.acl : undefined)
          : [];
      const mayBeRefused = publicAccess.status !== "no" && (isOpen || exposure.state === "unknown");
      const account = mayBeRefused || ofAcl.length > 0 ? await accountBlock(change.account) : undefined;
      const isClosedByAccount = account?.state === "known" && account.isOn;
      const found = [
        ...ownerHazards(desired.account, exposure),
        ...publicAccessHazards(publicAccess, account),
        ...(isClosedByAccount ? [] : ofAcl),
      ];
      return withHazards({ ...change, publicAccess }, found, { desired, gate });
    },
    concurrency,
  );
}

interface WeighedChanges {
  readonly changes: readonly Change[];
  readonly requests?: PlanRequests;
  readonly diagnostics: readonly Diagnostic[];
}

/** Adds what the requests of the given access logs say about the changes, with the hazard that follows from it. */
async function weighedBy(
  changes: readonly Change[],
  { buckets, matched }: Prepared,
  gate: Gate,
  { options, io }: Run,
): Promise<WeighedChanges> {
  if ((options.requests ?? []).length === 0) return { changes, diagnostics: [] };
  const { byBucket, extent, diagnostics } = await weighRequests(
    changes,
    { selected: buckets, matched },
    options,
    io,
  );
  const byName = new Map(buckets.map((bucket) => [bucket.bucket, bucket]));
  const weighed = changes.map((change) => {
    const [desired, requests] = [byName.get(change.bucket), byBucket.get(change.bucket)];
    if (!isWriting(change) || desired === undefined || requests === undefined) return change;
    return withHazards({ ...change, requests }, requestHazards(requests), { desired, gate });
  });
  return { changes: weighed, ...(extent === undefined ? {} : { requests: extent }), diagnostics };
}

/** Calls once for each word, on its first use: most plans have no public policy and need no call about the account. */
function onceFor<T>(call: (word: string) => Promise<T>): (word: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (word) => {
    const answer = answers.get(word) ?? call(word);
    answers.set(word, answer);
    return answer;
  };
}

/** Returns the change with more hazards, which block it unless they are accepted. */
function withHazards(
  change: WritingChange,
  more: readonly Hazard[],
  { desired: bucket, gate }: { readonly desired: DesiredBucket; readonly gate: Gate },
): WritingChange {
  const before = change.before === null ? "none" : canonicalPolicy(change.before);
  const added = more.map((hazard) => acceptedHazard(withSeverity(hazard, bucket), { bucket, before, gate }));
  const hazards = [...change.hazards, ...added].sort(compareHazards);
  return { ...change, hazards, blocked: change.blocked || added.some(blocks) };
}

/** Hazard that no run finds which has no access logs. */
const unjudged: HazardCode = "refuses-recent-requests";

/** Reports accepts without effect: their hazard is neither one of the change nor one of the policy alone. */
function unusedAcceptsOf(
  bucket: DesiredBucket,
  changes: readonly Change[],
  gate: Gate,
  isWeighed: boolean,
): readonly Diagnostic[] {
  if (bucket.accepts.length === 0) return [];
  const change = changes.find((one) => one.bucket === bucket.bucket);
  const [before, after] = ["none" as const, desiredPolicy(bucket)];
  const budget = new Budget(limits.bucketSteps);
  // The plan has already compared a new policy with none.
  const access =
    change?.action === "create"
      ? change.access
      : accessDifference(before, after, bucketOf(bucket), budget.part(shareOfDifference));
  const hazards = [
    ...hazardsOf({ bucket, before, after, access, gate, budget }),
    ...(change === undefined || change.action === "unreadable" ? [] : change.hazards),
  ];
  return unusedAccepts(
    bucket,
    gate.today,
    budget,
    (code) => hazards.some((hazard) => hazard.code === code) || (code === unjudged && !isWeighed),
  );
}

interface Unmanaged {
  readonly unmanaged: readonly UnmanagedBucket[];
  readonly problems: readonly Diagnostic[];
}

/** Finds the buckets that no file names: those of accounts with `scope: all`, without --bucket. */
async function findUnmanaged(prepared: Prepared, run: Run): Promise<Unmanaged> {
  if (run.options.bucket.length > 0) return { unmanaged: [], problems: [] };
  const whole = prepared.accounts.filter(({ scope }) => scope === "all");
  const found = await Promise.all(whole.map((account) => findUnmanagedOf(account, prepared, run)));
  return {
    unmanaged: found.flatMap(({ unmanaged }) => unmanaged).sort((a, b) => compareText(a.bucket, b.bucket)),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** Finds the buckets of an account that no file names, but those of --exclude. */
async function findUnmanagedOf(
  account: Account,
  { desired, session }: Prepared,
  run: Run,
): Promise<Unmanaged> {
  const listing = await session.storeOf(account.uid).list();
  if ("problem" in listing) {
    const message = `\`scope: all\` in ${account.file}: the buckets cannot be listed: ${listing.problem.message}`;
    // Credentials that fail have a help of their own, and another scope would hide them.
    const help = listing.problem.help ?? "allow oss:ListBuckets, or write `scope: listed`";
    return { unmanaged: [], problems: [{ code: "list", severity: "error", message, help }] };
  }
  if (listing.owner !== account.uid)
    return { unmanaged: [], problems: [otherAccount(account, listing.owner)] };
  const managed = new Set(desired.buckets.map(({ bucket }) => bucket));
  const others = listing.buckets
    .filter(({ bucket }) => !managed.has(bucket) && isSelectedBucket(bucket, run.options))
    .map((address) => ({ ...address, account }));
  const readings = await readLive(others, session, run);
  const found = others.flatMap(({ bucket }, index) => {
    const reading = readings[index];
    return reading === undefined ? [] : [{ bucket, reading }];
  });
  return { unmanaged: unmanagedBuckets(found), problems: [] };
}
