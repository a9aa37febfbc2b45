/** Builder of decision diagrams, field by field, with a computed table (memoization) and a unique table (hash-consing). */

import { groupQueries, type PatternQueries } from "./pattern-queries.ts";
import { split } from "./partition.ts";
import type { Budget } from "../budget.ts";
import { TailTable, dropIrrelevant } from "./statement-tails.ts";
import {
  always,
  fieldsOf,
  maskOfOwner,
  targetFields,
  targetFirst,
  type AtomField,
  type Field,
  type Test,
  type TextField,
  type TextGroup,
  type TextTest,
} from "./fields.ts";
import { StatementCompiler, testsOfBoth } from "./statement-tests.ts";
import type { Decision, Interpretation } from "../request.ts";
import {
  statementsIn,
  valuesIn,
  type ComparedParts,
  type IsWanted,
  type Purpose,
  type StatementPart,
  type TargetQuery,
} from "./compared-parts.ts";
import {
  domainsOf,
  anyRequest,
  kindsFeltBy,
  presenceOf,
  requestKindKey,
  type RequestKind,
} from "./request-kind.ts";
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
import { textClasses, type TextClass } from "../text/text-classes.ts";

/** Builder of diagrams. Its tables live as long as the comparison. */
export class DiagramBuilder {
  readonly #fields: readonly Field[];
  readonly #roots: ReadonlyMap<Interpretation, Residual>;
  readonly #tails = new TailTable();
  /** What the fields from each depth on, or the query, depend on of the kind of a request. */
  readonly #kinds: readonly number[];
  /** Computed table of each depth and kind of request. */
  readonly #computed: Map<string, Diagram>[] = [];
  readonly #unique = new Map<string, Branch>();
  readonly #ids = new Map<Leaf | Branch, number>();
  readonly #leaves = new Map<string, Leaf>();
  readonly #budget: Budget;
  readonly #isWanted: IsWanted | undefined;
  readonly #query: TargetQuery | undefined;

  /** All interpretations must treat letter case in roles alike: it decides which principals there are. */
  constructor(
    parts: ComparedParts,
    interpretations: readonly Interpretation[],
    budget: Budget,
    purpose: Purpose,
  ) {
    const { isWanted, query } = purpose;
    this.#isWanted = isWanted;
    this.#query = query;
    this.#budget = budget;
    const foldsRoles = interpretations.some(({ roleCase }) => roleCase === "is left aside");
    const statements = statementsIn(parts);
    budget.spend(stepsOfValue * valuesIn(statements), () => "too many values of conditions");
    const fields = fieldsOf(statements, parts.bucket, foldsRoles, budget);
    this.#fields = query === undefined ? fields : targetFirst(fields);
    this.#kinds = this.#fields.map((_, depth) =>
      query === undefined ? kindsFeltBy(this.#fields.slice(depth)) : -1,
    );
    this.#roots = this.#rootsOf(parts, interpretations);
  }

  /** Builds the diagram under one of the interpretations. */
  under(interpretation: Interpretation): Diagram {
    const root = this.#roots.get(interpretation);
    if (root === undefined) throw new Error("the builder knows the interpretation");
    return this.#build(0, anyRequest, root);
  }

  /** Numbers the tails of one statement after the other, so that their order is that of the statements. */
  #rootsOf(
    { before, after, bucket }: ComparedParts,
    interpretations: readonly Interpretation[],
  ): ReadonlyMap<Interpretation, Residual> {
    const compiled = (before.length + after.length) * this.#fields.length * interpretations.length;
    this.#budget.spend(stepsOfTest * compiled, () => "too many statements under too many interpretations");
    const codes = new Map(interpretations.map((one): [Interpretation, number[]] => [one, []]));
    const compiler = new StatementCompiler(this.#fields, bucket);
    const add = (parts: readonly StatementPart[], places: Readonly<Record<string, number>>) => {
      for (const part of parts) {
        const [first, second] = "effect" in part ? [part] : part;
        for (const [interpretation, list] of codes) {
          const own = compiler.testsOf(first, interpretation);
          const tests =
            second === undefined ? own : testsOfBoth(own, compiler.testsOf(second, interpretation));
          list.push(pack(this.#tails.idOf(tests), places[first.effect ?? ""] ?? 0));
        }
      }
    };
    add(before, { Allow: allowBefore, Deny: denyBefore });
    add(after, { Allow: allowAfter, Deny: denyAfter });
    return new Map([...codes].map(([interpretation, list]) => [interpretation, simplify(list)]));
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
    const key = residualKey(left);
    const kind = requestKindKey(requestKind) & (this.#kinds[depth] ?? 0);
    const computed = (this.#computed[depth * 8 + kind] ??= new Map());
    const known = computed.get(key);
    if (known !== undefined || computed.has(key)) return known;
    this.#budget.spend(nodeSteps + stepsOfTail * left.length, () => "too many combinations of conditions");
    const field = this.#fields[depth];
    if (field === undefined) throw new Error("policies are undecided after the last field");
    const edges =
      field.kind === "atoms"
        ? this.#atomEdges(depth, field, requestKind, left)
        : this.#textEdges(depth, field, requestKind, left);
    const made = this.#branch(field, edges);
    computed.set(key, made);
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
    const masks = new Set<bigint>();
    for (const code of residual) {
      const { test } = this.#tails.at(tailOf(code));
      if (test.kind === "atoms" && test !== always) masks.add(test.mask);
    }
    const byChild = new Map<Leaf | Branch, bigint>();
    for (const { domain, inside } of domainsOf(field, requestKind)) {
      const asked = this.#query === undefined ? domain : domain & ~maskOfOwner(field);
      for (const part of asked === 0n ? [] : split(asked, masks)) {
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
        if (child === undefined) continue;
        const classes = byChild.get(child) ?? [];
        classes.push(one);
        byChild.set(child, classes);
        if (this.#isWanted !== undefined) break;
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
        const { test, next } = this.#tails.at(id);
        return { id, next, test, sides: sidesOf(code) };
      }),
    );
  }
}

/** Steps to order one value of a condition among the others. */
const stepsOfValue = 40;

/** Steps to compile the test of one field of a statement under one interpretation. */
const stepsOfTest = 4;

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
