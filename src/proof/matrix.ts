import { Budget, limits } from "../access/budget.ts";
import type { AccessDifference } from "../access/difference.ts";
import { unsupported } from "../access/unsupported.ts";
import { canonicalPolicy, type Policy } from "../policy/policy.ts";
import { matrixRow, partFor, principalsIn, type QueriedPolicy, type MatrixCells } from "./access-queries.ts";
import type { JsonObject } from "../policy/json.ts";

/** Access of one principal to a bucket, before and after the change. */
export interface MatrixTurn {
  readonly principal: string;
  readonly before: MatrixCells;
  readonly after: MatrixCells;
}

/** Bucket with its policies before and after a change; null is no policy. */
export interface PolicyChange {
  readonly bucket: string;
  /** UID of the bucket owner. */
  readonly account: string;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly access: Pick<AccessDifference, "verdict">;
}

/** Matrix of one bucket. */
export interface BucketMatrix<C extends PolicyChange> {
  readonly change: C;
  readonly rows: readonly MatrixTurn[];
  /** Number of principals that the budget did not allow. */
  readonly leftOut: number;
}

/** Limit of different rows in one report: a few seconds at most. */
const maxQuestions = 2_000;

/** Returns the access matrix of each change, in order, until the budget is spent. Equal rows are computed once. */
export function accessMatrix<C extends PolicyChange>(
  changes: readonly C[],
  most = maxQuestions,
): readonly BucketMatrix<C>[] {
  const known = new Map<string, MatrixCells>();
  const budget = new Budget(limits.matrixSteps);
  const rowOf = (queried: QueriedPolicy, principal: string): MatrixCells | undefined => {
    const part = partFor(queried, principal);
    const key = questionKey(part, principal);
    const cells =
      known.get(key) ??
      (known.size < most && !budget.isSpent ? matrixRow(part, principal, budget) : undefined);
    if (cells !== undefined) known.set(key, cells);
    return cells;
  };
  return changes.map((change) => bucketMatrix(change, rowOf));
}

function bucketMatrix<C extends PolicyChange>(
  change: C,
  rowOf: (queried: QueriedPolicy, principal: string) => MatrixCells | undefined,
): BucketMatrix<C> {
  const bucket = { name: change.bucket, owner: change.account };
  const before = { bucket, policy: policyOf(change.before) };
  const after = { bucket, policy: policyOf(change.after) };
  const principals = principalsIn([before, after]).filter((principal) => principal !== change.account);
  const rows: MatrixTurn[] = [];
  for (const principal of principals) {
    const now = rowOf(before, principal);
    const then = change.access.verdict === "equal" ? now : rowOf(after, principal);
    if (now === undefined || then === undefined) break;
    rows.push({ principal, before: now, after: then });
  }
  return { change, rows, leftOut: principals.length - rows.length };
}

function policyOf(document: JsonObject | null): Policy | "none" {
  return document === null ? "none" : canonicalPolicy(document);
}

/**
 * Returns equal keys for queries with equal answers. If each Resource names its own bucket in full, the
 * bucket name is not part of the key. For a UID or a role that is the only principal named, the key holds
 * only which statements name it.
 */
function questionKey({ bucket, policy }: QueriedPolicy, principal: string): string {
  if (policy === "none") return "none";
  if (unsupported(policy).length > 0) return "unknown";
  const isOwn = policy.statements
    .flatMap(({ resource }) => resource ?? [])
    .every((text) => keyIn(text, bucket) !== null);
  const meets = (word: string) => mayBe(word, principal, bucket.owner);
  const statements = policy.statements.map((statement) => ({
    ...statement,
    principal: statement.principal?.filter(meets).map((word) => (word === principal ? "self" : word)),
    resource: isOwn ? statement.resource?.map((text) => keyIn(text, bucket)) : statement.resource,
  }));
  const words = statements.flatMap((statement) => statement.principal ?? []);
  const isAlone = words.every((word) => word === "*" || word === "self");
  const kind = principal.startsWith("arn:") ? "role" : "user";
  const caller = isAlone && /^(\d|arn:)/.test(principal) ? kind : principal;
  return JSON.stringify([isOwn ? null : bucket.name, bucket.owner, caller, { ...policy, statements }]);
}

/** Returns true if a member of Principal can match a principal. Patterns of role sessions may overlap. */
function mayBe(word: string, principal: string, owner: string): boolean {
  if (word === "*" || word === principal) return true;
  if (principal === "owner") return word === owner;
  return principal.startsWith("arn:") && word.startsWith("arn:");
}

/** Returns a Resource without the name of its bucket; null if it does not begin with the full name. */
function keyIn(resource: string, { name }: QueriedPolicy["bucket"]): string | null {
  const [, head = "", rest = ""] = /^(acs:oss:[^:]*:[^:]*:)(.*)$/s.exec(resource) ?? [];
  const key = rest.startsWith(name) ? rest.slice(name.length) : null;
  return key === "" || key?.startsWith("/") ? `${head}${key}` : null;
}
