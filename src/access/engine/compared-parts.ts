/** What a diagram is built from, and what for. */

import type { Statement } from "../../policy/policy.ts";
import type { Bucket } from "../../policy/bucket.ts";
import type { Decision } from "../request.ts";
import type { Field } from "./fields.ts";
import type { Leaf } from "./nodes.ts";
import type { RequestKind } from "./request-kind.ts";
import type { Residual } from "./residual.ts";
import type { TailTable } from "./statement-tails.ts";

/** Predicate on a difference: true if the query is about it. */
export type IsWanted = (before: Decision, after: Decision) => boolean;

/** Statement, or a pair that matches the requests that match both, with the effect of the first. */
export type StatementPart = Statement | readonly [Statement, Statement];

/** Decides what a diagram of targets says about one target: a principal, an action and a resource. */
export interface TargetQuery {
  /**
   * Returns the leaf of a target, one object for equal answers; undefined if it is not wanted. The residual
   * has the tests of conditions alone, or its decisions are known.
   */
  leafOf(target: Target): Leaf | undefined;
}

/** What is left of two policies for one target. */
export interface Target {
  readonly residual: Residual;
  readonly requestKind: RequestKind;
  readonly tails: TailTable;
  /** Fields of the conditions, in variable order. */
  readonly fields: readonly Field[];
}

/** Two policies that are made of parts. */
export interface ComparedParts {
  readonly before: readonly StatementPart[];
  readonly after: readonly StatementPart[];
  readonly bucket: Bucket;
}

export function statementsIn({ before, after }: ComparedParts): readonly Statement[] {
  return [...before, ...after].flatMap((part) => ("effect" in part ? [part] : part));
}

/** Returns the number of values in the conditions of some statements. */
export function valuesIn(statements: readonly Statement[]): number {
  let count = 0;
  for (const { condition } of statements) for (const { values } of condition ?? []) count += values.length;
  return count;
}

export interface Purpose {
  /** If set, one path with a wanted difference is enough. */
  readonly isWanted?: IsWanted | undefined;
  /** If set, the diagram ends before the conditions. */
  readonly query?: TargetQuery;
}
