/**
 * Multi-terminal decision diagram (MTBDD; branches are multi-valued) of the requests that two policies
 * decide differently. Built field by field, with a computed table (memoization) and a unique table
 * (hash-consing).
 */

import type { Policy, Statement } from "../../policy/policy.ts";
import { groupQueries, type PatternQueries } from "./pattern-queries.ts";
import { split } from "./partition.ts";
import { Budget, limits } from "../budget.ts";
import { TailTable, dropIrrelevant } from "./statement-tails.ts";
import {
  always,
  fieldsOf,
  targetFields,
  targetFirst,
  type AtomField,
  type Field,
  type AnalysisContext,
  type Test,
  type TextField,
  type TextGroup,
  type TextTest,
} from "./fields.ts";
import { testsOf, testsOfBoth } from "./statement-tests.ts";
import type { Decision, Interpretation } from "../request.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { domainsOf, anyRequest, presenceOf, requestKindKey, type RequestKind } from "./request-kind.ts";
import { holdsIn, isSettledBy, type TailQuery } from "./early-exit.ts";
import {
  allowAfter,
  allowBefore,
  tailOf,
  knownDecisions,
  denyAfter,
  denyBefore,
  sidesAgree,
  pack,
  reachableDecisions,
  residualKey,
  sidesOf,
  simplify,
  type Residual,
} from "./residual.ts";
import { valuesKey, type Branch, type Diagram, type Edge, type Leaf } from "./nodes.ts";
import { sliced } from "./slice.ts";
import { textClasses, type TextClass } from "../text/text-classes.ts";

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
  const [old = [], wanted = []] = sliced(before, after, bucket).map(statementsOf);
  const around: AnalysisContext = { statements: [...old, ...wanted], bucket, interpretation };
  return new DiagramBuilder(around, budget, { isWanted }).diagram(old, wanted);
}

/** Predicate on a difference: true if the query is about it. */
export type IsWanted = (before: Decision, after: Decision) => boolean;

/** Finds one path of the diagram with a wanted difference; undefined if there is none. Throws OverBudget. */
export function findDifference(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  interpretation: Interpretation,
  isWanted: IsWanted,
  budget: Budget,
): Diagram {
  return compareUnder(before, after, bucket, interpretation, budget, isWanted);
}

/** Statement, or a pair that matches the requests that match both, with the effect of the first. */
export type StatementPart = Statement | readonly [Statement, Statement];

/** Builds the diagram of two policies that are made of parts. With `isWanted`, it is one path, as `findDifference` has it. */
export function compareParts(
  before: readonly StatementPart[],
  after: readonly StatementPart[],
  bucket: Bucket,
  interpretation: Interpretation,
  budget: Budget,
  isWanted?: IsWanted,
): Diagram {
  const statements = [...before, ...after].flatMap((part) => ("effect" in part ? [part] : part));
  return new DiagramBuilder({ statements, bucket, interpretation }, budget, { isWanted }).diagram(
    before,
    after,
  );
}

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

/**
 * Builds the diagram over principal, action and resource alone, of the targets that a query wants among
 * those whose conditions the two policies do not share in full. The owner is left out. Throws OverBudget.
 */
export function targetDiagram(
  before: Policy,
  after: Policy,
  bucket: Bucket,
  interpretation: Interpretation,
  query: TargetQuery,
  budget: Budget,
): Diagram {
  const [old = [], wanted = []] = sliced(before, after, bucket).map(statementsOf);
  const around: AnalysisContext = { statements: [...old, ...wanted], bucket, interpretation };
  return new DiagramBuilder(around, budget, { query }).diagram(old, wanted);
}

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}

interface Purpose {
  /** If set, one path with a wanted difference is enough. */
  readonly isWanted?: IsWanted | undefined;
  /** If set, the diagram ends before the conditions. */
  readonly query?: TargetQuery;
}

/** Builder of one diagram. Its tables live as long as the comparison. */
class DiagramBuilder {
  readonly #fields: readonly Field[];
  readonly #context: AnalysisContext;
  readonly #tails = new TailTable();
  readonly #computed = new Map<string, Diagram>();
  readonly #unique = new Map<string, Branch>();
  readonly #ids = new Map<Leaf | Branch, number>();
  readonly #leaves = new Map<string, Leaf>();
  readonly #budget: Budget;
  readonly #isWanted: IsWanted | undefined;
  readonly #query: TargetQuery | undefined;

