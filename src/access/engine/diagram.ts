/**
 * Multi-terminal decision diagram (MTBDD; branches are multi-valued) of the requests that two policies
 * decide differently.
 */

import type { Policy, Statement } from "../../policy/policy.ts";
import { Budget, limits } from "../budget.ts";
import type { Decision, Interpretation } from "../request.ts";
import type { Bucket } from "../../policy/bucket.ts";
import type { ComparedParts, IsWanted, Purpose, TargetQuery } from "./compared-parts.ts";
import { DiagramBuilder } from "./diagram-builder.ts";
import type { Diagram } from "./nodes.ts";
import { sliced } from "./slice.ts";

export type { IsWanted, StatementPart, Target, TargetQuery } from "./compared-parts.ts";

/**
 * Comparison of two policies under several interpretations. Their diagrams share all tables: where an open
 * question does not matter, they are one diagram.
 */
export class Comparison {
  readonly #parts: ComparedParts;
  readonly #budget: Budget;
  readonly #purpose: Purpose;
  readonly #builders = new Map<Interpretation["roleCase"], DiagramBuilder>();

  constructor(parts: ComparedParts, budget: Budget, purpose: Purpose = {}) {
    this.#parts = parts;
    this.#budget = budget;
    this.#purpose = purpose;
  }

  /** Builds the diagram under one of several interpretations, which are the same at each call. Throws OverBudget. */
  under(interpretation: Interpretation, all: readonly Interpretation[]): Diagram {
    const { roleCase } = interpretation;
    const builder =
      this.#builders.get(roleCase) ?? this.#builder(all.filter((one) => one.roleCase === roleCase));
    this.#builders.set(roleCase, builder);
    return builder.under(interpretation);
  }

  #builder(interpretations: readonly Interpretation[]): DiagramBuilder {
    return new DiagramBuilder(this.#parts, interpretations, this.#budget, this.#purpose);
  }
}

/** Two policies without what cannot affect their difference: see slice.ts. */
export type Slices = ReturnType<typeof sliced>;

/** Returns false if no wanted difference is possible with the effects that the statements of two slices have. */
export function mayDiffer([before, after]: Slices, isWanted: IsWanted): boolean {
  const reachable = decisionsOf(after);
  return decisionsOf(before).some((was) => reachable.some((is) => was !== is && isWanted(was, is)));
}

/** Returns the decisions that some request may have. */
function decisionsOf(policy: Policy | "none"): readonly Decision[] {
  const effects = new Set(statementsOf(policy).map(({ effect }) => effect));
  return [
    "none",
    ...(effects.has("Allow") ? ["allow" as const] : []),
    ...(effects.has("Deny") ? ["deny" as const] : []),
  ];
}

/**
 * Compares two slices. Both must be supported. With `isWanted`, each diagram is one path with a wanted
 * difference, if there is one.
 */
export function comparisonOf(
  slices: Slices,
  bucket: Bucket,
  budget: Budget,
  isWanted?: IsWanted,
): Comparison {
  return new Comparison(partsOf(slices, bucket), budget, { isWanted });
}

/**
 * Builds the diagram of two policies under one interpretation. Both must be supported. With `isWanted`, it
 * stops at the first path with a wanted difference. Throws OverBudget.
 */
export function compareUnder(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  interpretation: Interpretation,
  budget = new Budget(limits.questionSteps),
  isWanted?: IsWanted,
): Diagram {
  const slices = sliced(before, after, bucket);
  return comparisonOf(slices, bucket, budget, isWanted).under(interpretation, [interpretation]);
}

/**
 * Compares two policies over principal, action and resource alone: the targets that a query wants among
 * those whose conditions the two policies do not share in full. The owner is left out.
 */
export function targetComparison(
  slices: Slices,
  bucket: Bucket,
  query: TargetQuery,
  budget: Budget,
): Comparison {
  return new Comparison(partsOf(slices, bucket), budget, { query });
}

function partsOf([before, after]: Slices, bucket: Bucket): ComparedParts {
  return { before: statementsOf(before), after: statementsOf(after), bucket };
}

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}
