import { Budget, limits } from "../access/budget.ts";
import type { AccessDifference } from "../access/difference.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Observations } from "../policy/open-questions.ts";
import type { JsonObject } from "../policy/json.ts";
import { canonicalPolicy, type Policy } from "../policy/policy.ts";
import type { QueriedPolicy } from "./access-queries.ts";
import {
  eachColumn,
  matrixRow,
  matrixTurns,
  partFor,
  principalsIn,
  type MatrixCells,
  type MatrixTurns,
} from "./matrix-cells.ts";
import { questionKey } from "./question-key.ts";

/** Access of one principal to a bucket, before and after the change. */
export interface MatrixTurn {
  readonly principal: string;
  readonly before: MatrixCells;
  readonly after: MatrixCells;
  readonly turns: MatrixTurns;
}

/** Bucket with its policies before and after a change; null is no policy. */
export interface PolicyChange {
  readonly bucket: string;
  /** UID of the bucket owner. */
  readonly account: string;
  /** What was observed of OSS; absent: nothing. */
  readonly observed?: Observations;
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
  const table = new RowTable({ budget: new Budget(limits.matrixSteps), most });
  return changes.map((change) => bucketMatrix(change, table));
}

const noTurns: MatrixTurns = eachColumn(() => "same");

function bucketMatrix<C extends PolicyChange>(change: C, table: RowTable): BucketMatrix<C> {
  const { bucket: name, account: owner, observed } = change;
  const bucket = { name, owner, ...(observed === undefined ? {} : { observed }) };
  const before = { bucket, policy: policyOf(change.before) };
  const after = { bucket, policy: policyOf(change.after) };
  const principals = principalsIn([before, after]).filter((principal) => principal !== change.account);
  const rows: MatrixTurn[] = [];
  for (const principal of principals) {
    const old = table.row(before, principal);
    const isEqual = change.access.verdict === "equal";
    const now = isEqual ? old : table.row(after, principal);
    if (old === undefined || now === undefined) break;
    const turns = isEqual ? noTurns : table.turns([before, after], [old, now], principal);
    rows.push({ principal, before: old, after: now, turns });
  }
  return { change, rows, leftOut: principals.length - rows.length };
}

function policyOf(document: JsonObject | null): Policy | "none" {
  return document === null ? "none" : canonicalPolicy(document);
}

/** Limits of a report with many rows. */
interface ReportLimits {
  /** Budget of all rows together. */
  readonly budget: Budget;
  /** Most different rows. */
  readonly most: number;
}

/** Rows that are computed once for all buckets with equal queries. */
export class RowTable {
  readonly #report: ReportLimits | undefined;
  readonly #budgets = new Map<string, Budget>();
  readonly #rows = new Map<string, MatrixCells>();
  readonly #turns = new Map<string, MatrixTurns>();

  /** Without limits, each row is in the table; cells that the budget of their bucket does not allow are undecided. */
  constructor(report?: ReportLimits) {
    this.#report = report;
  }

  /** Returns the access of a principal to a bucket; undefined if the limits of the report leave it out. */
  row(queried: QueriedPolicy, principal: string): MatrixCells | undefined {
    const part = partFor(queried, principal);
    const key = questionKey(part, principal);
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const budget = this.#budgetOf(queried.bucket);
    if (this.#report !== undefined && (this.#rows.size >= this.#report.most || budget.isSpent))
      return undefined;
    const cells = matrixRow(part, principal, budget);
    this.#rows.set(key, cells);
    return cells;
  }

  /** Returns the budget of a bucket, so that a hostile policy leaves enough for the others. */
  #budgetOf({ name }: Bucket): Budget {
    const steps = this.#report === undefined ? limits.bucketSteps : limits.matrixBucketSteps;
    const budget = this.#budgets.get(name) ?? new Budget(steps, this.#report?.budget);
    this.#budgets.set(name, budget);
    return budget;
  }

  /** Returns how each cell of a row changes; cells that the budget does not allow are undecided. */
  turns(
    policies: readonly [QueriedPolicy, QueriedPolicy],
    cells: readonly [MatrixCells, MatrixCells],
    principal: string,
  ): MatrixTurns {
    const key = policies.map((queried) => questionKey(partFor(queried, principal), principal)).join("\n");
    const turns =
      this.#turns.get(key) ?? matrixTurns(policies, cells, principal, this.#budgetOf(policies[0].bucket));
    this.#turns.set(key, turns);
    return turns;
  }
}
