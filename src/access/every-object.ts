/** Statements that reach every object of a bucket, for requests on an object whose key is unknown. */

import type { Bucket } from "../policy/bucket.ts";
import { matchesObjects, parseResource } from "../policy/resource.ts";
import type { Statement } from "../policy/policy.ts";

/** Key that stands for all objects. */
export const anyKey = "x";

/** Returns a statement whose resources match every object where they match some object of the bucket. */
export function onEveryObject(statement: Statement, bucket: string): Statement {
  const resource = (statement.resource ?? []).map((word) => {
    const parsed = parseResource(word);
    if (parsed?.kind !== "named" || !matchesObjects(parsed, bucket)) return word;
    return `acs:oss:${parsed.region}:${parsed.owner}:*`;
  });
  return { ...statement, resource: statement.resource === null ? null : resource };
}

/** Returns true if some of its resources matches every object of the bucket, whatever a named region or owner means to OSS. */
export function reachesAll({ resource }: Statement, { name, owner }: Bucket): boolean {
  return (resource ?? []).some((word) => {
    const parsed = parseResource(word);
    if (parsed?.kind !== "named") return parsed?.kind === "everything";
    const isAnywhere = parsed.region === "*" && ["*", owner].includes(parsed.owner);
    return isAnywhere && ["*", `${name}*`, `${name}/*`].includes(parsed.name);
  });
}
