import { placeOf, type RequestTarget } from "./place.ts";
import type { Refused } from "./wire-error.ts";

/** Operations by OSS's names; every other request is `Unsupported`. */
export const operations = [
  "ListBuckets",
  "PutBucket",
  "DeleteBucket",
  "GetBucketInfo",
  "GetBucketLocation",
  "PutBucketPolicy",
  "GetBucketPolicy",
  "DeleteBucketPolicy",
  "GetBucketPolicyStatus",
  "PutBucketAcl",
  "GetBucketAcl",
  "PutBucketPublicAccessBlock",
  "GetBucketPublicAccessBlock",
  "DeleteBucketPublicAccessBlock",
  "GetPublicAccessBlock",
  "Unsupported",
] as const;

export type Operation = (typeof operations)[number];

/** Target of a request, and the operation that it means. */
export interface Route extends RequestTarget {
  readonly operation: Operation;
}

/** Returns the operation of a request and the place that it is about. */
export function routeOf(method: string, host: string, url: string): Route | Refused {
  const place = placeOf(host, url);
  if ("refusal" in place) return place;
  return { ...place, operation: operationOf(method, place) };
}

/** Operations by method and exact query names: `PUT /?cors` must never count as PutBucket. */
const bucketOperations: Readonly<Record<string, Operation>> = {
  "PUT ": "PutBucket",
  "DELETE ": "DeleteBucket",
  "GET bucketInfo": "GetBucketInfo",
  "GET location": "GetBucketLocation",
  "PUT policy": "PutBucketPolicy",
  "GET policy": "GetBucketPolicy",
  "DELETE policy": "DeleteBucketPolicy",
  "GET policyStatus": "GetBucketPolicyStatus",
  "PUT acl": "PutBucketAcl",
  "GET acl": "GetBucketAcl",
  "PUT publicAccessBlock": "PutBucketPublicAccessBlock",
  "GET publicAccessBlock": "GetBucketPublicAccessBlock",
  "DELETE publicAccessBlock": "DeleteBucketPublicAccessBlock",
};

const listParameters = ["prefix", "marker", "max-keys"];

function operationOf(method: string, { bucket, key, query }: RequestTarget): Operation {
  const names = query.map(([name]) => name);
  if (bucket !== undefined) {
    return (key === "" ? bucketOperations[`${method} ${names.join("&")}`] : undefined) ?? "Unsupported";
  }
  // For the account.
  if (method === "GET" && names.join("&") === "publicAccessBlock") return "GetPublicAccessBlock";
  const lists = method === "GET" && names.every((name) => listParameters.includes(name));
  return lists ? "ListBuckets" : "Unsupported";
}