  constructor(around: AnalysisContext, budget: Budget, { isWanted, query }: Purpose) {
    this.#context = around;
    this.#isWanted = isWanted;
    this.#query = query;
    this.#budget = budget;
    const fields = fieldsOf(around, budget);
    this.#fields = query === undefined ? fields : targetFirst(fields);
  }

  diagram(before: readonly StatementPart[], after: readonly StatementPart[]): Diagram {
    const codes = [
      ...this.#packed(before, { Allow: allowBefore, Deny: denyBefore }),
      ...this.#packed(after, { Allow: allowAfter, Deny: denyAfter }),
    ];
    return this.#build(0, anyRequest, simplify(codes));
  }

  #packed(parts: readonly StatementPart[], places: Readonly<Record<string, number>>): readonly number[] {
    return parts.map((part) => {
      const { effect } = "effect" in part ? part : part[0];
      return pack(this.#tails.idOf(this.#testsOf(part)), places[effect ?? ""] ?? 0);
    });
  }

  #testsOf(part: StatementPart): readonly Test[] {
    const [first, second] = "effect" in part ? [part] : part;
    const tests = testsOf(first, this.#fields, this.#context);
    return second === undefined ? tests : testsOfBoth(tests, testsOf(second, this.#fields, this.#context));
  }

  #build(depth: number, requestKind: RequestKind, residual: Residual): Diagram {
    if (sidesAgree(residual)) return undefined;
    // What is alike in both policies says what a target could do before.
    const left = this.#query === undefined ? dropIrrelevant(residual, this.#tails) : residual;
    const [before, after] = knownDecisions(left);
    const isKnown = before !== undefined && after !== undefined;
    if (this.#query !== undefined && (isKnown || depth === targetFields))
      return this.#targetLeaf(this.#query, left, requestKind);
    if (isKnown) return this.#leaf(before, after);
    if (this.#cannotMatch(left)) return undefined;
    const key = `${depth} ${requestKindKey(requestKind)} ${residualKey(left)}`;
    const known = this.#computed.get(key);
    if (known !== undefined || this.#computed.has(key)) return known;
    this.#budget.spend(nodeSteps + stepsOfTail * left.length, () => "too many combinations of conditions");
    const field = this.#fields[depth];
    if (field === undefined) throw new Error("policies are undecided after the last field");
    const edges =
      field.kind === "atoms"
        ? this.#atomEdges(depth, field, requestKind, left)
        : this.#textEdges(depth, field, requestKind, left);
    const made = this.#branch(field, edges);
    this.#computed.set(key, made);
    return made;
  }

  /** Returns true if no completion of the residual is a wanted difference. */
  #cannotMatch(residual: Residual): boolean {
    const isWanted = this.#isWanted;
    if (isWanted === undefined) return false;
    const [before, after] = reachableDecisions(residual);
    return !before.some((was) => after.some((is) => was !== is && isWanted(was, is)));
  }

  #leaf(before: Decision, after: Decision): Diagram {
    if (before === after || this.#isWanted?.(before, after) === false) return undefined;
    const key = `${before} ${after}`;
    const leaf = this.#leaves.get(key) ?? { kind: "leaf", before, after };
    this.#leaves.set(key, leaf);
    return leaf;
  }

  #targetLeaf(query: TargetQuery, residual: Residual, requestKind: RequestKind): Diagram {
    const fields = this.#fields.slice(targetFields);
    return query.leafOf({ residual, requestKind, tails: this.#tails, fields });
  }

  #branch(field: Field, edges: readonly Edge[]): Diagram {
    if (edges.length === 0) return undefined;
    const key = `${field.name} ${edges.map(({ values, child }) => `${valuesKey(values)}=${this.#id(child)}`).join(" ")}`;
    const branch = this.#unique.get(key) ?? { kind: "branch", field, edges };
    this.#unique.set(key, branch);
    return branch;
  }

  #id(node: Leaf | Branch): number {
    const id = this.#ids.get(node) ?? this.#ids.size;
    this.#ids.set(node, id);
    return id;
  }

  #after(residual: Residual, holds: (id: number, test: Test) => boolean): Residual {
    const moved: number[] = [];
    for (const code of residual) {
      const id = tailOf(code);
      const { test, next } = this.#tails.at(id);
      if (id === 0 || holds(id, test)) moved.push(pack(next, sidesOf(code)));
    }
    return simplify(moved);
  }

  #atomEdges(depth: number, field: AtomField, requestKind: RequestKind, residual: Residual): readonly Edge[] {
    const masks = residual.flatMap((code) => {
      const { test } = this.#tails.at(tailOf(code));
      return test.kind === "atoms" && test !== always ? [test.mask] : [];
    });
    const byChild = new Map<Leaf | Branch, bigint>();
    for (const { domain, inside } of domainsOf(field, requestKind)) {
      const asked = this.#query === undefined ? domain : domain & ~maskOfOwner(field);
      for (const part of asked === 0n ? [] : split(asked, new Set(masks))) {
        this.#budget.spend(residual.length, () => "too many combinations of conditions");
        const holds = (_: number, test: Test) =>
          test === always || (test.kind === "atoms" && (test.mask & part) !== 0n);
        const child = this.#build(depth + 1, inside, this.#after(residual, holds));
        if (child === undefined) continue;
        byChild.set(child, (byChild.get(child) ?? 0n) | part);
        if (this.#isWanted !== undefined) return [{ values: { kind: "atoms", mask: part }, child }];
      }
    }
    return [...byChild].map(([child, mask]) => ({ values: { kind: "atoms", mask }, child }));
  }

  #textEdges(depth: number, field: TextField, requestKind: RequestKind, residual: Residual): readonly Edge[] {
    const presence = presenceOf(field.name, requestKind);
    const absents = new Set<Leaf | Branch>();
    const byChild = new Map<Leaf | Branch, TextClass[]>();
    const build = (left: Residual) => this.#build(depth + 1, requestKind, left);
    if (presence !== "always") {
      const lacks = (test: TextTest) => (presence === "never" ? test.impossible : test.absent);
      const child = build(this.#after(residual, (_, test) => test.kind === "atoms" || lacks(test)));
      if (child !== undefined) absents.add(child);
    }
    const isEnough = this.#isWanted !== undefined && absents.size > 0;
    const patternQueries = presence === "never" || isEnough ? undefined : this.#queriesOf(residual);
    if (patternQueries !== undefined) {
      for (const one of this.#textClassesOf(field, patternQueries)) {
        this.#budget.spend(patternQueries.tails.length, () => "too many combinations of conditions");
        const child = build(tailsAfter(patternQueries.tails, one.truth));
        if (child !== undefined) byChild.set(child, [...(byChild.get(child) ?? []), one]);
        if (child !== undefined && this.#isWanted !== undefined) break;
      }
    }
    return [...new Set([...absents, ...byChild.keys()])].map((child) => ({
      values: {
        kind: "texts",
        absent: absents.has(child),
        groups: patternQueries?.queries ?? [],
        classes: byChild.get(child) ?? [],
      },
      child,
    }));
  }

  #textClassesOf(field: TextField, { queries, groups, tails }: PatternQueries): readonly TextClass[] {
    return textClasses({
      language: field.language,
      groups: groups.map(({ of, query }) => ({ group: of.group, start: of.start, query })),
      isSettled: isSettledBy(tails),
      spend: (steps) => {
        this.#budget.spend(steps, () => statesText(field, queries));
      },
    });
  }

  #queriesOf(residual: Residual): PatternQueries {
    return groupQueries(
      residual.map((code) => {
        const id = tailOf(code);
        return { id, ...this.#tails.at(id), sides: sidesOf(code) };
      }),
    );
  }
}

/** The owner needs no policy, so a target is never the owner's. */
function maskOfOwner({ name, atoms }: AtomField): bigint {
  const at = atoms.findIndex(({ sample }) => sample === "owner");
  return name === "principal" && at >= 0 ? 1n << BigInt(at) : 0n;
}

/** Steps for one node, on top of the steps for its tails. */
const nodeSteps = 20;
const stepsOfTail = 5;

function statesText(field: TextField, groups: readonly TextGroup[]): string {
  const longest = groups.flatMap(({ patterns }) => patterns).sort((a, b) => b.length - a.length)[0] ?? "";
  return `the patterns of ${field.name}, such as \`${longest.slice(0, 60)}\`, take too many states`;
}

/** Returns the residual of the tails for which these answers hold. */
function tailsAfter(tails: readonly TailQuery[], truth: readonly boolean[]): Residual {
  return simplify(
    tails.filter((rest) => holdsIn(rest, truth) === true).map(({ next, sides }) => pack(next, sides)),
  );
}
