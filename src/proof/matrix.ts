import { Budget, limits } from "../access/budget.ts";
import type { AccessDifference } from "../access/difference.ts";
import { unsupported } from "../access/unsupported.ts";
import { canonicalPolicy, type Policy } from "../policy/policy.ts";
import { matrixRow, partFor, principalsIn, type QueriedPolicy, type MatrixCells } from "./access-queries.ts";
import type { JsonObject } from "../policy/json.ts";

/** What one principal can do in a bucket now, and once the change is made. */
export interface MatrixTurn {
  readonly principal: string;
  readonly before: MatrixCells;
  readonly after: MatrixCells;
}

/** A bucket with its policies before and after a change; null is no policy. */
export interface PolicyChange {
  readonly bucket: string;
  /** UID of the bucket owner. */
  readonly account: string;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly access: Pick<AccessDifference, "verdict">;
}

export interface BucketMatrix<C extends PolicyChange> {
  readonly change: C;
  readonly rows: readonly MatrixTurn[];
  /** Principals for which there was no work left. */
  readonly leftOut: number;
}

/** Rows that are worked out for one report: some seconds at most. Equal questions are asked once. */
const maxQuestions = 2_000;

/** Who can do what in each bucket that changes, in the order of the changes, until the work is spent. */
export function accessMatrix<C extends PolicyChange>(
  changes: readonly C[],
  most = maxQuestions,
): readonly BucketMatrix<C>[] {
  const known = new Map<string, MatrixCells>();
  const budget = new Budget(limits.matrixSteps);
  const rowOf = (asked: QueriedPolicy, principal: string): MatrixCells | undefined => {
    const part = partFor(asked, principal);
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
  rowOf: (asked: QueriedPolicy, principal: string) => MatrixCells | undefined,
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
 * The same for questions that have the same answer. Buckets that differ in their name alone are one
 * question, where each Resource names its own bucket in full; else the name is part of the question.
 * Of a UID, or of a role beside no other, it only matters which statements name it.
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
  const asking = isAlone && /^(\d|arn:)/.test(principal) ? kind : principal;
  return JSON.stringify([isOwn ? null : bucket.name, bucket.owner, asking, { ...policy, statements }]);
}

/** Whether a member of Principal can be somebody; a pattern of role sessions may be another pattern of them. */
function mayBe(word: string, principal: string, owner: string): boolean {
  if (word === "*" || word === principal) return true;
  if (principal === "owner") return word === owner;
  return principal.startsWith("arn:") && word.startsWith("arn:");
}

/** A Resource without the name of its bucket; null where it does not begin with that name in full. */
function keyIn(resource: string, { name }: QueriedPolicy["bucket"]): string | null {
  const [, head = "", rest = ""] = /^(acs:oss:[^:]*:[^:]*:)(.*)$/s.exec(resource) ?? [];
  const key = rest.startsWith(name) ? rest.slice(name.length) : null;
  return key === "" || key?.startsWith("/") ? `${head}${key}` : null;
}
