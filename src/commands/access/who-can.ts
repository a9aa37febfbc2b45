import { isFailed } from "../../result.ts";
import { namesOf } from "../../desired/account-file.ts";
import { whoCan } from "../../proof/access-queries.ts";
import type { AccessDifference } from "../../access/difference.ts";
import { problemOf } from "../../proof/expectations.ts";
import { policyKey } from "../../proof/question-key.ts";
import { accessJson } from "../../report/json/access.ts";
import { counted, fewNames } from "../../report/printable.ts";
import { renderAllowed } from "../../report/text/answers.ts";
import type { Run } from "../../run/run.ts";
import { placesOf, readAsText, type QueriedResources } from "./place.ts";
import { problem, type AccessAnswer, type AccessReply } from "./reply.ts";
import { queriedPolicies, type QueriedBucket } from "./policies.ts";

/** Answers who is allowed an action on a resource; a glob names several buckets. */
export async function whoCanReply(
  [action = "", resource = "", ...more]: readonly string[],
  run: Run,
): Promise<AccessReply> {
  if (resource === "" || more.length > 0)
    return problem(
      "who-can takes an action and a resource",
      "write `access who-can oss:GetObject BUCKET/KEY`",
    );
  const places = placesOf(resource, action, run.options);
  if (isFailed(places)) return places;
  const { key } = places;
  for (const bucket of places.buckets) {
    const odd = problemOf({ principal: "*", actions: [action], to: key, context: new Map() }, bucket);
    if (odd !== undefined) return problem(odd.message, odd.help);
  }
  const found = await queriedPolicies(places.buckets, run);
  if (isFailed(found)) return found;
  const head = `${action} on ${resource}${readAsText(places)} is allowed to:`;
  return answerFor(head, callersOf(found.all, action, key), places, run);
}

/** Answer for one bucket. */
interface BucketCallers extends QueriedBucket {
  readonly allowed: AccessDifference;
}

/** Returns who is allowed it in each bucket. Equal policies are computed once. */
function callersOf(
  all: readonly QueriedBucket[],
  action: string,
  key: string | undefined,
): readonly BucketCallers[] {
  const known = new Map<string, AccessDifference>();
  return all.map((one) => {
    const policy = policyKey(one.policy);
    const allowed = known.get(policy) ?? whoCan(one.policy, action, key);
    known.set(policy, allowed);
    return { ...one, allowed };
  });
}

function answerFor(
  head: string,
  callers: readonly BucketCallers[],
  { isGlob }: QueriedResources,
  { out }: Run,
): AccessAnswer {
  const linesOf = ({ allowed, bucket }: BucketCallers) =>
    renderAllowed(allowed, out.style, namesOf(bucket.account));
  const [first] = callers;
  if (!isGlob && first !== undefined)
    return {
      text: `${[head, ...linesOf(first)].join("\n")}\n`,
      json: () => ({ allowed: accessJson(first.allowed) }),
    };
  const none = callers.filter(({ allowed }) => allowed.verdict === "equal");
  const some = callers.filter((one) => !none.includes(one));
  const lines = some.flatMap((one) => [`${one.bucket.bucket}:`, ...linesOf(one)]);
  return {
    text: `${[head, ...lines, ...nobodyLine(none)].join("\n")}\n`,
    json: () => ({
      buckets: callers.map(({ bucket, allowed }) => ({
        bucket: bucket.bucket,
        allowed: accessJson(allowed),
      })),
    }),
  };
}

function nobodyLine(none: readonly BucketCallers[]): readonly string[] {
  if (none.length === 0) return [];
  return [
    `no principal in ${counted(none.length, "bucket")}: ${fewNames(none.map(({ bucket }) => bucket.bucket))}`,
  ];
}
