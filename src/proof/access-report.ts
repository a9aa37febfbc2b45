import { prove, requestSetOf } from "../access/query.ts";
import { rolesMayOverlap } from "../access/text/literal-prefix.ts";
import { namesOf, type Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { compareText } from "../diagnostic.ts";
import { memoizeBy } from "../memoize.ts";
import { provePrivate, resourceNames, type QueriedPolicy } from "./access-queries.ts";
import { RowTable } from "./matrix.ts";
import { hasAccess, isImplied, principalsIn, type MatrixCells } from "./matrix-cells.ts";
import { policyKey } from "./question-key.ts";

/** Answer to a question about all requests. */
export type ReportAnswer = "yes" | "no" | "undecided";

/** Access of one principal to one bucket. */
export interface ReportedRow {
  readonly bucket: string;
  readonly principal: string;
  readonly cells: MatrixCells;
}

export interface ReportedBucket {
  readonly bucket: string;
  /** UID of the owner. */
  readonly account: string;
  readonly region: string;
  readonly file: string;
  readonly line: number;
  /** The policy allows some anonymous request. */
  readonly isPublic: ReportAnswer;
  /** The policy allows some request over plain http. */
  readonly allowsHttp: ReportAnswer;
  /** Principals that the policy names; anonymous callers and the owner only if they have access. */
  readonly rows: readonly ReportedRow[];
}

export interface ReportedPrincipal {
  readonly principal: string;
  /** An account file names it in `identities` or `operators`, or it is the account itself. */
  readonly isKnown: boolean;
  /** Buckets to which it has access beyond what everyone has, and those that name it. */
  readonly rows: readonly ReportedRow[];
}

/** Access to all buckets of a tree. */
export interface AccessReport {
  /** Public buckets first, then those where that is undecided. */
  readonly buckets: readonly ReportedBucket[];
  /** Named principals except anonymous callers and the owner, the unknown ones first. */
  readonly principals: readonly ReportedPrincipal[];
  /** Names from `identities`, by UID or role session. */
  readonly names: ReadonlyMap<string, string>;
}

/** Bucket with the policy that the report is about. */
interface QueriedBucketPolicy {
  readonly bucket: DesiredBucket;
  readonly policy: QueriedPolicy;
}

/**
 * Reports what the policies allow, decided for all requests. Equal policies are computed once. `accounts` are those
 * whose identities and operators count as known; `onBucket` is called after each bucket.
 */
export function accessReport(
  all: readonly QueriedBucketPolicy[],
  accounts: readonly Account[],
  onBucket: () => void = () => undefined,
): AccessReport {
  const table = new RowTable();
  const answersAbout = memoizeBy(policyKey, (policy) => answersOf(policy, table), Infinity);
  const buckets = all.map(({ bucket, policy }): ReportedBucket => {
    const { rows, ...answers } = answersAbout(policy);
    onBucket();
    return { ...placeOf(bucket), ...answers, rows: rows.map((row) => ({ bucket: bucket.bucket, ...row })) };
  });
  const order = (bucket: ReportedBucket) => ["yes", "undecided", "no"].indexOf(bucket.isPublic);
  return {
    buckets: buckets.sort((a, b) => order(a) - order(b) || compareText(a.bucket, b.bucket)),
    principals: principalsOf(all, buckets, knownIn(accounts), table),
    names: new Map(accounts.flatMap((account) => [...namesOf(account)])),
  };
}

function placeOf({ bucket, account, region, file, span }: DesiredBucket) {
  return { bucket, account: account.uid, region, file, line: span.start.line };
}

/** Row of every bucket with the same policy, but for the bucket's name. */
type PolicyRow = Omit<ReportedRow, "bucket">;

interface PolicyAnswers extends Pick<ReportedBucket, "isPublic" | "allowsHttp"> {
  readonly rows: readonly PolicyRow[];
}

function answersOf(queried: QueriedPolicy, table: RowTable): PolicyAnswers {
  const { policy, bucket } = queried;
  const http = new Map([["acs:SecureTransport", "false"]]);
  const scene = requestSetOf(["*", "owner"], ["oss:*"], resourceNames(bucket, "*"), http);
  const answers = { proved: "no", broken: "yes", undecided: "undecided" } as const;
  return {
    isPublic: answers[provePrivate(queried).kind],
    allowsHttp: answers[prove(policy, bucket, scene, "not allowed").kind],
    rows: rowsOf(queried, table),
  };
}

function rowsOf(queried: QueriedPolicy, table: RowTable): readonly PolicyRow[] {
  return principalsIn([queried])
    .filter((principal) => principal !== queried.bucket.owner)
    .map((principal) => rowOf(queried, principal, table))
    .filter(({ principal, cells }) => !isImplied(principal) || hasAccess(cells));
}

function rowOf(queried: QueriedPolicy, principal: string, table: RowTable): PolicyRow {
  const cells = table.row(queried, principal);
  if (cells === undefined) throw new Error("a table without a limit has every row");
  return { principal, cells };
}

function knownIn(accounts: readonly Account[]): ReadonlySet<string> {
  return new Set(
    accounts.flatMap(({ uid, identities, operators }) => [
      uid,
      ...identities.values(),
      ...operators.map(({ principal }) => principal),
    ]),
  );
}

function principalsOf(
  all: readonly QueriedBucketPolicy[],
  buckets: readonly ReportedBucket[],
  known: ReadonlySet<string>,
  table: RowTable,
): readonly ReportedPrincipal[] {
  const byPrincipal = new Map<string, ReportedRow[]>();
  const add = (row: ReportedRow) => {
    const rows = byPrincipal.get(row.principal);
    if (rows === undefined) byPrincipal.set(row.principal, [row]);
    else rows.push(row);
  };
  for (const row of buckets.flatMap(({ rows }) => rows)) if (!isImplied(row.principal)) add(row);
  for (const row of overlapRows(all, [...byPrincipal.keys()], table)) add(row);
  return [...byPrincipal]
    .map(([principal, rows]) => ({
      principal,
      isKnown: known.has(principal),
      rows: rows.sort((a, b) => compareText(a.bucket, b.bucket)),
    }))
    .sort((a, b) => Number(a.isKnown) - Number(b.isKnown) || compareText(a.principal, b.principal));
}

/** Returns the rows of roles in buckets that do not name them, but a pattern that overlaps theirs. */
function overlapRows(
  all: readonly QueriedBucketPolicy[],
  principals: readonly string[],
  table: RowTable,
): readonly ReportedRow[] {
  const roles = principals.filter(isRole);
  const overlaps = new Map<string, readonly string[]>();
  const overlapsOf = (word: string) => {
    const found = overlaps.get(word) ?? roles.filter((role) => rolesMayOverlap(role, word));
    overlaps.set(word, found);
    return found;
  };
  const rowsOfPolicy = memoizeBy(
    policyKey,
    (policy): readonly PolicyRow[] => {
      const named = new Set(principalsIn([policy]).filter(isRole));
      const others = new Set([...named].flatMap(overlapsOf).filter((role) => !named.has(role)));
      return [...others].map((role) => rowOf(policy, role, table)).filter(({ cells }) => hasAccess(cells));
    },
    Infinity,
  );
  return all.flatMap(({ bucket: { bucket }, policy }) =>
    rowsOfPolicy(policy).map((row) => ({ bucket, ...row })),
  );
}

function isRole(principal: string): boolean {
  return principal.startsWith("arn:");
}
