import { unsupported } from "../access/unsupported.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Policy } from "../policy/policy.ts";
import type { QueriedPolicy } from "./access-queries.ts";

/**
 * Returns equal keys for queries with equal answers. If each Resource names its own bucket in full, the
 * bucket name is not part of the key. For a UID or a role that is the only principal named, the key holds
 * only which statements name it.
 */
export function questionKey({ bucket, policy }: QueriedPolicy, principal: string): string {
  if (policy === "none") return "none";
  if (unsupported(policy).length > 0)
    return JSON.stringify([bucket.name, ownerKey(bucket), principal, policy]);
  const isOwn = namesItself(policy, bucket);
  const meets = (word: string) => mayBe(word, principal, bucket.owner);
  const statements = policy.statements.map((statement) => ({
    ...statement,
    principal: statement.principal?.filter(meets).map((word) => (word === principal ? "self" : word)),
    // Next to other principals, `*` may mean something else.
    isMixed: statement.principal?.includes("*") === true && statement.principal.length > 1,
    resource: isOwn ? statement.resource?.map((text) => keyIn(text, bucket)) : statement.resource,
  }));
  const words = statements.flatMap((statement) => statement.principal ?? []);
  const isAlone = words.every((word) => word === "*" || word === "self");
  const kind = principal.startsWith("arn:") ? "role" : "user";
  const caller = isAlone && /^(\d|arn:)/.test(principal) ? kind : principal;
  return JSON.stringify([isOwn ? null : bucket.name, ownerKey(bucket), caller, { ...policy, statements }]);
}

/** Returns equal keys for policies whose answers to a query about all principals are equal, but for the bucket's name. */
export function policyKey({ bucket, policy }: QueriedPolicy): string {
  if (policy === "none" || !namesItself(policy, bucket))
    return JSON.stringify([policy === "none" ? null : bucket.name, ownerKey(bucket), policy]);
  const statements = policy.statements.map((statement) => ({
    ...statement,
    resource: statement.resource?.map((text) => keyIn(text, bucket)),
  }));
  return JSON.stringify([null, ownerKey(bucket), { ...policy, statements }]);
}

/** An answer depends on the owner, and on what was observed of OSS. */
function ownerKey({ owner, observed }: Bucket): unknown {
  return [owner, [...(observed ?? [])]];
}

function namesItself({ statements }: Policy, bucket: Bucket): boolean {
  return statements.flatMap(({ resource }) => resource ?? []).every((text) => keyIn(text, bucket) !== null);
}

/** Returns true if a member of Principal can match a principal. Patterns of role sessions may overlap. */
function mayBe(word: string, principal: string, owner: string): boolean {
  if (word === "*" || word === principal) return true;
  if (principal === "owner") return word === owner;
  return principal.startsWith("arn:") && word.startsWith("arn:");
}

/** Returns a Resource without the name of its bucket; null if it does not begin with the full name. */
function keyIn(resource: string, { name }: Bucket): string | null {
  const [, head = "", rest = ""] = /^(acs:oss:[^:]*:[^:]*:)(.*)$/s.exec(resource) ?? [];
  const key = rest.startsWith(name) ? rest.slice(name.length) : null;
  return key === "" || key?.startsWith("/") ? `${head}${key}` : null;
}
