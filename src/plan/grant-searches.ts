/** Searches for grants without a request in all buckets of one log. */

import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import type { SeenRequest } from "../requests/seen-request.ts";
import { requestNames } from "./class-table.ts";
import { isOfCall } from "./grant-marks.ts";
import { isAbsent, requestClasses, timeKey } from "./request-classes.ts";
import { searchGrants, type UnseenGrants } from "./unused-grants.ts";

export interface GrantSearches {
  readonly add: (request: SeenRequest) => void;
  readonly resultOf: (bucket: string) => UnseenGrants | undefined;
}

/** Kinds of copies that are remembered; more are looked at again. */
const maxCopies = 100_000;

interface SearchedBucket {
  readonly policy: Policy | "none";
  readonly bucket: Bucket;
}

/** Starts a search in each bucket. A copy may have read an object of all of them, so copies of one kind are added once. */
export function searchBuckets(all: readonly SearchedBucket[]): GrantSearches {
  const searches = new Map(all.map(({ policy, bucket }) => [bucket.name, searchGrants(policy, bucket)]));
  const kindOf = copyKinds(all);
  const known = new Set<string>();
  return {
    add: (request) => {
      searches.get(request.bucket)?.add(request);
      const { mayNeed } = request;
      if (mayNeed === undefined || mayNeed.anywhere.length === 0) return;
      const kind = kindOf(request, mayNeed.anywhere);
      if (known.has(kind)) return;
      if (known.size >= maxCopies) known.clear();
      known.add(kind);
      for (const search of searches.values()) search.addCopy(request);
    },
    resultOf: (bucket) => searches.get(bucket)?.result(),
  };
}

/** Returns the function from a copy to all that the policies can tell of its read: the caller, condition keys and time. */
function copyKinds(
  all: readonly SearchedBucket[],
): (request: SeenRequest, actions: readonly string[]) => string {
  const { ofCaller, ofActions } = requestNames();
  const statements = all.flatMap(({ policy }) => (policy === "none" ? [] : policy.statements));
  const testsOf = ({ condition }: Statement) => condition ?? [];
  const tested = new Set(statements.flatMap(testsOf).map(({ key }) => key ?? ""));
  const keys = [...tested].filter((key) => key !== timeKey && isOfCall(key));
  const timed = statements
    .map((one) => ({ ...one, resource: null, condition: testsOf(one).filter(({ key }) => key === timeKey) }))
    .filter(({ condition }) => condition.length > 0);
  const { ofTarget } = requestClasses(timed, { name: "", owner: "" }, []);
  const valueOf = ({ context, absent }: SeenRequest, key: string) =>
    context.get(key) ?? (isAbsent(absent, key) ? null : 0);
  return (request, actions) => {
    const values = JSON.stringify(keys.map((key) => valueOf(request, key)));
    const time = ofTarget({ ...request, key: "" });
    return `${ofCaller(request.caller)} ${ofActions(actions)} ${time} ${values}`;
  };
}
